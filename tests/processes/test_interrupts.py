"""Blocks that an interrupt waits for."""

import os
import signal
import threading

import pytest

from helpers.processes.interrupts import uninterrupted


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
