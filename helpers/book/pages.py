"""What the book is made of, laid out as in the repository, so that links lead where they should."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from helpers import paths
from helpers.errors import TutorialError

__all__ = ["PARTS", "lay", "lessons"]

# The parts of the course, and the number of each one's first lesson.
PARTS = {
    "The guide": 0,
    "Its next steps": 5,
    "More kinds of calls": 10,
    "When it breaks": 13,
    "All of it": 16,
}
LESSON = re.compile(r"(\d\d)_\w+")
TABLE = re.compile(r"^## Lessons\n\n((?:\|.*\n)+)", re.MULTILINE)
LINK = re.compile(r"\]\((?!\w+:|#)([^)\s#]+)")
FIRST = """\
# Trace LiteLLM applications with LangSmith

Learn to see what an LLM application does: which model was asked what, how long it took, what it
cost, where it failed. You read the lessons here with their outputs. To run them, and to have your
exercises judged, take the [repository](README.md): one line sets it up, and it needs no keys.

## Lessons

{table}
"""
TREE = """
```{{toctree}}
:caption: {caption}
:hidden:

{pages}
```
"""


def lessons() -> dict[int, Path]:
    """Return the lessons' notebooks by number."""
    found = {path: LESSON.fullmatch(path.stem) for path in sorted(paths.NOTEBOOKS.glob("*.ipynb"))}
    return {int(match.group(1)): path for path, match in found.items() if match}


def lay(folder: Path) -> None:
    """Lay the lessons, what they link to and a first page with the parts into a new ``folder``.

    Raises ``TutorialError`` where the README has no table of lessons.
    """
    shutil.copyfile(paths.ROOT / "README.md", _place(folder, "README.md"))
    for lesson in lessons().values():
        shutil.copyfile(lesson, _place(folder, f"notebooks/{lesson.name}"))
    for linked in sorted(set(_linked())):
        shutil.copyfile(paths.ROOT / linked, _place(folder, linked))
    (folder / "index.md").write_text(_index(), encoding="utf-8")


def _place(folder: Path, name: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _linked() -> Iterator[str]:
    """Yield the files of the repository, other than lessons, that a lesson links to."""
    for lesson in lessons().values():
        for target in LINK.findall(lesson.read_text(encoding="utf-8")):
            path = (paths.NOTEBOOKS / target).resolve()
            if path.is_file() and path.is_relative_to(paths.ROOT) and path.suffix != ".ipynb":
                yield path.relative_to(paths.ROOT).as_posix()


def _index() -> str:
    table = TABLE.search((paths.ROOT / "README.md").read_text(encoding="utf-8"))
    if table is None:
        raise TutorialError("README.md has no table under '## Lessons' for the book's first page.")
    return FIRST.format(table=table.group(1)) + "".join(_trees())


def _trees() -> Iterator[str]:
    every = lessons()
    starts = [*PARTS.values(), max(every) + 1]
    for caption, start, end in zip(PARTS, starts, starts[1:], strict=False):
        pages = [_entry(n, every[n]) for n in sorted(every) if start <= n < end]
        yield TREE.format(caption=caption, pages="\n".join(pages))
    yield TREE.format(caption="The repository", pages="README")


def _entry(number: int, lesson: Path) -> str:
    """Return a lesson's line in the tree: its number, its title without markup, its page."""
    cells = json.loads(lesson.read_text(encoding="utf-8"))["cells"]
    title = "".join(cells[0]["source"]).splitlines()[0].lstrip("# ").replace("`", "")
    return f"{number:02} {title} <notebooks/{lesson.stem}>"
