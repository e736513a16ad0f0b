"""A trace as HTML: a collapsible waterfall of nested ``<details>``.

Only tags and inline styles that an untrusted JupyterLab keeps, but for one style element, which
has closed parts printed too and is dropped there; it reads as plain nested lists where styles are
stripped (GitHub).
"""

from __future__ import annotations

import html as html_module
import re
from collections.abc import Iterator, Mapping
from typing import Any

from helpers.view import colours
from helpers.view.axis import Axis
from helpers.view.bars import DURATION, bar, ruler, sampled
from helpers.view.facts import MAX_DEPTH, MAX_NAME, MAX_RUNS, count_line, facts_of, rows_of
from helpers.view.markup import escaped, mark, marked, muted
from helpers.view.numbers import counted, without_exponents
from helpers.view.records import Drawing, Run
from helpers.view.values import (
    clip,
    hidden_count,
    inline,
    message_line,
    messages_of,
    one_line,
    plain,
    settings_of,
    spoken,
    summary_lines,
    written,
)

__all__ = ["fields", "html", "notice"]

MAX_SHOWN = 300  # characters of a value that is shown at once; it may wrap
MAX_PREVIEW = 100  # characters of a value that is folded
MAX_HTML_VALUES = 80_000  # characters of inputs and outputs, before escaping, of a whole trace
OPEN_DEPTH = 2
# Of what is closed on the screen, paper shows everything.
PRINTED = (
    "<style>@media print{.trace details::details-content"
    "{content-visibility:visible;block-size:auto}}</style>"
)


def html(trace: Drawing) -> str:
    """Return ``trace`` as a collapsible waterfall; bounded whatever the trace holds."""
    shown = min(sum(1 for _ in trace.root.walk()), MAX_RUNS)
    page = _Page(trace, limit=max(300, min(4000, MAX_HTML_VALUES // shown)))
    note = f"<div><i>{escaped(plain(trace.note))}</i></div>" if trace.note else ""
    return (
        f'{PRINTED}<div class="trace" style="line-height:1.6">{note}'
        f"{page.run(trace.root, None, depth=0)}</div>"
    )


def notice(message: str) -> str:
    """Return a notice of a few lines (such as "no trace yet") as HTML; `…` becomes code."""
    first, *rest = plain(message).split("\n")
    items = "".join(f"<li>{marked(line.removeprefix('- '))}</li>" for line in rest)
    return f"<div><b>{marked(first)}</b>" + (f"<ul>{items}</ul>" if items else "") + "</div>"


class _Page:
    """What all runs of one trace share while they are drawn: the time axis and the budgets."""

    def __init__(self, trace: Drawing, *, limit: int) -> None:
        self.trace, self.limit, self.budget = trace, limit, MAX_RUNS
        self.axis = Axis(trace.root)

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
        scale = ruler(self.axis) if run is self.trace.root else ""
        for label, row in rows_of(run, parent, self.trace, self.axis):
            if label != "✗":  # what went wrong comes first, also where no style puts things aside
                yield scale + self._row(label, row)
                scale = ""
            else:
                yield self._row(label, row)
        if scale:
            yield f"{scale}&nbsp;"
        for i, child in enumerate(run.children):
            if not self.budget or depth == MAX_DEPTH:
                yield f"… {count_line(run.children[i:])}"
                return
            yield self.run(child, run, depth=depth + 1)

    def _row(self, label: str, row: str | Mapping[str, Any]) -> str:
        if not isinstance(row, str):
            return self._value(label, row)
        if label == "time":
            return _label(label) + sampled(row)
        told = escaped(clip(row, self.limit))
        if label == "✗":
            line = f"border-left:4px solid {colours.ERROR};padding-left:8px"
            return f'<div style="{line}"><b>✗</b> &nbsp;{told}</div>'
        return _label(label) + told

    def _head(self, run: Run) -> str:
        name, kind, status, *facts = (escaped(fact) for fact in facts_of(run))
        facts = [re.sub(DURATION + "$", r"<span>\g<0></span>", fact) for fact in facts]
        said = muted(" · ".join([kind, status, *facts]))
        if run.status == "error":
            said = f"{muted(kind)} · {mark(status)}" + muted("".join(f" · {f}" for f in facts))
        said += _link(self.trace.link) if run is self.trace.root else ""
        return f"{bar(self.axis, run)}<b>{name}</b> &nbsp;{said}"

    def _value(self, label: str, value: Mapping[str, Any]) -> str:
        """Draw a value on one line where it fits, else folded behind a preview."""
        lines, messages = summary_lines(value), messages_of(value)
        beside = _beside(value) if messages else ""
        if len(lines) == 1 and len(lines[0]) + len(beside) <= MAX_SHOWN:
            more = muted(f" · {escaped(beside)}") if beside else ""
            return _label(label) + escaped(lines[0]) + more
        preview = clip(message_line(messages[-1]) if messages else lines[0], MAX_PREVIEW)
        if len(messages) > 1:
            preview += f" (last of {len(messages):,} messages)"
        return (
            f'<details><summary style="cursor:pointer">{_label(label)}'
            f"{escaped(preview)}</summary>{fields(value, limit=self.limit)}</details>"
        )


def _beside(value: Mapping[str, Any]) -> str:
    """Return what a chat request or answer says beside its messages, in one line."""
    chosen, hidden = settings_of(value), hidden_count(value)
    said = [one_line(chosen)] if chosen else []
    said += [f"… {counted(hidden, 'more field')}"] if hidden else []
    return ", ".join(said)


def fields(value: Mapping[str, Any], *, limit: int) -> str:
    """Return the fields of ``value`` as HTML, together at most ``limit`` characters of them."""
    messages = messages_of(value)
    if messages:
        pairs = [(str(m["role"]), spoken(m)) for m in messages[:50]]
        pairs += settings_of(value).items()
    else:
        pairs = list(value.items())[:50]
    drawn = []
    for key, item in pairs:
        whole = item if isinstance(item, str) else written(item, indent=2)
        room, left = max(limit, 0), max(len(whole) - limit, 0)
        part = whole[:room] if isinstance(item, str) else without_exponents(whole[:room])
        shown = plain(part)[:room]
        limit -= len(shown)
        drawn.append(_field(key, shown + (f" … {left:,} more characters" if left else "")))
    hidden = hidden_count(value) if messages else max(len(value) - 50, 0)
    if hidden:
        drawn.append(
            f'<div style="opacity:{colours.MUTED}">… {counted(hidden, "more field")}</div>'
        )
    return f'<div style="padding-left:20px">{"".join(drawn)}</div>'


def _field(key: str, shown: str) -> str:
    return (
        '<div style="white-space:pre-wrap;overflow-wrap:anywhere">'
        f'<span style="opacity:{colours.MUTED}">{escaped(clip(inline(key), MAX_NAME))}:</span> '
        f"{escaped(shown)}</div>"
    )


def _link(url: str | None) -> str:
    """Return a link that opens ``url``, an address on the web or on the same server."""
    if url is None or not url.startswith(("https://", "http://", "/")):
        return ""
    address = html_module.escape(url)
    return f' &nbsp;<a href="{address}" target="_blank" rel="noopener">open</a>'


def _label(label: str) -> str:
    return f"{muted(label)} &nbsp;"
