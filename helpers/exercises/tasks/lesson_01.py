"""Lesson 01: functions of one's own as runs, as a tree, with tokens.

One file, as for each lesson: most of it is code of learners.
"""

from __future__ import annotations

from helpers.exercises.declaration import Exercise, Wrong
from helpers.exercises.evidence import Evidence

__all__ = ["EXERCISES"]

STARTER = """\
import os
from langsmith import traceable
from litellm import completion

os.environ["LANGSMITH_TRACING"] = "true"
"""
MESSAGES = f"""\
{STARTER}
messages = [{{"role": "user", "content": "What is SSH? Answer in one sentence."}}]
"""


def looked_up(seen: Evidence) -> None:
    """One trace of a run called ``lookup``, with the term in and a text out."""
    root = seen.root("lookup")
    seen.success(root)
    seen.holds("term" in root.inputs, "an input called term", root.inputs)
    seen.holds(bool(root.outputs), "the answer as its output", root.outputs)


LOOKUP = Exercise(
    lesson="01",
    number=1,
    title="Trace a function",
    task="""\
Write a function `lookup(term)` that asks the model what a term is. A call of it should leave one
trace: a run `lookup` with `term` as its input and the answer as its output. Call it once, for
instance with JSON.
""",
    starter=STARTER,
    judge=looked_up,
    right=(
        """\
@traceable
def lookup(term):
    question = f"What is {term}? Answer in one sentence."
    messages = [{"role": "user", "content": question}]
    response = completion(model="gpt-4o-mini", messages=messages, temperature=0)
    return response.choices[0].message.content

lookup("JSON")
""",
        """\
from langsmith import trace

messages = [{"role": "user", "content": "What is JSON? Answer in one sentence."}]

with trace("lookup", inputs={"term": "JSON"}) as run:
    response = completion(model="gpt-4o-mini", messages=messages, temperature=0)
    run.end(outputs={"answer": response.choices[0].message.content})
""",
    ),
    wrong=(
        Wrong(
            """\
def lookup(term):
    question = f"What is {term}? Answer in one sentence."
    messages = [{"role": "user", "content": question}]
    response = completion(model="gpt-4o-mini", messages=messages, temperature=0)
    return response.choices[0].message.content

lookup("JSON")
""",
            "Found: no trace",
        ),
        Wrong(
            """\
@traceable
def define(term):
    question = f"What is {term}? Answer in one sentence."
    messages = [{"role": "user", "content": question}]
    response = completion(model="gpt-4o-mini", messages=messages, temperature=0)
    return response.choices[0].message

define("JSON")
""",
            "Found: one whose root is define",
        ),
    ),
    hints=(
        "What makes a run of every call to a function? You saw it above `define`.",
        "Put `@traceable` above `def lookup(term):`, ask the model in it, and return the text.",
    ),
    section="Wrap a function in `@traceable`",
    also="`with trace(…) as run:` with `run.end(outputs=…)`, or an async function.",
    minutes=2,
)


def spelt(seen: Evidence) -> None:
    """A tree: ``entry``, and right beneath it ``spell``, a tool, and ``count``."""
    root = seen.root("entry")
    seen.success(root)
    spell = seen.beneath(root, name="spell", deep=False)
    seen.holds(spell.run_type == "tool", "spell to be of kind tool", f"kind {spell.run_type}")
    seen.beneath(root, name="count", deep=False)


