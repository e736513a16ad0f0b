"""What users report as hard where LiteLLM and LangSmith meet, and where the course deals with it.

A row says which section of which lesson shows it. What happens there is asserted by the tests of
this folder that carry the row's number, ``@pytest.mark.struggle(3)``: ``pytest -m struggle`` runs
them all. A row without such a test fails here, and so does such a test without a row.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import nbformat
import pytest

from tests.lessons.calls import NOTEBOOKS
from tests.lessons.sections import sections_with_code

# What users report, the lesson that shows it, and the section.
STRUGGLES = {
    1: ("a sync call logs nothing with the default batch", "13", "Ask what still waits"),
    2: ("a short async script ends before its log is sent", "13", "Ask what still waits"),
    3: ("the sync path sends its whole queue again", "13", "Ask what still waits"),
    4: ("failures are missing", "02", "Log failures too"),
    5: ("logged calls have no tokens and no cost", "02", "Await a call"),
    6: ("traced functions have no tokens and no cost", "01", "Add the tokens"),
    7: ("token counts get lost between two vocabularies", "07", "Report a cost from a function"),
    8: ("parent_run_id alone is refused", "15", "Read the refusals"),
    9: ("one bad run drops the whole batch", "15", "Read the refusals"),
    10: ("the documented metadata contradicts itself", "15", "Read the refusals"),
    11: ("the proxy ignores langsmith-trace", "15", "Carry the tree through the proxy"),
    12: ("session_id means a project", "05", "Join the turns of a conversation"),
    13: ("the SDK caches its environment", "13", "Ask whether anybody was told"),
    14: ("traces go to the wrong region", "13", "Ask where it went"),
    15: ("redaction leaks", "09", "Redact what the callback sends"),
    16: ("a project and a rate for each team", "12", "Serve several teams"),
    17: ("a streamed answer becomes a list of chunks", "10", "Stream from a function"),
    18: ("tool calls do not render", "11", "Log a tool call"),
    19: ("a process is frozen before it has flushed", "13", "Ask what still waits"),
    20: ("payloads are too large", "04", "See the duplicate"),
}


def numbers(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[int]:
    """Yield the numbers of the marks ``struggle`` on a function or on one of its parameters."""
    for decorator in function.decorator_list:
        for node in ast.walk(decorator):
            match node:
                case ast.Call(
                    func=ast.Attribute(attr="struggle"), args=[ast.Constant(value=int(number))]
                ):
                    yield number


@cache
def marked() -> dict[int, set[str]]:
    """Return the tests of this folder that carry a number, by that number."""
    found = defaultdict(set)
    for path in Path(__file__).parent.glob("test_*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for number in numbers(node):
                    found[number].add(f"{path.name}::{node.name}")
    return dict(found)


@pytest.mark.parametrize("number", STRUGGLES)
def test_a_test_asserts_what_happens(number: int):
    assert marked().get(number), f"no test carries @pytest.mark.struggle({number})"


@pytest.mark.parametrize("number", STRUGGLES)
def test_a_section_of_a_lesson_shows_it_in_cells_that_are_run(number: int):
    _, lesson, section = STRUGGLES[number]
    (path,) = NOTEBOOKS.glob(f"{lesson}_*.ipynb")
    assert section in sections_with_code(nbformat.read(path, as_version=4))


def test_every_test_that_shows_a_struggle_has_a_row():
    assert {number: names for number, names in marked().items() if number not in STRUGGLES} == {}


def test_marks_of_a_function_and_of_its_parameters_are_found():
    source = """
@pytest.mark.parametrize("x", [1, pytest.param(2, marks=pytest.mark.struggle(8))])
@pytest.mark.struggle(9)
def test_it(x): ...
"""
    (function,) = ast.parse(source).body
    assert isinstance(function, ast.FunctionDef)
    assert sorted(numbers(function)) == [8, 9]
