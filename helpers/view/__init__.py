"""Runs and traces as records, and how they look: as text, as HTML, as a widget; tables too.

Text is what a terminal shows and what nbval compares; HTML is a collapsible waterfall of nested
``<details>``. The HTML uses only tags and inline styles that an untrusted JupyterLab keeps, and
reads as plain nested lists where styles are stripped (GitHub). Neither, where it is stored, holds
an id, a clock time, a path or a port (``helpers.traces.opening``); durations and bars are what
``tests/nbval_sanitize.cfg`` narrows.
"""

from __future__ import annotations

from helpers.view.chart import Chart, chart
from helpers.view.explorer import explorer
from helpers.view.html import html, notice
from helpers.view.records import Drawing, ReadError, Run, tree
from helpers.view.table import Table, table
from helpers.view.text import text
from helpers.view.trace import Trace, Traces

__all__ = [
    "Chart",
    "Drawing",
    "ReadError",
    "Run",
    "Table",
    "Trace",
    "Traces",
    "chart",
    "explorer",
    "html",
    "notice",
    "table",
    "text",
    "tree",
]
