"""Why a service refuses, and what mends it, in a sentence each."""

from __future__ import annotations

import json

import pytest

from helpers import causes

QUOTA = {"error": {"message": "You exceeded your current quota.", "code": "insufficient_quota"}}
WRONG = {"error": {"message": "Incorrect API key provided: sk-pr***.", "code": "invalid_api_key"}}
UNKNOWN = {"error": {"message": "The model `x` does not exist.", "code": "model_not_found"}}
SMITH = {"OPENAI_BASE_URL": "https://api.smith.langchain.com"}
OTHER = {"TUTORIAL_MODEL": "anthropic/claude-haiku-4-5"}
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
        (401, {"detail": "Invalid token"}, {}, "Invalid token", "LANGSMITH_ENDPOINT swapped?"),
        (404, {"detail": "Not Found"}, SMITH, "Not Found", "LANGSMITH_ENDPOINT swapped?"),
        (401, WRONG, OTHER | {"ANTHROPIC_API_KEY": "k"}, "Incorrect", "Set ANTHROPIC_API_KEY to"),
        (401, WRONG, OTHER, "Incorrect", "Set ANTHROPIC_API_KEY before"),
        (404, UNKNOWN, OTHER, "does not exist", "Name in TUTORIAL_MODEL a model"),
        (400, {"error": "See TUTORIAL_EMBEDDING_MODEL."}, OTHER, "See", "to a model that does"),
    ],
)
def test_the_model_api_is_understood(status, body, environ, what, mend):
    text = body if isinstance(body, str) else json.dumps(body)
    cause = causes.of_model(status, text, environ)
    assert (cause is None) == (what is None)
    assert cause is None or (what in cause.what and mend in cause.mend)


EU = {"LANGSMITH_ENDPOINT": "https://eu.api.smith.langchain.com"}
PROVIDER = {"LANGSMITH_ENDPOINT": "https://api.openai.com/v1"}
INVALID = {"error": {"message": "Invalid URL (GET /v1/info)", "type": "invalid_request_error"}}
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
        (404, INVALID, {}, "Invalid URL", "LANGSMITH_ENDPOINT swapped?"),
        (404, {"detail": "x"}, PROVIDER, "x", "LANGSMITH_ENDPOINT swapped?"),
        (403, "API key is org-scoped and requires", {}, "org-scoped", "LANGSMITH_WORKSPACE_ID"),
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


def test_a_route_for_vectors_that_is_not_there_is_no_wrong_address():
    cause = causes.of_model(404, "404 page not found", {}, route="/v1/embeddings")
    assert cause is not None and "makes no vectors" in cause.mend


@pytest.mark.parametrize(
    ("words", "mend"),
    [
        ("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate", "set SSL_CERT_FILE"),
        ("Tunnel connection failed: 407 Proxy Authentication Required", "HTTPS_PROXY"),
        ("407 Proxy Authentication Required", "HTTPS_PROXY"),
        ("[Errno 111] Connection refused", causes.NOBODY.mend),
    ],
)
def test_a_connection_that_fails_is_understood(words, mend):
    assert mend in causes.of_connection(words).mend


# What the SDK (langsmith 0.15.0) and LiteLLM's callback (1.106.2) make of a refusal.
@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (
            "Rate limit exceeded for /runs. HTTPError('429 Client Error: Too Many Requests for "
            """url: /runs', '{"error":"usage limit exceeded"}')trace=1,id=1""",
            429,
            "usage limit exceeded",
        ),
        ("This API key is org-scoped and requires workspace", 403, "org_scoped_key_requires"),
        ('Langsmith HTTP Error: 403 - {"error":"Forbidden"}', 403, "Forbidden"),
        ("Failed to GET /info. HTTPError('502 Server Error: Bad Gateway')", 502, "Bad Gateway"),
        ("Connection error caused failure", 0, "Connection error"),
    ],
)
def test_a_refusal_is_found_in_the_words_of_a_client(words, status, said):
    found, body = causes.refusal_in(words)
    assert found == status and said in causes.words_of(body)


@pytest.mark.parametrize(
    ("name", "value", "mend"),
    [
        ("OPENAI_API_KEY", "'sk-x'", "has quotes"),
        ("OPENAI_API_KEY", "lsv2_x", "swapped"),
        ("LANGSMITH_API_KEY", "sk-x", "swapped"),
        ("GEMINI_API_KEY", '"x"', "has quotes"),
        ("OPENAI_API_KEY", "sk-x", None),
        ("LANGSMITH_API_KEY", "lsv2_x", None),
    ],
)
def test_a_key_is_judged_by_its_look_alone(name, value, mend):
    said = causes.of_key(name, value)
    assert (said is None) == (mend is None) and (mend or "") in (said or "")
