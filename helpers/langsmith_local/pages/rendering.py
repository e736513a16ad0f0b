"""Templates filled: what was traced is text in them, never markup, and moves no other text."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.langsmith_local.pages.records import status
from helpers.langsmith_local.times import iso
from helpers.view import numbers
from helpers.view.values import clip, plain

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["HEADERS", "clock", "named", "rendered", "size", "stylesheet"]

FOLDER = Path(__file__).parent / "templates"
#: What a page shows came from a model or a user: it runs nothing, and loads its stylesheet alone.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def rendered(template: str, **values: Any) -> bytes:
    """Return the page that the file of this name in ``templates/`` makes of the values."""
    return _environment().get_template(template).render(values).encode()


def stylesheet() -> bytes:
    """Return the one stylesheet of all pages."""
    return (FOLDER / "style.css").read_bytes()


@functools.cache
def _environment() -> Environment:
    # Imported here, since the first page may wait for it, and the start of a session may not.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        finalize=_shown,
    )
    made.filters |= {
        "named": named,
        "status": status,
        "seconds": numbers.seconds,
        "dollars": numbers.dollars,
        "counted": numbers.counted,
        "clock": clock,
        "size": size,
    }
    return made


def _shown(value: Any) -> Any:
    """Return what a template writes in place of a value: no controls, nothing for None."""
    if value is None:
        return ""
    # What a template has made itself is markup, and is marked so.
    return plain(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def named(text: str) -> str:
    """Return a name on one line, as short as views have it."""
    return clip(" ".join(text.split()), 60)


def clock(stored: int) -> str:
    """Return microseconds since 1970 as date and time in UTC, to the second."""
    return (iso(stored) or "")[:19].replace("T", " ")


def size(count: int) -> str:
    """Return a number of bytes in words."""
    if count < 1000:
        return f"{count} byte{'s' if count != 1 else ''}"
    if count < 1_000_000:
        return f"{count / 1000:.0f} kB"
    return f"{count / 1_000_000:.1f} MB"
