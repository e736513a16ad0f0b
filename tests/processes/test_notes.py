"""Notes in a program's folder: which process it is of, and who uses what runs there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.paths import ROOT
from helpers.processes import notes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "program"
    made.mkdir(mode=0o700)
    return made


def test_a_folder_is_used_until_all_who_have_entered_it_are_gone(folder: Path):
    assert not notes.used(folder)
    uses = [notes.enter(folder), notes.enter(folder)]
    assert notes.used(folder)
    uses[0].unlink()
    assert notes.used(folder)
    uses[1].unlink()
    assert not notes.used(folder)


def test_who_has_ended_uses_nothing_any_more(folder: Path):
    source = "import sys, pathlib; from helpers.processes import notes"
    source += "; notes.enter(pathlib.Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", source, str(folder)], cwd=ROOT, check=True)
    assert len(list((folder / notes.USERS).iterdir())) == 1 and not notes.used(folder)


def test_a_later_process_of_the_same_id_has_not_entered(folder: Path):
    path = notes.enter(folder)
    path.write_text(json.dumps({"owner": [os.getpid(), notes.identity(os.getpid())[1] - 60]}))
    assert not notes.used(folder)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"owner": 5}', '{"owner": ["x", 1]}', "\xff"])
def test_a_note_that_cannot_be_read_counts_for_nothing(folder: Path, content: str):
    notes.enter(folder).write_text(content, encoding="latin-1")
    assert not notes.used(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
def test_nobody_else_can_read_who_uses_it(folder: Path):
    path = notes.enter(folder)
    assert (path.parent.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)


def test_the_process_of_a_folder_is_told_by_its_note(folder: Path):
    assert notes.process_of(folder) is None
    notes.note(folder)
    assert notes.process_of(folder) is None
    notes.note(folder, 5)
    assert notes.process_of(folder) == 5
