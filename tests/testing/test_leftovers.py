"""What a notebook planted and did not delete fails its last cell."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from helpers.testing import leftovers
from helpers.testing.leftovers import PLANTED, LeftoverFound, files_with, look
from helpers.testing.notebooks import ROOT
from tests.testing.inner import COMMAND

(NAME, WORD), *_ = PLANTED.items()
START = "from helpers import session; _ = session.start()"
FILE = f"import tempfile, pathlib; kept = pathlib.Path(tempfile.mkdtemp()); kept = kept / 'a.log'\n\
_ = kept.write_text('{WORD}-1')"
BODY = f"import os, urllib.request; url = session.current().url + '/runs'\n\
key = {{'x-api-key': os.environ['LANGSMITH_API_KEY']}}\n\
try: urllib.request.urlopen(urllib.request.Request(url, b'{WORD}-1', key))\n\
except urllib.error.HTTPError: pass"
CLEAN = "from helpers import services; kept.unlink()\n\
services.state_of(session.current().app).langsmith.requests.clear()"
NOTEBOOKS = {"kept": [START, FILE, BODY], "clean": [START, FILE, BODY, CLEAN]}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What one inner run says of notebooks that keep or delete the word."""
    folder = tmp_path_factory.mktemp("leftovers")
    for name, sources in NOTEBOOKS.items():
        (folder / name).mkdir()
        cells = [new_code_cell(source, execution_count=1) for source in sources]
        nbformat.write(new_notebook(cells=cells), folder / name / f"{NAME}.ipynb")
    plugins = 'pytest_plugins = ["helpers.testing.offline", "helpers.testing.leftovers"]\n'
    (folder / "conftest.py").write_text(plugins)
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --nbval-current-env --nbval\n")
    done = subprocess.run(
        [*COMMAND, "-n0", "-q", "-rfE"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


def test_a_word_in_a_file_and_in_a_request_fails_the_last_cell(said: str) -> None:
    assert re.findall(r"^ERROR (\w+)/.*::(Cell \d)", said, re.MULTILINE) == [("kept", "Cell 2")]
    places = r"\S*/a\.log, 1 of the requests it holds\."
    assert re.search(rf"deletes '{WORD}', which at its end is still in {places}", said)


def test_a_word_that_was_deleted_everywhere_is_no_finding(said: str) -> None:
    assert "7 passed, 1 error in" in said


def test_a_notebook_without_a_session_at_its_end_cannot_be_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leftovers, "held", lambda *_: None)
    with pytest.raises(LeftoverFound, match="No session ran"):
        look(WORD, tmp_path, client=None)


def test_files_are_searched_at_every_depth_and_as_bytes(tmp_path: Path) -> None:
    deep = tmp_path / "one" / "two"
    deep.mkdir(parents=True)
    (deep / "binary").write_bytes(b"\xff\x00secret\xff")
    (tmp_path / "other").write_text("nothing")
    assert files_with("secret", tmp_path) == ["one/two/binary"]
