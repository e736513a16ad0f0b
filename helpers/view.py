"""A trace as text, as HTML and as a widget.

Text is what a terminal shows and what nbval compares; HTML is a collapsible waterfall of nested
``<details>``. The HTML uses only tags and inline styles that an untrusted JupyterLab keeps, and
reads as plain nested lists where styles are stripped (GitHub). Neither holds an id, a clock time,
a path or a port; durations and bars are what ``tests/nbval_sanitize.cfg`` narrows.
"""

from __future__ import annotations

import html as html_module
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from helpers.traces import Run, Trace

__all__ = ["html", "notice", "text", "widget"]

MAX_RUNS = 200  # drawn of one trace
MAX_DEPTH = 30
MAX_LINE = 100  # characters of a text line, and of an HTML line
MAX_ROOT_LINE = 400  # of an HTML line of the root, which may wrap
MAX_HTML_VALUES = 80_000  # characters of inputs and outputs, before escaping, of a whole trace
OPEN_DEPTH = 2

KIND_COLOURS = {
    "llm": "rgba(56,132,255,0.75)",
    "tool": "rgba(226,140,40,0.8)",
    "retriever": "rgba(150,100,220,0.75)",
    "embedding": "rgba(150,100,220,0.75)",
}
PLAIN_COLOUR = "rgba(110,150,140,0.75)"
ERROR_COLOUR = "rgb(220,75,70)"

# What a chat request or its answer says beyond the messages; the rest of LiteLLM's payload is
# ids, times and addresses of one call.
CHAT_FIELDS = ("model", "model_parameters", "temperature", "max_tokens", "tools", "tool_choice")
SHOWN_FIELDS = {
    "messages",
    "choices",
    "role",
    "content",
    "tool_calls",
    "usage_metadata",
    *CHAT_FIELDS,
}
HIDDEN_METADATA = re.compile(
    r"(LANGSMITH_|LANGCHAIN_|__)|(revision_id|runtime|ls_run_depth|ls_method|usage_(metadata|object))$"
)
VARYING = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}|[0-9a-f]{32}|127\.0\.0\.1|localhost|\d{4}-\d\d-\d\dT"
)


# ---------------------------------------------------------------------------------------- text


def text(trace: Trace) -> str:
    """Return the tree of ``trace``, a line a run and below it what went in and came out."""
    lines = [f"({trace.note})"] if trace.note else []
    budget = [MAX_RUNS]
    lines += _text_run(trace.root, None, trace, budget, first="", rest="", depth=0)
    return "\n".join(lines)


def _text_run(
    run: Run,
    parent: Run | None,
    trace: Trace,
    budget: list[int],
    *,
    first: str,
    rest: str,
    depth: int,
) -> Iterator[str]:
    budget[0] -= 1
    yield first + "  ".join(_facts(run))
    stem = rest + ("│  " if run.children else "   ")
    for label, value in _told(run, parent, trace):
        yield _clip(f"{stem}{label:<4} {value}", MAX_LINE)
    for i, child in enumerate(run.children):
        if not budget[0] or depth == MAX_DEPTH:
            yield f"{rest}└─ … {_more(run.children[i:])}"
            return
        last = i == len(run.children) - 1
        yield from _text_run(
            child,
            run,
            trace,
            budget,
            first=rest + ("└─ " if last else "├─ "),
            rest=rest + ("   " if last else "│  "),
            depth=depth + 1,
        )


def _told(run: Run, parent: Run | None, trace: Trace) -> Iterator[tuple[str, str]]:
    """Yield the labelled lines under a run; an empty label continues the one before."""
    if trace.inputs and run.inputs:
        yield from _labelled("in", _lines(run.inputs))
    if trace.outputs and _came_out(run):
        yield from _labelled("out", _lines(run.outputs))
    if run.error:
        yield "✗", _plain(_error_line(run.error))
    if trace.metadata:
        yield from _labels(run, parent)
    if run.feedback:
        yield "★", ", ".join(f"{_plain(k)}: {_score(v)}" for k, v in run.feedback.items())


def _labels(run: Run, parent: Run | None) -> Iterator[tuple[str, str]]:
    """Yield tags and metadata, but not again those that ``run`` has from its ``parent``."""
    tags, metadata = _tags(run), _metadata(run)
    if parent is not None:
        tags = [tag for tag in tags if tag not in parent.tags]
        known = parent.metadata
        metadata = {k: v for k, v in metadata.items() if k not in known or known[k] != v}
    if tags:
        yield "tags", ", ".join(_plain(tag) for tag in tags)
    if metadata:
        yield "meta", _line(metadata)


def _came_out(run: Run) -> bool:
    # The SDK writes {"output": null} for a call that raised.
    return bool(run.outputs) and not (run.error and run.outputs == {"output": None})


