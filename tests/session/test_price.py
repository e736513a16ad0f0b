"""A cell with many calls says beforehand what they cost, by the price of the model in use."""

from __future__ import annotations

import litellm

from helpers import session
from helpers.session.price import said
from helpers.session.running import Session
from helpers.translator.wanted import Wanted


def test_it_tells_calls_tokens_and_a_price():
    price = litellm.model_cost["gpt-4o-mini"]
    cost = 60 * (39 * price["input_cost_per_token"] + 24 * price["output_cost_per_token"])
    line = said(60, 39, 24)
    assert line.startswith("60 calls, each of some 39 tokens in and 24 out: $")
    assert f"${cost:.4f} at the price of gpt-4o-mini." in line


def test_a_model_without_a_price_is_said_to_have_none():
    line = said(1000, 1, 1, model="nobody/knows")
    assert line.startswith("1,000 calls") and line.endswith(
        "LiteLLM knows no price of nobody/knows."
    )


def test_the_model_is_the_learners_own_where_one_is_set(monkeypatch):
    choice = session.choose("live", environ={"TUTORIAL_MODEL": "gpt-4o", "LANGSMITH_API_KEY": "k"})
    assert choice.wanted == Wanted("gpt-4o")
    monkeypatch.setattr("helpers.session.running._current", Session(choice))
    assert session.estimate(60, 39, 24) == said(60, 39, 24, model="gpt-4o")


def test_without_a_session_it_is_that_of_the_lessons():
    assert session.estimate(2, 1, 1) == said(2, 1, 1)
