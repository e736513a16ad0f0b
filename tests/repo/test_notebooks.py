"""The structure of every lesson: its frame, its cells, its prose and its stored outputs."""

from __future__ import annotations

import json
import re
import statistics
from collections.abc import Callable, Iterator
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbval.plugin import get_sanitize_patterns

from helpers.paths import ROOT
from helpers.testing.files import METADATA, lessons
from helpers.testing.placing import is_place

LESSONS = [path for path in lessons() if path.parent.name == "notebooks"]
SOLUTIONS = [path for path in lessons() if path.parent.name == "solutions"]

SETUP = 'import sys\nsys.path.insert(0, "..")\nfrom helpers import session\nsession.start()'
OPENING = ("What you'll do", "What you'll learn", "What you'll need")
CLOSING = ("Summary", "In practice", "What's next", "Further reading")
FILLERS = re.compile(r"\b(just|simply|easily|obviously)\b", re.IGNORECASE)
KEY = re.compile(
    r"sk-[\w-]{16,}|lsv2_[a-z]{2}_\w{8,}|gh[pousr]_\w{20,}|AKIA\w{16}|Bearer\s+[\w.-]{20,}"
)
FLEETING = {
    "a path of one machine": re.compile(
        r"(?<![\w.:/])/(home|Users|root|tmp|var|private|opt|usr)/|\b[A-Z]:\\"
    ),
    "an address with a port": re.compile(r"(127\.0\.0\.1|localhost|\[::1\]):\d+"),
    # LiteLLM's refusal of some parameters links to a report, whose address is one.
    "a UUID": re.compile(
        r"(?<!huntr\.com/bounties/)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b",
        re.I,
    ),
    "an object's address": re.compile(r"\bat 0x[0-9a-f]{6,}"),
}
# Calls that LangSmith's client marks as deprecated: readers would copy them.
DEPRECATED = re.compile(r"\.(list_runs|read_run|get_run_url|list_threads|read_thread)\(")
# What may differ between two runs is no problem where nbval is told so.
SANITIZERS = get_sanitize_patterns((ROOT / "tests" / "nbval_sanitize.cfg").read_text("utf-8"))
Problems = Iterator[str]


def excerpt(cell: NotebookNode) -> str:
    first = (cell.source.strip().splitlines() or ["(empty)"])[0]
    return first if len(first) <= 60 else f"{first[:57]}..."


def numbered(notebook: NotebookNode, kind: str) -> list[tuple[str, NotebookNode]]:
    """Return ``(where, cell)`` for the cells of a kind: markdown or code."""
    cells = enumerate(notebook.cells, start=1)
    return [(f"cell {n} ({excerpt(c)})", c) for n, c in cells if c.cell_type == kind]


def prose(notebook: NotebookNode) -> str:
    """Return all markdown text without code, and without the tasks of exercises."""
    ours = [cell for _, cell in numbered(notebook, "markdown") if not is_place(cell.get("id"))]
    return without_code("\n\n".join(cell.source for cell in ours))


def words(notebook: NotebookNode) -> int:
    """Return how many words there are to read: no task of an exercise, no target of a link."""
    return len(re.findall(r"[\w'’-]+", re.sub(r"\]\([^)\s]*\)", "]", prose(notebook))))


def without_code(markdown: str) -> str:
    return re.sub(r"```.*?```|`[^`\n]*`", " ", markdown, flags=re.DOTALL)


def code_lines(cell: NotebookNode) -> list[str]:
    return [line for line in cell.source.splitlines() if line.strip()]


def tags(cell: NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def output_text(cell: NotebookNode) -> str:
    """Return what a reader sees of a cell's outputs; pictures and tracebacks are left out."""
    parts: list[Any] = []
    for output in cell.outputs:
        parts += [output.get("text", ""), output.get("evalue", "")]
        parts += [v for k, v in output.get("data", {}).items() if not k.startswith("image/")]
    return "\n".join(part if isinstance(part, str) else json.dumps(part) for part in parts)


def headings(notebook: NotebookNode, level: int) -> list[str]:
    text = "\n\n".join(cell.source for _, cell in numbered(notebook, "markdown"))
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)  # a # there is a comment
    return re.findall(rf"^{'#' * level} +(.+?) *$", text, re.MULTILINE)


# The frame of a lesson