def _labelled(label: str, lines: list[str]) -> Iterator[tuple[str, str]]:
    for i, line in enumerate(lines):
        yield ("" if i else label), line


def _facts(run: Run) -> list[str]:
    """Return name, kind, status, duration, tokens, cost and time to the first token."""
    status = {"success": "ok", "error": "✗ error", "pending": "… pending"}[run.status]
    facts = [_clip(" ".join(_plain(run.name).split()), 60), _plain(run.run_type), status]
    if run.seconds is not None and run.status != "pending":
        facts.append(_seconds(run.seconds))
    if run.total_tokens:
        facts.append(f"{run.total_tokens:,} token{'s' if run.total_tokens != 1 else ''}")
    if run.total_cost:
        facts.append(_dollars(float(run.total_cost)))
    if run.first_token_seconds is not None:
        facts.append(f"first token {_seconds(run.first_token_seconds)}")
    return facts


def _seconds(seconds: float) -> str:
    return f"{max(seconds, 0.0):.2f} s"  # the one form that the sanitiser knows


def _dollars(cost: float) -> str:
    if cost < 0.000001:
        return "<$0.000001"
    whole, fraction = f"{cost:.6f}".split(".")
    return f"${whole}.{fraction.rstrip('0').ljust(2, '0')}"


def _score(stats: Mapping[str, Any]) -> str:
    average, count = stats.get("avg"), stats.get("n") or 1
    if average is None:
        values = stats.get("values") or {}
        told = ", ".join(_plain(str(value)) for value in values) or "noted"
    else:
        told = f"{float(average):.3g}"
    return told if count == 1 else f"{told} (of {count})"


def _more(runs: tuple[Run, ...]) -> str:
    count = sum(1 for run in runs for _ in run.walk())
    return f"{count:,} more run{'s' if count != 1 else ''}"


# -------------------------------------------------------------------------------------- values


def _lines(value: Mapping[str, Any]) -> list[str]:
    """Return ``value`` in a few lines: a line a message where it holds messages."""
    messages = _messages(value)
    if not messages:
        return [_line(value)]
    lines = [_message(message) for message in messages[:4]]
    if len(messages) > 4:
        lines.append(f"… {len(messages) - 4:,} more")
    return lines


def _messages(value: Any) -> list[Mapping[str, Any]]:
    """Return the chat messages that a request or an answer holds, or an empty list."""
    if not isinstance(value, Mapping):
        return []
    if _is_message(value):
        return [value]
    found = value.get("messages")
    if found is None and isinstance(value.get("choices"), list):
        choices = [c for c in value["choices"] if isinstance(c, Mapping)]
        found = [c.get("message") or c.get("delta") for c in choices]
    if found is None and set(value) == {"output"}:
        return _messages(value["output"])
    if isinstance(found, list) and found and all(_is_message(item) for item in found):
        return found
    return []


def _is_message(value: Any) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("role"), str)


def _message(message: Mapping[str, Any]) -> str:
    """Return ``role: content``, and the calls where the message asks for tools."""
    parts = [f"{_plain(call_name)}({_plain(args)})" for call_name, args in _calls(message)]
    content = message.get("content")
    if content or not parts:
        parts.insert(0, _line(content))
    return f"{_plain(message['role'])}: " + " ".join(parts)


def _calls(message: Mapping[str, Any]) -> list[tuple[str, str]]:
    calls = message.get("tool_calls")
    found = []
    for call in calls if isinstance(calls, list) else []:
        function = call.get("function") if isinstance(call, Mapping) else None
        if isinstance(function, Mapping):
            found.append((str(function.get("name")), str(function.get("arguments") or "")))
    return found


def _line(value: Any) -> str:
    """Return ``value`` on one line: ``term: "HTTP"`` for an object, JSON for the rest."""
    if isinstance(value, Mapping):
        return ", ".join(f"{_plain(str(k))}: {_json(v)}" for k, v in value.items())
    return _json(value)


def _json(value: Any, *, indent: int | None = None) -> str:
    try:
        return _plain(json.dumps(value, ensure_ascii=False, indent=indent, default=str))
    except (RecursionError, ValueError):
        return "…"


def _plain(value: str) -> str:
    """Return ``value`` with controls and invisible formatting (bidi and the like) written out."""
    if value.isascii() and value.isprintable():
        return value
    return "".join(map(_visible, value))


def _visible(char: str) -> str:
    # A lone surrogate cannot be encoded; a bidi control would reorder the line around it.
    if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and char not in "\n\u200d":
        return f"\\u{ord(char):04x}"
    return char


def _clip(value: str, length: int) -> str:
    return value if len(value) <= length else value[: length - 1].rstrip() + "…"


