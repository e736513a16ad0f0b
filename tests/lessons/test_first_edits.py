"""What a learner asks first: a lesson's own question, about another term."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import nbformat
import pytest

from helpers.paths import NOTEBOOKS, RECORDINGS
from helpers.recorder import CHAT, FIELD, SHORT, TERMS, WORD
from helpers.recording import MORE, Recording, key, load, prompt

# What is found in the cells of a lesson, and must be: else the search finds too little.
SHAPES = {
    "00_start_here": {SHORT},
    "01_trace_with_traceable": {SHORT, FIELD},
    "02_log_with_the_callback": {SHORT},
    "03_trace_at_the_proxy": {SHORT},
    "04_choose_a_layer": {SHORT},
    "15_join_every_layer": {SHORT, WORD},
}


@cache
def terms() -> tuple[str, ...]:
    """Return the terms that a learner may put in."""
    lines = (RECORDINGS / MORE / TERMS).read_text("utf-8").split("\n")
    return tuple(filter(None, lines))


@cache
def recorded() -> dict[str, Recording]:
    """Return all recordings by key: what lessons ask, and what learners may ask."""
    return load(RECORDINGS) | load(RECORDINGS / MORE)


def codes(lesson: str) -> Iterator[str]:
    """Yield a lesson's code: its cells', and that of the scripts that they name."""
    notebook = nbformat.read(NOTEBOOKS / f"{lesson}.ipynb", as_version=4)
    scripts = set()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            # Lines for the shell are no Python.
            yield re.sub(r"^\s*[!%](.*\\\n)*.*$", "", cell.source, flags=re.MULTILINE)
            scripts |= {*re.findall(r"\bscripts[./](\w+)", cell.source)}
    for name in sorted(scripts):
        yield (NOTEBOOKS / "scripts" / f"{name}.py").read_text("utf-8")


def texts(lesson: str) -> Iterator[str]:
    """Yield the texts in a lesson's code, of which one that is filled in has ``{term}``.

    Those that its prose has between backticks too: a learner puts them into a cell.
    """
    for cell in nbformat.read(NOTEBOOKS / f"{lesson}.ipynb", as_version=4).cells:
        if cell.cell_type == "markdown":
            yield from re.findall(r"`([^`\n]+)`", cell.source)
    for code in codes(lesson):
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.JoinedStr):
                yield ast.unparse(node)[2:-1]
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def questions(lesson: str) -> dict[str, list[dict[str, Any]]]:
    """Return the shapes of a lesson's questions, with what else is recorded of their requests."""
    found: dict[str, list[dict[str, Any]]] = {}
    asked = {}
    for one in recorded().values():
        if one.path == CHAT and len(one.request["messages"]) == 1:
            asked.setdefault(prompt(one.request), []).append(one.request)
    for text in {*texts(lesson)}:
        for term in terms():
            whole = text.replace("{term}", term)
            # The longest term that stands in the text as a word, so that "a cache" goes before it.
            if whole in asked and re.search(rf"\b{re.escape(term)}\b", whole):
                found[re.sub(rf"\b{re.escape(term)}\b", "{term}", whole)] = asked[whole]
    return found


@pytest.mark.parametrize("lesson", SHAPES)
def test_the_questions_of_a_lesson_are_found(lesson):
    assert questions(lesson).keys() == SHAPES[lesson]


@pytest.mark.parametrize("lesson", SHAPES)
def test_a_lesson_asks_nothing_about_a_term_that_is_not_listed(lesson):
    """Else its question would be of no shape, and a learner's edit of it of no use."""
    known = {prompt(one.request) for one in load(RECORDINGS).values() if one.path == CHAT}
    shapes = "|".join(re.escape(shape).replace(r"\{term\}", "(.+)") for shape in SHAPES[lesson])
    for text in {*texts(lesson)} & known:
        match = re.fullmatch(shapes, text)
        assert match and {*filter(None, match.groups())} & {*terms()}, text


@pytest.mark.parametrize("lesson", SHAPES)
def test_a_question_of_a_lesson_about_another_term_has_a_recorded_answer(lesson):
    unanswered = []
    for shape, requests in questions(lesson).items():
        for request in requests:
            for term in terms():
                said = {"role": "user", "content": shape.format(term=term)}
                if key(CHAT, {**request, "messages": [said]}) not in recorded():
                    unanswered.append((said["content"], request.get("stream", False)))
    assert unanswered == [], "python -m helpers record --more records what is missing"
