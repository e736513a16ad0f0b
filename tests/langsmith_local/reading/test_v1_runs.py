from __future__ import annotations

import datetime
import uuid
import warnings
from decimal import Decimal
from typing import Any

import httpx
import pytest
from langsmith import Client

from tests.langsmith_local.stored import conforms, run_id

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated.*")
USAGE = {
    "input_tokens": 11,
    "output_tokens": 7,
    "total_tokens": 18,
    "input_cost": 0.00011,
    "output_cost": 0.0002,
    "total_cost": 0.00031,
    "input_token_details": {"cache_read": 3},
    "output_cost_details": {"reasoning": 0.0001},
}
NOW = datetime.datetime.now(datetime.UTC).replace(microsecond=250_000)


def order(start: datetime.datetime, ident: str, above: str = "") -> str:
    own = f"{start:%Y%m%dT%H%M%S%f}Z{ident}"
    return f"{above}.{own}" if above else own


@pytest.fixture
def client(service: str) -> Client:
    return Client(api_url=service, api_key="local", web_url=service, auto_batch_tracing=False)


@pytest.fixture
def trace(client: Client) -> list[str]:
    """A chain with an llm run and a failed tool beneath it, written by the SDK; their ids."""
    ids = [str(uuid.UUID(run_id(name))) for name in ("glossary", "model", "lookup")]
    root = order(NOW, ids[0])
    common: dict[str, Any] = {"project_name": "shop", "trace_id": ids[0]}
    client.create_run(
        "glossary",
        {"term": "HTTP"},
        "chain",
        id=ids[0],
        dotted_order=root,
        start_time=NOW,
        end_time=NOW + datetime.timedelta(seconds=3),
        outputs={"text": "A protocol."},
        tags=["demo"],
        extra={"metadata": {"thread_id": "talk", "user_id": "u-1"}},
        **common,
    )
    start = NOW + datetime.timedelta(seconds=1)
    client.create_run(
        "model",
        {"messages": []},
        "llm",
        id=ids[1],
        parent_run_id=ids[0],
        start_time=start,
        end_time=start + datetime.timedelta(seconds=1),
        dotted_order=order(start, ids[1], root),
        outputs={"usage_metadata": USAGE},
        extra={"metadata": {"ls_model_name": "tiny"}},
        events=[{"name": "new_token", "time": (start).isoformat()}],
        **common,
    )
    start = NOW + datetime.timedelta(seconds=2)
    client.create_run(
        "lookup",
        {},
        "tool",
        id=ids[2],
        parent_run_id=ids[0],
        start_time=start,
        end_time=start,
        dotted_order=order(start, ids[2], root),
        error="KeyError('HTTP')",
        **common,
    )
    client.create_feedback(ids[0], "helpful", score=1, comment="yes")
    return ids  # fmt: skip


def test_a_run_comes_back_as_it_was_sent(client: Client, trace: list[str]) -> None:
    run = client.read_run(trace[0])
    assert (run.name, run.run_type, run.status) == ("glossary", "chain", "success")
    assert (run.inputs, run.outputs) == ({"term": "HTTP"}, {"text": "A protocol."})
    assert (run.start_time, run.latency) == (NOW, 3.0)
    assert (run.tags, run.metadata["user_id"]) == (["demo"], "u-1")
    assert run.feedback_stats["helpful"]["avg"] == 1
    assert run.feedback_stats["helpful"]["n"] == 1


def test_the_url_of_a_run_leads_to_its_page(client: Client, trace: list[str], service: str) -> None:
    run = client.read_run(trace[1])
    assert run.url.startswith(f"{service}/o/")
    assert httpx.get(run.url).status_code == 200
    assert f"/r/{trace[1]}" in run.url


def test_tokens_and_costs_are_the_runs_own_or_the_sum_beneath(
    client: Client, trace: list[str]
) -> None:
    for ident in trace[:2]:
        run = client.read_run(ident)
        assert (run.prompt_tokens, run.completion_tokens, run.total_tokens) == (11, 7, 18)
        assert run.total_cost == Decimal("0.00031")
    assert run.prompt_token_details == {"cache_read": 3}
    assert run.completion_cost_details == {"reasoning": Decimal("0.0001")}


def test_child_runs_are_loaded_as_a_tree(client: Client, trace: list[str]) -> None:
    run = client.read_run(trace[0], load_child_runs=True)
    assert [child.name for child in run.child_runs] == ["model", "lookup"]
    assert [str(i) for i in run.child_runs[0].parent_run_ids] == trace[:1]


