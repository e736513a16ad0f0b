"""What is refused whoever would answer."""

from __future__ import annotations

import httpx
import pytest

from helpers.recording import Recording, save
from helpers.replay import create_app
from helpers.replay.refusals import ROUTES, check_content_type, check_parameters, unknown_route
from helpers.replay.request import RequestError
from tests.replay.samples import ANSWER, CHAT, DNS, EMBEDDED, HTTP, VECTOR, error_of
from tests.serving.opened import serving


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
        {"messages": [{"role": role, "content": ""} for role in ("system", "developer")]},
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


SAID = {"role": "user", "content": "What is HTTP?"}
CALLED = {"role": "tool", "tool_call_id": "a", "content": "A protocol."}
MINI = {**HTTP, "model": "gpt-5-mini"}
DEFAULT = "with this model. Only the default (1) value is supported."
MEANT = "supported in the v1/chat/completions endpoint. Did you mean to use "
TURNS = (
    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with "
    "'tool_calls'."
)
CHATS = (
    "This is a chat model and not supported in the v1/completions endpoint. Did you mean to use "
    "v1/chat/completions?"
)
# What is asked, and what is answered: status, message, param and code, each as users reported it
# in the issue that is named; its owner stands in helpers/replay, where the words do.
REFUSED = {
    "a misspelt parameter (langchain_dart 712)": (
        (CHAT, {**HTTP, "temprature": 0}),
        (400, "Unrecognized request argument supplied: temprature", None, None),
    ),
    "a misspelt parameter of a model that reasons (open-responses-server 41)": (
        (CHAT, {**MINI, "reasoning": "low"}),
        (400, "Unknown parameter: 'reasoning'.", "reasoning", "unknown_parameter"),
    ),
    "a misspelt parameter of a response (codex 10834)": (
        ("/responses", {"model": "gpt-4o-mini", "input": "HTTP?", "messages": []}),
        (400, "Unknown parameter: 'messages'.", "messages", "unknown_parameter"),
    ),
    "a misspelt parameter of an embedding (as langchain_dart 712)": (
        ("/embeddings", {**VECTOR, "temperature": 0}),
        (400, "Unrecognized request argument supplied: temperature", None, None),
    ),
    "a user's message without content (toogle/mlx-dev-server)": (
        (CHAT, {**HTTP, "messages": [{"role": "user"}]}),
        (
            400,
            "Missing required parameter: 'messages[0].content'.",
            "messages[0].content",
            "missing_required_parameter",
        ),
    ),
    "a user's message whose content is null (langchainjs 4153)": (
        (CHAT, {**HTTP, "messages": [SAID, {"role": "user", "content": None}]}),
        (
            400,
            "Invalid value for 'content': expected a string, got null.",
            "messages.[1].content",
            None,
        ),
    ),
    "an answer of a tool that nobody called (llama_index 10493)": (
        (CHAT, {**HTTP, "messages": [SAID, CALLED]}),
        (400, TURNS, "messages.[1].role", None),
    ),
    "an embedding model that is to chat (users' logs)": (
        (CHAT, {**HTTP, "model": "text-embedding-3-small"}),
        (403, "You are not allowed to sample from this model", None, None),
    ),
    "a chat model that is to embed (ragflow 1835)": (
        ("/embeddings", {**VECTOR, "model": "gpt-4o-mini"}),
        (403, "You are not allowed to generate embeddings from this model", None, None),
    ),
    "a chat model that is to complete (prompttools 115)": (
        ("/completions", {"model": "gpt-4o-mini", "prompt": "HTTP is"}),
        (404, CHATS, "model", None),
    ),
    "a completing model that is to chat (chatgpt-web 1428)": (
        (CHAT, {**HTTP, "model": "gpt-3.5-turbo-instruct"}),
        (404, f"This is not a chat model and thus not {MEANT}v1/completions?", "model", None),
    ),
    "a temperature of gpt-5-mini (qwen-code 921)": (
        (CHAT, {**MINI, "temperature": 0.5}),
        (
            400,
            f"Unsupported value: 'temperature' does not support 0.5 {DEFAULT}",
            "temperature",
            "unsupported_value",
        ),
    ),
    "a temperature of o3-mini (pal-mcp-server 78)": (
        (CHAT, {**HTTP, "model": "o3-mini", "temperature": 1}),
        (
            400,
            "Unsupported parameter: 'temperature' is not supported with this model.",
            "temperature",
            "unsupported_parameter",
        ),
    ),
    "no model (Fabric 239)": (
        (CHAT, {"messages": [SAID]}),
        (400, "you must provide a model parameter", None, None),
    ),
    "a route that there is not (MoneyPrinterTurbo 57)": (
        ("/chat/completion", HTTP),
        (404, "Invalid URL (POST /v1/chat/completion)", None, None),
    ),
}