ENTRY = Exercise(
    lesson="01",
    number=2,
    title="Grow a tree",
    task="""\
Write `spell(term)`, which is of the kind `tool`, `count(term)`, a plain run, and `entry(term)`,
which calls both. One call of `entry` should leave one trace of three runs. What the functions
return is up to you, and no model is needed.
""",
    starter=STARTER.replace("from litellm import completion\n", ""),
    judge=spelt,
    right=(
        """\
@traceable(run_type="tool")
def spell(term):
    return " ".join(term)

count = traceable(len, name="count")

@traceable
def entry(term):
    return {"letters": spell(term), "length": count(term)}

entry("URL")
""",
        """\
from langsmith import trace

with trace("entry", inputs={"term": "URL"}):
    with trace("spell", run_type="tool", inputs={"term": "URL"}):
        letters = list("URL")
    with trace("count", inputs={"term": "URL"}) as run:
        run.end(outputs={"length": len(letters)})
""",
    ),
    wrong=(
        Wrong(
            """\
@traceable(run_type="tool")
def spell(term):
    return " ".join(term)

count = traceable(len, name="count")

def entry(term):
    return {"letters": spell(term), "length": count(term)}

entry("URL")
""",
            "2 traces: spell, count",
        ),
        Wrong(
            """\
spell = traceable(" ".join, name="spell")
count = traceable(len, name="count")

@traceable
def entry(term):
    return {"letters": spell(term), "length": count(term)}

entry("URL")
""",
            "Expected: spell to be of kind tool",
        ),
    ),
    hints=(
        "A traced function that is called within another one becomes its child. Which of the "
        "three has to be traced?",
        'All three: `@traceable(run_type="tool")` above `spell`, `@traceable` above the others.',
    ),
    section="Follow a pipeline",
    also="three `with trace(…):` blocks, the second and third within the first.",
    minutes=2,
)


def counted(seen: Evidence) -> None:
    """A run of kind ``llm`` that says which model spoke and how many tokens it took."""
    run = seen.kind("llm")
    seen.success(run)
    seen.metadata(run, "ls_model_name", "gpt-4o-mini")
    seen.tokens(run)


TOKENS = Exercise(
    lesson="01",
    number=3,
    title="Tell what it took",
    task="""\
Ask `gpt-4o-mini` the question in `messages` within a run of the kind `llm` that has the count of
tokens, and `gpt-4o-mini` as `ls_model_name` in its metadata. A cost is not needed.
""",
    starter=MESSAGES,
    judge=counted,
    right=(
        """\
@traceable(run_type="llm", metadata={"ls_model_name": "gpt-4o-mini"})
def answer(messages):
    response = completion(model="gpt-4o-mini", messages=messages, temperature=0)
    usage = {"total_tokens": response.usage.total_tokens}
    return {"messages": [response.choices[0].message], "usage_metadata": usage}

answer(messages)
""",
        """\
from langsmith import trace

with trace("ask", run_type="llm", metadata={"ls_model_name": "gpt-4o-mini"}) as run:
    response = completion(model="gpt-4o-mini", messages=messages, temperature=0)
    counts = {"input_tokens": response.usage.prompt_tokens}
    counts["output_tokens"] = response.usage.completion_tokens
    run.end(outputs={"answer": response.choices[0].message, "usage_metadata": counts})
""",
    ),
    wrong=(
        Wrong(
            """\
@traceable(metadata={"ls_model_name": "gpt-4o-mini"})
def answer(messages):
    response = completion(model="gpt-4o-mini", messages=messages, temperature=0)
    usage = {"total_tokens": response.usage.total_tokens}
    return {"messages": [response.choices[0].message], "usage_metadata": usage}

answer(messages)
""",
            "Expected: a run of kind llm",
        ),
        Wrong(
            """\
@traceable(run_type="llm", metadata={"ls_model_name": "gpt-4o-mini"})
def answer(messages):
    response = completion(model="gpt-4o-mini", messages=messages, temperature=0)
    return response.choices[0].message

answer(messages)
""",
            "Expected: a count of tokens on answer",
        ),
    ),
    hints=(
        "Three things make it: the kind of the run, its metadata, and one entry of its output.",
        "The entry is `usage_metadata`, with `total_tokens` out of `response.usage`.",
        'Use `@traceable(run_type="llm", metadata={"ls_model_name": …})`, and return '
        '`{"messages": […], "usage_metadata": {…}}`.',
    ),
    section="Add the tokens",
    also="`set_run_metadata(…)` within the function, or a `trace` block.",
    minutes=2,
)

EXERCISES = (LOOKUP, ENTRY, TOKENS)
