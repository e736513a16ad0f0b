"""The ``.env`` file that an import of LiteLLM would read."""

from __future__ import annotations

import pytest

from helpers import env_file


@pytest.mark.parametrize(
    ("environ", "reads"),
    [
        ({}, True),
        ({env_file.DISABLED: "1"}, False),
        ({env_file.DISABLED: "TRUE"}, False),
        ({env_file.DISABLED: "no"}, True),
        ({"LITELLM_MODE": "PRODUCTION"}, False),
    ],
)
def test_litellm_reads_it_unless_it_is_told_not_to(environ, reads):
    assert env_file.read_it(environ) is reads


def test_the_nearest_file_above_is_found(tmp_path, monkeypatch):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    (tmp_path / ".env").write_text("A=1\n")
    assert env_file.found() == tmp_path / ".env"
    (inner.parent / ".env").write_text("A=1\n")
    assert env_file.found() == inner.parent / ".env"


def test_variables_with_a_value_are_named(tmp_path):
    file = tmp_path / ".env"
    file.write_text("# A=1\nexport B='x'\nC=\nD = 2\nE=# nothing\n")
    assert env_file.names(file) == ["B", "D"]
    assert env_file.names(tmp_path / "gone") == []


def test_the_line_that_goes_live_names_the_file(tmp_path):
    line = env_file.start_line(tmp_path / "my .env")
    assert f"-f '{tmp_path}/my .env' run -- " in line and line.endswith("-m jupyter lab")
