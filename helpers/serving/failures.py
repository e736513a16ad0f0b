"""What becomes of an application's failure: an answer, one line in a file, nothing on a cell.

Starlette answers and raises again, for the server to print; the server prints a traceback and
closes the connection. Here the connection stays, unless half an answer has gone out already.
"""

from __future__ import annotations

import contextlib
import os
import traceback
from datetime import datetime
from pathlib import Path

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from helpers.serving.bounds import LOG_BYTES

__all__ = ["FailureLog", "run"]


class FailureLog:
    """A file of one line a failure, made with the first; ``None`` keeps nothing.

    Only its owner can read it. A line has no text of the failure, which may quote what was sent.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path

    def tell(self, scope: Scope, error: BaseException) -> None:
        """Write when, what was asked without its query, the kind of failure, and where it was."""
        if self.path is None:
            return
        at = traceback.extract_tb(error.__traceback__)[-1:]
        where = f"{Path(at[0].filename).name}:{at[0].lineno}" if at else "nowhere"
        when = datetime.now().astimezone().isoformat(timespec="seconds")
        asked = f"{scope['method']} {ascii(scope['path'])[1:-1][:200]}"
        # A full disk is no reason to fail as well.
        with contextlib.suppress(OSError):
            self._append(self.path, f"{when} {asked} {type(error).__name__} at {where}\n")

    @staticmethod
    def _append(path: Path, line: str) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        descriptor = os.open(path, flags, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            if file.tell() > LOG_BYTES:
                file.truncate(0)
            file.write(line)


async def run(
    app: ASGIApp, failed: ASGIApp, log: FailureLog, scope: Scope, receive: Receive, send: Send
) -> None:
    """Run ``app`` for one request; where it fails, ``failed`` answers, if nothing did yet."""
    started = False

    async def sending(message: Message) -> None:
        nonlocal started
        started = started or message["type"] == "http.response.start"
        await send(message)

    try:
        await app(scope, receive, sending)
    except ClientDisconnect:
        return  # nobody is there to be told
    except Exception as error:
        log.tell(scope, error)
        if not started:
            await failed(scope, receive, send)
