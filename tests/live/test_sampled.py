"""The stand-in that samples SmolLM2: a bound of its own cuts no answer under a schema."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import openai
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.live import sampled, scripted
from tests.serving.opened import serving

FORM: Any = {"type": "json_schema", "json_schema": {"name": "entry", "schema": {}}}


@pytest.fixture
def seeds() -> list[int]:
    """The seeds that the model was asked with; its first two answers are cut off."""
    return []


@pytest.fixture
def ask(seeds: list[int]) -> Iterator[Any]:
    async def answer(request: Request) -> JSONResponse:
        seeds.append((await request.json())["seed"])
        reason = "length" if len(seeds) < 3 else "stop"
        message = {"role": "assistant", "content": "{}"}
        choice = {"index": 0, "finish_reason": reason, "message": message}
        said = {"id": "1", "object": "chat.completion", "created": 0, "model": "m"}
        return JSONResponse(said | {"choices": [choice], "usage": {"total_tokens": 9}})

    model = Starlette(routes=[Route("/chat/completions", answer, methods=["POST"])])
    with serving(model) as url:
        there: Any = SimpleNamespace(url=url, key="no-key")
        with serving(sampled.create_app(there, [])) as own:
            client = openai.OpenAI(base_url=f"{own}/v1", api_key=scripted.KEY)
            given: Any = [{"role": "user", "content": "What is DNS?"}]
            yield lambda **more: client.chat.completions.create(
                model="gpt-4o-mini", messages=given, **more
            )


def test_an_answer_under_a_schema_comes_to_its_end(ask, seeds):
    assert ask(response_format=FORM).choices[0].finish_reason == "stop"
    assert len(set(seeds)) == 3


@pytest.mark.parametrize("asked", [{}, {"response_format": FORM, "max_tokens": 10}])
def test_another_is_cut_off_as_it_comes_or_as_was_asked(ask, seeds, asked):
    assert ask(**asked).choices[0].finish_reason == "length" and len(seeds) == 1
