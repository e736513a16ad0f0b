"""Lesson 03: a client of one's own at the gateway, its labels, and its project.

One file, as for each lesson: most of it is code of learners.
"""

from __future__ import annotations

from helpers.exercises.declaration import Exercise, Wrong
from helpers.exercises.evidence import Evidence
from helpers.view import Run

__all__ = ["EXERCISES"]

GATEWAY = "litellm-proxy"
TEAM = "team-b"
START = """\
from helpers import proxy

gateway = proxy.start(environment={"LANGSMITH_PROJECT": "litellm-proxy"})
"""
CLIENT = f"""\
from openai import OpenAI
{START.strip()}
client = OpenAI(base_url=gateway.url, api_key=gateway.key, max_retries=0)
call = {{"model": "gpt-4o-mini", "temperature": 0}}
prompt = "What is JSON? Answer in one sentence."
call |= {{"messages": [{{"role": "user", "content": prompt}}]}}
"""


def the_run(seen: Evidence, project: str) -> Run:
    """Return the one run in ``project``, which has succeeded."""
    seen.holds(bool(seen.roots), f"a run in the project {project}", "none there")
    run = seen.root()
    seen.success(run)
    return run


def streamed(seen: Evidence) -> None:
    """One run of the gateway's, of a streamed call, with its tokens."""
    run = the_run(seen, GATEWAY)
    seen.holds(run.inputs.get("stream") is True, "a streamed call", "one that is not streamed")
    seen.tokens(run)


STREAM = Exercise(
    lesson="03",
    number=1,
    title="Be a client",
    task="""\
Ask the gateway what SSH is, as a stream, with whatever client you like. The project
`litellm-proxy` should have one run of it, with its tokens. `gateway.url` and `gateway.key` are all
that you need to know.
""",
    starter=START,
    judge=streamed,
    projects=(GATEWAY,),
    right=(
        """\
from openai import OpenAI
client = OpenAI(base_url=gateway.url, api_key=gateway.key)
question = {"role": "user", "content": "What is SSH? Answer in one sentence."}
stream = client.chat.completions.create(
    model="gpt-4o-mini", messages=[question], temperature=0, stream=True
)
for chunk in stream:
    print(chunk.choices and chunk.choices[0].delta.content or "", end="")
""",
        """\
import httpx
question = {"role": "user", "content": "What is SSH? Answer in one sentence."}
body = {"model": "gpt-4o-mini", "messages": [question], "temperature": 0}
key = {"Authorization": f"Bearer {gateway.key}"}
url = f"{gateway.url}/chat/completions"
response = httpx.post(url, json=body | {"stream": True}, headers=key, timeout=60)
""",
    ),
    wrong=(
        Wrong(
            """\
from openai import OpenAI
client = OpenAI()
question = {"role": "user", "content": "What is SSH? Answer in one sentence."}
stream = client.chat.completions.create(
    model="gpt-4o-mini", messages=[question], temperature=0, stream=True
)
for chunk in stream:
    print(chunk.choices and chunk.choices[0].delta.content or "", end="")
""",
            "Expected: a run in the project litellm-proxy",
        ),
        Wrong(
            """\
from openai import OpenAI
client = OpenAI(base_url=gateway.url, api_key=gateway.key)
question = {"role": "user", "content": "What is SSH? Answer in one sentence."}
client.chat.completions.create(
    model="gpt-4o-mini", messages=[question], temperature=0
)
""",
            "Expected: a streamed call",
        ),
        Wrong(
            """\
from openai import OpenAI
client = OpenAI(base_url=gateway.url, api_key="anything")
question = {"role": "user", "content": "What is SSH? Answer in one sentence."}
stream = client.chat.completions.create(
    model="gpt-4o-mini", messages=[question], temperature=0, stream=True
)
""",
            "No connected db.",
        ),
    ),
    hints=(
        "A client that is not told where the gateway is goes to the provider. Which two arguments "
        "tell it?",
        "`OpenAI(base_url=gateway.url, api_key=gateway.key)`, then a call with `stream=True` whose "
        "pieces you read to the end.",
    ),
    section="Stream through the proxy",
    also="any program that posts to `/chat/completions` with the key: `httpx`, curl, Node.",
)


