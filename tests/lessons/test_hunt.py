"""The hunt of lesson 09: what it finds, and where masks and switches leave something."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import suppress

import nbformat
import pytest
from langsmith import Client, traceable, tracing_context
from langsmith.anonymizer import create_anonymizer

from helpers import services, session, traces
from helpers.lessons import hunt, wire
from helpers.testing.leftovers import PLANTED
from tests.lessons.calls import NOTEBOOKS, lesson

LESSON = NOTEBOOKS / "09_redact.ipynb"


@pytest.fixture(scope="module", autouse=True)
def _environment() -> Iterator[None]:
    with lesson("hunt"):
        yield


@traceable
def echo(text: str) -> str:
    return text


def plant(project: str, client: Client | None = None, **options: object) -> None:
    client = client or Client()
    with tracing_context(enabled=True, client=client, project_name=project):
        echo("a marigold-1", langsmith_extra=options)
    client.flush()


def sent() -> int:
    """Return how many requests have brought runs so far."""
    return sum("/runs/multipart" in request.path for request in wire.arrived() or ())


def rows(project: str, text: str = "marigold-1") -> dict[str, str]:
    return dict(hunt.search(text, project=project).rows)


def test_a_hunt_names_the_places_and_counts_the_requests():
    plant("found", metadata={"note": {"deep": ["marigold-1"]}}, tags=["marigold-1"])
    assert rows("found") == {
        "inputs.text": "1 of 1 runs",
        "metadata.note.deep": "1 of 1 runs",
        "outputs.output": "1 of 1 runs",
        "tags": "1 of 1 runs",
        "the bytes received": "1 of 1 requests",
    }


def test_a_hunt_that_finds_nothing_says_nowhere():
    before = sent()
    plant("none")
    # The SDK may send a run and its change together, or apart.
    found = {"nowhere": "0 of 1 runs", "the bytes received": f"0 of {sent() - before} requests"}
    assert rows("none", "dandelion") == found


def test_a_hunt_in_a_project_without_runs_does_not_say_nowhere():
    assert rows("empty") == {"no run is there": "0 runs", "the bytes received": "0 of 0 requests"}


def test_a_hunt_waits_for_the_runs_that_are_expected():
    threading.Timer(0.2, plant, args=["expected"]).start()
    assert dict(hunt.search("marigold-1", project="expected", count=1).rows)["inputs.text"]


def test_a_key_can_hold_the_text_too():
    plant("keys", metadata={"marigold-1": 1})
    assert "metadata.marigold-1" in rows("keys")


def test_a_hunt_asks_nobody_for_the_text():
    plant("quiet")
    requests = services.state_of(session.start().app).langsmith.requests
    requests.clear()
    hunt.search("marigold-1", project="quiet")
    assert not any(b"marigold-1" in body for body in requests.bodies())


@pytest.mark.struggle(15)
def test_an_anonymizer_sees_neither_names_nor_tags():
    mask = create_anonymizer([{"pattern": r"marigold-\d+", "replace": "[removed]"}])
    plant("masked", Client(anonymizer=mask), name="marigold-1", tags=["marigold-1"])
    assert set(rows("masked")) == {"name", "tags", "the bytes received"}


@pytest.mark.parametrize(
    ("options", "left"),
    [
        ({"hide_inputs": True, "hide_outputs": True}, {"error", "metadata.note"}),
        ({"hide_inputs": True, "hide_outputs": True, "hide_metadata": True}, {"error"}),
    ],
)
def test_what_is_hidden_leaves_the_error(options, left):
    @traceable
    def fail(text: str) -> str:
        raise ValueError(text)

    project, client = f"hidden, but {sorted(left)}", Client(**options)
    about = {"enabled": True, "client": client, "metadata": {"note": "marigold-1"}}
    with tracing_context(project_name=project, **about), suppress(ValueError):
        fail("marigold-1")
    client.flush()
    assert set(rows(project)) == left | {"the bytes received"}


def test_an_anonymizer_sees_no_keys_and_no_further_than_its_depth():
    deep = [[[[[[[[[["marigold-1"]]]]]]]]]]
    for levels, places in ((None, {"metadata.marigold-1", "metadata.deep"}), (20, None)):
        mask = create_anonymizer([{"pattern": r"marigold-\d+"}], max_depth=levels)
        project = f"depth {levels}"
        plant(project, Client(anonymizer=mask), metadata={"deep": deep, "marigold-1": 1})
        assert set(rows(project)) - {"the bytes received"} == (places or {"metadata.marigold-1"})


def test_an_anonymizer_sees_each_chunk_of_a_stream_by_itself():
    def stream() -> Iterator[str]:
        yield from ("mari", "gold-1")

    client = Client(anonymizer=create_anonymizer([{"pattern": r"marigold-\d+"}]))
    with tracing_context(enabled=True, client=client, project_name="chunks"):
        list(traceable(stream, name="a list")())
        list(traceable(stream, name="joined", reduce_fn="".join)())
    client.flush()
    outputs = {run.name: run.outputs["output"] for run in traces.query(project="chunks", count=2)}
    assert outputs == {"a list": ["mari", "gold-1"], "joined": "[redacted]"}


def test_a_deleted_project_leaves_no_byte_behind():
    plant("gone", metadata={"note": "marigold-2"})
    traces.query('search("marigold-2")', project="gone")  # fills what the filters look at
    Client().delete_project(project_name="gone")
    langsmith = services.state_of(session.start().app).langsmith
    for file in langsmith.store.path.parent.iterdir():
        assert b"marigold-2" not in file.read_bytes(), file.name
    assert not any(b"marigold-2" in body for body in langsmith.requests.bodies())


# The lesson itself; that it leaves nothing behind is looked at while it runs, by
# helpers.testing.leftovers.


def test_the_stored_outputs_hold_none_of_it():
    cells = [c for c in nbformat.read(LESSON, as_version=4).cells if c.cell_type == "code"]
    shown = [json.dumps(cell.outputs) for cell in cells]
    word = PLANTED[LESSON.stem]
    assert f'SECRET = "{word}-' in (NOTEBOOKS / "leaks" / "planting.py").read_text("utf-8")
    printed = "MaskedLogger"  # the one output that shows the mask, whose pattern names the word
    assert [text for text in shown if word in text and printed not in text] == []
