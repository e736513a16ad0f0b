"""One recorded exchange."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = ["Recording", "content"]


@dataclass(frozen=True)
class Recording:
    """One exchange; ``path`` is the API route without ``/v1``, such as ``/chat/completions``.

    ``response`` has ``status``, ``headers`` and either ``body`` (a JSON value, or text that was
    none) or ``chunks``: ``[delay in ms, server-sent event]`` pairs; beside a body stand the
    ``seconds`` that the model took, where they were measured. ``name`` is the file's.
    """

    path: str
    request: dict[str, Any]
    response: dict[str, Any]
    recorded: dict[str, Any] = field(default_factory=dict)
    name: str = ""

    @property
    def speaker(self) -> str:
        """The model that gave the answer, by its name alone."""
        named = self.recorded.get("model")
        return named.split()[0] if isinstance(named, str) and named.strip() else "an unnamed model"

    @property
    def seconds(self) -> float | None:
        """How long the answer took from its request to its end; None where nobody measured."""
        if "chunks" in self.response:
            return float(sum(delay for delay, _ in self.response["chunks"])) / 1000
        taken: float | None = self.response.get("seconds")
        return taken


def content(recording: Recording) -> dict[str, Any]:
    """Return what the file of ``recording`` holds."""
    fields = asdict(recording)
    del fields["name"]
    return fields
