"""nbval, with our sanitizers, notices when a stored output is not what a cell puts out."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output
from nbval.plugin import get_sanitize_patterns

from helpers.testing.notebooks import ROOT, lessons

CONFIG = (ROOT / "tests" / "nbval_sanitize.cfg").read_text("utf-8")
PATTERNS = get_sanitize_patterns(CONFIG)
LESSONS = lessons()
SPOILT = ROOT / "notebooks" / "01_trace_with_traceable.ipynb"
DURATION = re.compile(r"\d\.\d\d s\b")
COPIED = ("helpers", "notebooks/recordings", "tests/nbval_sanitize.cfg", ".pytest.ini")
COPIED += ("notebooks/conftest.py",)


def sanitized(text: str) -> str:
    for regex, replacement in PATTERNS:
        text = re.sub(regex, replacement, text)
    return text


def mutations(text: str) -> Iterator[str]:
    """Yield ``text`` with one letter or digit changed, for each letter and digit."""
    for match in re.finditer(r"[A-Za-z0-9]", text):
        other = ("2" if match[0] == "1" else "1") if match[0].isdigit() else "q"
        if match[0] != other:
            yield text[: match.start()] + other + text[match.end() :]


def compared(cell: NotebookNode) -> Iterator[str]:
    """Yield the texts of a code cell's outputs that nbval compares."""
    for output in cell.get("outputs", []):
        yield from filter(None, [output.get("text"), output.get("data", {}).get("text/plain")])


def texts(path: Path) -> list[str]:
    return [text for cell in nbformat.read(path, as_version=4).cells for text in compared(cell)]


def test_nbval_reads_every_sanitizer_and_it_compiles() -> None:
    assert [regex for regex, _ in PATTERNS] == re.findall("^regex: (.*)$", CONFIG, re.MULTILINE)
    assert all(re.compile(regex) for regex, _ in PATTERNS)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_nine_in_ten_changes_of_one_character_survive_the_sanitizers(path: Path) -> None:
    for text in texts(path):
        lines = text.splitlines(keepends=True)
        # No sanitizer looks past its line, so that a change need be judged in its own alone.
        assert "".join(map(sanitized, lines)) == sanitized(text)
        changed = [
            sanitized(mutation) != same
            for line in lines
            for same in [sanitized(line)]
            for mutation in mutations(line)
        ]
        # A short line may be mostly its duration, which has three digits or four.
        hidden = changed.count(False)
        spared = max(0.1 * len(changed), 4 * len(DURATION.findall(text)))
        assert hidden <= spared, f"the sanitizers hide too much of:\n{text}"


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_changed_token_count_survives_the_sanitizers(path: Path) -> None:
    for text in texts(path):
        for match in re.finditer(r"\d+(?= tokens\b)", text):
            mutation = text[: match.start()] + str(int(match[0]) + 1) + text[match.end() :]
            assert sanitized(mutation) != sanitized(text), text


def spoil(notebook: NotebookNode) -> set[int]:
    """Change one character of one output in every second cell that has one; return the numbers."""
    codes = [cell for cell in notebook.cells if cell.cell_type == "code"]
    spoilt = [n for n, cell in enumerate(codes) if any(True for _ in compared(cell))][::2]
    for number in spoilt:
        [holder, key] = next(
            [part, key]
            for output in codes[number].outputs
            for part, key in ((output, "text"), (output.get("data", {}), "text/plain"))
            if part.get(key)
        )
        text = holder[key]
        holder[key] = next(m for m in mutations(text) if sanitized(m) != sanitized(text))
    return set(spoilt)


def small_lesson() -> NotebookNode:
    """A lesson of a few seconds: the first cell of all, and outputs as the lessons have them."""
    shown = [text for text in texts(SPOILT) if len(text) < 2000][:8]
    first = next(c for c in nbformat.read(SPOILT, as_version=4).cells if c.cell_type == "code")
    cells = [first]
    for number, text in enumerate(shown, start=2):
        output = new_output("stream", name="stdout", text=text + "\n")
        cells.append(new_code_cell(f"print({text!r})", execution_count=number, outputs=[output]))
    return new_notebook(cells=cells)


def test_nbval_fails_at_exactly_the_cells_whose_output_was_changed(tmp_path: Path) -> None:
    for name in COPIED:
        source, target = ROOT / name, tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    notebook = small_lesson()
    spoilt = spoil(notebook)
    assert len(spoilt) > 3, f"{SPOILT.name} has no stored output to change"
    nbformat.write(notebook, tmp_path / "notebooks" / SPOILT.name)
    options = ["-rf", "-p", "no:cacheprovider", "-p", "no:anyio", "notebooks"]
    command = [sys.executable, "-m", "pytest", *options]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8")
    failed = {int(number) for number in re.findall(r"^FAILED .*::Cell (\d+)", done.stdout, re.M)}
    assert failed == spoilt, done.stdout