def opens_with_its_title(notebook: NotebookNode, path: Path) -> Problems:
    titles, verb = headings(notebook, 1), path.stem.split("_")[1]
    if len(titles) != 1:
        yield f"there must be one heading of level 1, and there are {len(titles)}: {titles}"
    elif not notebook.cells[0].source.startswith("# "):
        yield f"the first cell must start with the title, not with {excerpt(notebook.cells[0])!r}"
    elif titles[0].split()[0].lower() != verb:
        yield f"the title starts with the verb of the file's name, {verb!r}, not {titles[0]!r}"


def opens_with_the_frame(notebook: NotebookNode, path: Path) -> Problems:
    first = notebook.cells[0].source
    found = [first.find(name) for name in OPENING]
    if -1 in found or found != sorted(found):
        yield f"the first cell must hold, in this order: {', '.join(OPENING)}"
    if not re.search(r"\b\d+ minutes\b", first):
        yield "the first cell must say how many minutes the lesson takes: 'Time: 20 minutes.'"


def starts_the_session_first(notebook: NotebookNode, path: Path) -> Problems:
    where, cell = numbered(notebook, "code")[0]
    if cell.source != SETUP:
        yield f"{where}: the first code cell must be exactly\n{SETUP}"
    above = notebook.cells[notebook.cells.index(cell) - 1].source
    # Lesson 00 says what the cell does; the cell itself says where calls and traces go.
    if above != "## Start the session" and path.stem[:2] != "00":
        yield f"{where}: above the first code cell stands '## Start the session', and no more"


def closes_with_the_frame(notebook: NotebookNode, path: Path) -> Problems:
    found = tuple(headings(notebook, 2)[-len(CLOSING) :])
    if found != CLOSING:
        yield f"the last headings must be {CLOSING}, not {found}"


def is_a_readable_length(notebook: NotebookNode, path: Path) -> Problems:
    count = words(notebook)
    if not 500 <= count <= 1400:
        yield f"a lesson has 500 to 1400 words of prose, this one {count}"
    if (cells := len(numbered(notebook, "code"))) > 30 and path.stem[:2] != "16":
        yield f"a lesson has at most 30 code cells, this one {cells}; its exercises' included"


def is_listed_in_the_readme(notebook: NotebookNode, path: Path) -> Problems:
    rows = [line for line in (ROOT / "README.md").read_text("utf-8").splitlines() if "|" in line]
    if not any(path.name in row for row in rows):
        yield f"README.md has no table row that links to {path.name}"


# Cells


def has_short_cells(notebook: NotebookNode, path: Path) -> Problems:
    cells = numbered(notebook, "code")
    # An exercise's cells are the learner's own work.
    ours = [cell for _, cell in cells if not is_place(cell.get("id"))]
    median = statistics.median(len(code_lines(cell)) for cell in ours)
    if median > 3 and len(ours) > 1:
        yield f"the median cell has {median} lines of code; at most 3, move the rest to helpers/"
    for where, cell in cells:
        if len(code_lines(cell)) > 15:
            yield f"{where} has {len(code_lines(cell))} lines of code; at most 15"
        yield from (
            f"{where} has a line of {len(line)} characters; at most 88: {line}"
            for line in code_lines(cell)
            if len(line) > 88
        )


def has_no_empty_cell(notebook: NotebookNode, path: Path) -> Problems:
    for number, cell in enumerate(notebook.cells, start=1):
        if not cell.source.strip():
            yield f"cell {number} is empty"


def puts_prose_before_code(notebook: NotebookNode, path: Path) -> Problems:
    if notebook.cells[0].cell_type != "markdown":
        yield "the first cell must be prose"
    for kind, group in groupby(notebook.cells, key=lambda cell: cell.cell_type):
        cells = list(group)
        if kind == "code" and len(cells) > 3:
            yield f"{len(cells)} code cells in a row, from {excerpt(cells[0])!r}; at most 3"


def avoids_filler_words(notebook: NotebookNode, path: Path) -> Problems:
    for where, cell in numbered(notebook, "markdown"):
        for word in FILLERS.findall(without_code(cell.source)):
            yield f"{where}: leave out {word!r}"


def calls_nothing_deprecated(notebook: NotebookNode, path: Path) -> Problems:
    for where, cell in numbered(notebook, "code"):
        for name in DEPRECATED.findall(cell.source):
            if "deprecated-call" not in tags(cell):
                yield f"{where} calls {name}(), deprecated; tag it deprecated-call if that is meant"


# Stored outputs


