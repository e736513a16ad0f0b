"""What it is to answer: one request, and the one method of all who may answer it.

An answerer returns a response, or None to leave the request to the next; none left is a refusal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from starlette.responses import Response

__all__ = ["Answerer", "Asked"]


@dataclass(frozen=True)
class Asked:
    """One request: ``path`` is the API route without ``/v1``, ``key`` finds its recording."""

    path: str
    body: dict[str, Any]
    key: str

    @property
    def streamed(self) -> bool:
        """Whether the caller wants server-sent events."""
        return bool(self.body.get("stream"))


class Answerer(Protocol):
    """Somebody who may answer."""

    @property
    def surprise(self) -> str | None:
        """Who speaks, in the words for a learner, where that is not who was said to."""
        ...

    async def answer(self, asked: Asked) -> Response | None:
        """Return the answer, or None when it is for the next one to give.

        Raises ``TutorialError`` when it would have to answer and cannot.
        """
        ...

    async def close(self) -> None:
        """Give back what was opened for answering."""
        ...
