"""What is installed is compared with what the course needs, and said in two sentences."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from helpers import installation
from helpers.installation import NOT_FOR_LESSONS, STOLEN, InstallationError
from helpers.paths import REQUIREMENTS

PINS = {"litellm": "1.106.2", "langsmith": "0.15.0"}


def put(folder: Path, *packages: str) -> Path:
    """Make ``folder`` look as if ``packages`` ("name-version") were installed there."""
    for package in packages:
        (folder / f"{package}.dist-info").mkdir(parents=True)
    return folder


def complete(**versions: str) -> dict[str, str]:
    return installation.pins() | versions


def told(monkeypatch: pytest.MonkeyPatch, have: dict[str, str]) -> str:
    """Return what ``check`` says when ``have`` is installed, after counting its sentences."""
    monkeypatch.setattr(installation, "installed", lambda *_: have)
    with pytest.raises(InstallationError) as caught:
        installation.check()
    sentences, _, line = str(caught.value).partition("\n    ")
    assert len(re.findall(r"[.:](?: |$)", sentences)) == 2, sentences
    assert line and "\n" not in line
    return str(caught.value)


def test_pins_are_read_without_extras_and_comments():
    text = "# a==1\n-c .refused.txt\nlitellm[proxy]==1.106.2\nLangSmith==0.15.0  # why\nhttpx>=1\n"
    assert installation.pins(text) == PINS


def test_no_pin_that_lessons_need_is_for_some_systems_only():
    """The standard library cannot tell whether such a marker holds here."""
    lines = REQUIREMENTS.read_text("utf-8").splitlines()
    marked = "\n".join(line for line in lines if ";" in line.partition("#")[0])
    assert set(installation.pins(marked)) <= installation.NOT_FOR_LESSONS


def test_installed_is_what_the_folders_say_and_the_first_one_counts(tmp_path):
    mine = put(tmp_path / "a", "litellm-1.106.2", "Jinja2-3.1.6", "ruamel.yaml-0.18")
    other = put(tmp_path / "b", "litellm-1.0", "typing_extensions-4.16.0")
    (other / "notes.txt").touch()
    assert installation.installed([str(mine), str(other), str(tmp_path / "none")]) == {
        "litellm": "1.106.2",
        "jinja2": "3.1.6",
        "ruamel-yaml": "0.18",
        "typing-extensions": "4.16.0",
    }


def test_installed_agrees_with_importlib():
    from importlib.metadata import version

    here = installation.installed()
    assert {name: here[name] for name in PINS} == {name: version(name) for name in PINS}


def test_this_environment_is_complete():
    installation.check(tests=True)


def test_what_is_missing_and_what_differs():
    have = {"litellm": "1.0", "rich": "13"}
    assert installation.missing(PINS, have) == ["langsmith"]
    assert installation.different(PINS, have) == {"litellm": "1.0"}


def test_another_version_is_no_error(monkeypatch):
    monkeypatch.setattr(installation, "installed", lambda *_: complete(langsmith="0.14.1"))
    installation.check()


def test_missing_packages_come_with_the_line_that_installs_them(monkeypatch):
    monkeypatch.setattr(installation, "interpreter_with", lambda *_: None)
    have = {name: v for name, v in complete().items() if name not in ("litellm", "openai")}
    said = told(monkeypatch, have)
    assert "lacks litellm and openai" in said and "-r" in said and str(REQUIREMENTS) in said


def test_a_wrong_kernel_is_told_which_interpreter_is_right(monkeypatch, tmp_path):
    python = tmp_path / ".venv" / "bin" / "python"
    monkeypatch.setattr(installation, "interpreter_with", lambda *_: python)
    said = told(monkeypatch, {})
    assert str(python) in said and "kernel" in said and "more packages" in said


@pytest.mark.parametrize("version", STOLEN)
def test_a_stolen_release_is_an_error_even_where_all_is_there(monkeypatch, version):
    assert "credential stealer" in told(monkeypatch, complete(litellm=version))


def test_the_stolen_releases_are_those_that_installation_refuses():
    assert installation.refused() == {"litellm": frozenset(STOLEN)}


def test_what_only_the_tests_need_stops_no_lesson(monkeypatch):
    have = {name: v for name, v in complete().items() if name not in NOT_FOR_LESSONS}
    monkeypatch.setattr(installation, "installed", lambda *_: have)
    installation.check()
    with pytest.raises(InstallationError, match="lacks"):
        installation.check(tests=True)


def test_what_only_the_tests_need_is_pinned():
    assert installation.pins().keys() >= NOT_FOR_LESSONS


@pytest.mark.parametrize("inside", ["lib/python3.12/site-packages", "Lib/site-packages"])
def test_an_environment_of_the_checkout_that_has_all_is_found(tmp_path, inside):
    python = tmp_path / ".venv" / ("bin/python" if "3" in inside else "Scripts/python.exe")
    python.parent.mkdir(parents=True)
    python.touch()
    put(tmp_path / ".venv" / inside, "litellm-1.106.2")
    assert installation.interpreter_with(["litellm"], tmp_path) == python
    assert installation.interpreter_with(["litellm", "openai"], tmp_path) is None


def test_the_running_environment_is_no_way_out(tmp_path, monkeypatch):
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))
    assert installation.interpreter_with([], tmp_path) is None


@pytest.mark.parametrize(
    ("pip", "line"), [(True, "python -m pip install -r "), (False, "uv pip install --python ")]
)
def test_the_line_fits_an_environment_with_or_without_pip(monkeypatch, pip, line):
    monkeypatch.setattr(installation, "in_environment", lambda: True)
    monkeypatch.setattr(installation, "_has_pip", lambda: pip)
    monkeypatch.setattr(sys, "executable", "/e/bin/python")
    assert line in installation.install_line()


def test_a_python_of_the_system_is_left_alone(monkeypatch):
    monkeypatch.setattr(installation, "in_environment", lambda: False)
    assert " -m venv " in installation.install_line()


@pytest.mark.parametrize(("system", "line"), [("posix", "a && b"), ("nt", "a; if ($?) { b }")])
def test_a_line_of_two_commands_stops_where_the_first_fails(monkeypatch, system, line):
    monkeypatch.setattr(installation.os, "name", system)
    assert installation.joined("a", "b") == line
