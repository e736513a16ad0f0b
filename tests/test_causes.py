"""Why a service refuses, and what mends it, in a sentence each."""

from __future__ import annotations

import json

import pytest

from helpers import causes

QUOTA = {"error": {"message": "You exceeded your current quota.", "code": "insufficient_quota"}}
WRONG = {"error": {"message": "Incorrect API key provided: sk-pr***.", "code": "invalid_api_key"}}
UNKNOWN = {"error": {"message": "The model `x` does not exist.", "code": "model_not_found"}}
HTML = "<!doctype html><html><title>Sign in</title></html>"


@pytest.mark.parametrize(
    ("status", "body", "environ", "what", "mend"),
    [
        (401, WRONG, {"OPENAI_API_KEY": "sk-x"}, "Incorrect API key", "to a key that is valid"),
        (401, WRONG, {"OPENAI_API_KEY": '"sk-x"'}, "Incorrect API key", "has quotes in it"),
        (401, WRONG, {"OPENAI_API_KEY": "lsv2_x"}, "Incorrect API key", "two keys are swapped"),
        (401, WRONG, {}, "Incorrect API key", "Set OPENAI_API_KEY before"),
        (429, QUOTA, {}, "exceeded your current quota", "no credit left"),
        (429, {"error": "slow down"}, {}, "slow down", "wait a minute"),
        (404, UNKNOWN, {}, "does not exist", "Name a model"),
        (404, {"detail": "Not Found"}, {}, "Not Found", "OPENAI_BASE_URL"),
        (503, {"error": "busy"}, {}, "busy", "at fault"),
        (400, {"error": {"message": "temperature is too high"}}, {}, "temperature", "the argument"),
        (200, HTML, {}, None, None),
        (403, HTML, {}, "a page of HTML: Sign in", "company's proxy"),
    ],
)
def test_the_model_api_is_understood(status, body, environ, what, mend):
    text = body if isinstance(body, str) else json.dumps(body)
    cause = causes.of_model(status, text, environ)
    assert (cause is None) == (what is None)
    assert cause is None or (what in cause.what and mend in cause.mend)


EU = {"LANGSMITH_ENDPOINT": "https://eu.api.smith.langchain.com"}
TWO = {"error": "org_scoped_key_requires_workspace"}


@pytest.mark.parametrize(
    ("status", "body", "environ", "what", "mend"),
    [
        (401, {"detail": "Invalid token"}, {}, "Invalid token", "for an account in Europe set"),
        (403, {"error": "Forbidden"}, EU, "Forbidden", "not of the region of this address"),
        (403, TWO, {}, "org_scoped", "set LANGSMITH_WORKSPACE_ID"),
        (401, {"detail": "x"}, {"LANGSMITH_API_KEY": "sk-x"}, "x", "two keys are swapped"),
        (401, {"detail": "x"}, {"LANGSMITH_API_KEY": "'lsv2_x'"}, "x", "has quotes"),
        (404, HTML, {}, "HTML", "company's proxy"),
        (404, {"detail": "Not Found"}, {}, "Not Found", "LANGSMITH_ENDPOINT"),
        (429, {"detail": "limit"}, {}, "limit", "plan's limit"),
        (202, {}, {}, None, None),
    ],
)
def test_langsmith_is_understood(status, body, environ, what, mend):
    text = body if isinstance(body, str) else json.dumps(body)
    cause = causes.of_langsmith(status, text, environ)
    assert (cause is None) == (what is None)
    assert cause is None or (what in cause.what and mend in cause.mend)


def test_no_cause_is_long_and_none_holds_a_key():
    key = "sk-" + "a1" * 20
    cause = causes.of_model(401, json.dumps({"error": f"{key} " * 50}), {"OPENAI_API_KEY": key})
    assert len(str(cause).splitlines()) == 2 and len(cause.what) < 300
    assert key not in str(cause)
