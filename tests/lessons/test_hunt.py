"""The hunt of lesson 07: what it finds, and where masks and switches leave something."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import suppress

import nbformat
import pytest
from langsmith import Client, traceable, tracing_context
from langsmith.anonymizer import create_anonymizer

from helpers import services, session, traces
from helpers.lessons import hunt
from helpers.testing.leftovers import PLANTED
from tests.lessons.calls import CALL, NOTEBOOKS, lesson, reporting

LESSON = NOTEBOOKS / "07_sample_and_redact.ipynb"


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
    plant("none")
    found = {"nowhere": "0 of 1 runs", "the bytes received": "0 of 1 requests"}
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


@pytest.mark.struggle(15)
def test_a_logger_s_own_switch_forgets_the_failures():
    assert called("switch", turn_off_message_logging=True) == {
        "error": "1 of 2 runs",
        "inputs.error_information.error_message": "1 of 2 runs",
        "inputs.error_str": "1 of 2 runs",
        "inputs.messages.content": "1 of 2 runs",
        "the bytes received": "1 of 1 requests",
    }


@pytest.mark.struggle(15)
def test_the_switch_for_all_loggers_leaves_what_an_error_repeats(monkeypatch):
    import litellm

    monkeypatch.setattr(litellm, "turn_off_message_logging", True)
    assert called("switch for all") == {
        "error": "1 of 2 runs",
        "inputs.error_information.error_message": "1 of 2 runs",
        "inputs.error_str": "1 of 2 runs",
        "the bytes received": "1 of 1 requests",
    }


def called(project: str, **switches: bool) -> dict[str, str]:
    """Log an answer and a failure that repeat a secret; return where LangSmith then has it."""
    import litellm

    secret = "My password is marigold-1."
    question = {"role": "user", "content": secret}

    async def main() -> None:
        async with reporting(batch_size=2, **switches):
            for reply in (secret, Exception(secret)):
                with suppress(litellm.InternalServerError):
                    await litellm.acompletion(
                        **CALL | {"messages": [question], "mock_response": reply},
                        metadata={"project_name": project},
                    )
            await traces.wait(2, project=project)

    asyncio.run(main())
    return rows(project)


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
    assert any(f'SECRET = "{word}-' in cell.source for cell in cells)
    printed = "MaskedLogger"  # the one output that shows the mask, whose pattern names the word
    assert [text for text in shown if word in text and printed not in text] == []


def test_the_picture_has_a_text_alternative():
    outputs = [o for c in nbformat.read(LESSON, as_version=4).cells for o in c.get("outputs", ())]
    pictures = [o for o in outputs if "image/png" in o.get("data", {})]
    assert pictures
    assert all(len(picture.metadata["image/png"]["alt"]) > 40 for picture in pictures)
