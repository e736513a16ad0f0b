"""Every status and mark has a colour."""

import re
from typing import get_args

from helpers.doctor.report import Status
from helpers.view import colours
from tests.view.drawing import html, run


def test_every_status_of_a_check_has_a_colour():
    assert set(colours.MARKS) == set(get_args(Status))


def test_a_failed_run_is_drawn_in_the_colour_of_errors_and_no_other_is():
    failed = html(run("a", status="error", error="ValueError('x')"))
    assert colours.ERROR in failed
    assert colours.ERROR not in html(run("a"))


def test_the_bar_of_a_run_has_the_colour_of_its_kind():
    for kind, colour in colours.KINDS.items():
        assert re.search(re.escape(f"background-color:{colour}"), html(run("a", run_type=kind)))
