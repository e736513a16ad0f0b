"""A provider is asked for what has no recording, and its answer becomes one."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from helpers import recording
from helpers.recording import SecretFound
from helpers.replay.answerer import Asked
from helpers.replay.answerers import Recorder, Recordings
from tests.replay.samples import CHAT, DNS


def ask(recorder: Recorder, body: dict[str, object]) -> int:
    async def work() -> int:
        try:
            asked = Asked(CHAT, body, recording.key(CHAT, body))
            return (await recorder.answer(asked)).status_code
        finally:
            await recorder.close()

    return asyncio.run(work())


def test_the_answer_is_given_and_kept(provider, tmp_path: Path):
    recordings = Recordings(tmp_path)
    assert ask(Recorder(provider[0], recordings), DNS) == 200
    assert recording.key(CHAT, DNS) in recordings.by_key


def test_how_long_it_took_is_kept(provider, tmp_path: Path):
    recordings = Recordings(tmp_path)
    ask(Recorder(provider[0], recordings), DNS)
    (kept,) = recordings.by_key.values()
    assert kept.seconds is not None and kept.seconds >= 0


def test_the_same_question_twice_at_once_is_asked_once(provider, tmp_path: Path):
    recorder = Recorder(provider[0], Recordings(tmp_path))

    async def work() -> list[dict[str, object]]:
        one = Asked(CHAT, DNS, recording.key(CHAT, DNS))
        try:
            answers = await asyncio.gather(recorder.answer(one), recorder.answer(one))
        finally:
            await recorder.close()
        return [json.loads(bytes(each.body)) for each in answers]

    first, second = asyncio.run(work())
    assert first == second and len(provider[1]) == 1


def test_what_is_only_timed_is_answered_as_it_was_recorded(provider, tmp_path: Path):
    ask(Recorder(provider[0], Recordings(tmp_path)), DNS)
    (file,) = tmp_path.iterdir()
    written = json.loads(file.read_text())
    del written["response"]["seconds"]
    written["response"]["body"]["id"] = "the first"
    file.write_text(json.dumps(written))
    recorder = Recorder(provider[0], Recordings(tmp_path, timing=True, pace=0))
    one = Asked(CHAT, DNS, recording.key(CHAT, DNS))

    async def work() -> bytes:
        try:
            return bytes((await recorder.answer(one)).body)
        finally:
            await recorder.close()

    assert json.loads(asyncio.run(work()))["id"] == "the first"
    assert json.loads(file.read_text())["response"]["seconds"] >= 0


def test_a_prompt_with_a_key_does_not_leave_this_machine(provider, tmp_path: Path):
    secret = "sk-" + "a1b2c3d4e5f6" * 3
    body = {**DNS, "messages": [{"role": "user", "content": secret}]}
    with pytest.raises(SecretFound):
        ask(Recorder(provider[0], Recordings(tmp_path)), body)
    assert provider[1] == [] and list(tmp_path.iterdir()) == []
