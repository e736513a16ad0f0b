"""The command line: what it runs, what it says, how it ends."""

from pathlib import Path

import pytest

from helpers import installation, paths, recorded, recording
from helpers.__main__ import main
from helpers.errors import TutorialError
from helpers.recording import Recording
from helpers.testing import notebooks

LESSON = Path("notebooks/01_trace_with_traceable.ipynb")


def said(text: str, prompt: str = "What is HTTP?") -> Recording:
    """A recording of what a model said."""
    usage = {"prompt_tokens": 30, "completion_tokens": 20}
    answer = {"choices": [{"message": {"content": text}}], "usage": usage}
    request = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": prompt}]}
    response = {"status": 200, "headers": {}, "body": answer}
    return Recording("/chat/completions", request, response, {"model": "m", "date": "2026-11-25"})


@pytest.fixture
def recordings(monkeypatch, tmp_path):
    monkeypatch.setattr(paths, "RECORDINGS", tmp_path)
    recording.save(tmp_path, said("An old answer."))
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
        recording.save(recordings, said("It is new.", "What is TLS?"))
        recording.save(recordings, said("Another answer."), replace=True)

    monkeypatch.setattr(notebooks, "execute", execute)
    main(["record", str(LESSON)])
    told = capsys.readouterr().out
    assert f"recorded {recordings.name}/what-is-tls--" in told
    assert f"rewritten {recordings.name}/what-is-http--" in told
    assert "2 recordings in " + recordings.name + "/, 1 new.\n" in told
    assert "Asked: 2 calls, 60 tokens in and 40 out: $0.0000" in told


def test_record_says_beforehand_what_it_would_cost(monkeypatch, recordings, capsys):
    monkeypatch.setattr(notebooks, "execute", lambda path, environment: None)
    main(["record", str(LESSON)])
    assert "1 recordings are there, and what they answer is not asked" in capsys.readouterr().err
    main(["record", "--again", str(LESSON)])
    assert "Anew, what of these is asked for: 1 calls, 30 tokens in" in capsys.readouterr().err


def test_record_names_the_lessons_that_are_old_now(monkeypatch, recordings, capsys):
    monkeypatch.setattr(recorded, "old", lambda before, after: [paths.ROOT / LESSON])
    monkeypatch.setattr(notebooks, "execute", lambda path, environment: None)
    main(["record", str(LESSON)])
    assert f"python -m helpers refresh {LESSON}\n" in capsys.readouterr().out


def test_record_all_names_what_nobody_asks_for_and_removes_it_when_told(
    monkeypatch, recordings, capsys
):
    kept = recording.save(recordings, said("It is asked for.", "What is TLS?"))

    def execute(path, environment):
        Path(environment[recording.USED]).write_text(f"{kept.name}\n")

    monkeypatch.setattr(notebooks, "execute", execute)
    main(["record", "--all"])
    told = capsys.readouterr().out
    assert "nobody asks for what-is-http--" in told and "the same with --remove" in told
    assert len(list(recordings.glob("*.json"))) == 2
    main(["record", "--all", "--remove"])
    assert [path.name for path in recordings.glob("*.json")] == [kept.name]


def test_an_interrupted_record_leaves_what_to_go_on_from_and_a_whole_one_nothing(
    monkeypatch, recordings
):
    left = recordings / ".renewed"

    def interrupted(path, environment):
        Path(environment[recording.RENEWED]).write_text("a-key\n")
        raise KeyboardInterrupt

    monkeypatch.setattr(notebooks, "execute", interrupted)
    with pytest.raises(KeyboardInterrupt):
        main(["record", "--again", str(LESSON)])
    assert left.read_text() == "a-key\n"
    monkeypatch.setattr(notebooks, "execute", lambda path, environment: None)
    main(["record", "--again", str(LESSON)])
    assert not left.exists()


def test_record_reports_what_the_recordings_are_of(recordings, capsys):
    assert main(["record", "--report"]) == 0
    assert capsys.readouterr().out == f"{recordings.name}/: 1 of m, 2026-11-25; no versions\n"


def test_record_writes_to_the_folder_of_the_environment(monkeypatch, recordings, tmp_path, capsys):
    monkeypatch.setenv("TUTORIAL_RECORDINGS", str(tmp_path / "mine"))
    assert main(["record", "--report"]) == 0
    assert capsys.readouterr().out == "mine/ has no recording.\n"


def test_progress_is_a_line_a_notebook_before_it_runs(monkeypatch, recordings, capsys):
    told = []

    def execute(path, environment):
        told.append(capsys.readouterr().err.splitlines()[-1])

    monkeypatch.setattr(notebooks, "execute", execute)
    main(["record", "notebooks/01_a.ipynb", "notebooks/02_b.ipynb"])
    assert told == ["[1/2] 01_a.ipynb", "[2/2] 02_b.ipynb"]


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
