"""Recordings answer what they hold, and nothing else."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from starlette.responses import Response

from helpers import recording
from helpers.recording import Recording
from helpers.replay.answerer import Asked
from helpers.replay.answerers import Recordings
from tests.replay.samples import ANSWER, CHAT, DNS, HTTP

NEW = Recording(CHAT, DNS, {"status": 200, "headers": {}, "body": ANSWER}, {"model": "m"})


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
