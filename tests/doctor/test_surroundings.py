"""What the environment of a machine brings along, and what the doctor says of it."""

from __future__ import annotations

import os

import pytest

from helpers.doctor import surroundings
from helpers.network import HTTPX
from tests.doctor.seeing import statuses

GONE = {"SSL_CERT_FILE": "/nowhere/x.pem"}


def test_what_stops_a_client_is_red_where_calls_leave_the_machine():
    assert statuses(surroundings.network(GONE, [HTTPX])) == {"SSL_CERT_FILE": "problem"}
    assert statuses(surroundings.network(GONE, [])) == {"SSL_CERT_FILE": "info"}


def test_a_part_of_no_proxy_that_httpx_cannot_read_is_named():
    (found,) = surroundings.network({"NO_PROXY": "a.org,fd00::/8"}, [])
    assert "fd00::/8" in found.detail and found.mend.startswith("export NO_PROXY=a.org ")


@pytest.mark.parametrize(
    "name",
    ["LANGSMITH_RUNS_ENDPOINTS", "LANGSMITH_OTEL_ENABLED", "LANGSMITH_PROFILE", "OPENAI_ORG_ID"],
)
def test_a_variable_that_leads_elsewhere_is_said(name):
    (found,) = surroundings.variables({name: "x"}, live=False)
    assert (found.name, found.status) == (name, "info") and "hides it" in found.detail


def test_keys_are_not_told_twice_and_other_variables_not_at_all():
    assert not list(surroundings.variables({"OPENAI_API_KEY": "x", "HOME": "/"}, live=True))


def test_a_file_with_keys_comes_with_the_line_that_goes_live(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("OPENAI_API_KEY=x\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    (found,) = [each for each in surroundings.files({}) if each.name == ".env"]
    assert "OPENAI_API_KEY" in found.detail and "dotenv" in found.mend


def test_a_localhost_that_is_another_machine_is_red(tmp_path):
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.1 localhost\n203.0.113.9 mine localhost # moved\n")
    (found,) = surroundings.hosts(hosts)
    assert found.status == "problem" and "203.0.113.9" in found.detail
    hosts.write_text("127.0.0.1 localhost\n::1 localhost\n")
    assert not list(surroundings.hosts(hosts))
    hosts.write_text("::1 localhost\n")
    assert [each.status for each in surroundings.hosts(hosts)] == ["info"]


@pytest.mark.skipif(os.name == "nt", reason="Windows names it otherwise")
def test_a_temporary_folder_that_cannot_be_used_is_named():
    found = list(surroundings.folders(os.environ | {"TMPDIR": "/nowhere/at/all"}))
    assert any(each.name == "TMPDIR" and "/nowhere/at/all" in each.detail for each in found)
