"""The hunt of lesson 07: what it finds, and that the lesson leaves nothing behind."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from langsmith import Client, traceable, tracing_context
from langsmith.anonymizer import create_anonymizer

from helpers import services, session, traces
from helpers.lessons import hunt
from helpers.testing.notebooks import ROOT

LESSON = ROOT / "notebooks" / "07_sample_and_redact.ipynb"
PLANTED = "marigold"


@pytest.fixture(scope="module", autouse=True)
def _session() -> Iterator[None]:
    with session.start("replay"):
        yield


@traceable
def echo(text: str) -> str:
    return text


def plant(project: str, client: Client | None = None, **options: object) -> None:
    client = client or Client()
    with tracing_context(enabled=True, client=client, project_name=project):
        echo("a marigold-1", langsmith_extra=options)
    client.flush()


def rows(project: str, text: str = "marigold-1") -> dict[str, str]:
    return dict(hunt.search(text, project=project).rows)


def test_a_hunt_names_the_places_and_counts_the_requests():
    plant("found", metadata={"note": {"deep": ["marigold-1"]}}, tags=["marigold-1"])
    assert rows("found") == {
        "inputs.text": "1 of 1 runs",
        "metadata.note.deep": "1 of 1 runs",
        "outputs.output": "1 of 1 runs",
        "tags": "1 of 1 runs",
        "the bytes received": "1 of 1 requests",
    }


def test_a_hunt_that_finds_nothing_says_nowhere():
    plant("none")
    found = {"nowhere": "0 of 1 runs", "the bytes received": "0 of 1 requests"}
    assert rows("none", "dandelion") == found


def test_a_key_can_hold_the_text_too():
    plant("keys", metadata={"marigold-1": 1})
    assert "metadata.marigold-1" in rows("keys")


def test_a_hunt_asks_nobody_for_the_text():
    plant("quiet")
    requests = services.state_of(session.start().app).langsmith.requests
    requests.clear()
    hunt.search("marigold-1", project="quiet")
    assert not any(b"marigold-1" in body for body in requests.bodies())


def test_an_anonymizer_sees_neither_names_nor_tags():
    mask = create_anonymizer([{"pattern": r"marigold-\d+", "replace": "[removed]"}])
    plant("masked", Client(anonymizer=mask), name="marigold-1", tags=["marigold-1"])
    assert set(rows("masked")) == {"name", "tags", "the bytes received"}


def test_a_deleted_project_leaves_no_byte_behind():
    plant("gone", metadata={"note": "marigold-2"})
    traces.query('search("marigold-2")', project="gone")  # fills what the filters look at
    Client().delete_project(project_name="gone")
    langsmith = services.state_of(session.start().app).langsmith
    for file in langsmith.store.path.parent.iterdir():
        assert b"marigold-2" not in file.read_bytes(), file.name
    assert not any(b"marigold-2" in body for body in langsmith.requests.bodies())


# The lesson itself

SCRIPT = """
import asyncio, json, pathlib, sys, tempfile
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
notebook = json.loads(pathlib.Path(sys.argv[1]).read_text("utf-8"))
for cell in notebook["cells"]:
    if cell["cell_type"] == "code":
        wanted = "raises-exception" in cell["metadata"].get("tags", [])
        result = shell.run_cell("".join(cell["source"]))
        assert wanted != result.success, "".join(cell["source"])
from helpers import services, session
langsmith = services.state_of(session.start().app).langsmith
print("RECEIVED", sum(b"marigold" in body for body in langsmith.requests.bodies()), flush=True)
print("READY", flush=True)
sys.stdin.readline()
"""


def test_the_lesson_leaves_nothing_of_what_it_planted(tmp_path: Path):
    notebooks = tmp_path / "course" / "notebooks"
    shutil.copytree(ROOT / "notebooks", notebooks, ignore=shutil.ignore_patterns("node_modules"))
    shutil.copytree(ROOT / "helpers", tmp_path / "course" / "helpers")
    for name in ("requirements.txt", ".refused.txt"):  # which the first cell compares with
        shutil.copy(ROOT / name, tmp_path / "course" / name)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    places = {"TMPDIR": str(temporary), "TEMP": str(temporary), "TMP": str(temporary)}
    lesson = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(LESSON)],
        cwd=notebooks,
        env={**os.environ, **places, "MPLBACKEND": "agg", "IPYTHONDIR": str(tmp_path / "ipython")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert lesson.stdin and lesson.stdout
    try:
        said = list(itertools.takewhile(lambda line: line != "READY\n", lesson.stdout))
        files = [path for path in temporary.rglob("*") if path.is_file()]
        assert "RECEIVED 0\n" in said, "".join(said)
        assert any(path.suffix == ".sqlite" for path in files)
        assert [path.name for path in files if PLANTED.encode() in path.read_bytes()] == []
    finally:
        lesson.stdin.close()
        lesson.wait(60)


def test_the_stored_outputs_hold_none_of_it():
    cells = [c for c in nbformat.read(LESSON, as_version=4).cells if c.cell_type == "code"]
    shown = [json.dumps(cell.outputs) for cell in cells]
    assert any(f'SECRET = "{PLANTED}-' in cell.source for cell in cells)
    printed = "MaskedLogger"  # the one output that shows the mask, whose pattern names the word
    assert [text for text in shown if PLANTED in text and printed not in text] == []


def test_the_picture_has_a_text_alternative():
    outputs = [o for c in nbformat.read(LESSON, as_version=4).cells for o in c.get("outputs", ())]
    pictures = [o for o in outputs if "image/png" in o.get("data", {})]
    assert pictures
    assert all(len(picture.metadata["image/png"]["alt"]) > 40 for picture in pictures)
