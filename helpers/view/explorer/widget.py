"""The Python side of the explorer: what it lists, and what it does when the browser asks.

On anywidget, which is an ipywidgets widget whose script comes from this folder. The state that a
browser needs is sent before it asks, since a kernel that runs a cell answers nobody; what is asked
for (a filter, a large run, a score) is answered by ``Source``.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from helpers.errors import TutorialError
from helpers.view.explorer.rows import row_of, runs_of
from helpers.view.records import Run
from helpers.view.trace import Trace, Traces

__all__ = ["Source", "explorer"]

HERE = Path(__file__).parent
AHEAD = 25  # traces whose runs are sent before anybody opens them


class Source(Protocol):
    """Where an explorer's traces come from."""

    def roots(self, filter: str, search: str) -> list[Run]:
        """Return the root runs of the traces that have a run which passes, newest first."""
        ...

    def trace(self, trace_id: str) -> Run | None:
        """Return a trace whole, as its root, or None."""
        ...

    def score(self, run_id: str, trace_id: str, key: str, score: float) -> None:
        """Give a run a score, as feedback."""
        ...

    @property
    def pause(self) -> float:
        """Seconds between two looks for new traces."""
        ...

    @property
    def over(self) -> bool:
        """Whether there is nothing left to look at: the session has ended."""
        ...


def explorer(shown: Trace | Traces, source: Source, project: str) -> Any:
    """Return the widget; in its place, where there is no browser, ``shown`` is drawn.

    Raises ``TutorialError`` when what it needs is not installed.
    """
    try:
        made = _explorer_class()
    except ImportError as error:
        raise TutorialError(
            "The explorer needs anywidget. Install what the course needs with "
            "`python -m pip install -r requirements.txt`, or look with `traces.show()`."
        ) from error
    return made(shown, source, project)


@functools.cache
def _explorer_class() -> Callable[..., Any]:
    # Imported when one is made: with psygnal it costs more than a lesson's first cell should.
    import anywidget
    import traitlets

    class Explorer(anywidget.AnyWidget):
        """Traces on the left, the chosen one's runs and what a run holds on the right."""

        _esm = HERE / "explorer.js"
        _css = HERE / "explorer.css"
        project = traitlets.Unicode().tag(sync=True)
        rows: Any = traitlets.List().tag(sync=True)
        runs: Any = traitlets.Dict().tag(sync=True)
        note = traitlets.Unicode().tag(sync=True)
        follow = traitlets.Bool(True).tag(sync=True)

        def __init__(self, shown: Trace | Traces, source: Source, project: str) -> None:
            super().__init__(project=project)
            self._shown, self._source = shown, source
            self._filter, self._search = "", ""
            self._reading = threading.RLock()
            self._look()
            self.on_msg(self._asked)
            threading.Thread(target=self._watch, name="explorer", daemon=True).start()

        def _repr_mimebundle_(self, **kwargs: Any) -> Any:
            # Without a widget manager the other formats are shown: the view as it is without one.
            bundle = super()._repr_mimebundle_(**kwargs)
            data = bundle[0] if isinstance(bundle, tuple) else bundle
            static = self._shown._repr_mimebundle_()
            return {**(data or {}), **static}

        def _look(self) -> None:
            """Read the list, and the newest traces whole, and hand over what is new."""
            with self._reading:
                try:
                    roots = self._source.roots(self._filter, self._search)
                except TutorialError as error:
                    self.note = str(error)
                    return
                rows = [row_of(root) for root in roots]
                known = dict(self.runs)
                pending = {run["trace"] for runs in known.values() for run in _open(runs)}
                for root in roots[:AHEAD]:
                    if root.trace_id in known and root.trace_id not in pending:
                        continue
                    if (whole := self._source.trace(root.trace_id)) is not None:
                        known[root.trace_id] = runs_of(whole)
                if known != self.runs:
                    self.runs = known
                if rows != self.rows:
                    self.rows = rows
                self.note = "" if rows else _nothing(self._filter, self._search)

        def _watch(self) -> None:
            done = threading.Event()
            while not done.wait(self._source.pause):
                if self.comm is None or self._source.over:
                    return
                if self.follow:
                    self._look()

        def _asked(self, _: Any, content: dict[str, Any], buffers: Sequence[Any]) -> None:
            """Answer the browser; what goes wrong is its note, and no traceback in a log."""
            try:
                answer = {"list": self._list, "open": self._open, "score": self._score}
                answer[str(content.get("kind"))](content)
            except TutorialError as error:
                self.note = str(error)

        def _list(self, content: dict[str, Any]) -> None:
            self._filter = str(content.get("filter") or "").strip()
            self._search = str(content.get("search") or "").strip()
            self._look()

        def _open(self, content: dict[str, Any]) -> None:
            identity = str(content["trace"])
            with self._reading:
                if (root := self._source.trace(identity)) is not None:
                    self.runs = {**self.runs, identity: runs_of(root, whole=True)}

        def _score(self, content: dict[str, Any]) -> None:
            key, score = str(content["key"]).strip(), float(content["score"])
            if not key:
                raise TutorialError("A score needs a name, such as correct.")
            self._source.score(str(content["run"]), str(content["trace"]), key, score)
            self._open(content)

    return Explorer


def _open(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [run for run in runs if run["status"] == "pending"]


def _nothing(filter: str, search: str) -> str:
    if filter or search:
        return "No trace passes. An empty filter and search show all of them."
    return "No trace yet. This list follows what you send."
