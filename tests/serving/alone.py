"""Both services in a process of their own, whose memory and whose stderr can be looked at.

``python -m tests.serving.alone FOLDER`` serves until its input ends, and prints its address.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[2]
MODEL, LANGSMITH = "no-real-key-of-the-model-tests", "no-real-key-of-the-traces-tests"

__all__ = ["LANGSMITH", "MODEL", "Alone", "alone", "heard"]


@dataclass
class Alone:
    """The services as seen from outside; the seconds and bytes are those of their process."""

    port: int
    folder: Path
    process: psutil.Process

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def memory(self) -> int:
        """Bytes that the process has resident now."""
        return int(self.process.memory_info().rss)

    @property
    def peak(self) -> int:
        """Bytes that it had resident at most; those it has now where the system does not tell."""
        status = Path(f"/proc/{self.process.pid}/status")
        for line in status.read_text().splitlines() if status.exists() else ():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) * 1024
        return self.memory

    @property
    def stderr(self) -> str:
        """What the process has written there."""
        return (self.folder / "stderr").read_text("utf-8")

    @property
    def log(self) -> str:
        """The log of failures, empty when there is none."""
        path = self.folder / "traces.sqlite.failures.log"
        return path.read_text("utf-8") if path.exists() else ""

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, Any]:
        """Return the status and the JSON of an answer, on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            connection.request(method, path, body, self.keys | headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null")

    def dial(self) -> socket.socket:
        """Return a connection on which anything can be said."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def say(self, *pieces: bytes) -> bytes:
        """Return all that comes back for these bytes, until the service closes the connection."""
        with self.dial() as line, contextlib.suppress(ConnectionError):
            for piece in pieces:
                line.sendall(piece)
            return heard(line)
        return b""

    @property
    def keys(self) -> dict[str, str]:
        """The headers that open both services."""
        return {"authorization": f"Bearer {MODEL}", "x-api-key": LANGSMITH}


def heard(line: socket.socket) -> bytes:
    """Return what comes until the other side closes."""
    told = b""
    with contextlib.suppress(ConnectionError):
        while piece := line.recv(65536):
            told += piece
    return told


@contextlib.contextmanager
def alone(folder: Path, **bounds: float) -> Iterator[Alone]:
    """Serve for the length of a ``with`` block, with other ``bounds`` where they are given."""
    command = [sys.executable, "-m", "tests.serving.alone", str(folder), json.dumps(bounds)]
    with (folder / "stderr").open("wb") as errors:
        child = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
        )
    assert child.stdin and child.stdout
    try:
        port = int(child.stdout.readline() or b"0")
        assert port, (folder / "stderr").read_text()
        yield Alone(port, folder, psutil.Process(child.pid))
    finally:
        child.stdin.close()
        child.wait(timeout=30)
        child.stdout.close()


def main() -> None:
    """Serve, with a route in each half that fails."""
    from helpers.serving import bounds

    for name, value in json.loads(sys.argv[2]).items():
        assert hasattr(bounds, name)
        setattr(bounds, name, value)
    # Imported afterwards, since modules take their bounds when they are imported.
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Mount, Route

    from helpers import services
    from helpers.keys import Keys
    from helpers.serving.server import Server

    folder = Path(sys.argv[1])
    app = services.create_app(
        folder / "traces.sqlite", recordings=folder, strict=True, keys=Keys(MODEL, LANGSMITH)
    )

    def fails(request: Request) -> Response:
        raise KeyError("a text of the sender's")

    for mount in app.routes:
        assert isinstance(mount, Mount)
        mount.app.router.routes.insert(0, Route("/fails", fails))
    with Server(services.guarded(app)) as server:
        print(server.port, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
