"""The command line: what it runs, what it says, how it ends."""

from pathlib import Path

import pytest

from helpers import installation, paths
from helpers.__main__ import main
from helpers.errors import TutorialError
from helpers.testing import notebooks

LESSON = Path("notebooks/01_trace_with_traceable.ipynb")


@pytest.fixture
def recordings(monkeypatch, tmp_path):
    monkeypatch.setattr(paths, "RECORDINGS", tmp_path)
    (tmp_path / "old--000001.json").write_text("old")
    return tmp_path


def test_an_error_of_ours_is_one_sentence_and_exit_status_two(monkeypatch, capsys):
    def fail(paths, progress):
        raise TutorialError("There is no such lesson.")

    monkeypatch.setattr(notebooks, "refresh", fail)
    assert main(["refresh", str(LESSON)]) == 2
    assert capsys.readouterr().err == "refresh: There is no such lesson.\n"


def test_refresh_says_what_it_did_to_each_notebook(monkeypatch, capsys):
    change = notebooks.Change(LESSON, cells=(3,), written=True)
    monkeypatch.setattr(notebooks, "refresh", lambda paths, progress: [change])
    assert main(["refresh", str(LESSON)]) == 0
    assert "01_trace_with_traceable.ipynb" in capsys.readouterr().out


def test_refresh_without_a_name_means_every_lesson(monkeypatch):
    given = []
    monkeypatch.setattr(notebooks, "refresh", lambda paths, progress: given.append(paths) or [])
    main(["refresh"])
    assert given == [None]


@pytest.mark.parametrize(
    ("options", "again"), [([], None), (["--again"], "1"), (["--seconds"], "seconds")]
)
def test_record_runs_the_notebook_in_record_mode(monkeypatch, recordings, options, again):
    ran = []
    monkeypatch.setattr(notebooks, "execute", lambda path, environment: ran.append(environment))
    assert main(["record", *options, str(LESSON)]) == 0
    assert (ran[0]["TUTORIAL_MODE"], ran[0].get("TUTORIAL_RERECORD")) == ("record", again)


def test_record_names_what_is_new_and_what_was_rewritten(monkeypatch, recordings, capsys):
    def execute(path, environment):
        (recordings / "new--000002.json").write_text("new")
        (recordings / "old--000001.json").write_text("changed")

    monkeypatch.setattr(notebooks, "execute", execute)
    main(["record", str(LESSON)])
    said = capsys.readouterr().out
    assert "/new--000002.json" in said and "rewritten" in said
    assert said.endswith("2 recordings in " + recordings.name + "/, 1 new.\n")


def test_progress_is_a_line_a_notebook_before_it_runs(monkeypatch, recordings, capsys):
    said = []

    def execute(path, environment):
        said.append(capsys.readouterr().err)

    monkeypatch.setattr(notebooks, "execute", execute)
    main(["record", "notebooks/01_a.ipynb", "notebooks/02_b.ipynb"])
    assert said == ["[1/2] 01_a.ipynb\n", "[2/2] 02_b.ipynb\n"]


def test_refresh_shows_the_same_progress(monkeypatch, capsys):
    monkeypatch.setattr(notebooks, "refresh", lambda paths, progress: progress(1, 1, LESSON) or [])
    main(["refresh", str(LESSON)])
    assert capsys.readouterr().err == f"[1/1] {LESSON.name}\n"


def test_the_version_names_the_packages_that_the_course_is_about(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    said = capsys.readouterr().out
    assert ended.value.code == 0 and said.count("\n") == 1
    pins = installation.pins()
    assert all(f"{name} {pins[name]}" in said for name in ("litellm", "langsmith", "openai"))


def test_the_version_is_told_where_there_is_no_git(monkeypatch, capsys):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SystemExit):
        main(["--version"])
    assert "no commit known" in capsys.readouterr().out
