"""Text as HTML that shows it as it is, and the few looks that words have."""

from __future__ import annotations

import html
import re

from helpers.view import colours

__all__ = ["escaped", "mark", "marked", "muted"]


def escaped(value: str) -> str:
    """Return ``value`` as HTML that shows it as it is."""
    # JupyterLab typesets $…$ and \\(…\\) in HTML outputs; a mark alone in a span cannot pair up.
    return re.sub(r"[$\\]", r"<span>\g<0></span>", html.escape(value))


def marked(line: str) -> str:
    """Return a line as HTML that shows it as it is, with what stands between `…` as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escaped(line))


def muted(markup: str) -> str:
    """Return markup that steps back, and can still be read in every theme."""
    return f'<span style="opacity:{colours.MUTED}">{markup}</span>'


def mark(markup: str) -> str:
    """Return markup on a ground that is the same in every theme: that of an error."""
    look = f"background-color:{colours.ERROR};color:{colours.ON_MARK}"
    return f'<span style="{look};padding:0 5px;border-radius:3px">{markup}</span>'
