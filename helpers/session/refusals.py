"""What LangSmith refuses of what is sent: its clients say so in a log, and send on.

Runs are sent in the background, so no cell fails when they are refused: the SDK and LiteLLM's
callback each write a line to their loggers (langsmith/client.py 0.15.0, "Failed to …";
litellm/integrations/langsmith.py 1.106.2, "Langsmith HTTP Error"). Who then looks for a trace is
told the cause of it.
"""

from __future__ import annotations

import logging
import os

from helpers import causes

__all__ = ["Refusals"]

LOGGERS = ("langsmith.client", "LiteLLM")
SAID = ("Failed to ", "Langsmith HTTP Error")
# What a whole account meets: no key, the wrong one, another place, nothing left. What is wrong with
# a run is that run's matter, and a lesson's.
OF_THE_ACCOUNT = (401, 402, 403, 404, 407, 429)


class Refusals(logging.Handler):
    """Listens to both loggers, from ``start`` to ``stop``, and keeps the last cause."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._last: causes.Cause | None = None

    def start(self) -> None:
        """Begin."""
        for name in LOGGERS:
            logging.getLogger(name).addHandler(self)

    def stop(self) -> None:
        """End; twice does no harm."""
        for name in LOGGERS:
            logging.getLogger(name).removeHandler(self)

    def taken(self) -> causes.Cause | None:
        """Return the last cause, or None, and forget it."""
        last, self._last = self._last, None
        return last

    def emit(self, record: logging.LogRecord) -> None:
        """Take note of a line that tells of a refusal."""
        words = record.getMessage()
        if not words.startswith(SAID):
            return
        status, body = causes.refusal_in(words)
        if status in OF_THE_ACCOUNT:
            self._last = causes.of_langsmith(status, body, os.environ)
        elif (unreached := causes.of_connection(words)) is not causes.NOBODY:
            self._last = unreached
