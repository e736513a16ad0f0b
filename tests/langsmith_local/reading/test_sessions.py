"""Projects given back: found, sorted, and with the statistics of their traces."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
import requests

ABSENT = "00000000-0000-4000-8000-000000000000"  # fixed: workers must collect the same ids
START = 1_767_225_600  # 2026-01-01


def get(service: str, query: str = "") -> Any:
    answer = requests.get(f"{service}/sessions?{query}", timeout=30)
    answer.raise_for_status()
    return [one for one in answer.json() if one["name"] != "default"]


def test_the_client_lists_projects_newest_first(client, send, make_run):
    for number in (1, 3, 2):
        send(make_run(session_name=f"p{number}", start_time=1_767_225_600 + number))
    assert [project.name for project in client.list_projects()] == ["p3", "p2", "p1", "default"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("name=alpha", ["alpha"]),
        ("name_contains=ALP", ["alpha", "alphabet"]),
        ("name_contains=%25", []),
        ("limit=1", ["alpha"]),
        ("limit=1&offset=1", ["alphabet"]),
        (f"id={ABSENT}", []),
    ],
)
def test_a_list_of_projects_is_narrowed(service, client, query, names):
    for name in ("beta", "alphabet", "alpha"):
        client.create_project(name)
    url = f"{service}/sessions?sort_by=name&sort_by_desc=false&{query}"
    assert [project["name"] for project in requests.get(url, timeout=30).json()] == names


def test_runs_are_counted_when_stats_are_asked_for(service, send, make_run):
    send(make_run(), make_run())
    url = f"{service}/sessions?include_stats="
    assert requests.get(url + "true", timeout=30).json()[0]["run_count"] == 2
    assert "run_count" not in requests.get(url + "False", timeout=30).json()[0]


def test_a_project_that_is_empty_is_counted_as_such(service, client):
    made = client.create_project("empty")
    url = f"{service}/sessions/{made.id}"
    found = requests.get(f"{url}?include_stats=true", timeout=30).json()
    assert (found["run_count"], found["last_run_start_time"]) == (0, None)
    assert "run_count" not in requests.get(url, timeout=30).json()


@pytest.fixture
def three(send, make_run) -> None:
    """Three projects: slow has failed once in two, late is the last, quick has three traces."""
    for name, at, seconds, error in (
        ("slow", 0, 9.0, None),
        ("slow", 1, 7.0, "no"),
        ("late", 99, 2.0, None),
        *(("quick", 5 + number, 1.0, None) for number in range(3)),
    ):
        times = {"start_time": START + at, "end_time": START + at + seconds}
        send(make_run(session_name=name, error=error, start=(START + at) * 10**6, **times))


@pytest.mark.parametrize(
    ("column", "names"),
    [
        ("name", "slow quick late"),
        ("start_time", "late quick slow"),
        ("last_run_start_time", "late quick slow"),
        ("latency_p50", "slow late quick"),
        ("latency_p99", "slow late quick"),
        ("runs_count", "quick slow late"),
    ],
)
def test_projects_are_sorted_by_what_is_asked_for(service, three, column, names):
    found = get(service, f"sort_by={column}")
    assert [one["name"] for one in found] == names.split()
    found = get(service, f"sort_by={column}&sort_by_desc=false")
    assert [one["name"] for one in found] == names.split()[::-1]


def test_a_project_without_the_statistic_comes_last_and_pages_follow(service, three, client):
    client.create_project("empty")
    assert [one["name"] for one in get(service, "sort_by=error_rate&limit=1")] == ["slow"]
    rest = get(service, "sort_by=error_rate&sort_by_desc=false&offset=2&limit=100")
    assert [one["name"] for one in rest] == ["slow", "empty"]


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({}, ["one", "two"]),
        ({"team": "a"}, ["one", "two"]),
        ({"team": "a", "run": {"of": 1}}, ["one"]),
        ({"run": {"of": True}}, []),
        ({"team": "b"}, []),
    ],
)
def test_the_client_finds_projects_by_their_metadata(client, wanted, names):
    client.create_project("one", metadata={"team": "a", "run": {"of": 1, "by": "me"}})
    client.create_project("two", metadata={"team": "a"})
    client.create_project("plain")
    found = {one.name for one in client.list_projects(metadata=wanted)} - {"plain", "default"}
    assert sorted(found) == names


def test_the_client_reads_the_statistics_of_a_project(client, send, make_run):
    usage = {"input_tokens": 3, "output_tokens": 4, "total_tokens": 7, "total_cost": 0.5}
    root, failed = make_run(run_type="chain"), make_run(error="no", end_time=START + 3)
    child = make_run(root, outputs={"usage_metadata": usage}, end_time=START + 60)
    send(root, child, failed)
    project = client.read_project(project_name="glossary")
    client.create_feedback(root["id"], "useful", score=1, session_id=project.id)
    client.create_feedback(None, "overall", score=0.5, project_id=project.id)
    assert project.run_count is None
    found = client.read_project(project_name="glossary", include_stats=True)
    assert (found.run_count, found.error_rate, found.total_tokens) == (2, 0.5, 7)
    assert (found.prompt_tokens, found.completion_tokens) == (3, 4)
    assert found.total_cost == Decimal("0.5")
    assert found.latency_p50 == datetime.timedelta(seconds=2.25)
    assert found.latency_p99 > found.latency_p50
    assert (found.last_run_start_time or START).isoformat() == "2026-01-01T00:00:00"
    assert found.feedback_stats["useful"]["n"] == 1
    assert found.session_feedback_stats["overall"]["avg"] == 0.5
    assert found.run_facets == []


def test_statistics_begin_where_they_are_asked_to(service, three):
    query = "name=slow&include_stats=true&stats_start_time=2026-01-01T00:00:01"
    (found,) = get(service, query)
    assert (found["run_count"], found["error_rate"]) == (1, 1.0)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("limit=0", "from 1 to 100"),
        ("limit=101", "from 1 to 100"),
        ("offset=-1", "whole number"),
        ("id=me", "UUID"),
        ("sort_by=age", "takes name, start_time"),
        ("sort_by=feedback", "takes name, start_time"),
        ("metadata=[]", "JSON object"),
        ("metadata={", "JSON object"),
        ("stats_start_time=soon", "ISO 8601"),
        ("filter=eq(name,1)", "does not serve it"),
        (f"reference_dataset={ABSENT}", "no datasets"),
        ("dataset_version=1", "no datasets"),
        (f"tag_value_id={ABSENT}", "no tags"),
        ("facets=true", "no facets"),
        ("stats_filter=x", "does not serve it"),
    ],
)
def test_what_cannot_be_met_is_refused_by_name_and_not_ignored(service, query, said):
    answer = requests.get(f"{service}/sessions?{query}", timeout=30)
    (wrong,) = answer.json()["detail"]
    assert (answer.status_code, wrong["loc"]) == (422, ["query", query.partition("=")[0]])
    assert said in wrong["msg"]


def test_no_project_belongs_to_a_dataset(service, three):
    assert len(get(service, "reference_free=true")) == 3
    assert get(service, "reference_free=false") == []
