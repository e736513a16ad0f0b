"""What is refused whoever would answer."""

from __future__ import annotations

import pytest

from helpers.replay.refusals import check_content_type, check_parameters, unknown_route
from helpers.replay.request import RequestError
from tests.replay.samples import CHAT, HTTP


@pytest.mark.parametrize(
    ("wrong", "param", "code", "words"),
    [
        ({"temperature": 3}, "temperature", "decimal_above_max_value", "value <= 2, but got 3"),
        ({"temperature": -1}, "temperature", "decimal_below_min_value", "value >= 0, but got -1"),
        ({"n": 0}, "n", "integer_below_min_value", "value >= 1, but got 0"),
        ({"n": 129}, "n", "integer_above_max_value", "value <= 128"),
        ({"n": True}, "n", "invalid_type", "expected an integer, but got a boolean"),
        ({"max_tokens": 1.5}, "max_tokens", "invalid_type", "an integer, but got a decimal number"),
        ({"temperature": "0"}, "temperature", "invalid_type", "a decimal, but got a string"),
        ({"stream": "yes"}, "stream", "invalid_type", "a boolean, but got a string"),
        ({"stream_options": 1}, "stream_options", "invalid_type", "an object, but got an integer"),
        ({"tools": {}}, "tools", "invalid_type", "an array of objects, but got an object"),
        ({"messages": "hi"}, "messages", "invalid_type", "an array of objects, but got a string"),
        ({"messages": [[]]}, "messages[0]", "invalid_type", "an object, but got an array"),
        ({"messages": [{}]}, "messages[0].role", "missing_required_parameter", "Missing required"),
        ({"messages": [{"role": 1}]}, "messages[0].role", "invalid_type", "a string"),
        ({"messages": [{"role": "bot"}]}, "messages[0].role", "invalid_value", "'bot'. Supported"),
        (
            {"messages": [{"role": "user", "content": 1}]},
            "messages[0].content",
            "invalid_type",
            "one of a string or array of objects, but got an integer",
        ),
    ],
)
def test_a_wrong_parameter_is_named_in_the_words_of_openai(wrong, param, code, words):
    with pytest.raises(RequestError) as refused:
        check_parameters(CHAT, HTTP | wrong)
    refusal = refused.value
    assert (refusal.status, refusal.param, refusal.code) == (400, param, code)
    assert words in str(refusal)


@pytest.mark.parametrize(
    "right",
    [
        {"temperature": 0, "top_p": 1.0, "n": 1, "seed": -5, "stream": False},
        {"temperature": None, "n": None, "tools": None},
        {"messages": [{"role": role} for role in ("assistant", "tool", "developer")]},
        {"something_new": {"a": 1}},
    ],
)
def test_what_openai_takes_is_taken(right):
    check_parameters(CHAT, HTTP | right)


def test_a_route_is_repeated_as_it_was_asked_for():
    assert str(unknown_route("POST", "/v1/x")) == "Invalid URL (POST /v1/x)"


def test_a_route_that_openai_has_is_said_to_be_missing_here():
    assert "OpenAI has this route, and this service has not" in str(
        unknown_route("POST", "/v1/batches")
    )


@pytest.mark.parametrize("kind", [None, "", "application/json", "Application/JSON; charset=utf-8"])
def test_json_is_taken(kind):
    check_content_type(kind)


def test_another_kind_of_body_is_refused_by_its_name():
    with pytest.raises(RequestError, match="'multipart/form-data'.*only accepts") as refused:
        check_content_type("multipart/form-data; boundary=x")
    assert refused.value.code == "unsupported_content_type"
