"""A pytest plugin: compare lessons that are run live, where a model says other words.

With ``--live`` nbval leaves out the cells whose output depends on the model, which have the tag
``depends-on-model``, and compares the others after more sanitising: what a model said, its tokens
and their cost, in the lines where a trace shows them. So the shape of a trace is compared in every
mode, and its words in replay alone. The HTML, which folds long words and not short ones, and has
the same rows, is compared in replay alone too.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbval.plugin import IPyNbCell

from helpers.paths import SANITIZERS

__all__ = ["OF_A_MODEL", "TAG", "is_of_the_model"]

TAG = "depends-on-model"
HTML = "text/html"
OF_A_MODEL = SANITIZERS.with_name("nbval_sanitize_live.cfg")


def is_of_the_model(cell: NotebookNode) -> bool:
    """Whether a cell puts out what depends on the model that answers."""
    return TAG in cell.metadata.get("tags", [])


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Give nbval, which takes one file of sanitisers, both of ours in one."""
    if not config.getoption("--live", default=False):
        return
    both = "\n".join(path.read_text("utf-8") for path in (SANITIZERS, OF_A_MODEL))
    with tempfile.NamedTemporaryFile("w", suffix=".cfg", delete=False, encoding="utf-8") as file:
        file.write(both)
    config.option.nbval_sanitize_with = file.name
    config.add_cleanup(Path(file.name).unlink)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the outputs of cells that depend on the model alone."""
    if not config.getoption("--live", default=False):
        return
    for item in items:
        if not isinstance(item, IPyNbCell):
            continue
        if HTML not in item.parent.skip_compare:
            item.parent.skip_compare += (HTML,)
        if is_of_the_model(item.cell):
            item.options["check"] = False
