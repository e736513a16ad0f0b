"""Which names are those of models."""

from __future__ import annotations

import pytest

from helpers.replay.models import known


@pytest.mark.parametrize("name", ["gpt-4o-mini", "gpt-4o-mini-2024-07-18", "gpt-4-0613"])
def test_a_model_is_known_by_its_name_and_by_a_dated_one(name):
    assert known(name)


@pytest.mark.parametrize(
    "name", ["gtp-4o-mini", "gpt-4o-mini ", "gpt-4o-mini-latest", "", "GPT-4o"]
)
def test_a_misspelt_name_is_not(name):
    assert not known(name)
