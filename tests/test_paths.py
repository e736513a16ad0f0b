"""Where things of this repository stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers import paths


@pytest.mark.parametrize("name", [name for name in paths.__all__ if name.isupper()])
def test_what_is_named_is_there(name):
    assert getattr(paths, name).exists()


def test_the_client_is_among_the_notebooks():
    assert Path(__file__).resolve().is_relative_to(paths.ROOT)
    assert paths.CLIENT.is_relative_to(paths.NOTEBOOKS) and (paths.CLIENT / "ask.mjs").is_file()
