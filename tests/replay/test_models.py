"""Which names are those of models."""

from __future__ import annotations

import pytest

from helpers.replay.models import completes, embeds, known, reasons, temperature


@pytest.mark.parametrize("name", ["gpt-4o-mini", "gpt-4o-mini-2024-07-18", "gpt-4-0613"])
def test_a_model_is_known_by_its_name_and_by_a_dated_one(name):
    assert known(name)


@pytest.mark.parametrize(
    "name", ["gtp-4o-mini", "gpt-4o-mini ", "gpt-4o-mini-latest", "", "GPT-4o"]
)
def test_a_misspelt_name_is_not(name):
    assert not known(name)


def test_a_model_embeds_or_completes_or_chats():
    assert embeds("text-embedding-3-small") and not embeds("gpt-4o-mini")
    assert completes("gpt-3.5-turbo-instruct") and not completes("gpt-3.5-turbo")
    assert not embeds("text-embedding-of-somebody-else")


@pytest.mark.parametrize(
    ("name", "does"),
    [("o3-mini", True), ("gpt-5-mini-2025-08-07", True), ("gpt-6-sol", True)]
    + [("gpt-4o", False), ("gpt-3.5-turbo", False), ("openrouter", False)],
)
def test_newer_models_reason(name, does):
    assert reasons(name) is does


@pytest.mark.parametrize(
    ("name", "taken"),
    [("gpt-5-mini-2025-08-07", "default"), ("o3-mini", "none"), ("gpt-5.2", "any")]
    + [("gpt-4o-mini", "any")],
)
def test_some_models_take_no_temperature(name, taken):
    assert temperature(name) == taken