def _error_line(error: str) -> str:
    """Return the exception line of ``error``, without traceback, paths, ports and addresses."""
    head, *frames = error.split("Traceback (most recent call last)")
    line = head.strip().split("\n")[0]
    if frames:  # the frames are indented, so the first line that is not names the exception
        after = frames[-1].split("\n")[1:]
        line = next((each for each in after if each and not each[0].isspace()), line)
    line = re.sub(r"(?<![\w:/.])(?:[A-Za-z]:)?(?:[\\/][\w.@+ -]+)+[\\/](?=[\w.@+-]+)", "", line)
    line = re.sub(r"\b(127\.0\.0\.1|localhost):\d+", r"\1", line)
    return re.sub(r"\b0x[0-9a-f]{6,}\b", "0x…", line)


def _tags(run: Run) -> list[str]:
    # LiteLLM's proxy tags runs with the client's version, which differs between machines.
    return [tag for tag in run.tags if not tag.startswith("User-Agent:")]


def _metadata(run: Run) -> dict[str, Any]:
    """Return the metadata that someone chose; ``run.metadata`` has what the SDKs added."""
    found = run.metadata
    if "user_api_key_hash" in found:  # LiteLLM's callback: its own 30 keys beside the caller's
        chosen = found.get("requester_metadata")
        found = dict(chosen) if isinstance(chosen, Mapping) else {}
    return {
        key: value
        for key, value in found.items()
        if value not in (None, {}, [], "")
        and not HIDDEN_METADATA.match(key)
        and not VARYING.search(_json(value))
    }


# ---------------------------------------------------------------------------------------- html


