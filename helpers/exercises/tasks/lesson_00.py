"""Lesson 00: one trace of the learner's own."""

from __future__ import annotations

from helpers.exercises.declaration import Exercise, Wrong
from helpers.exercises.evidence import Evidence

__all__ = ["EXERCISES"]

STARTER = """\
import os
from langsmith import traceable
from litellm import completion

os.environ["LANGSMITH_TRACING"] = "true"

@traceable
def define(term):
    question = f"What is {term}? Answer in one sentence."
    messages = [{"role": "user", "content": question}]
    return completion(model="gpt-4o-mini", messages=messages, temperature=0)

"""


def compared(seen: Evidence) -> None:
    """One trace of ``compare``, with a ``define`` for each of two terms beneath it."""
    root = seen.root("compare")
    seen.success(root)
    defined = [run for run in root.children if run.name == "define"]
    names = ", ".join(run.name for run in root.children) or "nothing beneath it"
    seen.holds(len(defined) == 2, "two runs called define right beneath compare", names)
    first, second = (run.inputs for run in defined)
    seen.holds(first != second, "two different terms", f"{first} twice")


COMPARE = Exercise(
    lesson="00",
    number=1,
    title="Make a trace of your own",
    task="""\
Write a function `compare` that takes two terms, calls `define` for each, and is traced itself.
Call it once, with two terms of your choice, such as OAuth and JSON.
""",
    starter=STARTER,
    judge=compared,
    right=(
        """\
@traceable
def compare(one, other):
    return [define(one), define(other)]

compare("OAuth", "JSON")
""",
        """\
from langsmith import trace

with trace("compare", inputs={"terms": ["OAuth", "JSON"]}):
    for term in ["OAuth", "JSON"]:
        define(term)
""",
    ),
    wrong=(
        Wrong(
            """\
def compare(one, other):
    return [define(one), define(other)]

compare("OAuth", "JSON")
""",
            "Found: 2 traces: define, define",
        ),
        Wrong(
            """\
@traceable
def compare(one, other):
    return define(one)

compare("OAuth", "JSON")
""",
            "Expected: two runs called define right beneath compare",
        ),
    ),
    hints=(
        "`glossary` above does the same for a list. What makes it the root of the trace?",
        "Write `@traceable` above `def compare(one, other):`, and call `define` twice in it.",
    ),
    section="Make one trace",
    also='a block `with trace("compare"):`, which makes a run without a function.',
    minutes=2,
)

EXERCISES = (COMPARE,)
