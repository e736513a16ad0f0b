"""A trace as HTML: a collapsible waterfall of nested ``<details>``.

Only tags and inline styles that an untrusted JupyterLab keeps; it reads as plain nested lists
where styles are stripped (GitHub).
"""

from __future__ import annotations

import html as html_module
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from helpers.view import colours
from helpers.view.facts import (
    MAX_DEPTH,
    MAX_LINE,
    MAX_RUNS,
    count_line,
    error_line,
    facts_of,
    labels_of,
    outputs_of,
    stars_of,
)
from helpers.view.records import Drawing, Run
from helpers.view.values import (
    CHAT_FIELDS,
    as_json,
    clip,
    hidden_count,
    message_line,
    messages_of,
    plain,
    spoken,
    summary_lines,
)

__all__ = ["fields", "html", "marked", "notice"]

MAX_ROOT_LINE = 400  # of an HTML line of the root, which may wrap
MAX_HTML_VALUES = 80_000  # characters of inputs and outputs, before escaping, of a whole trace
OPEN_DEPTH = 2


def html(trace: Drawing) -> str:
    """Return ``trace`` as a collapsible waterfall; bounded whatever the trace holds."""
    shown = min(sum(1 for _ in trace.root.walk()), MAX_RUNS)
    page = _Page(trace, limit=max(300, min(4000, MAX_HTML_VALUES // shown)))
    note = f"<div><i>{_escape(trace.note)}</i></div>" if trace.note else ""
    return f'<div style="line-height:1.6">{note}{page.run(trace.root, None, depth=0)}</div>'


def notice(message: str) -> str:
    """Return a notice of a few lines (such as "no trace yet") as HTML; `…` becomes code."""
    first, *rest = message.split("\n")
    items = "".join(f"<li>{marked(line.removeprefix('- '))}</li>" for line in rest)
    return f"<div><b>{marked(first)}</b>" + (f"<ul>{items}</ul>" if items else "") + "</div>"


class _Page:
    """What all runs of one trace share while they are drawn: the time axis and the budgets."""

    def __init__(self, trace: Drawing, *, limit: int) -> None:
        runs = list(trace.root.walk())
        self.trace, self.limit, self.budget = trace, limit, MAX_RUNS
        self.start: datetime = min(run.start for run in runs)
        self.span = max((_end(run) - self.start).total_seconds() for run in runs)

    def run(self, run: Run, parent: Run | None, *, depth: int) -> str:
        """Draw ``run`` and, below it, its values and its children."""
        self.budget -= 1
        body = "".join(f"<li>{item}</li>" for item in self._body(run, parent, depth))
        if not body:
            return f'<div style="padding-left:16px">{self._head(run)}</div>'
        state = " open" if depth < OPEN_DEPTH else ""
        return (
            f'<details{state}><summary style="cursor:pointer">{self._head(run)}</summary>'
            '<ul style="list-style-type:none;margin:0;padding-left:20px">'
            f"{body}</ul></details>"
        )

    def _body(self, run: Run, parent: Run | None, depth: int) -> Iterator[str]:
        trace = self.trace
        room = MAX_ROOT_LINE if depth == 0 else MAX_LINE
        if run.error:
            message = _escape(clip(error_line(run.error), self.limit))
            yield f'<span style="color:{colours.ERROR}">✗ {message}</span>'
        if trace.inputs and run.inputs:
            yield self._value("in", run.inputs, room=room)
        if trace.outputs and (outputs := outputs_of(run)):
            yield self._value("out", outputs, room=room)
        for label, line in (*labels_of(run, parent), *stars_of(run)):
            yield _label(label) + _escape(clip(line, self.limit))
        for i, child in enumerate(run.children):
            if not self.budget or depth == MAX_DEPTH:
                yield f"… {count_line(run.children[i:])}"
                return
            yield self.run(child, run, depth=depth + 1)

    def _head(self, run: Run) -> str:
        name, *facts = (_escape(fact) for fact in facts_of(run))
        facts = [re.sub(r"\d+\.\d\d s$", r"<span>\g<0></span>", fact) for fact in facts]
        said = _muted(" · ".join(facts))
        if run.status == "error":  # not muted, or red on black would be too dark to read
            kind, status, *more = facts
            said = f'{_muted(kind)} · <span style="color:{colours.ERROR}">{status}</span>'
            said += "".join(f" · {_muted(fact)}" for fact in more)
        return f"{self._bar(run)}<b>{name}</b> &nbsp;{said}"

    def _bar(self, run: Run) -> str:
        left, width = 0.0, 100.0
        if self.span > 0:
            left = 100 * (run.start - self.start).total_seconds() / self.span
            width = 100 * (_end(run) - run.start).total_seconds() / self.span
            if run.status == "pending":
                width = 100 - left
        colour = colours.KINDS.get(run.run_type, colours.OTHER_KIND)
        if run.status != "success":
            colour = colours.ERROR if run.status == "error" else colours.PENDING
        return (
            '<span style="float:right;width:160px;height:8px;margin-top:7px;margin-left:12px;'
            f'background-color:{colours.AXIS}"><span style="display:block;height:8px;'
            f"min-width:2px;background-color:{colour};"
            f'margin-left:{min(left, 98.0):.1f}%;width:{max(min(width, 100 - left), 0.0):.1f}%">'
            "</span></span>"
        )

    def _value(self, label: str, value: Mapping[str, Any], *, room: int) -> str:
        """Draw a value on one line where it fits in ``room``, else folded behind a preview."""
        lines = summary_lines(value)
        if len(lines) == 1 and len(lines[0]) <= room and not hidden_count(value):
            return _label(label) + _escape(lines[0])
        messages = messages_of(value)
        preview = clip(message_line(messages[-1]) if messages else lines[0], MAX_LINE)
        if len(messages) > 1:
            preview += f" (last of {len(messages):,} messages)"
        return (
            f'<details><summary style="cursor:pointer">{_label(label)}'
            f"{_escape(preview)}</summary>{fields(value, limit=self.limit)}</details>"
        )


def fields(value: Mapping[str, Any], *, limit: int) -> str:
    """Return the fields of ``value`` as HTML, together at most ``limit`` characters of them."""
    messages = messages_of(value)
    if messages:
        pairs = [(str(m["role"]), spoken(m)) for m in messages[:50]]
        pairs += [(k, value[k]) for k in CHAT_FIELDS if value.get(k) not in (None, {}, [])]
    else:
        pairs = list(value.items())[:50]
    drawn = []
    for key, item in pairs:
        told = plain(item) if isinstance(item, str) else as_json(item, indent=2)
        left, shown = max(len(told) - limit, 0), told[: max(limit, 0)]
        limit -= len(shown)
        drawn.append(_row(key, shown + (f" … {left:,} more characters" if left else "")))
    hidden = hidden_count(value) if messages else max(len(value) - 50, 0)
    if hidden:
        drawn.append(f'<div style="opacity:0.6">… {hidden:,} more fields</div>')
    return f'<div style="padding-left:20px">{"".join(drawn)}</div>'


def _row(key: str, shown: str) -> str:
    return (
        '<div style="white-space:pre-wrap;overflow-wrap:anywhere">'
        f'<span style="opacity:0.6">{_escape(clip(plain(key), 60))}:</span> '
        f"{_escape(shown)}</div>"
    )


def _label(label: str) -> str:
    return f"{_muted(label)} &nbsp;"


def _muted(markup: str) -> str:
    return f'<span style="opacity:0.7">{markup}</span>'


def _end(run: Run) -> datetime:
    return run.end if run.end is not None and run.end > run.start else run.start


def marked(line: str) -> str:
    """Return a line as HTML that shows it as it is, with what stands between `…` as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", _escape(line))


def _escape(value: str) -> str:
    # JupyterLab typesets $…$ and \(…\) in HTML outputs; a mark alone in a span cannot pair up.
    return re.sub(r"[$\\]", r"<span>\g<0></span>", html_module.escape(value))
