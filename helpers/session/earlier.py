"""Which cell of a lesson makes a name that is missing: somebody came back after a restart."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.paths import NOTEBOOKS

__all__ = ["told"]


@dataclass(frozen=True)
class _Cell:
    """A code cell of a lesson, under its section's heading."""

    source: str
    section: str
    place: int


def told(
    name: str, cell: str, environ: Mapping[str, str], *, lessons: Path = NOTEBOOKS
) -> str | None:
    """Say which cell makes ``name``, which ``cell`` has missed; None where no lesson's cell does.

    The lesson is the one that has ``cell``, or, where it was edited, the one that JupyterLab names
    (``JPY_SESSION_NAME``).
    """
    makers = {
        path.name: maker
        for path in _candidates(cell, environ, lessons)
        if (maker := _maker(name, cell, _cells(path)))
    }
    if not makers:
        return None
    if len(set(makers.values())) > 1:
        return f"A cell further up makes {name}, and has not run since the kernel started: run it."
    maker = next(iter(makers.values()))
    return f"{maker} makes {name}, and has not run since the kernel started: run it, then this one."


def _candidates(cell: str, environ: Mapping[str, str], lessons: Path) -> list[Path]:
    """Return the lessons that ``cell`` may be one of."""
    named = lessons / Path(environ.get("JPY_SESSION_NAME", "")).name
    if named.suffix == ".ipynb" and named.is_file():
        return [named]
    having = sorted(lessons.glob("[0-9]*.ipynb"))
    return [path for path in having if any(each.source == cell.strip() for each in _cells(path))]


def _maker(name: str, cell: str, cells: list[_Cell]) -> str | None:
    """Return in words which of ``cells`` makes ``name``: the last before it, else the first."""
    here = next((each for each in cells if each.source == cell.strip()), None)
    makers = [each for each in cells if name in set(_bound(each.source)) and each != here]
    if not makers:
        return None
    before = [each for each in makers if here is not None and each.place < here.place]
    maker = before[-1] if before else makers[0]
    if maker.place == 0:
        return "The lesson's first cell"
    return f'A cell of the section "{maker.section}"' if maker.section else "A cell further up"


def _cells(path: Path) -> list[_Cell]:
    """Return the code cells of a lesson; none where it cannot be read."""
    try:
        cells = json.loads(path.read_text("utf-8"))["cells"]
    except (OSError, ValueError, KeyError):
        return []
    found: list[_Cell] = []
    section = ""
    for each in cells:
        source = "".join(each["source"])
        if each["cell_type"] == "code":
            found.append(_Cell(source.strip(), section, len(found)))
        elif headings := re.findall(r"(?m)^##+ (.+)$", source):
            section = re.sub(r"[`*]", "", headings[-1])
    return found


def _bound(source: str) -> Iterator[str]:
    """Yield the names that the cell ``source`` makes at its top level."""
    lines = source.split("\n")
    plain = "\n".join("" if line.lstrip()[:1] in ("!", "%") else line for line in lines)
    try:
        body: list[Any] = list(ast.parse(plain).body)
    except (SyntaxError, ValueError):
        return
    while body:
        node = body.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (each.asname or each.name.partition(".")[0] for each in node.names)
        elif isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Store):
                yield node.id
        elif not isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp):
            body += ast.iter_child_nodes(node)
