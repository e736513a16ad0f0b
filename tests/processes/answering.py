"""What programs in the place of ours are made of: they answer with JSON, and tell where."""

from __future__ import annotations

import http.server
import json
import os
from pathlib import Path
from typing import Any

from helpers.processes.served import tell_address

__all__ = ["Answering", "serve"]


class Answering(http.server.BaseHTTPRequestHandler):
    """A handler whose methods end with ``answer``."""

    def answer(self, value: Any) -> None:
        """Answer with ``value``."""
        content = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def serve(handler: type[Answering], folder_variable: str) -> None:
    """Serve until the process ends, at an address that is told as our programs tell theirs."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    folder = Path(os.environ[folder_variable])
    tell_address(folder, f"http://127.0.0.1:{server.server_port}/v1")
    server.serve_forever()
