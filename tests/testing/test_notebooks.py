"""Notebooks are run by nbval, and their stored outputs are refreshed without noise."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from helpers import terminal
from helpers.errors import TutorialError
from helpers.testing.files import METADATA, NotebookError
from helpers.testing.notebooks import Change, execute, refresh

PICTURE = """
import base64, os
from IPython.display import display
pixels = base64.b64encode(os.urandom(9)).decode()
display({"text/plain": "a picture", "image/png": pixels}, raw=True)
"""
WIDGET = """
display({"application/vnd.jupyter.widget-view+json": {"model_id": "1"}}, raw=True)
"""
EXPECTED = {"tags": ["raises-exception"]}
Refreshed = tuple[Path, list[str], Change]
EDITOR = {"widgets": {"state": {}}, "kernelspec": {"name": "mine", "display_name": "Mine"}}


def write(path: Path, *sources: str | NotebookNode) -> Path:
    cells = [new_code_cell(s) if isinstance(s, str) else s for s in sources]
    notebook = new_notebook(cells=[new_markdown_cell("# Try"), *cells], metadata=EDITOR)
    nbformat.write(notebook, path)
    return path


def codes(path: Path) -> list[NotebookNode]:
    return [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]


@pytest.fixture(scope="module")
def refreshed(tmp_path_factory: pytest.TempPathFactory) -> Refreshed:
    """A notebook after its first refresh, the ids its cells had before, and what was changed."""
    error = new_code_cell("import json\njson.loads('')", metadata=EXPECTED)
    folder = tmp_path_factory.mktemp("refreshed")
    path = write(folder / "01_try.ipynb", "x = 1", "print('a')\nx + 1", PICTURE, error, WIDGET)
    ids = [cell.id for cell in codes(path)]
    [change] = refresh([path])
    return path, ids, change


def test_refreshing_stores_outputs_and_counts(refreshed: Refreshed) -> None:
    path, ids, change = refreshed
    assert (change.path, change.cells, change.written) == (path, (1, 2, 3, 4, 5), True)
    assert [cell.execution_count for cell in codes(path)] == [1, 2, 3, 4, 5]
    assert [output.output_type for output in codes(path)[1].outputs] == ["stream", "execute_result"]
    assert [cell.id for cell in codes(path)] == ids


def test_refreshing_tidies_the_metadata(refreshed: Refreshed) -> None:
    assert nbformat.read(refreshed[0], as_version=4).metadata == METADATA


def test_an_expected_error_is_stored_without_its_paths(refreshed: Refreshed) -> None:
    [error] = codes(refreshed[0])[3].outputs
    assert (error.ename, len(error.traceback)) == ("JSONDecodeError", 1)


def test_a_widget_which_lives_in_the_kernel_is_not_stored(refreshed: Refreshed) -> None:
    assert codes(refreshed[0])[4].outputs == []


def test_refreshing_again_mends_what_differs_and_nothing_else(
    refreshed: Refreshed, tmp_path: Path
) -> None:
    before = refreshed[0].read_text("utf-8")
    path = tmp_path / "01_try.ipynb"
    path.write_text(before.replace('"a\\n"', '"b\\n"'), "utf-8")
    assert path.read_text("utf-8") != before
    [change] = refresh([path])
    assert (change.cells, change.written) == ((2,), True)
    assert path.read_text("utf-8") == before, "the picture's pixels differ, and must have stayed"


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (new_code_cell("x = 1\nboom()"), "name 'boom' is not defined"),
        (new_code_cell("fine = 1", metadata=EXPECTED), "raised nothing"),
    ],
    ids=["unexpected error", "missing error"],
)
def test_a_failing_cell_is_named_and_nothing_is_written(
    tmp_path: Path, cell: NotebookNode, message: str
) -> None:
    path = write(tmp_path / "01_try.ipynb", "1 + 1", cell)
    before = path.read_bytes()
    with pytest.raises(TutorialError, match="01_try.ipynb: code cell 2 failed") as caught:
        refresh([path])
    assert message in str(caught.value) and cell.source.splitlines()[-1] in str(caught.value)
    assert path.read_bytes() == before


def test_executing_leaves_the_file_and_passes_the_environment_on(tmp_path: Path) -> None:
    source = "import os\nassert os.environ['TUTORIAL_MODE'] == 'record'"
    path = write(tmp_path / "01_try.ipynb", source)
    before = path.read_bytes()
    execute(path, environment={"TUTORIAL_MODE": "record"})
    assert path.read_bytes() == before


def test_a_missing_notebook_is_told_with_the_lessons_there_are(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match="There is no notebook .*01_trace_with_traceable"):
        refresh([tmp_path / "99_none.ipynb"])


def test_a_file_that_is_no_notebook_is_told(tmp_path: Path) -> None:
    path = tmp_path / "01_try.ipynb"
    path.write_text("hello", "utf-8")
    with pytest.raises(NotebookError, match="is not a notebook"):
        refresh([path])


def test_a_notebook_whose_program_is_missing_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cell = new_code_cell("open('ran', 'w')", metadata={"tags": ["needs-node"]})
    path = write(tmp_path / "01_try.ipynb", cell)
    before = path.read_text()
    monkeypatch.setattr(terminal, "missing", lambda program: f"{program} is not there. Get it.")
    with pytest.raises(NotebookError, match="has cells that cannot run here. node is not there."):
        refresh([path])
    assert path.read_text() == before and not (tmp_path / "ran").exists()
