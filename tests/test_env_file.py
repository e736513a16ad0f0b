"""helpers.env_file: the file that LiteLLM would read, found and read as python-dotenv does."""

import io

import dotenv
import pytest

from helpers import env_file

TEXT = """# A=1
B=2
export C = "3"
  D='4'
E=
F = # nothing
no line
G.H=5
"""


def test_it_names_what_dotenv_would_set(tmp_path):
    (tmp_path / ".env").write_text(TEXT, "utf-8")
    known = dotenv.dotenv_values(stream=io.StringIO(TEXT))
    assert env_file.names(tmp_path / ".env") == [n for n in known if known[n] and "." not in n]


def test_it_is_found_in_a_folder_above(tmp_path, monkeypatch):
    (tmp_path / ".env").touch()
    (tmp_path / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a" / "b")
    assert env_file.found() == tmp_path / ".env"


@pytest.mark.parametrize(
    ("environ", "read"),
    [
        ({}, True),
        ({env_file.DISABLED: "0"}, True),
        ({env_file.DISABLED: "True"}, False),
        ({"LITELLM_MODE": "PRODUCTION"}, False),
    ],
)
def test_whether_it_is_read(environ, read, tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("PLANTED=1", "utf-8")
    monkeypatch.setattr(env_file.os, "environ", dict(environ))
    assert env_file.read_it(environ) is read
    if "LITELLM_MODE" not in environ:  # that one LiteLLM asks itself
        assert dotenv.load_dotenv(tmp_path / ".env") is read


def test_a_file_that_is_gone_names_nothing(tmp_path):
    assert env_file.names(tmp_path / ".env") == []


def test_the_line_that_starts_with_it_quotes_folders(tmp_path):
    line = env_file.start_line(tmp_path / "my files" / ".env")
    assert "my files" in line and "'" in line.replace('"', "'")
