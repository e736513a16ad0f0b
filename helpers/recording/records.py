"""One recorded exchange."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = ["Recording", "content"]


@dataclass(frozen=True)
class Recording:
    """One exchange; ``path`` is the API route without ``/v1``, such as ``/chat/completions``.

    ``response`` has ``status``, ``headers`` and either ``body`` (a JSON value, or text that was
    none) or ``chunks``: ``[delay in ms, server-sent event]`` pairs. ``name`` is the file's.
    """

    path: str
    request: dict[str, Any]
    response: dict[str, Any]
    recorded: dict[str, Any] = field(default_factory=dict)
    name: str = ""


def content(recording: Recording) -> dict[str, Any]:
    """Return what the file of ``recording`` holds."""
    fields = asdict(recording)
    del fields["name"]
    return fields