def html(trace: Trace) -> str:
    """Return ``trace`` as a collapsible waterfall; bounded whatever the trace holds."""
    shown = min(sum(1 for _ in trace.root.walk()), MAX_RUNS)
    page = _Page(trace, limit=max(300, min(4000, MAX_HTML_VALUES // shown)))
    note = f"<div><i>{_escape(trace.note)}</i></div>" if trace.note else ""
    return f'<div style="line-height:1.6">{note}{page.run(trace.root, None, depth=0)}</div>'


def notice(message: str) -> str:
    """Return a notice of a few lines (such as "no trace yet") as HTML."""
    first, *rest = message.split("\n")
    items = "".join(f"<li>{_escape(line.removeprefix('- '))}</li>" for line in rest)
    return f"<div><b>{_escape(first)}</b>" + (f"<ul>{items}</ul>" if items else "") + "</div>"


class _Page:
    """What all runs of one trace share while they are drawn: the time axis and the budgets."""

    def __init__(self, trace: Trace, *, limit: int) -> None:
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
            message = _escape(_clip(_error_line(run.error), self.limit))
            yield f'<span style="color:{ERROR_COLOUR}">✗ {message}</span>'
        if trace.inputs and run.inputs:
            yield self._value("in", run.inputs, room=room)
        if trace.outputs and _came_out(run):
            yield self._value("out", run.outputs, room=room)
        for label, line in (*_labels(run, parent), *_stars(run)):
            yield _label(label) + _escape(_clip(line, self.limit))
        for i, child in enumerate(run.children):
            if not self.budget or depth == MAX_DEPTH:
                yield f"… {_more(run.children[i:])}"
                return
            yield self.run(child, run, depth=depth + 1)

    def _head(self, run: Run) -> str:
        name, *facts = (_escape(fact) for fact in _facts(run))
        facts = [re.sub(r"\d+\.\d\d s$", r"<span>\g<0></span>", fact) for fact in facts]
        said = _muted(" · ".join(facts))
        if run.status == "error":  # not muted, or red on black would be too dark to read
            kind, status, *more = facts
            said = f'{_muted(kind)} · <span style="color:{ERROR_COLOUR}">{status}</span>'
            said += "".join(f" · {_muted(fact)}" for fact in more)
        return f"{self._bar(run)}<b>{name}</b> &nbsp;{said}"

    def _bar(self, run: Run) -> str:
        left, width = 0.0, 100.0
        if self.span > 0:
            left = 100 * (run.start - self.start).total_seconds() / self.span
            width = 100 * (_end(run) - run.start).total_seconds() / self.span
            if run.status == "pending":
                width = 100 - left
        colour = KIND_COLOURS.get(run.run_type, PLAIN_COLOUR)
        if run.status != "success":
            colour = ERROR_COLOUR if run.status == "error" else "rgba(128,128,128,0.35)"
        return (
            '<span style="float:right;width:160px;height:8px;margin-top:7px;margin-left:12px;'
            'background-color:rgba(128,128,128,0.15)"><span style="display:block;height:8px;'
            f"min-width:2px;background-color:{colour};"
            f'margin-left:{min(left, 98.0):.1f}%;width:{max(min(width, 100 - left), 0.0):.1f}%">'
            "</span></span>"
        )

    def _value(self, label: str, value: Mapping[str, Any], *, room: int) -> str:
        """Draw a value on one line where it fits in ``room``, else folded behind a preview."""
        lines = _lines(value)
        if len(lines) == 1 and len(lines[0]) <= room and not _hidden(value):
            return _label(label) + _escape(lines[0])
        messages = _messages(value)
        preview = _clip(_message(messages[-1]) if messages else lines[0], MAX_LINE)
        if len(messages) > 1:
            preview += f" (last of {len(messages):,} messages)"
        return (
            f'<details><summary style="cursor:pointer">{_label(label)}'
            f"{_escape(preview)}</summary>{self._full(value)}</details>"
        )

    def _full(self, value: Mapping[str, Any]) -> str:
        messages = _messages(value)
        if messages:
            pairs = [(str(m["role"]), _spoken(m)) for m in messages[:50]]
            pairs += [(k, value[k]) for k in CHAT_FIELDS if value.get(k) not in (None, {}, [])]
        else:
            pairs = list(value.items())[:50]
        limit, drawn = self.limit, []
        for key, item in pairs:
            told = _plain(item) if isinstance(item, str) else _json(item, indent=2)
            left, shown = max(len(told) - limit, 0), told[: max(limit, 0)]
            limit -= len(shown)
            drawn.append(_row(key, shown + (f" … {left:,} more characters" if left else "")))
        hidden = _hidden(value) if messages else max(len(value) - 50, 0)
        if hidden:
            drawn.append(f'<div style="opacity:0.6">… {hidden:,} more fields</div>')
        return f'<div style="padding-left:20px">{"".join(drawn)}</div>'


def _row(key: str, shown: str) -> str:
    return (
        '<div style="white-space:pre-wrap;overflow-wrap:anywhere">'
        f'<span style="opacity:0.6">{_escape(_clip(_plain(key), 60))}:</span> '
        f"{_escape(shown)}</div>"
    )


def _spoken(message: Mapping[str, Any]) -> Any:
    calls = "\n".join(f"{name}({args})" for name, args in _calls(message))
    content = message.get("content")
    if calls:
        return f"{content}\n{calls}" if content else calls
    return content


def _hidden(value: Mapping[str, Any]) -> int:
    """Return how many fields a chat request or answer has that the view leaves out."""
    if not _messages(value):
        return 0
    inner = value["output"] if set(value) == {"output"} else value
    return len([k for k in inner if k not in SHOWN_FIELDS])


def _stars(run: Run) -> list[tuple[str, str]]:
    if not run.feedback:
        return []
    return [("★", ", ".join(f"{_plain(k)}: {_score(v)}" for k, v in run.feedback.items()))]


def _label(label: str) -> str:
    return f"{_muted(label)} &nbsp;"


def _muted(markup: str) -> str:
    return f'<span style="opacity:0.7">{markup}</span>'


def _end(run: Run) -> datetime:
    return run.end if run.end is not None and run.end > run.start else run.start


def _escape(value: str) -> str:
    # JupyterLab typesets $…$ and \(…\) in HTML outputs; a mark alone in a span cannot pair up.
    return re.sub(r"[$\\]", r"<span>\g<0></span>", html_module.escape(value))


# -------------------------------------------------------------------------------------- widget


def widget(trace: Trace) -> Any:
    """Return an ``ipywidgets`` box: the runs on the left, the chosen one's values on the right.

    Its ``text/plain`` is the text view. The runs are a list that arrow keys walk.
    """
    import ipywidgets

    class Explorer(ipywidgets.HBox):
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
        error = {"error": _error_line(run.error)} if run.error else {}
        labels = {**({"tags": _tags(run)} if _tags(run) else {}), **_metadata(run)}
        page = _Page(trace, limit=20_000)
        for pane, value in zip(panes, (run.inputs, run.outputs, labels, error), strict=True):
            pane.value = page._full(value) if value else "<i>none</i>"

    runs.observe(fill, names="value")
    fill(None)
    return Explorer(children=[runs, tabs])


def _rows(root: Run) -> list[tuple[str, Run]]:
    """Return the first runs of the tree, each with the label of its row."""
    rows: list[tuple[str, Run]] = []
    stack = [(root, 0)]
    while stack and len(rows) < MAX_RUNS:
        run, depth = stack.pop()
        rows.append((" \u00a0" * 2 * min(depth, 10) + " · ".join(_facts(run)), run))
        stack += [(child, depth + 1) for child in reversed(run.children)]
    return rows