QUERIES: list[tuple[dict[str, Any], str]] = [
    ({}, "lookup model glossary"),
    ({"order": "asc"}, "glossary model lookup"),
    ({"is_root": True}, "glossary"),
    ({"is_root": 1}, "glossary"),
    ({"is_root": False}, "lookup model"),
    ({"run_type": "llm"}, "model"),
    ({"error": True}, "lookup"),
    ({"error": False}, "model glossary"),
    ({"parent_run_id": run_id("glossary")}, "lookup model"),
    ({"trace_id": run_id("glossary")}, "lookup model glossary"),
    ({"trace_id": run_id("none")}, ""),
    ({"start_time": NOW + datetime.timedelta(seconds=2)}, "lookup"),
    ({"end_time": NOW.isoformat()}, "glossary"),
    ({"query": "protocol"}, "glossary"),
    ({"filter": 'eq(name, "model")'}, "model"),
    ({"filter": 'neq(name, "glossary")', "trace_filter": 'has(tags, "demo")'}, "lookup model"),
    ({"is_root": True, "tree_filter": "neq(error, null)"}, "glossary"),
    ({"limit": 2}, "lookup model"),
]


@pytest.mark.parametrize(("asked", "names"), QUERIES)
def test_list_runs_finds(
    client: Client, trace: list[str], asked: dict[str, Any], names: str
) -> None:
    found = client.list_runs(project_name="shop", **asked)
    assert [run.name for run in found] == names.split()


def test_runs_are_listed_by_id_whatever_else_is_asked(client: Client, trace: list[str]) -> None:
    found = client.list_runs(run_ids=trace[:2], filter='eq(name, "none")')
    assert {run.name for run in found} == {"glossary", "model"}


def test_list_runs_follows_the_cursor(client: Client, service: str) -> None:
    many = [{"id": str(uuid.uuid4()), "name": f"n{i}"} for i in range(230)]
    for run in many:
        run |= {"trace_id": run["id"], "run_type": "chain", "session_name": "many"}
        run |= {"start_time": NOW.isoformat(), "dotted_order": order(NOW, run["id"])}
    httpx.post(f"{service}/runs/batch", json={"post": many, "patch": []}).raise_for_status()
    found = [run.name for run in client.list_runs(project_name="many")]
    assert sorted(found) == sorted(run["name"] for run in many)


def test_selected_fields_come_and_others_do_not(service: str, trace: list[str]) -> None:
    answer = httpx.post(f"{service}/runs/query", json={"id": trace, "select": ["tags"]}).json()
    assert answer["runs"][0].keys() >= {"id", "name", "tags", "trace_id", "prompt_token_details"}
    assert not answer["runs"][0].keys() & {"inputs", "outputs", "extra", "events"}


@pytest.mark.parametrize(
    ("path", "asked", "named"),
    [
        ("query", {"skip_pagination": True}, "skip_pagination"),
        ("query", {"skip_prev_cursor": "often"}, "skip_prev_cursor"),
        ("query", {"use_experimental_search": True}, "use_experimental_search"),
        ("stats", {"use_experimental_search": True}, "use_experimental_search"),
        ("stats", {"groups": ["a"]}, "groups"),
    ],
)
def test_what_would_be_ignored_is_refused(
    service: str, trace: list[str], path: str, asked: dict[str, Any], named: str
) -> None:
    answer = httpx.post(f"{service}/runs/{path}", json={"trace": trace[0], **asked})
    assert (answer.status_code, named in answer.text) == (422, True)


def test_the_defaults_of_what_is_not_served_are_taken(service: str, trace: list[str]) -> None:
    plain = {"skip_pagination": None, "use_experimental_search": False, "skip_prev_cursor": False}
    for asked in (plain, plain | {"skip_pagination": False, "skip_prev_cursor": True}):
        answer = httpx.post(f"{service}/runs/query", json={"trace": trace[0], **asked})
        assert (answer.status_code, answer.json()["cursors"]["prev"]) == (200, None)


def test_a_run_is_read_without_its_serialized_form(service: str, trace: list[str]) -> None:
    def ask(**asked: str) -> httpx.Response:
        return httpx.get(f"{service}/runs/{trace[0]}", params=asked)

    assert "serialized" in ask(exclude_serialized="false", include_messages="0").json()
    assert "serialized" not in ask(exclude_serialized="true").json()
    for name in ("include_messages", "exclude_serialized", "exclude_s3_stored_attributes"):
        answer = ask(**{name: "true" if name == "include_messages" else "often"})
        assert (answer.status_code, name in answer.text) == (422, True)


def test_threads_are_listed_and_read(client: Client, trace: list[str]) -> None:
    (thread,) = client.list_threads(project_name="shop")
    assert (thread["thread_id"], thread["count"]) == ("talk", 1)
    runs = client.read_thread(thread_id="talk", project_name="shop")
    assert [run.name for run in runs] == ["glossary"]


def test_stats_count_a_trace_once(client: Client, trace: list[str]) -> None:
    stats = client.get_run_stats(project_names=["shop"])
    assert (stats["run_count"], stats["total_tokens"]) == (3, 18)
    assert stats["total_cost"] == pytest.approx(0.00031)
    assert stats["error_rate"] == pytest.approx(1 / 3)
    assert stats["feedback_stats"]["helpful"]["n"] == 1
    assert client.get_run_stats(project_names=["shop"], is_root=True)["total_tokens"] == 18


def test_stats_of_nothing_are_empty(client: Client, trace: list[str]) -> None:
    stats = client.get_run_stats(project_names=["shop"], filter='eq(name, "none")')
    assert (stats["run_count"], stats["latency_p50"], stats["error_rate"]) == (0, None, None)


