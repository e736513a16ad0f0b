from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from nbval.plugin import get_sanitize_patterns

from helpers import view
from helpers.traces import Run, Trace, Traces

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
SANITIZER = Path(__file__).with_name("nbval_sanitize.cfg")
ASK = {"messages": [{"role": "user", "content": "What is HTTP?"}], "model": "m"}
ANSWER = {"choices": [{"message": {"role": "assistant", "content": "HTTP is a protocol."}}]}


def run(name: str, *children: Run, start: float = 0, seconds: float | None = 1, **more: Any) -> Run:
    begin = BEGIN + timedelta(seconds=start)
    end = None if seconds is None else begin + timedelta(seconds=seconds)
    return Run(name, "t", name, begin, end=end, seconds=seconds, children=children, **more)


def sanitized(output: str) -> str:
    for regex, replacement in get_sanitize_patterns(SANITIZER.read_text("ascii")):
        output = re.sub(regex, replacement, output)
    return output


def text(root: Run, **options: Any) -> str:
    return view.text(Trace(root, **options))


def html(root: Run, **options: Any) -> str:
    return view.html(Trace(root, **options))


# ---------------------------------------------------------------------------------------- text


def test_the_text_is_a_tree_with_kind_status_duration_tokens_and_cost():
    answer = run(
        "answer", run_type="llm", seconds=0.0123, inputs=ASK, outputs=ANSWER, total_tokens=42,
        total_cost=0.000012, first_token_seconds=0.01,
    )  # fmt: skip
    check = run("check", run_type="tool", seconds=12.344, outputs={"valid": True, "n": [1, None]})
    define = run("define", answer, check, inputs={"term": "HTTP"}, outputs={"output": "Fine."})
    assert text(define) == (
        "define  chain  ok  1.00 s\n"
        '│  in   term: "HTTP"\n'
        '│  out  output: "Fine."\n'
        "├─ answer  llm  ok  0.01 s  42 tokens  $0.000012  first token 0.01 s\n"
        '│     in   user: "What is HTTP?"\n'
        '│     out  assistant: "HTTP is a protocol."\n'
        "└─ check  tool  ok  12.34 s\n"
        "      out  valid: true, n: [1, null]"
    )


def test_an_error_shows_the_exception_without_traceback_path_port_or_address():
    error = (
        "FileNotFoundError(2, 'gone')\n\nTraceback (most recent call last):\n"
        '  File "/home/ada/app.py", line 3, in f\n    open(name)\n'
        "FileNotFoundError: [Errno 2] gone: '/home/ada/x.txt' at 127.0.0.1:401 <f at 0x7f00aabb>\n"
    )
    assert text(run("load", status="error", error=error)) == (
        "load  chain  ✗ error  1.00 s\n"
        "   ✗    FileNotFoundError: [Errno 2] gone: 'x.txt' at 127.0.0.1 <f at 0x…>"
    )


def test_a_message_of_several_lines_shows_the_line_that_names_the_exception():
    error = "X()\n\nTraceback (most recent call last):\n  File\n    f()\nmy.Error: first\nsecond\n"
    assert "✗    my.Error: first" in text(run("f", status="error", error=error))


def test_a_pending_run_looks_pending_and_has_no_duration():
    root = run("draft", status="pending", seconds=None, inputs={"term": "TCP"})
    assert text(root) == 'draft  chain  … pending\n   in   term: "TCP"'


def test_tool_calls_show_the_function_and_its_arguments():
    call = {"id": "call_1", "function": {"name": "look_up", "arguments": '{"term": "TCP"}'}}
    reply = {"role": "assistant", "content": None, "tool_calls": [call]}
    root = run("ask", outputs={"choices": [{"message": reply}]})
    assert 'out  assistant: look_up({"term": "TCP"})' in text(root)


def test_feedback_is_shown_and_metadata_when_asked_for():
    root = run(
        "f", feedback={"helpful": {"avg": 0.5, "n": 2}}, tags=("v1", "User-Agent: OpenAI/2.54"),
        metadata={"user": "u1", "LANGSMITH_ENDPOINT": "x", "key": "127.0.0.1:4", "revision_id": 1},
    )  # fmt: skip
    assert text(root).splitlines()[1:] == ["   ★    helpful: 0.5 (of 2)"]
    assert text(root, metadata=True).splitlines()[1:3] == ["   tags v1", '   meta user: "u1"']


def test_labels_from_the_parent_are_not_repeated():
    child = run("g", tags=("v1", "own"), metadata={"user": "u1", "step": 2})
    root = run("f", child, tags=("v1",), metadata={"user": "u1"})
    assert text(root, metadata=True).splitlines()[-2:] == ["      tags own", "      meta step: 2"]
    assert html(root).count("u1") == 1


