"""Blocks that an interrupt waits for, and work with a deadline."""

import os
import signal
import threading

import pytest

from helpers.errors import TutorialError
from helpers.session.interrupts import uninterrupted, within


@pytest.mark.usefixtures("interruptible")
@pytest.mark.skipif(os.name == "nt", reason="signals are sent to processes otherwise there")
def test_an_interrupt_comes_after_the_block():
    done = []
    with pytest.raises(KeyboardInterrupt), uninterrupted():
        os.kill(os.getpid(), signal.SIGINT)
        done.append("all of it")
    assert done == ["all of it"]


def test_without_an_interrupt_the_handler_is_the_same_as_before():
    before = signal.getsignal(signal.SIGINT)
    with uninterrupted():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_another_thread_has_nothing_to_do():
    kept = []

    def work():
        with uninterrupted():
            kept.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert kept == [signal.getsignal(signal.SIGINT)]


def test_work_that_is_done_in_time_gives_its_result():
    assert within(5, "counting", lambda: 3) == 3


def test_an_error_of_the_work_is_raised_here():
    with pytest.raises(ZeroDivisionError):
        within(5, "dividing", lambda: 1 / 0)


def test_work_that_hangs_is_named():
    released = threading.Event()
    with pytest.raises(TutorialError, match="reading a disk took more than 0.05 seconds"):
        within(0.05, "reading a disk", lambda: released.wait(10))
    released.set()
