"""Lesson 11: a tool call that shows, two tools beneath one answer, and documents that were found.

One file, as for each lesson: most of it is code of learners.
"""

from __future__ import annotations

from typing import Any

from helpers.exercises.declaration import Exercise, Wrong
from helpers.exercises.evidence import Evidence
from helpers.view import Run

__all__ = ["EXERCISES"]


def wished(seen: Evidence) -> None:
    """A run of kind ``llm`` whose output is a message with a tool call, and its input the tools."""
    run = seen.kind("llm")
    seen.success(run)
    names = [call["function"]["name"] for call in _calls(run)]
    expected = "a tool call of look_up in the message that is its output"
    seen.holds(names == ["look_up"], expected, run.outputs)
    there = ", ".join(run.inputs) or "none"
    seen.holds("tools" in run.inputs, "the tools among its inputs", f"these inputs: {there}")


def _calls(run: Run) -> list[Any]:
    """Return the tool calls of the message that is a run's output."""
    outputs = run.outputs or {}
    said = (outputs.get("messages") or outputs.get("choices") or [outputs.get("output", outputs)])[
        0
    ]
    message = said.get("message", said) if isinstance(said, dict) else {}
    return list(message.get("tool_calls") or [])


SHOW = Exercise(
    lesson="11",
    number=1,
    title="Show what was asked for",
    task="""\
Ask `question` with `offer`, by other means than `ask`. The trace should have a run of the kind
`llm` whose output is a message with the tool call, and whose inputs have the tools that were
offered.
""",
    starter="""\
import os
from langsmith import traceable
from litellm import completion
from tools.glossary import CHOSEN, LOOK_UP

os.environ["LANGSMITH_TRACING"] = "true"
question = {"role": "user", "content": "What is latency?"}
offer = {"tools": [LOOK_UP], "tool_choice": CHOSEN, "temperature": 0}
""",
    judge=wished,
    right=(
        """\
@traceable(run_type="llm")
def wish(messages, **options):
    response = completion("gpt-4o-mini", messages, **options)
    return response.choices[0].message

message = wish([question], **offer)
""",
        """\
from langsmith.wrappers import wrap_openai
from openai import OpenAI

asked = {"model": "gpt-4o-mini", "messages": [question]}
response = wrap_openai(OpenAI()).chat.completions.create(**asked, **offer)
""",
    ),
    wrong=(
        Wrong(
            """\
@traceable(run_type="llm")
def wish(messages, **options):
    response = completion("gpt-4o-mini", messages, **options)
    return str(response.choices[0].message)

text = wish([question], **offer)
""",
            "Expected: a tool call of look_up",
        ),
        Wrong(
            """\
@traceable(run_type="llm")
def wish(messages):
    response = completion("gpt-4o-mini", messages, **offer)
    return response.choices[0].message

message = wish([question])
""",
            "Expected: the tools among its inputs",
        ),
    ),
    hints=(
        "What a traced function is given are its inputs, and what it returns is its output.",
        "Give the function the messages and `**options`, and let it return the message of the "
        "response as it is, not its text.",
    ),
    section="Log a tool call",
    also="OpenAI's client in `wrap_openai`, which logs the whole response and all options.",
    minutes=2,
)


def side_by_side(seen: Evidence) -> None:
    """One trace of ``answer``, two tools beneath it that ran at the same time."""
    root = seen.root("answer")
    seen.success(root)
    tools = [run for run in root.walk() if run.run_type == "tool"]
    seen.holds(len(tools) == 2, "two runs of kind tool beneath answer", f"{len(tools)}")
    first, second = sorted(tools, key=lambda run: run.start)
    both = first.end is not None and second.start < first.end
    seen.holds(both, "both tools to run at the same time", "one after the other")


