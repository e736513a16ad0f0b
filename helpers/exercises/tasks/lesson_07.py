"""Lesson 07: labels in the place that counts, a thread, and a cost.

One file, as for each lesson: most of it is code of learners.
"""

from __future__ import annotations

from helpers.exercises.declaration import Exercise, Wrong
from helpers.exercises.evidence import Evidence
from helpers.view import Run

__all__ = ["EXERCISES"]

LOGGED = """\
import litellm
from helpers.lessons import delivery
from litellm.integrations.langsmith import LangsmithLogger

async def report(term, **options):
    question = f"What is {term}? Answer in one sentence."
    call = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": question}]}
    async with delivery.reporting(LangsmithLogger(), 1):
        await litellm.acompletion(**call, temperature=0, **options)
"""


def labelled(seen: Evidence) -> None:
    """A run with a name, a tag, and a customer wherever LiteLLM keeps such an entry."""
    run = seen.root("define OAuth")
    seen.success(run)
    seen.tag(run, "nightly")
    own = run.metadata.get("requester_metadata")
    entries = {**run.metadata, **(own if isinstance(own, dict) else {})}
    seen.holds(
        entries.get("customer") == "acme",
        "the customer acme in the metadata of define OAuth",
        f"these labels: {', '.join(own) if isinstance(own, dict) and own else 'none'}",
    )


LABEL = Exercise(
    lesson="07",
    number=1,
    title="Label a logged call",
    task="""\
`await report("OAuth", metadata=…)` makes a call that the callback logs. Give its run the name
`define OAuth`, the tag `nightly`, and the customer `acme` in its metadata.
""",
    starter=LOGGED,
    judge=labelled,
    right=(
        """\
labels = {"run_name": "define OAuth", "tags": ["nightly"]}
await report("OAuth", metadata={**labels, "metadata": {"customer": "acme"}})
""",
        """\
from langsmith import trace, tracing_context
labels = {"tags": ["nightly"], "metadata": {"customer": "acme"}}
with tracing_context(enabled=True), trace("define OAuth", **labels) as run:
    run.end(outputs={"answer": "a protocol"})
""",
    ),
    wrong=(
        Wrong(
            """\
labels = {"run_name": "define OAuth", "tags": ["nightly"], "customer": "acme"}
await report("OAuth", metadata=labels)
""",
            "Expected: the customer acme in the metadata",
        ),
        Wrong(
            """\
labels = {"run_name": "define OAuth", "tags": ["nightly"], "customer": "acme"}
await report("OAuth", metadata={"metadata": labels})
""",
            "Found: one whose root is LLMRun",
        ),
        Wrong(
            """\
entries = {"customer": "acme", "tags": ["nightly"]}
await report("OAuth", metadata={"run_name": "define OAuth", "metadata": entries})
""",
            "Expected: the tag nightly",
        ),
    ),
    hints=(
        "Two of the three are words that LiteLLM knows, and the third is an entry of your own.",
        "The callback keeps entries of your own in a second `metadata` within the first.",
    ),
    section="Label a call that LiteLLM logs",
    also="a run of your own with `trace` or `@traceable`, which has one level only.",
    minutes=3,
)

WORDS = ("session_id", "thread_id", "conversation_id")


def joined(seen: Evidence) -> None:
    """Two traces whose roots have the same thread id."""
    first, second = map(_thread, seen.every(2))
    seen.holds(
        first is not None and first == second,
        "one thread id on both traces",
        f"{first or 'none'} and {second or 'none'}",
    )


def _thread(run: Run) -> str | None:
    return next((str(run.metadata[word]) for word in WORDS if run.metadata.get(word)), None)


JOIN = Exercise(
    lesson="07",
    number=2,
    title="Join two turns",
    task="""\
Ask about two terms, such as TLS and SSH, as the two turns of one conversation: two traces, and one
thread id of your own on both. `await report(term, metadata=…)` logs a call by the callback.
""",
    starter=LOGGED,
    judge=joined,
    right=(
        """\
turn = {"metadata": {"thread_id": "chat-7"}}
await report("TLS", metadata=turn)
await report("SSH", metadata=turn)
""",
        """\
from langsmith import trace, tracing_context
await report("TLS", metadata={"metadata": {"conversation_id": "chat-7"}})
turn = {"session_id": "chat-7"}
with tracing_context(enabled=True), trace("second turn", metadata=turn):
    pass
""",
    ),
    wrong=(
        Wrong(
            """\
turn = {"session_id": "chat-7"}
await report("TLS", metadata=turn)
await report("SSH", metadata=turn)
""",
            "Found: no trace",
        ),
        Wrong(
            """\
turn = {"thread_id": "chat-7"}
await report("TLS", metadata=turn)
await report("SSH", metadata=turn)
""",
            "Found: none and none",
        ),
        Wrong(
            """\
from langsmith import uuid7
await report("TLS", metadata={"metadata": {"thread_id": str(uuid7())}})
await report("SSH", metadata={"metadata": {"thread_id": str(uuid7())}})
""",
            "Expected: one thread id on both traces",
        ),
    ),
    hints=(
        "LangSmith takes three words for a thread, all of them in the metadata of a root.",
        'For the callback it is the inner metadata: `{"metadata": {"thread_id": …}}`.',
    ),
    section="Join the turns of a conversation",
    also="`session_id` or `conversation_id` in the inner metadata, or traces of functions.",
    minutes=3,
)


def priced(seen: Evidence) -> None:
    """A run of kind llm with tokens, and the cost that follows from them."""
    run = seen.kind("llm")
    seen.success(run)
    seen.tokens(run)
    given, taken = run.prompt_tokens or 0, run.completion_tokens or 0
    seen.holds(given > 0 and taken > 0, "tokens of both kinds", f"{given} in, {taken} out")
    cost = (given * 1 + taken * 2) / 1_000_000
    there = run.total_cost
    seen.holds(
        there is not None and abs(there - cost) < 1e-9,
        f"a cost of {cost:.6f} dollars for {given} tokens in and {taken} out",
        "none" if there is None else f"{there:.6f}",
    )


PRICE = Exercise(
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
    judge=priced,
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
    section="Find a missing cost",
    also="a traced function that returns `usage_metadata`, or sets it on its current run.",
    minutes=5,
)

EXERCISES = (LABEL, JOIN, PRICE)
