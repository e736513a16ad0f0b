"""helpers.terminal.node: the Node on PATH, or the one that came as a Python package."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.terminal import node
from tests.terminal import fakes


def test_a_node_on_the_path_is_taken_with_its_npm(path: Path, carried: Path) -> None:
    here = fakes.program(path, "node", fakes.says("v20.0.0"))
    npm = fakes.program(path, "npm", "")
    assert node.found() == node.Node(str(here), (str(npm),))


def test_a_node_without_npm_borrows_the_one_of_the_package(path: Path, carried: Path) -> None:
    here = fakes.program(path, "node", fakes.says("v22.1.0"))
    found = node.found()
    assert found.program == str(here)
    assert found.npm[1].endswith("npm-cli.js")


@pytest.mark.parametrize("said", ["v18.19.1", "something else", ""])
def test_an_older_one_or_another_program_leaves_it_to_the_package(
    path: Path, carried: Path, said: str
) -> None:
    fakes.program(path, "node", fakes.says(said))
    assert Path(node.found().program).is_relative_to(carried)


def test_the_package_is_asked_where_nothing_is_on_the_path(carried: Path) -> None:
    found = node.found()
    assert Path(found.program).is_relative_to(carried)
    assert found.npm[0] == found.program


def test_without_any_the_error_says_what_to_install(path: Path) -> None:
    with pytest.raises(
        node.NodeError, match=r"Node.js 20 or newer is not installed here\. Install it.*\n.*-r "
    ):
        node.found()


def test_the_error_names_the_version_that_is_too_old(path: Path) -> None:
    fakes.program(path, "node", fakes.says("v18.19.1"))
    with pytest.raises(node.NodeError, match=r"the one on PATH is v18\.19\.1"):
        node.found()


@pytest.mark.parametrize(
    ("said", "major"), [("v20.11.0", 20), ("v9.1.2", 9), ("20", None), ("", None)]
)
def test_the_version_is_what_the_program_says(tmp_path: Path, said: str, major: int | None) -> None:
    program = fakes.program(tmp_path, "node", fakes.says(said))
    assert node.version(str(program)) == major


def test_a_program_that_cannot_run_has_no_version(tmp_path: Path) -> None:
    assert node.version(str(tmp_path / "none")) is None
