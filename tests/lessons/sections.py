"""The sections of a lesson."""

from __future__ import annotations

import re

from nbformat import NotebookNode
from nbformat.v4 import new_notebook

from helpers.testing.placing import is_place


def sections_with_code(lesson: NotebookNode) -> list[str]:
    """Return the headings of the sections with a code cell that nbval runs, in their order."""
    found: dict[str, None] = {}
    heading = ""
    for cell in lesson.cells:
        if cell.cell_type == "markdown":
            headings = re.findall(r"^## (.+)$", cell.source, re.MULTILINE)
            heading = headings[-1] if headings else heading
        elif cell.execution_count and "nbval-skip" not in cell.metadata.get("tags", []):
            found[heading] = None
    return list(found)


def alone(lesson: NotebookNode) -> list[tuple[str, NotebookNode]]:
    """Return each section's heading and a notebook of the first code cell and the section's own.

    An exercise (its cells have ids such as q1 and q1-check) is run alone too, so it belongs to
    none of them. Sections without code are left out.
    """
    first = next(cell for cell in lesson.cells if cell.cell_type == "code")
    found: dict[str, list[NotebookNode]] = {}
    heading = ""
    for cell in lesson.cells:
        if cell.cell_type == "markdown":
            headings = re.findall(r"^## (.+)$", cell.source, re.MULTILINE)
            heading = headings[-1] if headings else heading
        elif cell is not first and not is_place(cell.get("id")):
            found.setdefault(heading, []).append(cell)
    return [(title, new_notebook(cells=[first, *cells])) for title, cells in found.items()]
