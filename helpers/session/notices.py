"""Tell, beneath the cell that asked, that somebody else answered than the first cell said."""

from __future__ import annotations

import html
from collections.abc import Callable, MutableSequence
from typing import Any

from helpers.ipython import shell

__all__ = ["Notices", "sentence"]


def sentence(speakers: list[str]) -> str:
    """Return what is said of a cell whose prompts were answered by ``speakers``, each once."""
    who = " and ".join(dict.fromkeys(speakers))
    return f"This cell asked what has no recording, and was answered by {who}."


class Notices:
    """Shows a sentence after each cell during which somebody was added to ``answered``.

    The services add to that list in a thread of theirs, and IPython calls here in the main one,
    which alone may write beneath a cell.
    """

    def __init__(self, answered: MutableSequence[str]) -> None:
        self._answered = answered
        self._events: Any = None

    def start(self) -> None:
        """Begin, where there are cells: a plain script has none, and nothing is done."""
        if (running := shell()) is not None:
            self._events = running.events
            self._events.register("post_run_cell", self._after_cell)

    def stop(self) -> None:
        """End; twice does no harm."""
        events, self._events = self._events, None
        if events is not None and self._after_cell in events.callbacks["post_run_cell"]:
            events.unregister("post_run_cell", self._after_cell)

    def _after_cell(self, result: object) -> None:
        speakers = []
        while self._answered:
            speakers.append(self._answered.pop(0))
        if speakers:
            _show(sentence(speakers))


def _show(text: str) -> None:
    from IPython import display

    publish: Callable[..., Any] = display.display
    publish({"text/plain": text, "text/html": f"<p><em>{html.escape(text)}</em></p>"}, raw=True)
