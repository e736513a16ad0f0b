"""Lesson 07: the price of a model, a stream that is counted, and a cost that is reported.

One file, as for each lesson: most of it is code of learners.
"""

from __future__ import annotations

from helpers.exercises.declaration import Exercise, Wrong
from helpers.exercises.evidence import Evidence
from helpers.view import Run

__all__ = ["EXERCISES"]


def cost(seen: Evidence, run: Run, given: float, taken: float) -> None:
    """Ask for tokens and what they cost, at so many dollars for a million in and out."""
    seen.tokens(run)
    into, out = run.prompt_tokens or 0, run.completion_tokens or 0
    seen.holds(into > 0 and out > 0, "tokens of both kinds", f"{into} in, {out} out")
    right, there = (into * given + out * taken) / 1_000_000, run.total_cost
    seen.holds(
        there is not None and abs(there - right) < 1e-9,
        f"a cost of {right:.6f} dollars for {into} tokens in and {out} out",
        "none" if there is None else f"{there:.6f}",
    )


def priced(seen: Evidence) -> None:
    """One call to the model with 70 billion parameters, with what it cost."""
    run = seen.root()
    seen.success(run)
    cost(seen, run, 3, 15)


PRICE = Exercise(
    lesson="07",
    number=1,
    title="Price a larger model",
    task="""\
`await report()` asks `hosted_vllm/glossary-70b`, and the callback logs it. That model costs 3
dollars for a million tokens in, and 15 for a million out. Leave one run of it with the right cost.
""",
    starter="""\
import litellm

async def report(**options):
    litellm.callbacks, litellm.langsmith_batch_size = ["langsmith"], 1
    question = {"role": "user", "content": "What is TLS? Answer in one sentence."}
    said = {"mock_response": "TLS keeps a secret.", **options}
    await litellm.acompletion("hosted_vllm/glossary-70b", [question], **said)
""",
    judge=priced,
    right=(
        """\
price = {"input_cost_per_token": 3 / 1_000_000, "output_cost_per_token": 15 / 1_000_000}
price |= {"cache_creation_input_token_cost": 0, "cache_read_input_token_cost": 0}
_ = litellm.register_model({"hosted_vllm/glossary-70b": price})
await report()
""",
        """\
await report(input_cost_per_token=0.000003, output_cost_per_token=0.000015)
""",
    ),
    wrong=(
        Wrong(
            """\
price = {"input_cost_per_token": 3, "output_cost_per_token": 15}
price |= {"cache_creation_input_token_cost": 0, "cache_read_input_token_cost": 0}
_ = litellm.register_model({"hosted_vllm/glossary-70b": price})
await report()
""",
            "Found: 330.000000",
        ),
        Wrong(
            """\
await report(input_cost_per_token=3 / 1000, output_cost_per_token=15 / 1000)
""",
            "Found: 0.330000",
        ),
        Wrong(
            """\
price = {"input_cost_per_token": 15e-6, "output_cost_per_token": 3e-6}
price |= {"cache_creation_input_token_cost": 0, "cache_read_input_token_cost": 0}
_ = litellm.register_model({"hosted_vllm/glossary-70b": price})
await report()
""",
            "Found: 0.000210",
        ),
    ),
    hints=(
        "LiteLLM has to know the price before the call.",
        "A price is for one token: 3 dollars for a million are 0.000003.",
        'Then `litellm.register_model({"hosted_vllm/glossary-70b": price})`, and `report()`.',
    ),
    section="Price a model that LiteLLM does not know",
    also="`input_cost_per_token` and `output_cost_per_token` in the call.",
    minutes=2,
)


def counted(seen: Evidence) -> None:
    """All runs of kind llm have tokens and a cost."""
    seen.kind("llm")
    for run in (each for each in seen.runs if each.run_type == "llm"):
        seen.success(run)
        seen.tokens(run)
        seen.holds(bool(run.total_cost), f"a cost of {run.name}", run.total_cost)


