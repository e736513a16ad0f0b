"""The explorer's widget: the static view beside it, and a script that can do no harm."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers.view import Trace, Traces, explorer
from helpers.view.explorer import widget
from tests.view.explorer.kept import Kept, run, until


@pytest.fixture
def source() -> Iterator[Kept]:
    kept = Kept(run("first"), run("second"))
    yield kept
    kept.over = True  # which ends the threads that follow


@pytest.fixture
def shown(source: Kept) -> Any:
    return explorer(Trace(run("second")), source, "mine")


def test_the_newest_stand_first_and_the_first_is_open(shown: Any):
    assert [row["name"] for row in shown.rows] == ["second", "first"]
    assert set(shown.runs) == {"second"} and shown.project == "mine"


def test_what_a_browser_asks_for_is_done(shown: Any, source: Kept):
    content = {"kind": "score", "run": "first", "trace": "first", "key": "right", "score": 1}
    shown._handle_custom_msg(content, [])
    assert source.scores == [("first", "first", "right", 1.0)]


def test_new_traces_are_followed_without_being_asked_for(shown: Any, source: Kept):
    source.kept.append(run("third"))
    assert until(lambda: [row["name"] for row in shown.rows][0] == "third")


def test_without_a_widget_manager_the_static_view_is_there(shown: Any):
    bundle = shown._repr_mimebundle_()
    assert (
        bundle["text/plain"] == str(Trace(run("second"))) and "<b>second</b>" in bundle["text/html"]
    )


def test_in_a_kernel_the_widget_has_an_output_of_its_own_beside_the_static_view(
    shown: Any, monkeypatch: pytest.MonkeyPatch
):
    put_out: list[Any] = []
    monkeypatch.setattr("helpers.ipython.in_kernel", lambda: True)
    monkeypatch.setattr("IPython.display.display", lambda data, raw: put_out.append(data))
    assert set(shown._repr_mimebundle_()) == {"text/plain", "text/html"}
    assert [set(each) for each in put_out] == [{"application/vnd.jupyter.widget-view+json"}]
    assert put_out[0][widget.WIDGET]["model_id"] == shown.model_id


def test_no_trace_at_all_is_no_error(source: Kept):
    source.kept.clear()
    made = explorer(Traces(note="No trace yet."), source, "mine")
    assert made.rows == [] and "No trace yet" in made.note
    assert made._repr_mimebundle_()["text/plain"] == "No trace yet."


def test_text_of_traces_is_never_markup():
    script = (Path(widget.__file__).parent / "explorer.js").read_text("utf-8")
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert word not in script


def test_its_files_fetch_nothing():
    for name in ("explorer.js", "explorer.css"):
        text = (Path(widget.__file__).parent / name).read_text("utf-8")
        assert "http:" not in text and "https:" not in text and "@import" not in text
