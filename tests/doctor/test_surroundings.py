"""What an environment brings along: each is told with what mends it."""

import json
import os
import tempfile
from pathlib import Path

import pytest

from helpers import network
from helpers.doctor import surroundings
from tests.doctor.seeing import statuses

GONE = {"SSL_CERT_FILE": "/nowhere"}


@pytest.mark.parametrize(("readers", "status"), [([], "info"), ([network.HTTPX], "problem")])
def test_what_stops_a_client_is_red_only_where_something_leaves(readers, status):
    (found,) = surroundings.network(GONE, readers)
    assert found.status == status and "/nowhere" in found.detail
    assert "unset SSL_CERT_FILE" in found.mend


def test_the_parts_of_no_proxy_that_are_left_out_are_named():
    (found,) = surroundings.network({"NO_PROXY": "a.test,fd00::/8"}, [])
    assert "fd00::/8" in found.detail and "export NO_PROXY=a.test " in found.mend


@pytest.mark.parametrize(
    "name",
    [
        "LANGSMITH_RUNS_ENDPOINTS",
        "LANGCHAIN_OTEL_ENABLED",
        "LANGSMITH_PROFILE",
        "LANGSMITH_WORKSPACE_ID",
        "LANGSMITH_HIDE_INPUTS",
        "LANGSMITH_TRACING_SAMPLING_RATE",
        "LANGCHAIN_CUSTOM_HEADERS",
        "OPENAI_ORG_ID",
        "OPENAI_CUSTOM_HEADERS",
        "USE_LITELLM_PROXY",
        "CUSTOM_TIKTOKEN_CACHE_DIR",
    ],
)
def test_each_variable_that_leads_elsewhere_is_told_without_its_value(name):
    (found,) = surroundings.variables({name: "private"}, live=False)
    assert found.name == name and "private" not in str(found)
    assert f"unset {name}" in found.mend and surroundings.HIDDEN in found.detail
    (found,) = surroundings.variables({name: "private"}, live=True)
    assert surroundings.HIDDEN not in found.detail


def test_what_the_course_itself_sets_is_no_finding():
    own = ("LANGSMITH_PROJECT", "LANGSMITH_TRACING", "LANGSMITH_ENDPOINT", "OPENAI_API_KEY")
    environ = dict.fromkeys(own, "x") | {"LANGSMITH_CONFIG_FILE": os.devnull}
    assert list(surroundings.variables(environ, live=False)) == []


def test_a_file_with_keys_comes_with_the_line_that_goes_live(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("OPENAI_API_KEY=private\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    (found,) = surroundings.files({"LANGSMITH_CONFIG_FILE": "/nowhere", "NETRC": "/nowhere"})
    assert "OPENAI_API_KEY" in found.detail and "private" not in str(found)
    assert f"dotenv -f {tmp_path / '.env'} run" in found.mend


def test_profiles_and_passwords_are_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "profiles").write_text(json.dumps({"profiles": {"a": {}}}), "utf-8")
    (tmp_path / "netrc").write_text("default login me password private\n", "utf-8")
    environ = {"LANGSMITH_CONFIG_FILE": "profiles", "NETRC": "netrc", "LITELLM_MODE": "X"}
    found = list(surroundings.files(environ))
    assert [check.name for check in found] == ["LangSmith profile", "netrc"]
    assert "private" not in str(found)


@pytest.mark.parametrize("text", ["machine a.test login me password x\n", "nonsense", None])
def test_passwords_for_other_hosts_are_nobodys_business(text, tmp_path):
    if text is not None:
        (tmp_path / "netrc").write_text(text, "utf-8")
    environ = {"NETRC": str(tmp_path / "netrc"), "LANGSMITH_CONFIG_FILE": "/nowhere"}
    assert list(surroundings.files(environ | {"LITELLM_MODE": "X"})) == []


def test_folders_that_cannot_be_written_are_told(monkeypatch):
    monkeypatch.setenv("HOME", "/nowhere")
    found = surroundings.folders({"TMPDIR": "/nowhere"})
    assert statuses(found).items() >= {"TMPDIR": "info", "HOME": "warning"}.items()


def test_a_user_without_a_home_is_told_that_jupyter_starts_no_kernel(monkeypatch):
    def unknown(path):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "expanduser", unknown)
    assert statuses(surroundings.folders({}))["HOME"] == "problem"


def test_without_a_folder_for_temporary_files_it_is_red(monkeypatch):
    def none():
        raise FileNotFoundError

    monkeypatch.setattr(tempfile, "gettempdir", none)
    assert statuses(surroundings.folders({}))["TMPDIR"] == "problem"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("127.0.0.1 localhost\n::1 localhost ip6-localhost\n", None),
        ("::1 localhost  # only\n", None),
        ("10.0.0.7 box\n", "info"),
        ("127.0.0.1 localhost\n10.0.0.7 box localhost\n", "problem"),
    ],
)
def test_a_localhost_that_is_not_ours_is_told(text, status, tmp_path):
    (tmp_path / "hosts").write_text(text, "utf-8")
    found = statuses(surroundings.hosts(tmp_path / "hosts"))
    assert found == ({} if status is None else {"localhost": status})


def test_a_sitecustomize_is_named(monkeypatch):
    module = type("module", (), {"__file__": str(Path("/site/sitecustomize.py"))})
    monkeypatch.setitem(surroundings.sys.modules, "sitecustomize", module)
    assert "sitecustomize" in statuses(surroundings.folders({}))
