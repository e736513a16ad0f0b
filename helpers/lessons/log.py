"""What libraries log while a lesson looks: kept, and not printed.

A service needs none of this. It has a log, and its monitoring watches that.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from typing import Self

from helpers.errors import TutorialError

__all__ = ["Log", "keep"]

SECONDS = 20.0  # for a library to log
# What differs between two runs is left out of a line: addresses, ids, and what follows them.
FLEETING = re.compile(
    r"https?://\S+| for run_id.*| in LangSmith API.*|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)


class Log:
    """What some libraries log, from ``keep`` to ``stop()``; also a context manager.

    ``lines`` has the first line of each warning and error, after the name of its library.
    """

    def __init__(self, *libraries: str) -> None:
        self.lines: list[str] = []
        self._before = {name: logging.getLogger(name).handlers for name in libraries}
        for name in libraries:
            logging.getLogger(name).handlers = [_Lines(name, self.lines)]

    async def heard(self, *words: str) -> str:
        """Wait for a line that has all these words, and return it.

        Raises ``TutorialError`` when there is none in 20 s.
        """
        end = time.monotonic() + SECONDS
        while True:
            for line in list(self.lines):
                if all(word in line for word in words):
                    return line
            if time.monotonic() > end:
                raise TutorialError(f"Nothing with {', '.join(words)} was logged: {self.lines}")
            await asyncio.sleep(0.02)

    def stop(self) -> None:
        """Let the libraries log as before; twice does no harm."""
        for name, handlers in self._before.items():
            logging.getLogger(name).handlers = handlers
        self._before = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()


def keep(*libraries: str) -> Log:
    """Begin to keep what these libraries log, named as their loggers are: ``LiteLLM``."""
    return Log(*libraries)


class _Lines(logging.Handler):
    def __init__(self, library: str, lines: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._library, self._lines = library, lines

    def emit(self, record: logging.LogRecord) -> None:
        line = record.getMessage().strip().split("\n")[0]
        self._lines.append(f"{self._library}: {FLEETING.sub('…', line)}")
