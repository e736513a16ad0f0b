"""The bars beside the runs of a trace, and the axis that they share, as HTML.

A bar of a model is thick and the others are thin, so that they are told apart without colours too.
"""

from __future__ import annotations

import re

from helpers.view import colours
from helpers.view.axis import Axis, is_of_model
from helpers.view.numbers import seconds
from helpers.view.records import Run

__all__ = ["DURATION", "bar", "ruler", "sampled"]

LANE = "float:right;width:160px;margin-left:12px"
THICK, THIN = 10, 4  # pixels of a bar's height: of a model, of all else
LAST = 98.0  # percent: where a bar begins at the latest, so that it stays within its lane
LINE = 24  # pixels of a line's height, in whose middle a bar is
DURATION = r"\d+\.\d\d s"


def bar(axis: Axis, run: Run) -> str:
    """Return the bar that says when ``run`` was at work; none for a run that is alone."""
    if not axis.several:
        return ""
    left, width = axis.place(run)
    left = min(left, LAST)
    height = THICK if is_of_model(run) else THIN
    look = f"background-color:{_colour(run)}"
    if run.status == "pending":
        look = f"border:1px dashed {colours.LINE}"
    return (
        f'<span style="{LANE};padding-top:{(LINE - height) // 2}px">'
        f'<span style="display:block;height:{height}px;min-width:2px;{look};'
        f'margin-left:{left:.1f}%;width:{width:.1f}%"></span></span>'
    )


def ruler(axis: Axis) -> str:
    """Return the scale of the bars, from 0 s to the end of the trace; none where there are none."""
    if not axis.several:
        return ""
    return (
        f'<span style="{LANE};border-top:1px solid {colours.LINE};font-size:80%;'
        'text-align:right"><span style="float:left">0 s –</span> '
        f'<span>{seconds(axis.span)}</span><span style="display:none"> &nbsp;</span></span>'
    )


def sampled(parts: str) -> str:
    """Return the line that parts the time of a trace in two, each with a sample of its bars."""
    samples = iter(((THICK, colours.MODEL), (THIN, colours.REST)))

    def with_sample(found: re.Match[str]) -> str:
        height, colour = next(samples)
        return (
            f'<span style="display:inline-block;width:16px;height:{height}px;margin-right:6px;'
            f'vertical-align:middle;background-color:{colour}"></span><span>{found[0]}</span>'
        )

    return re.sub(DURATION, with_sample, parts)


def _colour(run: Run) -> str:
    if run.status == "error":
        return colours.ERROR
    return colours.MODEL if is_of_model(run) else colours.REST
