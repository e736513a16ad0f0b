"""Which names a request may have."""

from __future__ import annotations

import pytest
from openai.types import completion_create_params, embedding_create_params
from openai.types.chat import completion_create_params as chat_create_params
from openai.types.responses import response_create_params

from helpers.replay.arguments import ARGUMENTS, check_arguments
from helpers.replay.request import RequestError
from tests.replay.samples import CHAT, HTTP


@pytest.mark.parametrize(
    ("path", "type_of_body"),
    [
        (CHAT, chat_create_params.CompletionCreateParamsBase),
        ("/completions", completion_create_params.CompletionCreateParamsBase),
        ("/embeddings", embedding_create_params.EmbeddingCreateParams),
        ("/responses", response_create_params.ResponseCreateParamsBase),
    ],
)
def test_the_names_are_those_of_the_client_of_openai(path, type_of_body):
    stream = set() if path == "/embeddings" else {"stream"}
    assert ARGUMENTS[path] == {*type_of_body.__annotations__} | stream


def test_several_names_are_refused_at_once():
    with pytest.raises(RequestError) as refused:
        check_arguments(CHAT, HTTP | {"temprature": 0, "top_k": 1})
    assert str(refused.value) == "Unrecognized request arguments supplied: temprature, top_k"


def test_a_route_that_only_recordings_know_takes_any_name():
    check_arguments("/rerank", HTTP | {"documents": []})
