"""Somebody else's server, which takes whatever is sent to it (lesson 12)."""

from __future__ import annotations

import json
import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

__all__ = ["Stranger"]


class Stranger:
    """A server on this machine that is no LangSmith, from its making to ``stop()``.

    Also a context manager. ``url`` is its address.
    """

    def __init__(self) -> None:
        self._heard: queue.Queue[bytes] = queue.Queue()
        heard = self._heard

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                heard.put(body)
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing on stderr."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def heard(self, timeout: float = 5.0) -> list[dict[str, Any]]:
        """Return the runs of the next request, in LiteLLM's form; none if there is none in time."""
        try:
            return list(json.loads(self._heard.get(timeout=timeout))["post"])
        except queue.Empty:
            return []

    def stop(self) -> None:
        """End it; its address is free again."""
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