def test_stats_are_those_that_are_selected(service: str, trace: list[str]) -> None:
    def ask(*chosen: str) -> httpx.Response:
        return httpx.post(f"{service}/runs/stats", json={"trace": trace[0], "select": chosen})

    assert ask("run_count", "total_tokens").json() == {"run_count": 3, "total_tokens": 18}
    assert ask("latency_avg").status_code == 422


REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({}, 400, "session"),
    ({"session": ["shop"]}, 422, "session"),
    ({"session": 5}, 422, "session"),
    ({"id": [run_id("x")], "limit": 101}, 422, "limit"),
    ({"id": [run_id("x")], "limit": 0}, 422, "limit"),
    ({"id": [run_id("x")], "limit": "many"}, 422, "limit"),
    ({"id": [run_id("x")], "order": "up"}, 422, "order"),
    ({"id": [run_id("x")], "select": "name"}, 422, "select"),
    ({"id": [run_id("x")], "select": ["bogus"]}, 422, "bogus"),
    ({"id": [run_id("x")], "select": ["startTime"]}, 422, "Did you mean start_time"),
    ({"id": [run_id("x")], "cursor": "?"}, 422, "cursor"),
    ({"id": [run_id("x")], "data_source_type": "old"}, 422, "data_source_type"),
    ({"id": [run_id("x")], "data_source_type": "lite"}, 422, "not served"),
    ({"trace": run_id("x"), "execution_order": 2}, 422, "execution_order"),
    ({"trace": run_id("x"), "run_type": "LLM"}, 422, "run_type"),
    ({"trace": run_id("x"), "start_time": "soon"}, 422, "start_time"),
    ({"trace": run_id("x"), "error": "yes"}, 422, "error"),
    ({"trace": run_id("x"), "filter": ["eq"]}, 422, "filter"),
    ({"trace": run_id("x"), "filter": "eq(nme, 'x')"}, 400, "name"),
    ({"trace": run_id("x"), "trace_filter": "eq("}, 400, "expected"),
    ({"trace": run_id("x"), "tree_filter": "no"}, 400, "expected"),
]


@pytest.mark.parametrize(("body", "status", "said"), REFUSED)
def test_a_query_that_cannot_be_answered_is_refused_and_says_why(
    service: str, body: dict[str, Any], status: int, said: str
) -> None:
    answer = httpx.post(f"{service}/api/v1/runs/query", json=body)
    assert answer.status_code == status
    assert said in str(answer.json()["detail"])


def test_the_sdk_shows_where_a_filter_is_wrong(client: Client, trace: list[str]) -> None:
    with pytest.raises(Exception, match="Did you mean"):
        list(client.list_runs(project_name="shop", filter='eq(nmae, "x")'))


def test_a_filter_is_validated_without_running_it(service: str) -> None:
    def ask(**body: str) -> dict[str, Any]:
        return httpx.post(f"{service}/runs/query/validate", json=body).json()

    assert ask(filter='eq(name, "x")') == {"valid": True, "errors": []}
    wrong = ask(filter="eq(", tree_filter="eq(name, 'x')", trace_filter="eqq(name, 1)")
    assert [error["field"] for error in wrong["errors"]] == ["filter", "trace_filter"]


@pytest.mark.parametrize(("ident", "status"), [(run_id("none"), 404), ("none", 422)])
def test_a_run_that_is_not_there_is_said_to_be_so(service: str, ident: str, status: int) -> None:
    assert httpx.get(f"{service}/runs/{ident}").status_code == status


def test_every_answer_agrees_with_langsmiths_own_schema(service: str, trace: list[str]) -> None:
    answer = httpx.post(f"{service}/runs/query", json={"trace": trace[0]}).json()
    conforms(answer, "ListRunsResponse")
    conforms(httpx.get(f"{service}/runs/{trace[1]}").json(), "RunSchema")
    body = {"trace": trace[0], "filter": "eq("}
    conforms(httpx.post(f"{service}/runs/stats", json={"trace": trace[0]}).json(), "RunStats")
    found = httpx.post(f"{service}/runs/query/validate", json=body).json()
    conforms(found, "RunsQueryValidationResponse")
    wrong = httpx.post(f"{service}/runs/query", json={"session": 1})
    conforms(wrong.json(), "HTTPValidationError")


def test_attachments_are_read_through_the_sdk(service: str) -> None:
    client = Client(api_url=service, api_key="local")
    ident = str(uuid.uuid4())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        client.create_run(
            "sees", {}, "chain", id=ident, trace_id=ident, dotted_order=order(NOW, ident),
            start_time=NOW, end_time=NOW, project_name="pictures",
            attachments={"a picture": ("image/png", b"png")},
        )  # fmt: skip
        client.flush()
        (run,) = client.list_runs(project_name="pictures")
    assert run.attachments["a picture"]["reader"].read() == b"png"
    assert run.attachments["a picture"]["mime_type"] == "image/png"
