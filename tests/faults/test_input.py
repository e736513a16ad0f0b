"""Bad input, sent to be stored: a 4xx names it, and everything still reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from helpers.testing.faults import case, fault
from tests.faults.readers import STAMP, opened, run, unread
from tests.faults.sending import (
    Sent,
    assert_refused,
    attachment,
    batch,
    get,
    multipart,
    nested,
    post,
    refusals,
)

NO = "00000000-0000-4000-8000-000000000000"
HALF = "\ud800"  # json.dumps escapes it
GOOD = run()
DEEP = nested(300)


def usage(**numbers: Any) -> dict[str, Any]:
    return {"outputs": {"usage_metadata": numbers}}


def single(**fields: Any) -> Sent:
    return post("/runs", run(**fields))


def patch(**fields: Any) -> Sent:
    return "PATCH", f"/runs/{GOOD['id']}", post("", fields)[2]


def feedback(**fields: Any) -> Sent:
    return post("/feedback", {"run_id": GOOD["id"], "key": "k", **fields})


def project(**fields: Any) -> Sent:
    return post("/sessions", {"name": "new", **fields})


def opinion(**fields: Any) -> Sent:
    given = {"run_id": GOOD["id"], "trace_id": GOOD["id"], "key": "k", **fields}
    return multipart(f"feedback.{NO}", json.dumps(given))


#: What is broken: the request, and what the refusal must name.
REFUSED: dict[str, tuple[Sent, str]] = {
    # Times
    "a start before year 1 in UTC": (
        batch(start_time="0001-01-01T00:00:00+23:59"),
        "post.0.start_time",
    ),
    "a start after year 9999 in UTC": (
        batch(start_time="9999-12-31T23:59:59-23:59"),
        "post.0.start_time",
    ),
    "a start of 1e300": (batch(start_time=1e300), "post.0.start_time"),
    "a start of -1e300": (batch(start_time=-1e300), "post.0.start_time"),
    "a start of infinity as a number": (batch(start_time=float("inf")), "JSON"),
    "a start that is not a number": (batch(start_time=float("nan")), "JSON"),
    "a start that is the text inf": (batch(start_time="inf"), "post.0.start_time"),
    "a start that is true": (batch(start_time=True), "post.0.start_time"),
    "a start that is an object": (batch(start_time={}), "post.0.start_time"),
    "a start with half of a surrogate pair": (batch(start_time=HALF), "surrogate"),
    "an end before year 1 in a single run": (
        single(end_time="0001-01-01T00:00:00+23:59"),
        "post.end_time",
    ),
    "an end of 1e300 in a patch": (patch(end_time=1e300), "patch.end_time"),
    "an end of the year 5138 in a patch": (patch(end_time=10**14), "patch.end_time"),
    "a start of 2**63 microseconds": (batch(start_time=2**63), "post.0.start_time"),
    # Costs and tokens
    "tokens that are the text inf": (batch(**usage(input_tokens="inf")), "input_tokens"),
    "tokens that are the text nan": (batch(**usage(output_tokens="nan")), "output_tokens"),
    "tokens of 1e300": (batch(**usage(total_tokens=1e300)), "usage_metadata.total_tokens"),
    "tokens of 2**63": (batch(**usage(total_tokens=2**63)), "usage_metadata.total_tokens"),
    "tokens of -2**80": (batch(**usage(total_tokens=-(2**80))), "usage_metadata.total_tokens"),
    "tokens of 10**400": (batch(**usage(total_tokens=10**400)), "infinity"),
    "a cost that is the text inf": (batch(**usage(total_cost="inf")), "total_cost"),
    "a cost of -1e300": (single(**usage(input_cost=-1e300)), "post.outputs.usage_metadata"),
    "a cost of 1e300 in a patch": (patch(**usage(output_cost=1e300)), "patch.outputs"),
    "tokens of 1e300 in metadata": (
        batch(outputs={}, extra={"metadata": {"usage_metadata": {"input_tokens": 1e300}}}),
        "extra.metadata.usage_metadata.input_tokens",
    ),
    "1e300 in the details of tokens": (
        batch(**usage(input_token_details={"cache_read": 1e300})),
        "input_token_details.cache_read",
    ),
    "the text inf in the details of costs": (
        batch(**usage(output_cost_details={"reasoning": "inf"})),
        "output_cost_details.reasoning",
    ),
    # Feedback
    "a score of 1e300": (feedback(score=1e300), "score"),
    "a score of infinity": (feedback(score=float("inf")), "JSON"),
    "a score of 2**63": (feedback(score=2**63), "score"),
    "a score of -10**40": (feedback(score=-(10**40)), "score"),
    "a comment of 200 kB": (feedback(comment="x" * 200_000), "at most 131072 bytes"),
    "a comment of 200 kB in a part": (
        opinion(comment="x" * 200_000),
        "at most 131072 bytes",
    ),
    "a score that is a text": (feedback(score="1"), "score"),
    "a feedback part without its trace": (opinion(trace_id=None), "trace_id: missing property"),
    "a time of a feedback part without offset": (
        opinion(created_at="2026-01-01T00:00:00"),
        "created_at",
    ),
    "a field of another name to select": (
        post("/runs/query", {"id": [GOOD["id"]], "select": ["startTime"]}),
        "start_time",
    ),
    "the second run of a trace, by its number": (
        post("/runs/query", {"trace": GOOD["id"], "execution_order": 2}),
        "execution_order",
    ),
    "a run that was posted already": (post("/runs", GOOD), "already received"),
    "a score of 1e300 among runs": (opinion(score=1e300), "score"),
    "feedback of the year 0": (feedback(created_at="0000-01-01T00:00:00Z"), "created_at"),
    "feedback of 1e300": (feedback(modified_at=1e300), "modified_at"),
    "feedback of the year 0 among runs": (opinion(created_at="0000-01-01"), "created_at"),
    "a feedback value 300 deep": (feedback(value=DEEP), "value"),
    "a correction 300 deep": (feedback(correction=DEEP), "correction"),
    "a source 300 deep": (feedback(feedback_source=DEEP), "feedback_source"),
    "a feedback value 300 deep among runs": (opinion(value=DEEP), "must not nest"),
    "a feedback key of a number": (feedback(key=1), "key"),
    "a feedback key with NUL": (feedback(key="a\0b"), "key"),
    "a feedback key with half of a surrogate pair": (feedback(key=HALF), "surrogate"),
    "a feedback key of 10,000 characters": (feedback(key="k" * 10_000), "key"),
    "a comment that is a list": (feedback(comment=[]), "comment"),
    "feedback on what is no UUID": (feedback(run_id="me"), "run_id"),
    # JSON
    "inputs 300 deep": (batch(inputs=DEEP), "post.0.inputs"),
    "outputs 300 deep": (batch(outputs=DEEP), "post.0.outputs"),
    "extra 300 deep": (batch(extra=DEEP), "post.0.extra"),
    "metadata 300 deep": (batch(extra={"metadata": DEEP}), "post.0.extra"),
    "events 300 deep": (batch(events=[{"a": DEEP}]), "post.0.events"),
    "events that are no objects": (batch(events=["new_token"]), "post.0.events"),
    "outputs 300 deep in a single run": (single(outputs=DEEP), "post.outputs"),
    "outputs 300 deep in a patch": (patch(outputs=DEEP), "patch.outputs"),
    "inputs 300 deep in a part": (
        multipart(f"post.{NO}.inputs", json.dumps(DEEP)),
        f"post.{NO}.inputs",
    ),
    "a list 100,000 deep": (post("/runs/batch", "[" * 100_000), "JSON"),
    "a text with half of a surrogate pair": (batch(inputs={"a": HALF}), "surrogate"),
    "a name with half of a surrogate pair in a part": (
        multipart(f"post.{NO}", json.dumps(run(id=NO, name=HALF))),
        f"post.{NO}",
    ),
    "a batch that is a list": (post("/runs/batch", "[]"), "body"),
    "posts that are an object": (post("/runs/batch", {"post": {}}), "post"),
    "a run that is null": (post("/runs/batch", {"post": [None]}), "post.0"),
    # Names, types and ids
    "a name with NUL": (batch(name="a\0b"), "post.0.name"),
    "a name of 100,000 characters": (batch(name="n" * 100_000), "post.0.name"),
    "a run type with NUL": (batch(run_type="llm\0"), "post.0.run_type"),
    "a run type that is a list": (batch(run_type=[]), "post.0.run_type"),
    "a project of 1,001 characters": (batch(session_name="p" * 1_001), "post.0.session_name"),
    "a project's name with NUL": (batch(session_name="a\0"), "post.0.session_name"),
    "an execution order that is an object": (batch(execution_order={}), "post.0.execution_order"),
    "an execution order of 2**63": (batch(execution_order=2**63), "post.0.execution_order"),
    "an execution order of 1.5": (batch(execution_order=1.5), "post.0.execution_order"),
    "an id with underscores": (batch(id=NO.replace("-", "_")), "post.0.id"),
    "an id of other alphabets' digits": (batch(id=NO.replace("0", "٠")), "post.0.id"),
    "an id that is a number": (batch(id=0), "post.0.id"),
    "an id with a line end": (batch(id=NO + "\n"), "post.0.id"),
    "tags that are numbers": (batch(tags=[1]), "post.0.tags"),
    "an order of another run": (batch(dotted_order=f"{STAMP}{NO}"), "dotted_order"),
    "an order of 200,000 characters": (batch(dotted_order="2" * 200_000), "dotted_order"),
    # Parts
    "a length of 5,000 digits": (multipart(f"post.{NO}", "{}", length="9" * 5_000), f"post.{NO}"),
    "a length beyond the body": (multipart(f"post.{NO}", "{}", length="99"), f"post.{NO}"),
    "an attachment whose name has NUL": (attachment("a\0b"), "attachment 'a"),
    "an attachment of the name ..": (attachment(".."), "attachment '..'"),
    "an attachment whose type has NUL": (attachment("a.png", "image/\0"), "attachment 'a.png'"),
    "an attachment of the run me": (multipart("attachment.me.a", "abc"), "attachment.me.a"),
    "a part of an unknown name": (multipart("other.1", "{}"), "other.1"),
    # Projects
    "a new project of 1,001 characters": (project(name="p" * 1_001), "name"),
    "a new project with NUL": (project(name="a\0b"), "name"),
    "a new project whose name is a list": (project(name=[]), "name"),
    "a new project of 1e300": (project(start_time=1e300), "start_time"),
    "a new project of the year 10000": (project(start_time="10000-01-01"), "start_time"),
    "a new project with extra 300 deep": (project(extra=DEEP), "extra"),
    "a new project with a list as extra": (project(extra=[]), "extra"),
    "a new project described by a number": (project(description=1), "description"),
    "a new project with the id me": (project(id="me"), "id"),
}

#: What is odd and yet good: the request, the status, and a request that must then answer 200.
TAKEN: dict[str, tuple[Sent, Sent]] = {
    "an execution order of 2": (single(execution_order=2), get("/feedback")),
    "inputs 190 deep": (batch(inputs=nested(190)), get("/feedback")),
    "an attachment with a slash": (
        attachment("a/b.png"),
        get("/attachments/aaaaaaaa-0000-4000-8000-000000000001/a/b.png"),
    ),
    "an id in braces and upper case": (
        batch(
            id="{AAAAAAAA-0000-4000-8000-00000000000B}",
            trace_id="aaaaaaaa-0000-4000-8000-00000000000b",
            dotted_order=f"{STAMP}AAAAAAAA-0000-4000-8000-00000000000B",
        ),
        get("/runs/aaaaaaaa-0000-4000-8000-00000000000b"),
    ),
    "a thread whose id has NUL": (
        batch(extra={"metadata": {"thread_id": "a\0b"}}),
        get("/feedback"),
    ),
    "tokens and costs at the bound": (
        batch(**usage(total_tokens=10**12, total_cost=-(10**12))),
        get("/feedback"),
    ),
    "times at both ends": (
        batch(start_time="1900-01-01T00:00:00Z", end_time="2299-12-31T23:59:59.999999Z"),
        get("/feedback"),
    ),
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with opened(tmp_path_factory.mktemp("input")) as client:
        assert client.post("/runs/batch", json={"post": [GOOD]}).status_code == 202
        yield client


@pytest.mark.parametrize(
    ("sent", "named"),
    refusals(REFUSED),
)
def test_what_cannot_be_stored_is_refused_by_name(client: TestClient, sent: Sent, named: str):
    assert_refused(client, sent, named)


@pytest.mark.parametrize(
    ("sent", "then"),
    [
        case(*row, broken=broken, holds="it is taken, and the project reads")
        for broken, row in TAKEN.items()
    ],
)
def test_what_is_odd_and_good_is_taken(client: TestClient, sent: Sent, then: Sent):
    method, path, options = sent
    answer = client.request(method, path, **options)
    assert answer.status_code == 202, answer.text[:500]
    method, path, options = then
    assert client.request(method, path, **options).status_code == 200
    assert unread(client) == []


@fault("a batch with one bad run among two good ones", "nothing of it is stored")
def test_a_batch_is_stored_whole_or_not_at_all(client: TestClient):
    good = [run(session_name="whole"), run(session_name="whole")]
    bad = {"post": [good[0], run(session_name="whole", start_time=1e300), good[1]]}
    answer = client.post("/runs/batch", json=bad)
    assert answer.status_code == 422 and "post.1.start_time" in answer.text
    assert client.get("/sessions", params={"name": "whole"}).json() == []
    assert [client.get(f"/runs/{one['id']}").status_code for one in good] == [404, 404]