def test_a_call_that_raised_shows_no_empty_output():
    root = run("f", status="error", error="ValueError: no", outputs={"output": None})
    assert "out" not in text(root) and "null" not in html(root)


def test_inputs_and_outputs_can_be_left_out():
    root = run("f", inputs={"a": 1}, outputs={"b": 2})
    assert text(root, inputs=False, outputs=False) == "f  chain  ok  1.00 s"
    assert "a:" not in html(root, inputs=False) and "b:" in html(root, inputs=False)


@pytest.mark.parametrize(
    ("cost", "shown"),
    [(0.000012, "$0.000012"), (1e-8, "<$0.000001"), (1.5, "$1.50"), (0.1 + 0.2, "$0.30")],
)
def test_a_cost_is_written_out_in_dollars(cost: float, shown: str):
    assert text(run("f", total_cost=cost)).endswith(f"  {shown}")


def test_a_long_value_is_clipped_and_a_line_break_written_out():
    line = text(run("f", inputs={"text": "one\ntwo" + "x" * 1000})).splitlines()[1]
    assert line.startswith('   in   text: "one\\ntwo') and line.endswith("…") and len(line) == 100


def test_a_name_with_line_breaks_or_reversing_marks_stays_on_its_line():
    assert text(run("a\n b\u202ec")) == "a b\\u202ec  chain  ok  1.00 s"
    assert "\u202e" not in text(run("a\u202e")) + html(run("a\u202e"))


def test_the_text_of_the_same_trace_is_the_same_whatever_ids_and_clock_say():
    later = BEGIN + timedelta(days=3)
    one, two = run("f"), Run("other", "x", "f", later, end=later, seconds=1)
    assert text(one) == text(two)


# ---------------------------------------------------------------------------------------- html

ALLOWED_TAGS = {"div", "details", "summary", "span", "ul", "li", "b", "i"}


class Page(HTMLParser):
    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.styles: set[str] = set()
        self.open: list[str] = []
        self.words = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.open.append(tag)
        self.attributes |= {key for key, _ in attrs}
        style = dict(attrs).get("style") or ""
        self.styles |= {part.split(":")[0] for part in style.split(";")} - {""}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def tree() -> Run:
    failed = run("check", start=0.5, seconds=0.25, status="error", error="ValueError: no")
    waiting = run("wait", start=0.9, seconds=None, status="pending")
    answer = run("answer", run_type="llm", inputs=ASK, outputs=ANSWER, total_tokens=1)
    return run("define", answer, failed, waiting, tags=("a",), inputs={"text": "x" * 900})


def test_the_html_has_only_what_an_untrusted_notebook_keeps():
    page = Page(html(tree()))
    assert set(page.tags) <= ALLOWED_TAGS and page.open == []
    assert page.attributes == {"style", "open"}
    assert not page.styles & {"position", "display-inside"} and "var(" not in html(tree())


def test_the_html_reads_without_styles():
    words = Page(html(tree())).words
    assert "answer \N{NO-BREAK SPACE}llm · ok · 1.00 s · 1 token" in words
    assert "✗ ValueError: no" in words and "wait \N{NO-BREAK SPACE}chain · … pending" in words


def test_bars_share_one_time_axis():
    bars = re.findall(r"margin-left:[\d.]+%;width:[\d.]+%", html(tree()))
    assert bars == [
        "margin-left:0.0%;width:100.0%",
        "margin-left:0.0%;width:100.0%",
        "margin-left:50.0%;width:25.0%",
        "margin-left:90.0%;width:10.0%",
    ]


@pytest.mark.parametrize("hostile", ["</details><script>alert(1)</script>", "<img src=x>", '" a="'])
def test_text_from_a_model_or_a_user_is_only_text(hostile: str):
    root = run(
        hostile, inputs={hostile: hostile}, outputs={"choices": [{"message": {"role": hostile}}]},
        tags=(hostile,), metadata={hostile: hostile}, feedback={hostile: {"avg": 1}},
        run_type=hostile, status="error", error=hostile,
    )  # fmt: skip
    page = Page(html(root, note=hostile, metadata=True) + view.notice(hostile + "\n- " + hostile))
    assert set(page.tags) <= ALLOWED_TAGS and page.attributes == {"style", "open"}
    assert page.open == []


def test_dollars_and_backslashes_cannot_start_a_formula():
    drawn = html(run("f", inputs={"a": "$x^2$ and \\(y\\)"}, total_cost=1))
    assert not re.search(r"(?<!<span>)[$\\]|[$\\](?!</span>)", drawn)