def was_run_from_top_to_bottom(notebook: NotebookNode, path: Path) -> Problems:
    cells = [cell for _, cell in numbered(notebook, "code") if "nbval-skip" not in tags(cell)]
    counts = [cell.execution_count for cell in cells]
    if counts != list(range(1, len(counts) + 1)):
        yield f"execution counts are {counts}; run python -m helpers refresh {path.name}"


def shows_only_the_errors_it_means_to(notebook: NotebookNode, path: Path) -> Problems:
    for where, cell in numbered(notebook, "code"):
        failed = any(output.output_type == "error" for output in cell.outputs)
        if failed != ("raises-exception" in tags(cell)):
            yield f"{where}: an error output and the tag raises-exception go together"
        loud = any(output.get("name") == "stderr" for output in cell.outputs)
        if loud and "shows-stderr" not in tags(cell):
            yield f"{where} writes to stderr; mend the cause, or tag it shows-stderr"


def stores_nothing_fleeting(notebook: NotebookNode, path: Path) -> Problems:
    for where, cell in numbered(notebook, "code"):
        text = output_text(cell)
        for regex, replacement in SANITIZERS:
            text = re.sub(regex, replacement, text)
        for what, pattern in FLEETING.items():
            if match := pattern.search(text):
                start = max(match.start() - 20, 0)
                yield f"{where} stores {what}: ...{text[start : match.end() + 20]!r}..."


def shows_no_picture(notebook: NotebookNode, path: Path) -> Problems:
    """JupyterLab gives a picture no alternative text, and its ground is that of one theme."""
    for where, cell in numbered(notebook, "code"):
        if any(kind.startswith("image/") for o in cell.outputs for kind in o.get("data", {})):
            yield f"{where} shows a picture; helpers.view.chart draws one that reads"


def holds_no_key(notebook: NotebookNode, path: Path) -> Problems:
    for number, cell in enumerate(notebook.cells, start=1):
        if match := KEY.search(json.dumps(cell)):
            yield f"cell {number} holds what looks like a key: {match[0][:8]}..."


def has_clean_metadata(notebook: NotebookNode, path: Path) -> Problems:
    if notebook.metadata != METADATA:
        yield f"its metadata is {dict(notebook.metadata)}; run python -m helpers refresh"
    for number, cell in enumerate(notebook.cells, start=1):
        if extra := set(cell.metadata) - {"tags", "jupyter"}:
            yield f"cell {number} has metadata of an editor: {sorted(extra)}"


FRAME = [
    opens_with_its_title,
    opens_with_the_frame,
    starts_the_session_first,
    closes_with_the_frame,
    is_a_readable_length,
    is_listed_in_the_readme,
]
CELLS = [
    has_short_cells,
    has_no_empty_cell,
    puts_prose_before_code,
    avoids_filler_words,
    calls_nothing_deprecated,
    was_run_from_top_to_bottom,
    shows_only_the_errors_it_means_to,
    stores_nothing_fleeting,
    shows_no_picture,
    holds_no_key,
    has_clean_metadata,
]
Rule = Callable[[NotebookNode, Path], Problems]


def name(value: Any) -> str:
    return value.stem if isinstance(value, Path) else value.__name__


def test_there_are_lessons() -> None:
    assert LESSONS, "notebooks/ holds no lesson named NN_verb.ipynb"


# A solution has no frame of its own. There may be none, which leaves no test rather than a skip.
CASES = [(path, rule) for path in LESSONS for rule in FRAME + CELLS]
CASES += [(path, rule) for path in SOLUTIONS for rule in CELLS]


@cache
def read(path: Path) -> NotebookNode:
    """Return a notebook for rules to look at; reading one costs more than all of them."""
    return nbformat.read(path, as_version=4)


@pytest.mark.parametrize(("path", "rule"), CASES, ids=name)
def test_a_notebook_keeps_the_rule(path: Path, rule: Rule) -> None:
    problems = list(rule(read(path), path))
    assert not problems, "\n".join([f"{path.name}:", *problems])


@pytest.mark.parametrize("path", LESSONS + SOLUTIONS, ids=name)
def test_a_notebook_is_valid_and_small(path: Path) -> None:
    nbformat.validate(json.loads(path.read_text("utf-8")))
    assert path.stat().st_size <= 400_000, f"{path.name} is larger than 400 KB"


# The rules themselves


