"""When reading again and again has been enough."""

from __future__ import annotations

import asyncio
import time

from helpers.traces.patience import QUIET_SECONDS, Patience


def reading(patience: Patience, seen: object) -> Patience:
    patience.begin()
    patience.look(seen)
    return patience


def test_without_a_lag_the_first_reading_is_enough():
    patience = reading(Patience(0.0, 1.0, time.monotonic()), "runs")
    assert patience.settled and patience.quiet


def test_a_reading_that_began_within_the_lag_is_not_enough():
    now = time.monotonic()
    assert not reading(Patience(60.0, 1.0, now), "runs").settled
    assert reading(Patience(60.0, 1.0, now - 61), "runs").settled


def test_it_is_quiet_a_lag_after_the_last_change():
    patience = reading(Patience(60.0, 1.0, time.monotonic() - 61), "one run")
    assert patience.settled and not patience.quiet


def test_where_nobody_says_it_is_quiet_after_a_while_without_a_change():
    since = time.monotonic() - QUIET_SECONDS - 1
    assert reading(Patience(None, 1.0, since), None).quiet
    assert not reading(Patience(None, 1.0, since), "a run").quiet


def test_there_is_no_more_once_the_time_is_up():
    async def count(patience: Patience) -> int:
        times = 0
        while await patience.more():
            times += 1
        return times

    assert asyncio.run(count(Patience(0.0, 0.1, time.monotonic()))) > 1
    assert asyncio.run(count(Patience(None, 1.0, time.monotonic() - 2))) == 0
    # What the service needs comes on top, and nobody looks on meanwhile.
    assert asyncio.run(count(Patience(0.2, 0.0, time.monotonic()))) == 1
