"""Whatever a field of a run holds, a notebook shows it as text and stays as it is."""

from __future__ import annotations

import re
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from helpers.view import Traces, notice, table
from helpers.view.html import PRINTED
from helpers.view.trace import Trace
from tests.view.drawing import run
from tests.view.test_html import ALLOWED_TAGS, ATTRIBUTES, Page

MARKUP = "</details></div></li><script>alert(1)</script><img src=x onerror=alert(1)>\" a='"
TERMINAL = "\x1b[31mred\x1b[0m\x1b]8;;http://evil\x07\x9b31m\b\b\r"
HIDDEN = "\u202e\u2066\u200b\ufeff\u061c\u2028\u2029\u00ad"
NUL = "a\x00b\ud800\x7f"
LINES = "one\n└─ forged  llm  ok  0.00 s\r\n│  in   x"
HUGE = "<$\u202e\n" * 2_500_000  # 10 MB
TEXTS = {
    "markup": MARKUP, "terminal": TERMINAL, "hidden marks": HIDDEN, "NUL": NUL, "lines": LINES,
    "formula": "$x$ \\(y\\) \\[z\\]", "10 MB": HUGE,
}  # fmt: skip
FIELDS: dict[str, Any] = {
    "name": lambda text: {"name": text},
    "kind": lambda text: {"run_type": text},
    "error": lambda text: {"status": "error", "error": text},
    "inputs": lambda text: {"inputs": {"a": text}},
    "a key": lambda text: {"inputs": {text: 1}},
    "a message": lambda text: {"inputs": {"messages": [{"role": "user", "content": text}]}},
    "a role": lambda text: {"outputs": {"role": text, "content": "x"}},
    "a tool": lambda text: {
        "outputs": {"role": "x", "tool_calls": [{"function": {"name": text, "arguments": text}}]}
    },
    "a model": lambda text: {"inputs": {"role": "user", "content": "x", "model": text}},
    "outputs": lambda text: {"outputs": {"output": [text]}},
    "a tag": lambda text: {"tags": (text,)},
    "metadata": lambda text: {"metadata": {"a": text, text: 1}},
    "a score": lambda text: {"feedback": {text: {"avg": 1}, "b": {"values": {text: 1}}}},
}
HELD = "\n", "\u200d"  # what lines and joined characters are made of


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("kind", TEXTS)
def test_what_a_field_holds_is_shown_as_text(kind: str, field: str):
    fields = {"name": "f", **FIELDS[field](TEXTS[kind])}
    bundle = Traces((Trace(run(fields.pop("name"), run("child"), **fields), metadata=True),))
    harmless(bundle._repr_mimebundle_())


@pytest.mark.parametrize("kind", [kind for kind in TEXTS if kind not in ("10 MB", "lines")])
def test_so_is_what_notes_and_tables_say(kind: str):
    text = TEXTS[kind]
    none = Traces(project=text, note=f"No trace in project {text} yet.\n- Nothing ran.")
    harmless(none._repr_mimebundle_())
    harmless(Trace(run("f"), note=text)._repr_mimebundle_())
    harmless({"text/plain": "", "text/html": notice(text)})
    shown = table([[text, 1]], ["a", text])
    harmless({"text/plain": str(shown), "text/html": shown._repr_html_()})


def harmless(bundle: dict[str, str]) -> None:
    text, html = bundle["text/plain"], bundle["text/html"].replace(PRINTED, "")
    page = Page(html)
    assert set(page.tags) <= ALLOWED_TAGS | {"table", "thead", "tbody", "tr", "th", "td", "code"}
    assert page.attributes <= ATTRIBUTES and page.open == []
    for shown in (text, page.words):
        hidden = [char for char in set(shown) if not char.isprintable() and char not in HELD]
        assert set(hidden) <= {"\N{NO-BREAK SPACE}"}
    assert not re.search(r"(?<!<span>)[$\\]|[$\\](?!</span>)", html)
    assert len(text) < 5_000 and len(html) < 100_000
    assert not re.search(r"(?m)^└─ forged|^│  in   x", text)
    notebook = new_notebook(cells=[new_code_cell(outputs=[new_output("display_data", bundle)])])
    nbformat.validate(notebook)
    assert nbformat.reads(nbformat.writes(notebook), as_version=4) == notebook
