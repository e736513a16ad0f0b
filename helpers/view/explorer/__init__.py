"""The explorer: traces to search, open, compare and score, as a widget beneath a cell.

``widget`` is the Python side, ``explorer.js`` and ``explorer.css`` what a browser runs; both come
from this folder, so that nothing is fetched. ``rows`` says what crosses between them, ``listing``
when the list is read.
"""

from __future__ import annotations

from helpers.view.explorer.listing import Source
from helpers.view.explorer.widget import explorer

__all__ = ["Source", "explorer"]