@pytest.fixture(scope="module", params=["strict", "with a stand-in", "recorded"])
def served(request, tmp_path_factory):
    """A service that has no recording of them, one that would make answers up, one that has all."""
    folder = tmp_path_factory.mktemp("recordings")
    for (path, body), _ in REFUSED.values():
        if request.param == "recorded" and path in ROUTES and body.get("model"):
            content = EMBEDDED if path == "/embeddings" else ANSWER
            save(folder, Recording(path, body, {"status": 200, "headers": {}, "body": content}))
    strict = request.param == "strict"
    with serving(create_app(folder, strict=strict, use_local_model=False, pace=0)) as url:
        yield url + "/v1"


@pytest.mark.parametrize(("asked", "answered"), REFUSED.values(), ids=REFUSED)
def test_what_openai_refuses_is_refused_in_its_words_whoever_would_answer(served, asked, answered):
    path, body = asked
    answer = httpx.post(served + path, json=body)
    status, message, param, code = answered
    assert answer.status_code == status
    kind = "invalid_request_error"
    assert error_of(answer) == {"message": message, "type": kind, "param": param, "code": code}


@pytest.mark.parametrize("content", [b"", b"{", b"model=gpt-4o-mini", b"{'model': 'gpt-4o-mini'}"])
def test_a_body_that_is_no_json_is_refused_in_the_words_of_openai(served, content):
    error = error_of(httpx.post(served + CHAT, content=content))
    assert error["message"].startswith(
        "We could not parse the JSON body of your request. (HINT: This likely means you aren't "
        "using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was "
        "sent was not valid JSON."
    )
    assert (error["type"], error["param"], error["code"]) == ("invalid_request_error", None, None)


@pytest.mark.parametrize(
    ("method", "path", "takes"),
    [
        ("GET", CHAT, "POST"),
        ("DELETE", "/embeddings", "POST"),
        ("PUT", "/responses", "POST"),
        ("POST", "/models", "GET"),
        ("DELETE", "/models/gpt-4o-mini", "GET"),
        ("PATCH", CHAT, "POST"),
    ],
)
def test_a_wrong_method_is_refused_and_the_right_one_named(served, method, path, takes):
    answer = httpx.request(method, served + path)
    hint = "(HINT: Perhaps you meant to use a different HTTP method?)"
    assert answer.status_code == 405 and answer.headers["allow"] == takes
    assert error_of(answer)["message"] == f"Not allowed to {method} on /v1{path}. {hint}"
    assert error_of(answer)["code"] is None


@pytest.mark.parametrize(
    "body",
    [
        {**MINI, "temperature": 1},
        {**MINI, "max_completion_tokens": 100, "reasoning_effort": "low", "verbosity": "low"},
        {**DNS, "metadata": {"a": "b"}, "store": False, "user": "u", "parallel_tool_calls": True},
        {**DNS, "logprobs": True, "top_logprobs": 1, "logit_bias": {"1": 1}, "stop": ["."]},
        {**DNS, "model": "gpt-5.2", "temperature": 0},
    ],
)
def test_a_request_as_clients_send_it_is_not_refused(folder, body):
    with serving(create_app(folder, strict=False, use_local_model=False)) as url:
        assert httpx.post(url + CHAT, json=body).status_code == 200
