"""This machine is looked at, and each finding is judged by its module."""

from types import SimpleNamespace

from helpers import installation
from helpers.doctor import machine
from helpers.terminal import node
from tests.doctor.seeing import statuses


def test_packages_are_compared_with_the_same_pins_as_the_first_cell_compares(monkeypatch):
    monkeypatch.setattr(installation, "pins", lambda: {"no-such-package": "1.0"})
    monkeypatch.setattr(installation, "interpreter_with", lambda *_: None)
    found = statuses(machine.PARTS["packages"]())
    assert found["no-such-package"] == "problem"


def test_missing_packages_that_another_environment_has_are_not_installed_again(monkeypatch):
    monkeypatch.setattr(installation, "pins", lambda: {"no-such-package": "1.0"})
    monkeypatch.setattr(installation, "interpreter_with", lambda *_: "/there/bin/python")
    (found,) = [each for each in machine.PARTS["packages"]() if each.status == "problem"]
    assert "/there/bin/python" in found.mend and "install -r" not in found.mend


def test_a_node_that_lessons_would_not_run_is_none(monkeypatch):
    def none() -> None:
        raise node.NodeError("too old")

    monkeypatch.setattr(node, "found", none)
    assert statuses(machine.PARTS["tools"]())["Node"] == "warning"


def test_a_conda_environment_is_called_one(monkeypatch, tmp_path):
    (tmp_path / "conda-meta").mkdir()
    system = SimpleNamespace(
        prefix=str(tmp_path), base_prefix=str(tmp_path), version_info=(3, 11, 7)
    )
    monkeypatch.setattr(machine, "sys", system)
    (found,) = machine.PARTS["python"]()
    assert found.detail == "v3.11.7, in a conda environment"
