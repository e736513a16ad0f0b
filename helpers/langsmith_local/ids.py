"""The ids of runs, projects and feedback: UUIDs, in one spelling."""

from __future__ import annotations

import functools
import re
import uuid

__all__ = ["UUID", "uuid_text"]

#: The one spelling: lower case, with hyphens.
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Those of RFC 9562 and of Python's and Go's libraries; uuid.UUID alone takes underscores too.
LONGEST = 47  # characters of a spelling
_SPELLED = re.compile(
    r"(?:urn:uuid:)?\{?[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}\}?", re.IGNORECASE
)


def uuid_text(value: object) -> str:
    """Return a UUID in its one spelling (lower case, hyphens); ``ValueError`` when it is none."""
    if isinstance(value, str):
        return _text(value) if len(value) <= LONGEST else _spelled(value)
    raise ValueError("not a UUID")


def _spelled(value: str) -> str:
    if UUID.fullmatch(value):
        return value
    if value.isascii() and _SPELLED.fullmatch(value):
        return str(uuid.UUID(value.lower()))
    raise ValueError("not a UUID")


# The runs of a trace name it and each other again and again.
_text = functools.lru_cache(maxsize=4_096)(_spelled)
