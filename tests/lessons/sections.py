"""The sections of a lesson."""

from __future__ import annotations

import re

from nbformat import NotebookNode


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
