"""The rooms of ``helpers/``: each is in the README's table, and imports point down it only."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HELPERS = ROOT / "helpers"
LONGEST = 250  # lines that are read in one sitting


@cache
def rooms() -> list[list[str]]:
    """Return the rows of the README's table of rooms, from the top: the modules of each."""
    text = (ROOT / "README.md").read_text("utf-8")
    table = text.partition("<!-- rooms -->")[2].partition("\n\n")[0].strip()
    rows = [line.split("|")[1] for line in table.splitlines()[2:]]
    return [[_module(name) for name in re.findall(r"`([^`]+)`", row)] for row in rows]


def _module(path: str) -> str:
    return "helpers." + path.strip("/").removesuffix(".py").replace("/", ".")


@cache
def modules() -> dict[str, Path]:
    """Return every module of ``helpers/`` by its dotted name."""
    found = {}
    for path in sorted(HELPERS.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts).removesuffix(".__init__")] = path
    return found


def level(module: str) -> int | None:
    """Return the row that ``module`` is in, by the longest name that fits; None for none."""
    fitting = [
        (len(name), at)
        for at, names in enumerate(rooms())
        for name in names
        if module == name or module.startswith(f"{name}.")
    ]
    return max(fitting)[1] if fitting else None


@cache
def imports(path: Path) -> tuple[str, ...]:
    """Return the modules of ``helpers`` that a file imports, wherever in the file."""
    known, found = modules(), []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [each.name for each in node.names if each.name.startswith("helpers")]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("helpers"):
            for each in node.names:
                whole = f"{node.module}.{each.name}"
                found.append(whole if whole in known else str(node.module))
    return tuple(found)


def test_the_readme_has_a_line_for_every_room():
    assert rooms(), "README.md has no table after <!-- rooms -->"
    homeless = [name for name in modules() if level(name) is None and name != "helpers"]
    assert homeless == []
    gone = [name for names in rooms() for name in names if name not in modules()]
    assert gone == []


def test_no_import_points_to_a_higher_room():
    wrong = []
    for module, path in modules().items():
        here = level(module)
        if here is None:
            continue
        for target in imports(path):
            there = level(target)
            if there is not None and there < here:
                wrong.append(f"{module} imports {target}, which is in a room above it")
    assert wrong == []


def test_no_modules_import_each_other_in_a_circle():
    """Importing the public names that a package gathers in its ``__init__`` is no circle."""
    packages = {name for name, path in modules().items() if path.name == "__init__.py"}
    arrows = {
        module: {target for target in imports(path) if target not in packages}
        for module, path in modules().items()
        if module not in packages
    }
    done: set[str] = set()

    def follow(module: str, way: tuple[str, ...]) -> None:
        if module in way:
            pytest.fail(" → ".join([*way[way.index(module) :], module]))
        if module not in done:
            for target in sorted(arrows.get(module, ())):
                follow(target, (*way, module))
            done.add(module)

    for module in arrows:
        follow(module, ())


def test_a_long_file_says_why_it_is_one():
    unexplained = []
    for path in modules().values():
        text = path.read_text("utf-8")
        doc = ast.get_docstring(ast.parse(text)) or ""
        if text.count("\n") > LONGEST and "one file" not in doc.lower():
            unexplained.append(f"{path.relative_to(ROOT)}: {text.count(chr(10))} lines")
    assert unexplained == []


def test_every_package_says_what_it_is_for():
    silent = [
        str(path.relative_to(ROOT))
        for path in HELPERS.rglob("__init__.py")
        if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert silent == []


# What is tested elsewhere than in a file of its own, and where.
WITHOUT_MIRROR: dict[str, str] = {}


def test_every_module_has_a_test_that_mirrors_it():
    missing = []
    for module, path in modules().items():
        if path.name == "__init__.py" or module in WITHOUT_MIRROR or path.parent.name == "tasks":
            continue  # tests/exercises/tasks/test_tasks.py is for every module of tasks
        parts = path.relative_to(HELPERS).parts
        mirror = ROOT / "tests" / Path(*parts[:-1]) / f"test_{path.stem.strip('_')}.py"
        if not mirror.exists():
            missing.append(str(mirror.relative_to(ROOT)))
    assert missing == []
