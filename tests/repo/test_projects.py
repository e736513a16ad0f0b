"""No cell and no solution sends to a project whose name is anybody's: ``session.project`` names it.

In a LangSmith that is shared, a plain name such as ``glossary`` may be a stranger's project.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from helpers.exercises import catalogue
from helpers.paths import NOTEBOOKS
from helpers.testing.files import lessons, parse, text_of

KEYS = {"LANGSMITH_PROJECT", "LANGCHAIN_PROJECT", "project_name", "langsmith_project"}
ARGUMENTS = KEYS | {"project"}
OURS = "start"  # proxy.start names its project by session.project itself


def codes() -> Iterator[tuple[str, str]]:
    """Yield where it stands, and the code, of each cell, each right attempt and each file."""
    magic = TransformerManager()
    for path in lessons():
        for number, cell in enumerate(parse(text_of(path)).cells):
            if cell.cell_type == "code":
                yield f"{path.name}, cell {number}", magic.transform_cell(cell.source)
    for exercise in (each for some in catalogue.every().values() for each in some):
        for number, attempt in enumerate(exercise.right):
            yield f"{exercise.key}, right {number}", exercise.cell(attempt)
    for path in sorted(NOTEBOOKS.glob("*/*.py")):
        yield f"{path.parent.name}/{path.name}", path.read_text("utf-8")


def plain(code: str) -> list[str]:
    """Return the names of projects that ``code`` gives as they are."""
    found: list[str] = []
    for node in ast.walk(ast.parse(code, mode="exec")):
        if isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            found += [_text(v) for k, v in pairs if k is not None and _text(k) in KEYS]
        elif isinstance(node, ast.Call) and not _is_ours(node):
            found += [_text(k.value) for k in node.keywords if k.arg in ARGUMENTS]
    return [name for name in found if name]


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _is_ours(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == OURS


def test_no_project_has_a_name_that_is_anybodys():
    there = {where: names for where, code in codes() if (names := plain(code))}
    assert there == {}, "name them by session.project"


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ('traces.wait(project="a")', ["a"]),
        ('ask(metadata={"project_name": "a"})', ["a"]),
        ('run(environment={"LANGSMITH_PROJECT": "a"})', ["a"]),
        ('proxy.start(environment={"LANGSMITH_PROJECT": "a"})', ["a"]),
        ('proxy.start(project="a")', []),
        ('traces.wait(project=session.project("a"))', []),
    ],
)
def test_a_plain_name_is_found(code: str, names: list[str]):
    assert plain(code) == names