def good() -> NotebookNode:
    opening = "# Try it\n\n**What you'll do:** x\n\n## What you'll learn\n\n## What you'll need\n\n"
    closing = "\n\n".join(f"## {heading}\n\nWords." for heading in CLOSING)
    cells = [
        new_markdown_cell(f"{opening}Time: 5 minutes.\n\n{'word ' * 700}"),
        new_markdown_cell("## Start the session"),
        new_code_cell(SETUP, execution_count=1),
        new_markdown_cell("Look at it, not `just` code."),
        new_code_cell("1 + 1", execution_count=2, outputs=[result("2")]),
        new_markdown_cell(closing),
    ]
    return new_notebook(cells=cells, metadata=METADATA)


def result(text: str, **data: Any) -> NotebookNode:
    return new_output("execute_result", data={"text/plain": text, **data}, execution_count=2)


@pytest.mark.parametrize("rule", [r for r in FRAME + CELLS if r is not is_listed_in_the_readme])
def test_a_good_lesson_keeps_the_rules(rule: Rule) -> None:
    assert list(rule(good(), Path("01_try_it.ipynb"))) == []


BROKEN: list[tuple[Rule, int, dict[str, Any]]] = [
    (opens_with_its_title, 0, {"source": "# It is tried"}),
    (opens_with_its_title, 3, {"source": "# A second title"}),
    (opens_with_its_title, 0, {"source": "Words first\n\n# Try it"}),
    (opens_with_the_frame, 0, {"source": "# Try it\n\nWhat you'll learn, what you'll do"}),
    (starts_the_session_first, 2, {"source": "import os"}),
    (starts_the_session_first, 1, {"source": "## Start the session\n\nAs ever."}),
    (closes_with_the_frame, 5, {"source": "## Summary\n\n## Further reading"}),
    (is_a_readable_length, 0, {"source": "# Try it"}),
    (is_listed_in_the_readme, 0, {}),
    (has_short_cells, 4, {"source": "x = 1\n" * 16}),
    (has_short_cells, 4, {"source": f"x = '{'x' * 90}'"}),
    (has_no_empty_cell, 4, {"source": " \n"}),
    (puts_prose_before_code, 0, {"cell_type": "code"}),
    (avoids_filler_words, 3, {"source": "You just call it."}),
    (calls_nothing_deprecated, 4, {"source": "client.list_runs()"}),
    (was_run_from_top_to_bottom, 4, {"execution_count": 7}),
    (was_run_from_top_to_bottom, 4, {"execution_count": None}),
    (shows_only_the_errors_it_means_to, 4, {"outputs": [new_output("error")]}),
    (shows_only_the_errors_it_means_to, 4, {"metadata": {"tags": ["raises-exception"]}}),
    (shows_only_the_errors_it_means_to, 4, {"outputs": [new_output("stream", name="stderr")]}),
    (stores_nothing_fleeting, 4, {"outputs": [result("in /home/ada/x.py")]}),
    (stores_nothing_fleeting, 4, {"outputs": [result("at [::1]:40123/v1")]}),
    (stores_nothing_fleeting, 4, {"outputs": [result("x", **{"text/html": "<b at 0x7f12ab34>"})]}),
    (
        stores_nothing_fleeting,
        4,
        {"outputs": [result("3fa85f64-5717-4562-b3fc-2c963f66afa6")]},
    ),
    (shows_no_picture, 4, {"outputs": [result("x", **{"image/png": "iVBORw0KGgo="})]}),
    (holds_no_key, 4, {"source": "key = 'sk-" + "a" * 24 + "'"}),
    (holds_no_key, 4, {"outputs": [result("lsv2_pt_" + "0" * 32)]}),
    (has_clean_metadata, 4, {"metadata": {"vscode": {}}}),
]


@pytest.mark.parametrize(
    ("rule", "cell", "change"), BROKEN, ids=lambda v: getattr(v, "__name__", "")
)
def test_a_rule_notices(rule: Rule, cell: int, change: dict[str, Any]) -> None:
    notebook = good()
    notebook.cells[cell].update(nbformat.from_dict(change))
    assert list(rule(notebook, Path("01_try_it.ipynb")))


def test_four_code_cells_in_a_row_are_noticed() -> None:
    notebook = good()
    notebook.cells[4:4] = [new_code_cell("1")] * 3
    assert list(puts_prose_before_code(notebook, Path("01_try_it.ipynb")))


def test_the_state_of_widgets_is_noticed() -> None:
    notebook = good()
    notebook.metadata["widgets"] = {}
    assert list(has_clean_metadata(notebook, Path("01_try_it.ipynb")))
