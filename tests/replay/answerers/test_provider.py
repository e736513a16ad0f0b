"""A provider is asked for what has no recording, and its answer becomes one."""

from __future__ import annotations

import asyncio
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


def test_a_prompt_with_a_key_does_not_leave_this_machine(provider, tmp_path: Path):
    secret = "sk-" + "a1b2c3d4e5f6" * 3
    body = {**DNS, "messages": [{"role": "user", "content": secret}]}
    with pytest.raises(SecretFound):
        ask(Recorder(provider[0], Recordings(tmp_path)), body)
    assert provider[1] == [] and list(tmp_path.iterdir()) == []
