"""Bad input, asked for: a 4xx names it, and everything still reads."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.faults.readers import SINCE, opened, run
from tests.faults.sending import Sent, assert_refused, get, nested, post, refusals

NO = "00000000-0000-4000-8000-000000000000"
MANY = [NO] * 20_000
GOOD = run()
PROJECT = "11111111-1111-4111-8111-111111111111"


def v1(**fields: Any) -> Sent:
    return post("/runs/query", {"session": PROJECT, **fields})


def v2(**fields: Any) -> Sent:
    return post("/v2/runs/query", {"project_ids": [PROJECT], **SINCE, **fields})


def threads(**fields: Any) -> Sent:
    return post("/v2/threads/query", {"project_id": PROJECT, **SINCE, **fields})


def traces(**fields: Any) -> Sent:
    return post("/v2/traces/query", {"project_id": PROJECT, **SINCE, **fields})


def cursor(key: Any) -> str:
    text = key if isinstance(key, str) else json.dumps(key)
    return base64.urlsafe_b64encode(text.encode()).decode()


#: What is broken: the request, and what the refusal must name.
REFUSED: dict[str, tuple[Sent, str]] = {
    # Cursors
    "a cursor that is no base64": (v1(cursor="x"), "cursor"),
    "a cursor beyond ASCII": (v2(cursor="é💡"), "cursor"),
    "a cursor of an empty list": (v1(cursor=cursor([])), "cursor"),
    "a cursor of the time 1e300": (v2(cursor=cursor([1e300, NO])), "cursor"),
    "a cursor of the time 2**70": (v1(cursor=cursor([2**70, NO])), "cursor"),
    "a cursor of the time 2**63": (v1(cursor=cursor([2**63, NO])), "cursor"),
    "a cursor of the time true": (v1(cursor=cursor([True, NO])), "cursor"),
    "a cursor of the time NaN": (v1(cursor=cursor([float("nan"), NO])), "cursor"),
    "a cursor whose id is an object": (v1(cursor=cursor([1, {"a": 1}])), "cursor"),
    "a cursor of two texts, of threads": (threads(cursor=cursor(["a", "b"])), "cursor"),
    "a cursor of two numbers, of threads": (threads(cursor=cursor([1, 2])), "cursor"),
    "a cursor of three parts, of traces": (traces(cursor=cursor([1, "a", "b"])), "cursor"),
    "a cursor 3,000 deep": (v1(cursor=cursor("[" * 3_000)), "cursor"),
    "a cursor that is a number": (v1(cursor=5), "cursor"),
    "a cursor with NUL, in an address": (
        get(f"/v2/threads/one/traces?project_id={PROJECT}&cursor=%00"),
        "cursor",
    ),
    # Filters
    "a filter that compares a key with nothing": (
        v1(filter='and(neq(metadata_key),eq(name,"x"))'),
        "neq(...) takes a field and a value",
    ),
    "a filter that compares a key with two values": (
        v2(filter='and(eq(metadata_key,"a","b"),eq(metadata_value,"c"))'),
        "eq(...) takes a field and a value",
    ),
    "a filter with half of a surrogate pair": (v1(filter=r'eq(name, "\ud800")'), "surrogate"),
    "a filter with NaN in an object": (
        v1(filter="has(metadata, '{\"a\": NaN}')"),
        "has(metadata, ...)",
    ),
    "a filter with 1e400 in an object": (
        v1(filter="has(metadata, '{\"a\": 1e400}')"),
        "has(metadata, ...)",
    ),
    "a filter with an object 300 deep": (
        v1(filter=f"has(metadata, '{json.dumps({'a': nested(300)})}')"),
        "has(metadata, ...)",
    ),
    "a filter 3,000 deep": (v1(filter="and(" * 3_000 + ")" * 3_000), "Filter"),
    "a filter 3,000 deep and whole": (
        v2(filter="or(" * 3_000 + 'eq(name,"x")' + ")" * 3_000),
        "Filter",
    ),
    "a filter of 100 kB": (v1(filter=f'eq(name, "{"x" * 100_000}")'), "The filter has"),
    "a filter of 300 calls": (
        v1(filter=f"and({','.join(['eq(name,1)'] * 300)})"),
        "Filter, line 1",
    ),
    "a filter with a list in a list": (v1(filter='in(name, [["a"]])'), "Filter, line 1"),
    "a filter with an empty list": (v1(filter="eq(name, [])"), "Filter, line 1"),
    "a filter with the number 1e400": (v1(filter="gt(latency, 1e400)"), "1e400"),
    "a filter with a number of 5,000 digits": (
        v1(filter=f"gt(total_tokens, {'9' * 5_000})"),
        "the greatest number",
    ),
    "a filter with a duration beyond floats": (
        v1(filter=f'gt(latency, "{"9" * 400}d")'),
        "a duration",
    ),
    "a filter with the year 1": (
        v1(filter='gt(start_time, "0001-01-01T00:00:00+23:59")'),
        "a time of 1900",
    ),
    "a filter with the year 9999": (
        v2(filter='lt(end_time, "9999-12-31T23:59:59-23:59")'),
        "a time of 1900",
    ),
    "a filter that is blank": (v1(filter=" \n "), "Filter, line"),
    "a filter with an open quote": (v1(filter='eq(name, "'), "quote is not closed"),
    "a filter with NUL": (v1(filter="eq(\0name, 1)"), "Filter, line 1"),
    "a filter that is a list": (v1(filter=[]), "filter"),
    "a tree filter that is no call": (v2(tree_filter="name"), "Filter, line 1"),
    "a trace filter of an unknown field": (v1(trace_filter='eq(nam, "x")'), "nam"),
    "a filter of the runs of a trace": (
        get(f"/v2/traces/{GOOD['id']}/runs?project_id={PROJECT}&filter=eq("),
        "Filter, line 1",
    ),
    # Ids
    "20,000 ids of runs": (post("/runs/query", {"id": MANY}), "id takes at most"),
    "20,000 traces": (v1(trace=MANY), "trace takes at most"),
    "20,000 projects": (post("/runs/stats", {"session": MANY}), "session takes at most"),
    "20,000 ids of v2": (v2(ids=MANY), "ids takes at most"),
    "20,000 projects of v2": (post("/v2/runs/query", {"project_ids": MANY}), "project_ids"),
    "an id that is an object": (post("/runs/query", {"id": {"a": 1}}), "id takes UUIDs"),
    "an id 300 deep": (post("/runs/query", {"id": [nested(300)]}), "id takes UUIDs"),
    "an id with NUL": (v1(trace=NO + "\0"), "trace takes UUIDs"),
    "a run in an address that is no UUID": (get("/runs/%00"), "run_id takes UUIDs"),
    # Other fields
    "a limit of 1e300": (v1(limit=1e300), "limit"),
    "a limit of 5,000 digits": (v1(limit="9" * 5_000), "limit"),
    "a limit that is true": (v1(limit=True), "limit"),
    "a page of 0": (v2(page_size=0), "page_size"),
    "a page that is a list": (threads(page_size=[1]), "page_size"),
    "a start of 1e300": (v1(start_time=1e300), "start_time"),
    "a window from the year 1": (v2(min_start_time="0001-01-01T00:00:00+23:59"), "min_start_time"),
    "a window to the year 9999": (
        traces(max_start_time="9999-12-31T23:59:59-23:59"),
        "max_start_time",
    ),
    "an order of execution of 2**63": (v1(execution_order=2**63), "execution_order"),
    "an order of execution that is an object": (v1(execution_order={}), "execution_order"),
    "a run type that is an object": (v1(run_type={}), "run_type"),
    "an order that is a list": (v1(order=[]), "order"),
    "is_root that is an object": (v1(is_root={}), "is_root"),
    "an error that is 2": (v1(error=2), "error"),
    "fields that are an object": (v1(select={}), "select"),
    "a field that is a list": (v1(select=[[]]), "select"),
    "selects that are text": (v2(selects="NAME"), "selects"),
    "a select that is an object": (traces(selects=[{}]), "selects"),
    "a search that is a number": (v1(query=1), "query"),
    # GET /sessions and GET /feedback
    **{
        f"{path} with {name}={value[:20]}": (get(path, **{name: value}), name)
        for path, name, value in [
            ("/sessions", "limit", "0"),
            ("/sessions", "limit", "9" * 5_000),
            ("/sessions", "limit", "٣"),
            ("/sessions", "offset", "-1"),
            ("/sessions", "offset", "1e300"),
            ("/sessions", "id", "me"),
            ("/sessions", "id", "\0"),
            ("/sessions", "include_stats", "often"),
            ("/sessions", "sort_by_desc", "often"),
            ("/feedback", "limit", "nan"),
            ("/feedback", "offset", str(2**63)),
            ("/feedback", "run", "me"),
            ("/feedback", "session", "\0"),
            ("/feedback", "has_score", "often"),
            ("/feedback", "has_comment", "often"),
        ]
    },
    "a project in an address that is no UUID": (get("/sessions/me"), "session_id"),
    "feedback in an address that is no UUID": (get("/feedback/me"), "feedback_id"),
    "an upsert that is neither true nor false": (
        post("/sessions?upsert=often", {"name": "new"}),
        "upsert",
    ),
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with opened(tmp_path_factory.mktemp("queries")) as client:
        made = client.post("/sessions", json={"name": "good", "id": PROJECT})
        assert made.status_code == 200
        assert client.post("/runs/batch", json={"post": [GOOD]}).status_code == 202
        yield client


@pytest.mark.parametrize(
    ("sent", "named"),
    refusals(REFUSED),
)
def test_what_cannot_be_answered_is_refused_by_name(client: TestClient, sent: Sent, named: str):
    assert_refused(client, sent, named)
