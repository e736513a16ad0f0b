"""Lesson 12: a retry that shows, a fallback that is told, and a project that a client chooses.

One file, as for each lesson: most of it is code of learners.
"""

from __future__ import annotations

from helpers.exercises.declaration import Exercise, Wrong
from helpers.exercises.evidence import Evidence

__all__ = ["EXERCISES"]

TEAM = "team-b"


def tried_again(seen: Evidence) -> None:
    """A root ``define`` that is ok, beneath it an attempt that failed and one that did not."""
    root = seen.root("define")
    seen.holds(not root.error, "define without an error", root.error or "")
    beneath = list(root.walk())[1:]
    found = ", ".join(f"{run.name} ({run.status})" for run in beneath) or "no run"
    failed = [run for run in beneath if run.error]
    seen.holds(bool(failed), "a failed attempt beneath define", found)
    seen.holds(len(failed) < len(beneath), "an attempt beneath define that succeeded", found)


RETRY = Exercise(
    lesson="12",
    number=1,
    title="Try again where it shows",
    task="""\
`await attempt("JSON")` raises the first time, and gives the answer when it is called again. Write
`define`, which tries again, so that one trace shows it: a root `define` that is ok, beneath it an
attempt that failed and one that did not.
""",
    starter="""\
import os
from langsmith import traceable
from routes.asking import refused_once

os.environ["LANGSMITH_TRACING"] = "true"
attempt = refused_once()
""",
    judge=tried_again,
    right=(
        """\
@traceable
async def define(term):
    traced = traceable(attempt)
    try:
        return await traced(term)
    except Exception:
        return await traced(term)

text = await define("JSON")
""",
        """\
from contextlib import suppress
from langsmith import trace

with trace("define") as root:
    for _ in range(2):
        with suppress(Exception), trace("attempt"):
            root.end(outputs={"answer": await attempt("JSON")})
            break
""",
    ),
    wrong=(
        Wrong(
            """\
@traceable
async def define(term):
    try:
        return await attempt(term)
    except Exception:
        return await attempt(term)

text = await define("JSON")
""",
            "Expected: a failed attempt beneath define",
        ),
        Wrong(
            """\
from contextlib import suppress

define = traceable(attempt, name="define")
for _ in range(2):
    with suppress(Exception):
        text = await define("JSON")
""",
            "Found: 2 traces",
        ),
    ),
    hints=(
        "Two functions are traced, one within the other. Which of them catches the exception?",
        "`traceable(attempt)` makes a run of each attempt. `define`, traced too, calls it, catches "
        "what it raises, and calls it again.",
    ),
    section="Retry a call",
    also="a block `with trace(…)` for each attempt, within one for `define`.",
    minutes=3,
)


def told(seen: Evidence) -> None:
    """A root ``define`` that is ok and whose metadata says who answered."""
    root = seen.root("define")
    seen.success(root)
    seen.metadata(root, "answered_by", "second")


TELL = Exercise(
    lesson="12",
    number=2,
    title="Tell who answered",
    task="""\
Ask `router` for `first` about JSON, in a trace whose root is called `define`. Let its metadata say
`answered_by`, with the group of models that has answered. The response has it among its headers,
`response._hidden_params["additional_headers"]`.
""",
    starter="""\
import os
from langsmith import traceable
from routes.asking import about, falling_back

os.environ["LANGSMITH_TRACING"] = "true"
router = falling_back()
asked = about("JSON", "first")
""",
    judge=told,
    right=(
        """\
from langsmith import get_current_run_tree

@traceable
async def define():
    response = await router.acompletion(**asked)
    group = response._hidden_params["additional_headers"]["x-litellm-model-group"]
    get_current_run_tree().add_metadata({"answered_by": group})
await define()
""",
        """\
from langsmith import trace

with trace("define", inputs=asked) as run:
    response = await router.acompletion(**asked)
    headers = response._hidden_params["additional_headers"]
    run.end(metadata={"answered_by": headers["x-litellm-model-group"]})
""",
    ),
    wrong=(
        Wrong(
            """\
@traceable(metadata={"answered_by": asked["model"]})
async def define():
    return (await router.acompletion(**asked)).choices[0].message.content
await define()
""",
            "Found: first",
        ),
        Wrong(
            """\
from langsmith import trace

with trace("define", inputs=asked) as run:
    response = await router.acompletion(**asked)
    run.end(metadata={"answered_by": response.model})
""",
            "Found: gpt-4o-mini",
        ),
        Wrong(
            """\
@traceable
async def define():
    return (await router.acompletion(**asked)).choices[0].message.content
await define()
""",
            "Expected: answered_by in the metadata of define",
        ),
    ),
    hints=(
        "`response.model` is the provider's name, which both groups have. The Router adds headers "
        "of its own to the response.",
        "The header is `x-litellm-model-group`. `get_current_run_tree()` is the run that wants it, "
        "and has `add_metadata`.",
    ),
    section="Fall back to another model",
    also="a block `with trace(…)`, whose `end` takes metadata.",
    minutes=3,
)


def moved(seen: Evidence) -> None:
    """One run in the project of the client's choice, which has succeeded."""
    seen.holds(bool(seen.roots), f"a run in the project {TEAM}", "none there")
    seen.success(seen.root())


MOVE = Exercise(
    lesson="12",
    number=3,
    title="Choose a project",
    task="""\
With the key of `acme`, whose project is `glossary-acme`, ask the gateway about JSON so that the run
lies in the project `team_b`. The gateway stays as it is. `ask` takes more of the body by name.
""",
    starter="""\
from helpers import proxy, session
from routes.clients import ask

teams = {"ACME_PROJECT": session.project("glossary-acme")}
gateway = proxy.start("proxy/teams.yaml", project="gateway", environment=teams)
team_b = session.project("team-b")
""",
    judge=moved,
    projects=(TEAM,),
    right=(
        'ask(gateway, "sk-acme", "JSON", metadata={"project_name": team_b})\n',
        """\
from openai import OpenAI
from routes.asking import about

client = OpenAI(base_url=gateway.url, api_key="sk-acme", max_retries=0)
choice = {"metadata": {"project_name": team_b}}
client.chat.completions.create(**about("JSON"), extra_body=choice)
""",
    ),
    wrong=(
        Wrong(
            'ask(gateway, "sk-acme", "JSON", langsmith_project=team_b)\n',
            "Rejected Request",
        ),
        Wrong(
            'ask(gateway, "sk-acme", "JSON", metadata={"project": team_b})\n',
            "Expected: a run in the project team-b",
        ),
    ),
    hints=(
        "A client may not say `langsmith_project`. Where did labels go in lesson 03?",
        "`metadata` has an entry for it, beside `run_name`: `project_name`.",
    ),
    section="Serve several teams",
    also="any client with the key, such as OpenAI's, with `metadata` in its `extra_body`.",
    minutes=2,
)

EXERCISES = (RETRY, TELL, MOVE)
