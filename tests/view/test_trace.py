"""Traces show themselves, in a terminal and under a cell."""

from __future__ import annotations

import pytest

from helpers.view import ReadError, Trace, Traces
from tests.view.drawing import run, tree


def test_what_a_cell_shows_is_text_and_html():
    bundle = Trace(tree())._repr_mimebundle_()
    assert bundle["text/plain"].startswith("define  chain  ok  ")
    assert "<details" in bundle["text/html"] and "<b>define</b>" in bundle["text/html"]


def test_a_terminal_shows_the_text():
    trace = Trace(tree())
    assert repr(trace) == str(trace) == trace._repr_mimebundle_()["text/plain"]


def test_several_are_shown_one_after_another_below_their_note():
    both = Traces((Trace(run("first")), Trace(run("second"))), note="late")
    shown = str(both).split("\n\n")
    assert shown[0] == "late" and shown[1].startswith("first") and shown[2].startswith("second")
    assert both._repr_mimebundle_()["text/html"].count("height:16px") == 1
    assert (len(both), both[-1].root.name, both.root.name) == (2, "second", "second")


def test_no_traces_are_false_and_say_why():
    none = Traces(project="p", note="No trace in project p yet. Likely reasons:\n- Nothing <ran>.")
    assert not none and str(none) == none.note
    bundle = none._repr_mimebundle_()
    assert (
        bundle["text/plain"] == none.note and "<li>Nothing &lt;ran&gt;.</li>" in bundle["text/html"]
    )


def test_the_root_of_no_trace_is_an_error_with_the_same_reason():
    with pytest.raises(ReadError, match="Nothing ran"):
        _ = Traces(note="Nothing ran.").root
