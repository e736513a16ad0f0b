"""Show in a notebook that something which takes seconds is under way."""

from __future__ import annotations

import contextlib
import html
import time
from collections.abc import Callable, Iterator
from typing import Any

from helpers.ipython import in_kernel

__all__ = ["shown"]

INTERVAL = 0.5  # seconds between two updates
HALF = 4.0  # seconds after which the bar is half full; it never fills, since the end is not known


@contextlib.contextmanager
def shown(line: str) -> Iterator[Callable[[], None]]:
    """Show ``line`` under the cell, with a bar beside it until the block ends.

    Gives a function to be called often. Only the HTML changes, by updates of the one output, and
    it ends as it began: what is stored is ``line`` alone, the same in every run. Outside a
    notebook nothing is shown.
    """
    if not in_kernel():
        yield lambda: None
        return
    from IPython.display import display

    show: Callable[..., Any] = display  # IPython gives it no types
    handle = show(_bundle(line), raw=True, display_id=True)
    began = updated = time.monotonic()

    def tick() -> None:
        nonlocal updated
        now = time.monotonic()
        if now - updated >= INTERVAL:
            updated = now
            handle.update(_bundle(line, now - began), raw=True)

    try:
        yield tick
    finally:
        handle.update(_bundle(line), raw=True)


def _bundle(line: str, seconds: float | None = None) -> dict[str, str]:
    markup = f"<pre>{html.escape(line)}</pre>"
    if seconds is not None:
        done = seconds / (seconds + HALF)
        markup += f'<div><progress value="{done:.2f}"></progress> {seconds:.0f} s</div>'
    return {"text/plain": line, "text/html": markup}
