"""Recordings answer what they hold, and nothing else."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path

import pytest
from starlette.responses import Response

from helpers import recording
from helpers.recording import Recording
from helpers.replay.answerer import Asked
from helpers.replay.answerers import Recordings
from helpers.replay.request import RequestError
from tests.replay.samples import ANSWER, CHAT, DNS, HTTP

NEW = Recording(CHAT, DNS, {"status": 200, "headers": {}, "body": ANSWER}, {"model": "m"})
TIMED = Recording(CHAT, DNS, {**NEW.response, "seconds": 1.5}, {"model": "n"})


def asked(body: dict[str, object]) -> Asked:
    return Asked(CHAT, body, recording.key(CHAT, body))


def answer(recordings: Recordings, body: dict[str, object]) -> Response | None:
    return asyncio.run(recordings.answer(asked(body)))


def test_what_is_recorded_is_answered_and_noted(folder):
    recordings = Recordings(folder)
    found = answer(recordings, HTTP)
    assert found is not None and found.status_code == 200
    assert [name.startswith("what-is-http--") for name in recordings.used] == [True]


def test_what_is_not_recorded_is_for_the_next_to_answer(folder):
    recordings = Recordings(folder)
    assert answer(recordings, DNS) is None and not recordings.used


def test_what_was_kept_is_answered_from_then_on(tmp_path: Path):
    recordings = Recordings(tmp_path)
    recordings.keep(asked(DNS), NEW)
    assert answer(recordings, DNS) is not None
    assert answer(Recordings(tmp_path), DNS) is not None


def test_a_passing_failure_is_not_kept(tmp_path: Path):
    recordings = Recordings(tmp_path)
    recordings.keep(asked(DNS), None)
    assert answer(recordings, DNS) is None and list(tmp_path.iterdir()) == []


def test_to_renew_leaves_each_request_once_to_the_next(tmp_path: Path):
    Recordings(tmp_path).keep(asked(DNS), NEW)
    recordings = Recordings(tmp_path, renew=True)
    assert answer(recordings, DNS) is None
    recordings.keep(asked(DNS), NEW)
    assert answer(recordings, DNS) is not None


def test_a_run_that_was_interrupted_renews_what_it_has_not_renewed_yet(tmp_path, monkeypatch):
    monkeypatch.setenv(recording.RENEWED, str(tmp_path / "renewed"))
    Recordings(tmp_path).keep(asked(DNS), NEW)
    first = Recordings(tmp_path, renew=True)
    first.keep(asked(DNS), NEW)
    assert answer(Recordings(tmp_path, renew=True), DNS) is not None
    (tmp_path / "renewed").unlink()
    assert answer(Recordings(tmp_path, renew=True), DNS) is None


@pytest.fixture
def slept(monkeypatch) -> list[float]:
    """The seconds that answers were held back, without waiting for them."""
    times: list[float] = []
    here, real = threading.get_ident(), asyncio.sleep

    async def sleep(seconds: float) -> None:
        if threading.get_ident() != here:  # a server that another test's thread still runs
            return await real(seconds)
        times.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return times


@pytest.mark.parametrize(("pace", "waits"), [(1, [1.5]), (2, [3.0]), (0, [])])
def test_an_answer_takes_as_long_as_the_model_took(tmp_path: Path, slept, pace, waits):
    recordings = Recordings(tmp_path, pace=pace)
    recordings.keep(asked(DNS), TIMED)
    assert answer(recordings, DNS) is not None and slept == waits


@pytest.mark.parametrize(
    ("response", "said"),
    [
        ({"body": ANSWER, "seconds": 1.5}, "1500"),
        ({"body": ANSWER}, None),
        ({"chunks": [[250, "data: {}"], [900, "data: [DONE]"]]}, "250"),
    ],
)
def test_it_tells_the_milliseconds_that_the_model_took(tmp_path: Path, response, said):
    recordings = Recordings(tmp_path, pace=0)
    recordings.keep(asked(DNS), Recording(CHAT, DNS, {"status": 200, **response}))
    found = answer(recordings, DNS)
    assert found is not None and found.headers.get("openai-processing-ms") == said


@pytest.fixture
def more(tmp_path: Path) -> Path:
    """A folder of recordings that has one in its folder of what learners ask."""
    recording.save(tmp_path / recording.MORE, NEW)
    return tmp_path


def test_what_learners_ask_is_answered_too(more: Path):
    recordings = Recordings(more)
    assert recordings.by_key == {}  # read when it is asked for, so that nobody waits at the start
    assert answer(recordings, DNS) is not None and answer(recordings, HTTP) is None
    assert recordings.models() == ["gpt-4o-mini"] and len(recordings.all()) == 1


def test_a_damaged_file_of_what_learners_ask_is_named(more: Path):
    (file,) = (more / recording.MORE).iterdir()
    file.write_text("{")
    with pytest.raises(recording.RecordingError, match=file.name):
        answer(Recordings(more), DNS)


def test_an_answer_that_nobody_timed_comes_at_once(tmp_path: Path, slept):
    recordings = Recordings(tmp_path)
    recordings.keep(asked(DNS), NEW)
    assert answer(recordings, DNS) is not None and slept == []


def test_no_recording_holds_a_cell_back_for_hours(tmp_path: Path, slept):
    recordings = Recordings(tmp_path)
    recordings.keep(asked(DNS), Recording(CHAT, DNS, {**NEW.response, "seconds": 1e9}))
    assert answer(recordings, DNS) is not None and slept == [60]


def test_timing_adds_the_seconds_of_the_same_answer_and_nothing_else(tmp_path: Path):
    Recordings(tmp_path).keep(asked(DNS), NEW)
    recordings = Recordings(tmp_path, timing=True)
    assert answer(recordings, DNS) is None  # so that it is asked
    again = {**ANSWER, "id": "chatcmpl-2", "created": 8}
    recordings.keep(asked(DNS), Recording(CHAT, DNS, {**TIMED.response, "body": again}))
    (file,) = tmp_path.iterdir()
    written = json.loads(file.read_text())
    assert written["response"] == {**NEW.response, "seconds": 1.5}
    assert written["recorded"] == {"model": "m"}
    assert answer(recordings, DNS) is not None


def test_timing_leaves_a_recording_alone_when_the_answer_is_another(tmp_path: Path):
    Recordings(tmp_path).keep(asked(DNS), NEW)
    (file,) = tmp_path.iterdir()
    before = file.read_bytes()
    other = Recording(CHAT, DNS, {**TIMED.response, "body": {**ANSWER, "choices": []}})
    with pytest.raises(RequestError, match="what-is-dns--.* stays as it was"):
        Recordings(tmp_path, timing=True).keep(asked(DNS), other)
    assert file.read_bytes() == before


def test_timing_does_not_ask_again_for_what_is_timed(tmp_path: Path):
    Recordings(tmp_path).keep(asked(DNS), TIMED)
    assert answer(Recordings(tmp_path, timing=True, pace=0), DNS) is not None


@pytest.mark.parametrize("delay", [500, 10**9])
def test_the_pace_scales_recorded_delays(tmp_path: Path, delay: int):
    body = {**DNS, "stream": True}
    answer = {"status": 200, "headers": {}, "chunks": [[delay, "data: [DONE]"]]}
    recordings = Recordings(tmp_path, pace=0)
    recordings.keep(asked(body), Recording(CHAT, body, answer, {}))

    async def read() -> list[bytes | str]:
        found = await recordings.answer(asked(body))
        return [part async for part in found.body_iterator]

    assert asyncio.run(asyncio.wait_for(read(), 30)) == ["data: [DONE]\n\n"]


def test_the_models_are_those_of_the_recordings(folder):
    assert Recordings(folder).models() == ["gpt-4o-mini", "text-embedding-3-small"]
