"""The names that the body of a request may have, and OpenAI's words for another one.

They are those of OpenAI's client (openai-python, its types of requests), which a test compares.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helpers.replay import models
from helpers.replay.request import RequestError

__all__ = ["ARGUMENTS", "check_arguments"]

_SAMPLING = ("frequency_penalty logit_bias max_tokens n presence_penalty seed stop stream").split()
_SAMPLING += "stream_options temperature top_p user model".split()
_NEWER = "metadata moderation parallel_tool_calls prompt_cache_key prompt_cache_options".split()
_NEWER += "prompt_cache_retention safety_identifier service_tier store tool_choice tools".split()
_NEWER += "top_logprobs".split()

ARGUMENTS: dict[str, frozenset[str]] = {
    "/chat/completions": frozenset(
        "audio function_call functions logprobs max_completion_tokens messages modalities".split()
        + "prediction reasoning_effort response_format verbosity web_search_options".split()
        + _SAMPLING
        + _NEWER
    ),
    "/completions": frozenset(["best_of", "echo", "logprobs", "prompt", "suffix", *_SAMPLING]),
    "/embeddings": frozenset("dimensions encoding_format input model user".split()),
    "/responses": frozenset(
        "background context_management conversation include input instructions model".split()
        + "max_output_tokens max_tool_calls previous_response_id prompt reasoning stream".split()
        + "stream_options temperature text top_p truncation user".split()
        + _NEWER
    ),
}


def check_arguments(path: str, body: Mapping[str, Any]) -> None:
    """Raise ``RequestError`` for names that OpenAI does not know.

    Older models and newer ones say it in two ways: "Unrecognized request argument supplied"
    (davidmigloz/langchain_dart issue 712 for gpt-4o-mini, langchain-ai/langchain issue 8593 for
    several names) and "Unknown parameter" (teabranch/open-responses-server issue 41 for o4-mini,
    openai/codex issue 10834 for the route of responses).
    """
    unknown = [name for name in body if name not in ARGUMENTS.get(path, body)]
    if not unknown:
        return
    if path == "/responses" or models.reasons(str(body.get("model"))):
        name = unknown[0]
        raise RequestError(f"Unknown parameter: '{name}'.", param=name, code="unknown_parameter")
    plural = "s" if len(unknown) > 1 else ""
    raise RequestError(f"Unrecognized request argument{plural} supplied: {', '.join(unknown)}")
