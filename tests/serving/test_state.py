"""The state of an application, by its type."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette

from helpers.serving.state import keep, kept


def test_what_was_kept_is_found():
    app = Starlette()
    keep(app, "state")
    assert kept(app, str) == "state"


def test_a_state_of_another_type_is_an_error_that_names_both():
    app = Starlette()
    with pytest.raises(TypeError, match="None, not a str"):
        kept(app, str)
    keep(app, 5)
    with pytest.raises(TypeError, match="5, not a str"):
        kept(app, str)
