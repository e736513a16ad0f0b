"""Lesson 15: a call that is counted once, two calls in one tree, and a tree through the proxy.

One file, as for each lesson: most of it is code of learners.
"""

from __future__ import annotations

from helpers.exercises.declaration import Exercise, Wrong
from helpers.exercises.evidence import Evidence

__all__ = ["EXERCISES"]

CLIENT = """\
import os
from openai import OpenAI
from helpers import proxy

os.environ["LANGSMITH_TRACING"] = "true"
gateway = proxy.start()
client = OpenAI(base_url=gateway.url, api_key=gateway.key, max_retries=0)
prompt = {"role": "user", "content": "What is JSON? Answer in one sentence."}
about_json = {"model": "gpt-4o-mini", "messages": [prompt], "temperature": 0}
"""


def counted_once(seen: Evidence) -> None:
    """A trace of ``define``, and one model call with tokens in all that was sent."""
    seen.success(seen.trace("define"))
    counted = [run.name for run in seen.runs if run.run_type == "llm" and run.total_tokens]
    found = f"{len(counted)}: {', '.join(counted)}" if counted else "none"
    seen.holds(len(counted) == 1, "one run that has the tokens of the call", found)


ONCE = Exercise(
    lesson="15",
    number=1,
    title="Count a call once",
    task="""\
Within a run called `define`, ask the model about JSON. Your project should then have the tokens of
that call once. Which client you use, and whether it goes through the gateway, is up to you.
""",
    starter=CLIENT,
    judge=counted_once,
    right=(
        """\
from langsmith import traceable
@traceable
def define():
    return client.chat.completions.create(**about_json)
define()
""",
        """\
from langsmith import trace
from langsmith.wrappers import wrap_openai
with trace("define"):
    wrap_openai(OpenAI()).chat.completions.create(**about_json)
""",
    ),
    wrong=(
        Wrong(
            """\
from langsmith import trace
from langsmith.wrappers import wrap_openai
with trace("define"):
    wrap_openai(client).chat.completions.create(**about_json)
""",
            "Found: 2: ",
        ),
        Wrong(
            """\
from langsmith import trace
with trace("define"):
    OpenAI().chat.completions.create(**about_json)
""",
            "Expected: one run that has the tokens of the call",
        ),
    ),
    hints=(
        "Who counts: the gateway, a wrapped client, or both? And who counts when neither is there?",
        "Use the plain client of the gateway within `define`, or `wrap_openai(OpenAI())`, which "
        "goes to the provider.",
    ),
    section="See the duplicate",
    also="a wrapped client without the gateway, which stands beneath `define` by itself.",
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
    lesson="15",
    number=2,
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
    minutes=4,
)


def carried(seen: Evidence) -> None:
    """One trace of ``entry``, with the gateway's run right beneath it."""
    root = seen.root("entry")
    seen.success(root)
    seen.tokens(seen.beneath(root, kind="llm", deep=False))


CARRY = Exercise(
    lesson="15",
    number=3,
    title="Join a call at the gateway",
    task="""\
Within a run called `entry`, ask the gateway about JSON by the plain client, so that the gateway's
run stands right beneath `entry`.
""",
    starter=CLIENT,
    judge=carried,
    right=(
        """\
from helpers.nesting import child_of
from langsmith import trace
with trace("entry") as run:
    place = {"metadata": child_of(run)}
    client.chat.completions.create(**about_json, extra_body=place)
""",
        """\
from helpers.nesting import child_of
from langsmith import get_current_run_tree as here, traceable
ask = client.chat.completions.create
entry = traceable(lambda: ask(**about_json, metadata=child_of(here())), name="entry")
entry()
""",
    ),
    wrong=(
        Wrong(
            """\
from langsmith import trace
with trace("entry") as run:
    place = run.to_headers()
    client.chat.completions.create(**about_json, extra_headers=place)
""",
            "Found: 2 traces",
        ),
        Wrong(
            """\
from helpers.nesting import child_of
from langsmith import get_current_run_tree, trace
place = {"metadata": child_of(get_current_run_tree())}
with trace("entry") as run:
    client.chat.completions.create(**about_json, extra_body=place)
""",
            "Found: 2 traces",
        ),
    ),
    hints=(
        "The gateway takes no notice of LangSmith's header. What does it read, and where has the "
        "current run to be asked for?",
        '`extra_body={"metadata": child_of(run)}` within `with trace("entry") as run:`.',
    ),
    section="Carry the tree through the proxy",
    also="the client's own argument `metadata=`.",
)

EXERCISES = (ONCE, TREE, CARRY)
