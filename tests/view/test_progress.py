"""helpers.view.progress: a bar that moves while it takes, and leaves one line that never varies."""

from __future__ import annotations

from typing import Any

import IPython
import IPython.display
import pytest

from helpers.view import progress


class Notebook:
    """A shell with a kernel, and the display of a cell."""

    kernel = object()

    def __init__(self) -> None:
        self.shown: list[dict[str, str]] = []

    def display(self, bundle: dict[str, str], **options: Any) -> Notebook:
        assert options == {"raw": True, "display_id": True}
        self.update(bundle, raw=True)
        return self

    def update(self, bundle: dict[str, str], *, raw: bool) -> None:
        self.shown.append(bundle)


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Notebook:
    shell = Notebook()
    monkeypatch.setattr(progress, "INTERVAL", 0.0)
    monkeypatch.setattr(IPython, "get_ipython", lambda: shell)
    monkeypatch.setattr(IPython.display, "display", shell.display)
    return shell


def test_a_bar_moves_while_it_takes_and_is_gone_at_the_end(notebook):
    with progress.shown("$ litellm --port <4000>") as tick:
        tick()
    first, during, last = notebook.shown
    assert (
        first
        == last
        == {
            "text/plain": "$ litellm --port <4000>",
            "text/html": "<pre>$ litellm --port &lt;4000&gt;</pre>",
        }
    )
    assert during["text/plain"] == first["text/plain"]
    assert "<progress" in during["text/html"]


def test_the_bar_is_gone_after_an_interrupted_cell_as_well(notebook):
    with pytest.raises(KeyboardInterrupt), progress.shown("$ litellm") as tick:
        tick()
        raise KeyboardInterrupt
    assert notebook.shown[-1] == notebook.shown[0]


def test_outside_a_notebook_nothing_is_shown(capsys):
    with progress.shown("$ litellm") as tick:
        tick()
    assert capsys.readouterr().out == ""
