"""A trace as a widget: its runs on the left, the chosen one's values on the right."""

from __future__ import annotations

from typing import Any

from helpers.view.facts import MAX_RUNS, chosen_metadata, chosen_tags, error_line, facts_of
from helpers.view.html import fields
from helpers.view.records import Drawing, Run
from helpers.view.text import text

__all__ = ["widget"]

MAX_VALUES = 20_000  # characters of a tab


def widget(trace: Drawing) -> Any:
    """Return an ``ipywidgets`` box: the runs on the left, the chosen one's values on the right.

    Its ``text/plain`` is the text view. The runs are a list that arrow keys walk.
    """
    import ipywidgets  # type: ignore[import-untyped]  # it ships no types, and nobody else does

    class Explorer(ipywidgets.HBox):  # type: ignore[misc]  # an untyped base, for the same reason
        def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
            return {**super()._repr_mimebundle_(**kwargs), "text/plain": text(trace)}

    rows = _rows(trace.root)
    runs = ipywidgets.Select(
        options=[(label, i) for i, (label, _) in enumerate(rows)],
        value=0,
        rows=max(4, min(len(rows), 16)),
        layout={"width": "45%"},
    )
    panes = [ipywidgets.HTML(layout={"max_height": "320px", "overflow": "auto"}) for _ in range(4)]
    tabs = ipywidgets.Tab(children=panes, layout={"width": "55%"})
    tabs.titles = ("inputs", "outputs", "metadata", "error")

    def fill(change: Any) -> None:
        run = rows[runs.value][1]
        error = {"error": error_line(run.error)} if run.error else {}
        tags = chosen_tags(run)
        labels = {**({"tags": tags} if tags else {}), **chosen_metadata(run)}
        for pane, value in zip(panes, (run.inputs, run.outputs, labels, error), strict=True):
            pane.value = fields(value, limit=MAX_VALUES) if value else "<i>none</i>"

    runs.observe(fill, names="value")
    fill(None)
    return Explorer(children=[runs, tabs])


def _rows(root: Run) -> list[tuple[str, Run]]:
    """Return the first runs of the tree, each with the label of its row."""
    rows: list[tuple[str, Run]] = []
    stack = [(root, 0)]
    while stack and len(rows) < MAX_RUNS:
        run, depth = stack.pop()
        rows.append((" \u00a0" * 2 * min(depth, 10) + " · ".join(facts_of(run)), run))
        stack += [(child, depth + 1) for child in reversed(run.children)]
    return rows
