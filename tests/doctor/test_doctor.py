"""The whole examination, the short answer, and the command line."""

import os
import subprocess
import sys

import pytest

from helpers import doctor
from helpers.environment import variables
from helpers.errors import TutorialError
from helpers.keys import Keys
from helpers.paths import ROOT
from tests.doctor.seeing import answering, statuses
from tests.serving.opened import serving


def test_a_notebook_sees_neither_paths_nor_the_platform():
    shown = doctor.examine()._repr_mimebundle_()
    for text in shown.values():
        assert str(ROOT) not in text and sys.prefix not in text
        assert doctor.platform.platform() not in text


def test_parts_can_be_chosen_and_a_wrong_one_is_named():
    assert [check.name for check in doctor.examine(only=["python"]).checks] == ["Python"]
    with pytest.raises(TutorialError, match="'prots' is no part. The nearest is ports"):
        doctor.examine(only=["prots"])


def test_a_part_that_fails_leaves_the_others(monkeypatch):
    monkeypatch.setitem(doctor.PARTS, "ports", lambda: 1 / 0)
    found = doctor.examine(only=["ports", "python"])
    assert statuses(found.checks) == {"ports": "problem", "Python": "ok"}


@pytest.mark.parametrize(("tracing", "status"), [("true", 0), ("True", 1)])
def test_the_command_line_exits_with_1_on_red(tracing, status):
    done = subprocess.run(
        [sys.executable, "-m", "helpers", "doctor"],
        capture_output=True,
        cwd=ROOT,
        env=os.environ | {"LANGSMITH_TRACING": tracing},
        timeout=60,
    )
    assert done.returncode == status, done.stdout


def test_the_short_answer_has_what_is_wrong_and_nothing_else(monkeypatch):
    with serving(answering(200)) as url:
        for name, value in variables(url, Keys()).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("LANGSMITH_SAMPLING_RATE", "0.5")
        found = {check.name for check in doctor.ask().checks}
    assert "LANGSMITH_SAMPLING_RATE" in found and not found & {"mode", "model API", "LangSmith"}
