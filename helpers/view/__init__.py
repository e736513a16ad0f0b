"""A trace as text, as HTML and as a widget.

Text is what a terminal shows and what nbval compares; HTML is a collapsible waterfall of nested
``<details>``. The HTML uses only tags and inline styles that an untrusted JupyterLab keeps, and
reads as plain nested lists where styles are stripped (GitHub). Neither holds an id, a clock time,
a path or a port; durations and bars are what ``tests/nbval_sanitize.cfg`` narrows.
"""

from __future__ import annotations

from helpers.view.explorer import widget
from helpers.view.outline import text
from helpers.view.waterfall import html, notice

__all__ = ["html", "notice", "text", "widget"]