THREADS = Exercise(
    lesson="11",
    number=2,
    title="Look two terms up at once",
    task="""\
`slow.answer(*terms)` leaves three traces, since a thread knows nothing of the run that is current
where it was started. Look both terms up at the same time by `slow.look_up`, beneath one root that
is called `answer`.
""",
    starter="""\
import os
from langsmith import traceable
from tools import slow

os.environ["LANGSMITH_TRACING"] = "true"
terms = list(slow.GLOSSARY)[:2]
""",
    judge=side_by_side,
    right=(
        """\
from langsmith.utils import ContextThreadPoolExecutor

@traceable(name="answer")
def at_once(*terms):
    with ContextThreadPoolExecutor() as threads:
        return list(threads.map(slow.look_up, terms))

found = at_once(*terms)
""",
        """\
import asyncio

@traceable(name="answer")
async def at_once(*terms):
    calls = [asyncio.to_thread(slow.look_up, term) for term in terms]
    return await asyncio.gather(*calls)

found = await at_once(*terms)
""",
    ),
    wrong=(
        Wrong("found = slow.answer(*terms)\n", "Found: 3 traces"),
        Wrong(
            """\
@traceable(name="answer")
def in_turn(*terms):
    return [slow.look_up(term) for term in terms]

found = in_turn(*terms)
""",
            "Expected: both tools to run at the same time",
        ),
    ),
    hints=(
        "The current run is kept in a context variable. Which ways to start a thread copy those?",
        "`asyncio.to_thread` does, and LangSmith has `ContextThreadPoolExecutor` in "
        "`langsmith.utils`, which is used like the other.",
    ),
    section="Run the tool",
    also='`langsmith_extra={"parent": …}` with the current run, handed to each call.',
    minutes=3,
)


def documents(seen: Evidence) -> None:
    """A run of kind ``retriever`` whose output are two documents in LangSmith's form."""
    run = seen.kind("retriever")
    seen.success(run)
    found = next((v for v in (run.outputs or {}).values() if isinstance(v, list)), [])
    for key in ("page_content", "type", "metadata"):
        lacking = not found or any(not isinstance(d, dict) or key not in d for d in found)
        seen.holds(not lacking, f"documents that have {key}", found)
    seen.holds(
        all(document["type"] == "Document" for document in found),
        "documents of the type Document",
        ", ".join(str(document["type"]) for document in found),
    )
    told = all({"term", "score"} <= set(document["metadata"]) for document in found)
    seen.holds(told, "term and score in the metadata of each", found[0]["metadata"])


SEARCH = """\
import os
from langsmith import traceable

os.environ["LANGSMITH_TRACING"] = "true"

def search(question):
    return [("DNS", "DNS translates names.", 0.91), ("HTTP", "HTTP gets pages.", 0.84)]
"""

FOUND = Exercise(
    lesson="11",
    number=3,
    title="Log what a search found",
    task="""\
`search` gives a term, a text and a score for each entry that it finds. Search for "How are names
found?" so that the trace has a run of the kind `retriever` whose output LangSmith shows as
documents, with `term` and `score` in the metadata of each.
""",
    starter=SEARCH,
    judge=documents,
    right=(
        """\
@traceable(run_type="retriever")
def retrieve(query):
    return [{"page_content": text, "type": "Document",
             "metadata": {"term": term, "score": score}}
            for term, text, score in search(query)]

found = retrieve("How are names found?")
""",
        """\
from langsmith import trace
with trace("search", run_type="retriever", inputs={"query": "names"}) as run:
    found = [
        {"page_content": b, "type": "Document", "metadata": {"term": a, "score": c}}
        for a, b, c in search("How are names found?")
    ]
    run.end(outputs={"documents": found})
""",
    ),
    wrong=(
        Wrong(
            """\
found = traceable(search, run_type="retriever")("How are names found?")
""",
            "Expected: documents that have page_content",
        ),
        Wrong(
            """\
@traceable(run_type="retriever")
def retrieve(query):
    return [{"page_content": text, "type": "Document", "metadata": {}}
            for term, text, score in search(query)]

found = retrieve("How are names found?")
""",
            "Expected: term and score in the metadata",
        ),
        Wrong(
            """\
@traceable
def retrieve(query):
    return [{"page_content": text, "type": "Document", "metadata": {"term": term}}
            for term, text, score in search(query)]

found = retrieve("How are names found?")
""",
            "Expected: a run of kind retriever",
        ),
    ),
    hints=(
        "The form of a document has three keys. Which of the three values goes where?",
        'Each is `{"page_content": …, "type": "Document", "metadata": {…}}`, and the run that '
        'returns them has `run_type="retriever"`.',
    ),
    section="Search by meaning",
    also="a block `with trace(…)` that ends with the documents.",
    minutes=2,
)

EXERCISES = (SHOW, THREADS, FOUND)
