"""How long it is worth reading again."""

from __future__ import annotations

import asyncio
import time

from helpers.traces import patience
from helpers.traces.patience import QUIET_SECONDS, Patience


def test_where_nothing_is_late_all_can_be_read_at_once():
    one = Patience(lag=0.0, timeout=1.0, since=time.monotonic())
    one.look("a")
    assert one.settled and one.quiet


def test_a_service_that_is_late_is_waited_for_as_long_as_it_says():
    now = time.monotonic()
    assert not Patience(lag=60.0, timeout=1.0, since=now).settled
    assert Patience(lag=60.0, timeout=1.0, since=now - 60).settled


def test_where_nobody_says_it_is_quiet_once_nothing_has_changed_for_a_while(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(patience.time, "monotonic", lambda: clock[0])
    one = Patience(lag=None, timeout=15.0, since=100.0)
    one.look("a")
    clock[0] += QUIET_SECONDS
    assert one.quiet
    one.look("b")
    assert not one.quiet
    one.look("b")
    clock[0] += QUIET_SECONDS
    assert one.quiet


def test_the_time_ends_after_the_timeout_and_the_lag():
    since = time.monotonic() - 10
    assert not asyncio.run(Patience(lag=1.0, timeout=8.0, since=since).more())
    assert asyncio.run(Patience(lag=3.0, timeout=8.0, since=since).more())
