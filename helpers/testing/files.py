"""Notebooks as files: which there are, reading and writing them without losing anything."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from helpers.errors import TutorialError
from helpers.paths import ROOT

__all__ = ["METADATA", "NotebookError", "lessons", "parse", "render", "text_of", "tidy", "write"]

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
KEPT = ("tags", "jupyter")  # of a cell's metadata; the rest is an editor's
# nbformat does not say what its functions return.
_reads: Callable[..., NotebookNode] = nbformat.reads
_writes: Callable[..., str] = nbformat.writes
_from_dict: Callable[..., NotebookNode] = nbformat.from_dict


class NotebookError(TutorialError):
    """A notebook could not be run or written."""


def lessons(root: Path = ROOT) -> list[Path]:
    """Return the lessons and their solutions; a notebook of the learner's own is not among them."""
    folders = (root / "notebooks", root / "notebooks" / "solutions")
    return [path for folder in folders for path in sorted(folder.glob("[0-9][0-9]_*.ipynb"))]


def parse(text: str) -> NotebookNode:
    """Return the notebook that a text is."""
    return _reads(text, as_version=4)


def render(notebook: NotebookNode) -> str:
    """Return a notebook as the text of its file."""
    return _writes(notebook).rstrip("\n") + "\n"


def tidy(notebook: NotebookNode) -> None:
    """Leave of the metadata what belongs to the lesson; raises when it is no valid notebook."""
    notebook.metadata = _from_dict(METADATA)
    notebook.nbformat_minor = max(notebook.nbformat_minor, 5)
    for number, cell in enumerate(notebook.cells, start=1):
        cell.setdefault("id", f"cell-{number:02d}")
        cell.metadata = _from_dict({k: v for k, v in cell.metadata.items() if k in KEPT})
    nbformat.validate(notebook)


def text_of(path: Path) -> str:
    """Return the text of a notebook's file; raises ``NotebookError`` if it is none."""
    try:
        text = path.read_text("utf-8")
        _reads(text, as_version=4)
    except FileNotFoundError as error:
        known = ", ".join(lesson.name for lesson in lessons()) or "none yet"
        raise NotebookError(f"There is no notebook {path}. The lessons are: {known}.") from error
    except (ValueError, nbformat.ValidationError) as error:
        raise NotebookError(f"{path} is not a notebook: {error}") from error
    return text


def write(path: Path, text: str, *, expected: str) -> None:
    """Replace a file that still says what is ``expected``; raises ``NotebookError`` if not."""
    if text_of(path) != expected:
        raise NotebookError(
            f"{path.name} was changed while it ran, so it was not written. "
            "Save it and close it in JupyterLab, then run the command again."
        )
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, "utf-8", newline="\n")
    os.replace(partial, path)