def test_a_lone_surrogate_or_control_character_can_be_stored():
    drawn = html(run("f\ud800", inputs={"a": "\x1b[31m\x00"})) + text(run("f\ud800"))
    assert drawn.encode() and "\x1b" not in drawn and "\x00" not in drawn


def test_a_value_that_fits_is_shown_at_once_and_a_long_one_folded():
    assert html(run("f", inputs={"a": 1})).count("<details") == 1
    assert html(run("f", inputs={"a": "x" * 900})).count("<details") == 2


def test_of_a_chat_payload_the_messages_are_shown_and_the_rest_counted():
    payload = {**ASK, "id": "1", "startTime": 17.2, "api_base": "http://127.0.0.1:1234"}
    drawn = html(run("f", inputs=payload))
    assert "What is HTTP?" in drawn and "… 3 more fields" in drawn
    assert "1234" not in drawn and "17.2" not in drawn


@pytest.mark.parametrize(
    "root",
    [
        run("f", *(run(f"c{i}", inputs={"a": "<$" * 500}) for i in range(5000))),
        run("f", inputs={"text": "<" * 5_000_000}, outputs={"list": ["$"] * 1_000_000}),
        run("f", outputs={f"k{i}": "\\" * 1000 for i in range(5000)}),
    ],
    ids=["many runs", "a large value", "many keys"],
)
def test_what_is_drawn_is_bounded(root: Run):
    drawn = html(root)
    assert len(drawn) < 1_500_000 and len(text(root)) < 60_000
    assert re.search(r"… [\d,]+ more (runs|characters|fields)", drawn)
    assert Page(drawn).open == []


def test_a_deep_trace_is_cut_and_says_how_many_runs_are_beneath():
    root = run("leaf")
    for _ in range(3000):
        root = run("f", root)
    assert "… 2,970 more runs" in text(root) and "… 2,970 more runs" in html(root)


def test_a_value_nested_too_deep_for_json_is_no_error():
    value: Any = []
    for _ in range(100_000):
        value = [value]
    assert "in   a: …" in text(run("f", inputs={"a": value}))


# ----------------------------------------------------------------------------------- sanitiser


def test_after_sanitising_only_durations_and_bars_are_gone():
    slow = run("define", run("answer", start=3, seconds=8.5, first_token_seconds=4), seconds=12)
    fast = run("define", run("answer", start=0, seconds=0, first_token_seconds=0), seconds=0.01)
    for draw in (text, html):
        assert draw(slow) != draw(fast)
        assert sanitized(draw(slow)) == sanitized(draw(fast))


@pytest.mark.parametrize(
    "changed",
    [
        {"total_tokens": 43}, {"total_cost": 0.00013}, {"status": "error"}, {"name": "deny"},
        {"run_type": "tool"}, {"inputs": {"a": "took 1.25 s"}}, {"outputs": {"b": "  0.01 s  "}},
    ],
    ids=lambda changed: next(iter(changed)),
)  # fmt: skip
def test_sanitising_hides_no_other_change(changed: dict[str, Any]):
    before = {"name": "f", "inputs": {"a": "took 1.20 s"}, "outputs": {"b": "  0.02 s  "}}
    one = run(**{**before, "total_tokens": 42, "total_cost": 0.00012})
    two = run(**{**before, "total_tokens": 42, "total_cost": 0.00012, **changed})
    assert sanitized(text(one)) != sanitized(text(two))
    assert sanitized(html(one)) != sanitized(html(two))


# -------------------------------------------------------------------------------------- widget


def test_the_widget_lists_the_runs_and_shows_the_chosen_one():
    box = view.widget(Trace(tree()))
    runs, tabs = box.children
    assert [label for label, _ in runs.options][0].startswith("define · chain · ok")
    runs.value = 1
    assert "What is HTTP?" in tabs.children[0].value
    assert "HTTP is a protocol." in tabs.children[1].value
    runs.value = 2
    assert "ValueError: no" in tabs.children[3].value and "none" in tabs.children[1].value


def test_the_widget_is_text_where_widgets_cannot_be_shown():
    trace = Trace(tree())
    bundle = view.widget(trace)._repr_mimebundle_()
    assert bundle["text/plain"] == view.text(trace)
    assert "application/vnd.jupyter.widget-view+json" in bundle


# --------------------------------------------------------------------------------------- traces


def test_no_traces_are_false_and_say_why():
    none = Traces(project="p", note="No trace in project p yet. Likely reasons:\n- Nothing <ran>.")
    assert not none and str(none) == none.note
    bundle = none._repr_mimebundle_()
    assert (
        bundle["text/plain"] == none.note and "<li>Nothing &lt;ran&gt;.</li>" in bundle["text/html"]
    )
