"""What a recording may keep, and the private things that it must not hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from helpers.errors import TutorialError
from helpers.keys import kind_of
from helpers.recording.matching import deciding
from helpers.recording.records import Recording, content

__all__ = ["SecretFound", "scrub"]

# What OpenAI's and LiteLLM's retries, or a reader of the exchange, look at.
_HEADERS = frozenset(("content-type", "retry-after", "retry-after-ms", "x-should-retry"))


class SecretFound(TutorialError):
    """A recording would hold something private; the message names the field, not the value."""


def scrub(recording: Recording) -> Recording:
    """Return the recording with deciding fields and allowed headers only, or raise SecretFound."""
    headers = recording.response.get("headers", {})
    kept = {name.lower(): value for name, value in headers.items() if name.lower() in _HEADERS}
    clean = Recording(
        recording.path,
        deciding(recording.request),
        {**recording.response, "headers": kept},
        recording.recorded,
        recording.name,
    )
    for place, text in _texts(content(clean), ""):
        if kind := kind_of(text):
            raise SecretFound(
                f"The field {place} looks as if it held {kind}, so nothing was recorded. "
                "Take it out of the prompt or of what the provider sends, then record again."
            )
    return clean


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield place, value
        case dict():
            for name, item in value.items():
                inner = f"{place}.{name}".lstrip(".")
                yield f"{place} (a name in it)".strip(), str(name)
                yield from _texts(item, inner)
        case list():
            for index, item in enumerate(value):
                yield from _texts(item, f"{place}[{index}]")
