"""Work with a deadline."""

import threading

import pytest

from helpers.errors import TutorialError
from helpers.session.interrupts import within


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
