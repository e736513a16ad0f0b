"""One read at a time may hold much."""

from __future__ import annotations

import threading

from helpers.langsmith_local.reading.turns import alone, turn


def test_a_second_read_that_would_hold_much_waits_for_the_first_to_end():
    begun, told = threading.Event(), []

    def read() -> None:
        with turn():
            begun.set()
            alone()
            told.append("second")

    second = threading.Thread(target=read)
    with turn():
        alone()
        alone()  # it is its own turn
        second.start()
        assert begun.wait(timeout=30)
        told.append("first")
    second.join(timeout=30)
    assert told == ["first", "second"]


def test_a_read_that_fails_ends_its_turn_and_small_ones_have_none():
    for _ in range(2):
        try:
            with turn():
                alone()
                raise ValueError
        except ValueError:
            pass
    alone()
    alone()  # outside of a turn nobody is waited for
    with turn():
        alone()
