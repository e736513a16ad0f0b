"""The ids of runs, projects and feedback: UUIDs, in one spelling."""

from __future__ import annotations

import re
import uuid

__all__ = ["UUID", "uuid_text"]

#: The one spelling: lower case, with hyphens.
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def uuid_text(value: object) -> str:
    """Return a UUID in its one spelling (lower case, hyphens); ``ValueError`` when it is none."""
    if isinstance(value, str):
        return value if UUID.fullmatch(value) else str(uuid.UUID(value))
    raise ValueError("not a UUID")