STREAM = Exercise(
    lesson="07",
    number=2,
    title="Count a stream",
    task="""\
`pieces = await stream()` reads a stream to its end, and its run says 0 tokens. Send a run of a
stream that says how many tokens it was, and what they cost.
""",
    starter="""\
import litellm

prompt = {"role": "user", "content": "What is JSON? Answer in one sentence."}
asked = {"model": "gpt-4o-mini", "messages": [prompt], "temperature": 0, "stream": True}

async def stream(**options):
    litellm.callbacks, litellm.langsmith_batch_size = ["langsmith"], 1
    return [piece async for piece in await litellm.acompletion(**asked, **options)]
""",
    judge=counted,
    right=(
        """\
pieces = await stream(stream_options={"include_usage": True})
""",
        """\
from langsmith import trace, tracing_context
with tracing_context(enabled=True), trace("stream", run_type="llm") as run:
    pieces = list(litellm.completion(**asked, stream_options={"include_usage": True}))
    use, whole = pieces[-1].usage, litellm.stream_chunk_builder(pieces)
    counts = {"input_tokens": use.prompt_tokens, "output_tokens": use.completion_tokens}
    counts |= {"total_cost": litellm.completion_cost(whole, model=asked["model"])}
    run.set(usage_metadata=counts)
""",
    ),
    wrong=(
        Wrong(
            """\
pieces = await stream()
""",
            "Expected: a count of tokens",
        ),
        Wrong(
            """\
litellm.include_cost_in_streaming_usage = True
pieces = await stream()
""",
            "Expected: a count of tokens",
        ),
        Wrong(
            """\
pieces = await stream(metadata={"usage_metadata": {"total_tokens": 63}})
""",
            "Expected: a count of tokens",
        ),
    ),
    hints=(
        "The provider counts, if it is asked to, and only then.",
        "The request has an option for streams: `stream_options`.",
        'It is `stream_options={"include_usage": True}`.',
    ),
    section="Count a stream",
    also="a run of your own of kind `llm` that is told what the last piece says.",
    minutes=2,
)


def reported(seen: Evidence) -> None:
    """A run of kind llm with tokens, and the cost that follows from them."""
    run = seen.kind("llm")
    seen.success(run)
    cost(seen, run, 1, 2)


REPORT = Exercise(
    lesson="07",
    number=3,
    title="Report a cost",
    task="""\
Your own server asks 1 dollar for a million tokens of a question and 2 for a million of an answer.
`said` is a response of it. Leave one run of the kind `llm` with its tokens and what it cost.
""",
    starter="""\
from litellm import completion

asked = {"role": "user", "content": "What is SSH? Answer in one sentence."}
said = completion("gpt-4o-mini", [asked], temperature=0)
usage = said.usage
""",
    judge=reported,
    right=(
        """\
counts = {"input_tokens": usage.prompt_tokens, "output_tokens": usage.completion_tokens}
counts["total_tokens"] = usage.total_tokens
counts["total_cost"] = (usage.prompt_tokens + 2 * usage.completion_tokens) / 1_000_000
from langsmith import trace, tracing_context
with tracing_context(enabled=True), trace("ask", run_type="llm") as run:
    run.set(usage_metadata=counts)
""",
        """\
from langsmith import traceable, tracing_context
given, taken = usage.prompt_tokens, usage.completion_tokens
counts = {"input_tokens": given, "output_tokens": taken, "total_tokens": given + taken}
counts["total_cost"] = given / 1e6 + taken / 5e5
with tracing_context(enabled=True):
    traceable(lambda: {"usage_metadata": counts}, name="ask", run_type="llm")()
""",
    ),
    wrong=(
        Wrong(
            """\
counts = {"input_tokens": usage.prompt_tokens, "output_tokens": usage.completion_tokens}
counts["total_tokens"] = usage.total_tokens
from langsmith import trace, tracing_context
with tracing_context(enabled=True), trace("ask", run_type="llm") as run:
    run.set(usage_metadata=counts)
""",
            "Found: none",
        ),
        Wrong(
            """\
counts = {"input_tokens": usage.prompt_tokens, "output_tokens": usage.completion_tokens}
counts |= {"total_tokens": usage.total_tokens, "total_cost": usage.total_tokens / 1e6}
from langsmith import trace, tracing_context
with tracing_context(enabled=True), trace("ask", run_type="llm") as run:
    run.set(usage_metadata=counts)
""",
            "Expected: a cost of 0.000",
        ),
        Wrong(
            """\
counts = {"input_tokens": usage.prompt_tokens, "output_tokens": usage.completion_tokens}
counts |= {"total_tokens": usage.total_tokens, "total_cost": 0.0001}
from langsmith import trace, tracing_context
with tracing_context(enabled=True), trace("ask") as run:
    run.set(usage_metadata=counts)
""",
            "Expected: a run of kind llm",
        ),
    ),
    hints=(
        "A run of the kind `llm` can be told its usage in LangSmith's words, the cost among them.",
        "The words are `input_tokens`, `output_tokens`, `total_tokens` and `total_cost`.",
        'Within `with trace(…, run_type="llm") as run:` call `run.set(usage_metadata=…)`.',
    ),
    section="Report a cost from a function",
    also="a traced function that returns `usage_metadata`, or sets it on its current run.",
    minutes=3,
)

EXERCISES = (PRICE, STREAM, REPORT)
