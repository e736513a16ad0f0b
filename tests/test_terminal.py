"""helpers.terminal: programs run from a notebook, and the ones that are not there."""

import shutil
import sys

import pytest

from helpers import terminal

PYTHON = sys.executable


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda program: None)


def test_what_a_program_prints_is_shown_as_it_is():
    finished = terminal.run(PYTHON, "-c", "print('déjà'); print('vu')")
    assert (repr(finished), finished.status) == ("déjà\nvu", 0)


def test_an_error_is_shown_below_the_output():
    finished = terminal.run(PYTHON, "-c", "import sys; print('out'); sys.exit('went wrong')")
    assert (finished.text, finished.status) == ("out\nwent wrong", 1)


def test_a_program_gets_the_environment_of_the_kernel_and_what_is_given(monkeypatch):
    monkeypatch.setenv("FROM_KERNEL", "1")
    code = "import os; print(os.environ['FROM_KERNEL'], os.environ['GIVEN'])"
    assert terminal.run(PYTHON, "-c", code, environment={"GIVEN": "2"}).text == "1 2"


def test_a_program_that_hangs_is_ended_with_a_mend():
    with pytest.raises(terminal.TerminalError, match="Is the proxy running"):
        terminal.run(PYTHON, "-c", "import time; time.sleep(60)", timeout=0.5)


@pytest.mark.usefixtures("nothing_installed")
@pytest.mark.parametrize(
    ("program", "said"),
    [("node", "npm --prefix notebooks/client ci"), ("curl", "curl is not installed here")],
)
def test_a_missing_program_is_said_and_no_error(program, said):
    finished = terminal.run(program, "anything")
    assert finished.status is None
    assert said in finished.text
    assert "goes on" in finished.text


def test_a_missing_package_is_said_with_the_line_that_installs_it(monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "which", lambda program: "/usr/bin/node")
    monkeypatch.setattr(terminal, "CLIENT", tmp_path)
    assert "npm --prefix notebooks/client ci" in terminal.missing("node")
    (tmp_path / "node_modules" / "openai").mkdir(parents=True)
    assert terminal.missing("node") is None
