"""Lesson 04: a layer for a synchronous program, a call counted once, two calls in one tree.

One file, as for each lesson: most of it is code of learners.
"""

from __future__ import annotations

from helpers.exercises.declaration import Exercise, Wrong
from helpers.exercises.evidence import Evidence

__all__ = ["EXERCISES"]

PROGRAM = """\
import os
import litellm
from helpers.lessons import callback
from layers import glossary

os.environ["LANGSMITH_TRACING"] = "true"
callback.forget()  # no logger, as in a program that has just begun
"""


def both_reported(seen: Evidence) -> None:
    """A run about JSON that succeeded and one about XML that failed, of whatever kind."""
    about = {term: [r for r in seen.runs if term in str(r.inputs)] for term in ("JSON", "XML")}
    seen.holds(any(not r.error for r in about["JSON"]), "a run about JSON", "none")
    failed = [run for run in about["XML"] if run.error]
    found = ", ".join(f"{run.name} ({run.status})" for run in seen.runs)
    seen.holds(bool(failed), "a run about XML, with its error", found)


CHOICE = Exercise(
    lesson="04",
    number=1,
    title="Choose for a program",
    task="""\
Program 1 is `glossary.work`: it calls `glossary.look_up` twice, and the second call fails. Choose a
layer and turn it on. Then call it. Both calls should be in your project, the failed one with its
error. You may replace functions of `glossary`, or write your own.
""",
    starter=PROGRAM,
    judge=both_reported,
    right=(
        """\
from langsmith import traceable
glossary.look_up = traceable(glossary.look_up)
glossary.work()
""",
        """\
import asyncio
litellm.callbacks = ["langsmith"]
litellm.langsmith_batch_size = 1
first = litellm.acompletion(**glossary.asking("JSON"))
second = litellm.acompletion(**glossary.asking("XML"), **glossary.OFF)
await asyncio.gather(first, second, return_exceptions=True)
""",
    ),
    wrong=(
        Wrong(
            """\
litellm.callbacks = ["langsmith"]
litellm.langsmith_batch_size = 1
glossary.work()
""",
            "Expected: a run about XML, with its error",
        ),
        Wrong(
            """\
from langsmith import traceable
traceable(glossary.work)()
""",
            "Expected: a run about JSON",
        ),
    ),
    hints=(
        "The program is synchronous, and a failure shall be seen. Which layer of the table sees "
        "both?",
        "Put `traceable` around `glossary.look_up`, under the same name.",
    ),
    section="Decide who reports a call",
    also="the callback, if you make the program await its calls.",
    minutes=2,
)

CHAT = """\
import litellm
from helpers.lessons import callback
from layers import glossary

callback.both_layers()
chat = glossary.chat
"""


def counted_once(seen: Evidence) -> None:
    """One model call with tokens in all that was sent."""
    counted = [run.name for run in seen.runs if run.run_type == "llm" and run.total_tokens]
    found = f"{len(counted)}: {', '.join(counted)}" if counted else "none"
    seen.holds(len(counted) == 1, "one run that has the tokens of the call", found)


ONCE = Exercise(
    lesson="04",
    number=2,
    title="Count a call once",
    task="""\
Both layers are on, and `chat` of `layers/glossary.py` counts its tokens itself, as in lesson 01:
your project has them twice. Await `chat("JSON")` so that it has them once, with `chat` as it is.
""",
    starter=CHAT,
    judge=counted_once,
    right=(
        """\
from langsmith import tracing_context
with tracing_context(enabled=False):
    await chat("JSON")
""",
        """\
litellm.callbacks = []
await chat("JSON")
""",
    ),
    wrong=(
        Wrong(
            """\
await chat("JSON")
""",
            "Found: 2: ",
        ),
        Wrong(
            """\
from langsmith import tracing_context
litellm.callbacks = []
with tracing_context(enabled=False):
    await chat("JSON")
""",
            "Found: none",
        ),
    ),
    hints=(
        "One of the two has to be silent about this call. How is each of them turned off?",
        "The SDK's `tracing_context(enabled=False)` around the call; or `litellm.callbacks = []` "
        "before the first call of all, after which LiteLLM keeps copies of its logger.",
    ),
    section="See the duplicate",
    also="`litellm.callbacks = []` and `chat` alone, as long as its logger has logged no call.",
    minutes=2,
)

BOTH = """\
import litellm
from helpers.lessons import callback

callback.both_layers()

async def look_up(term, **metadata):
    prompt = {"role": "user", "content": f"What is {term}? Answer in one sentence."}
    call = {"model": "gpt-4o-mini", "messages": [prompt], "temperature": 0}
    return await litellm.acompletion(**call, metadata=metadata)
"""


def compared(seen: Evidence) -> None:
    """One trace of ``compare``, with LiteLLM's runs of two calls right beneath it."""
    root = seen.root("compare")
    seen.success(root)
    calls = [run for run in root.children if run.run_type == "llm"]
    there = ", ".join(f"{run.name} ({run.run_type})" for run in root.children) or "nothing"
    seen.holds(len(calls) == 2, "two runs of kind llm right beneath compare", there)
    for run in calls:
        seen.tokens(run)
    first, second = (run.inputs.get("messages") for run in calls)
    seen.holds(first != second, "two different questions", "one, twice")


TREE = Exercise(
    lesson="04",
    number=3,
    title="Hang two calls beneath one run",
    task="""\
Both layers are on. Within a run called `compare`, call `look_up` for two terms, such as TLS and
SSH, so that one trace comes of it: `compare`, with LiteLLM's two runs right beneath it.
""",
    starter=BOTH,
    judge=compared,
    right=(
        """\
from helpers.nesting import child_of
from langsmith import trace
with trace("compare") as run:
    for term in ("TLS", "SSH"):
        await look_up(term, **child_of(run))
""",
        """\
from helpers.nesting import child_of
from langsmith import get_current_run_tree as here, traceable
@traceable
async def compare(*terms):
    return [await look_up(term, **child_of(here())) for term in terms]
await compare("TLS", "SSH")
""",
    ),
    wrong=(
        Wrong(
            """\
from helpers.nesting import child_of
from langsmith import trace
with trace("compare") as run:
    place = child_of(run)
    for term in ("TLS", "SSH"):
        await look_up(term, **place)
""",
            "Expected: two runs of kind llm right beneath compare",
        ),
        Wrong(
            """\
from langsmith import trace
with trace("compare") as run:
    for term in ("TLS", "SSH"):
        await look_up(term, parent_run_id=str(run.id))
""",
            "Found: nothing",
        ),
        Wrong(
            """\
from langsmith import trace
with trace("compare") as run:
    for term in ("TLS", "SSH"):
        await look_up(term)
""",
            "Found: 3 traces",
        ),
    ),
    hints=(
        "What you give to `look_up` beside the term becomes the call's metadata. Which function "
        "of this lesson makes the ids for it, and for how many calls does one result do?",
        "`child_of(run)` for each call anew, as `**child_of(run)`, within "
        '`with trace("compare") as run:`.',
    ),
    section="Make one tree",
    also="a function with `@traceable`, and `child_of(get_current_run_tree())` within it.",
    minutes=3,
)

EXERCISES = (CHOICE, ONCE, TREE)