def labelled(seen: Evidence) -> None:
    """One run of the gateway's with a name, a tag, and an entry of the client's own."""
    run = the_run(seen, GATEWAY)
    seen.holds(run.name == "define JSON", "a run called define JSON", f"one called {run.name}")
    seen.tag(run, "beta")
    sent = dict(run.metadata.get("requester_metadata") or {})
    sent.pop("headers", None)
    there = sent or "no such entry"
    seen.holds(sent.get("customer") == "acme", "an entry customer that is acme", there)


LABELS = Exercise(
    lesson="03",
    number=2,
    title="Label a call",
    task="""\
Make the call so that its run is called `define JSON`, has the tag `beta`, and holds an entry
`customer` that is `acme`.
""",
    starter=CLIENT,
    judge=labelled,
    projects=(GATEWAY,),
    right=(
        """\
labels = {"run_name": "define JSON", "customer": "acme"}
client.chat.completions.create(
    **call, extra_body={"metadata": labels}, extra_headers={"x-litellm-tags": "beta"}
)
""",
        """\
labels = {"run_name": "define JSON", "customer": "acme", "tags": ["beta"]}
client.chat.completions.create(**call, metadata=labels)
""",
    ),
    wrong=(
        Wrong(
            """\
labels = {"run_name": "define JSON", "tags": ["beta"]}
labels["metadata"] = {"customer": "acme"}
client.chat.completions.create(**call, extra_body={"metadata": labels})
""",
            "Expected: an entry customer that is acme",
        ),
        Wrong(
            """\
labels = {"run_name": "define JSON", "x-litellm-tags": "beta", "customer": "acme"}
client.chat.completions.create(**call, extra_headers=labels)
""",
            "Found: one called LLMRun",
        ),
    ),
    hints=(
        "The name and the entry go the same way, and the tag may go that way too. It is not the "
        "way of headers.",
        "The body's `metadata` takes all: `run_name`, `tags` as a list, and `customer` right "
        "beside them, not a level deeper as in lesson 02.",
    ),
    section="Label runs from the client",
    also="the client's own argument `metadata=`, and the tag in the header `x-litellm-tags`.",
)


def moved(seen: Evidence) -> None:
    """One run of an answered call, in the team's project."""
    seen.tokens(the_run(seen, TEAM))


PROJECT = Exercise(
    lesson="03",
    number=3,
    title="Choose a project",
    task=f"""\
Make the call so that its run lies in the project `{TEAM}`. The gateway stays as it is.
""",
    starter=CLIENT,
    judge=moved,
    projects=(TEAM,),
    right=(
        f"""\
body = {{"metadata": {{"project_name": "{TEAM}"}}}}
client.chat.completions.create(**call, extra_body=body)
""",
        f"""\
import httpx
body = call | {{"metadata": {{"project_name": "{TEAM}"}}}}
key = {{"Authorization": f"Bearer {{gateway.key}}"}}
httpx.post(f"{{gateway.url}}/chat/completions", json=body, headers=key, timeout=60)
""",
    ),
    wrong=(
        Wrong(
            f"""\
import os
os.environ["LANGSMITH_PROJECT"] = "{TEAM}"
client.chat.completions.create(**call)
""",
            f"Expected: a run in the project {TEAM}",
        ),
        Wrong(
            f"""\
body = {{"langsmith_project": "{TEAM}"}}
client.chat.completions.create(**call, extra_body=body)
""",
            "Found: Rejected Request: langsmith_project is not allowed",
        ),
    ),
    hints=(
        "The gateway has an environment of its own, and refuses settings of LangSmith in a body. "
        "What does it read from a client?",
        "`project_name`, in the body's `metadata`.",
    ),
    section="Tell what a client may decide",
    also="the same body by any other client.",
    minutes=2,
)

EXERCISES = (STREAM, LABELS, PROJECT)
