"""How long it is worth reading again: what was sent may be readable only later.

The service on this machine says after how many seconds all that it has taken can be read (its
lag, mostly 0). LangSmith says nothing of the kind: there, what has not changed for a while counts
as all.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Hashable
from dataclasses import dataclass

__all__ = ["QUIET_SECONDS", "Patience"]

QUIET_SECONDS = 2.0  # without a change, where nobody says when all can be read


@dataclass
class Patience:
    """The time that reading again and again may take.

    ``lag`` is that of the service, None if it does not say; ``timeout`` how long to read beyond it,
    in seconds, and ``since`` from when on, of ``time.monotonic()``: when the SDK had sent all.
    """

    lag: float | None
    timeout: float
    since: float
    _seen: Hashable = None
    _began: float = 0.0  # the last reading; what came while it went on may be missing from it
    _changed: float = 0.0
    _pause: float = 0.02

    def begin(self) -> None:
        """Take note that a reading begins."""
        self._began = time.monotonic()

    def look(self, seen: Hashable) -> None:
        """Take note of what it gave, so that a change to it is noticed."""
        if seen != self._seen:
            self._seen, self._changed = seen, self._began

    @property
    def settled(self) -> bool:
        """Whether the last reading gave what had been sent at the beginning, for all we know."""
        return self._began >= self.since + self._settling

    @property
    def quiet(self) -> bool:
        """Whether nothing has changed for so long that nothing more is under way, for all we know.

        Of what is sent together, one run may be readable earlier than another.
        """
        return self._began >= max(self.since, self._changed) + self._settling

    async def more(self) -> bool:
        """Wait a moment before reading again; False when there is no time left for that."""
        left = self.since + self.timeout + (self.lag or 0.0) - time.monotonic()
        if left <= 0:
            return False
        now, reference = time.monotonic(), max(self.since, self._changed)
        # Where the lag is known, nothing is decided before it is over: to look on would be idle.
        until = reference + self.lag - now if self.lag is not None else 0.0
        await asyncio.sleep(min(max(self._pause, until), left))
        # LangSmith limits how often it may be asked.
        least, most = (0.02, 0.5) if self.lag is not None else (0.3, 2.0)
        self._pause = min(max(self._pause * 1.6, least), most)
        return True

    @property
    def _settling(self) -> float:
        return QUIET_SECONDS if self.lag is None else self.lag
