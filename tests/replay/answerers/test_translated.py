"""Whoever is named, the learner's own provider answers."""

from __future__ import annotations

import asyncio

from helpers.replay.answerer import Asked
from helpers.replay.answerers import Translated
from tests.replay.samples import CHAT, DNS


def test_it_hands_each_request_on(provider):
    async def work() -> list[int]:
        one = Translated(provider[0])
        try:
            asked = Asked(CHAT, DNS, "")
            return [(await one.answer(asked)).status_code for _ in range(2)]
        finally:
            await one.close()

    assert asyncio.run(work()) == [200, 200]
    assert len(provider[1]) == 2
