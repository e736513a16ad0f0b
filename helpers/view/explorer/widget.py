"""The explorer's widget: the traits that it shares with a browser.

On anywidget, which is an ipywidgets widget whose script comes from this folder.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from helpers import ipython
from helpers.errors import TutorialError
from helpers.view.explorer.desk import Desk
from helpers.view.explorer.listing import Source
from helpers.view.trace import Trace, Traces

__all__ = ["explorer"]

HERE = Path(__file__).parent
WIDGET = "application/vnd.jupyter.widget-view+json"


def explorer(shown: Trace | Traces, source: Source, project: str) -> Any:
    """Return the widget; in its place, where there is no browser, ``shown`` is drawn.

    Raises ``TutorialError`` when what it needs is not installed.
    """
    try:
        made = _explorer_class()
    except ImportError as error:
        raise TutorialError(
            "The explorer needs anywidget. Install what the course needs with "
            "`python -m pip install -r requirements.txt`, or look with `traces.show()`."
        ) from error
    return made(shown, source, project)


@functools.cache
def _explorer_class() -> Callable[..., Any]:
    # Imported when one is made: with psygnal it costs more than a lesson's first cell should.
    import anywidget
    import traitlets

    class Explorer(anywidget.AnyWidget):
        """Traces on the left, the chosen one's runs and what a run holds on the right."""

        _esm = HERE / "explorer.js"
        _css = HERE / "explorer.css"
        project = traitlets.Unicode().tag(sync=True)
        rows: Any = traitlets.List().tag(sync=True)
        runs: Any = traitlets.Dict().tag(sync=True)
        note = traitlets.Unicode().tag(sync=True)
        follow = traitlets.Bool(True).tag(sync=True)

        def __init__(self, shown: Trace | Traces, source: Source, project: str) -> None:
            super().__init__(project=project)
            self._shown = shown
            self._desk = desk = Desk(self, source)
            self.on_msg(lambda _, content, buffers: desk.asked(content))
            threading.Thread(target=desk.watch, name="explorer", daemon=True).start()

        def _repr_mimebundle_(self, **kwargs: Any) -> Any:
            # In outputs of their own: JupyterLab's renderer of widgets takes every bundle that
            # names one, and has nothing else to show when its kernel is gone (jupyterlab_widgets
            # 3.0.17, renderer.js). With a widget manager explorer.css hides the view while the
            # widget lives.
            if ipython.in_kernel():
                _put_out(super()._repr_mimebundle_(**kwargs))
            return self._shown._repr_mimebundle_()

    return Explorer


def _put_out(bundle: Any) -> None:
    """Show the widget in an output that holds nothing else."""
    from IPython.display import display

    show: Callable[..., Any] = display  # IPython gives it no types
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    if data and WIDGET in data:
        show({WIDGET: data[WIDGET]}, raw=True)
