from __future__ import annotations

from helpers import view
from helpers.traces import Trace
from tests.view.drawing import tree


def test_the_widget_lists_the_runs_and_shows_the_chosen_one():
    box = view.widget(Trace(tree()))
    runs, tabs = box.children
    assert [label for label, _ in runs.options][0].startswith("define · chain · ok")
    runs.value = 1
    assert "What is HTTP?" in tabs.children[0].value
    assert "HTTP is a protocol." in tabs.children[1].value
    runs.value = 2
    assert "ValueError: no" in tabs.children[3].value and "none" in tabs.children[1].value


def test_the_widget_is_text_where_widgets_cannot_be_shown():
    trace = Trace(tree())
    bundle = view.widget(trace)._repr_mimebundle_()
    assert bundle["text/plain"] == view.text(trace)
    assert "application/vnd.jupyter.widget-view+json" in bundle
