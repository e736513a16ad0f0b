"""nbval is given its file by a name that holds in every folder."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest

from helpers.testing.sanitizing import pytest_configure


def configured(option: str | None) -> str | None:
    """Return the option after the plugin has seen it; before it was ``option``."""
    options = SimpleNamespace(nbval_sanitize_with=option)
    config = SimpleNamespace(option=options, getoption=lambda name, default: getattr(options, name))
    pytest_configure(config)  # type: ignore[arg-type]
    return options.nbval_sanitize_with


def test_the_file_is_named_from_the_root() -> None:
    path = configured(None)
    assert path is not None and os.path.isabs(path) and os.path.isfile(path)


def test_a_file_that_was_asked_for_stays() -> None:
    assert configured("mine.cfg") == "mine.cfg"


def test_this_run_has_it(pytestconfig: pytest.Config) -> None:
    assert os.path.isabs(pytestconfig.getoption("nbval_sanitize_with"))
