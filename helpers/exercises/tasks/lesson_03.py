"""Lesson 03: a client of one's own at the gateway, its labels, and a key that is not stored.

One file, as for each lesson: most of it is code of learners.
"""

from __future__ import annotations

import re

from helpers.exercises.declaration import Exercise, Wrong
from helpers.exercises.evidence import Evidence
from helpers.view import Run

__all__ = ["EXERCISES"]

GATEWAY = "litellm-proxy"
START = """\
from helpers import proxy

gateway = proxy.start(project="litellm-proxy")
"""
CLIENT = f"""\
from openai import OpenAI
{START.strip()}
client = OpenAI(base_url=gateway.url, api_key=gateway.key, max_retries=0)
call = {{"model": "gpt-4o-mini", "temperature": 0}}
prompt = "What is JSON? Answer in one sentence."
call |= {{"messages": [{{"role": "user", "content": prompt}}]}}
"""


def the_run(seen: Evidence, project: str, found: str = "none there") -> Run:
    """Return the one run in ``project``, which has succeeded; ``found`` is told if none is."""
    seen.holds(bool(seen.roots), f"a run in the project {project}", found)
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
`gateway.project` should have one run of it, with its tokens. `gateway.url` and `gateway.key` are
all that you need to know.
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
    section="Ask any provider from any language",
    also="any program that posts to `/chat/completions` with the key: `httpx`, curl, Node. The "
    "proxy asks the provider for a count of a stream's tokens by itself.",
    minutes=2,
)


def labelled(seen: Evidence) -> None:
    """One run of the gateway's with a name, a tag, and an entry of the client's own."""
    lost = "none there. LiteLLM loses the run of a call whose `tags` in the body are no list"
    run = the_run(seen, GATEWAY, lost)
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
        Wrong(
            """\
labels = {"run_name": "define JSON", "customer": "acme", "tags": "beta"}
client.chat.completions.create(**call, metadata=labels)
""",
            "are no list",
        ),
    ),
    hints=(
        "The name and the entry go the same way, and the tag may go that way too. It is not the "
        "way of headers.",
        "The body's `metadata` takes all: `run_name`, `tags` as a list, and `customer` right "
        "beside them, not a level deeper as in lesson 02.",
    ),
    section="Say who asks",
    also="the client's own argument `metadata=`, and the tag in the header `x-litellm-tags`.",
    minutes=2,
)


def hashed(seen: Evidence) -> None:
    """The newest run of the gateway is of a refused call, and holds a hash of its key."""
    seen.holds(bool(seen.roots), f"a run in the project {GATEWAY}", "none there")
    run = seen.roots[-1]
    seen.error(run, "No connected db.")
    noted = run.inputs["metadata"]["user_api_key_hash"]
    seen.holds(bool(re.fullmatch("[0-9a-f]{64}", noted)), "a hash of the key", noted)


KNOCK = Exercise(
    lesson="03",
    number=3,
    title="Knock with a key that is not stored",
    task="""\
Find a key that the gateway refuses, and of which the run has a hash in `user_api_key_hash` instead
of the key itself. `knock(key)` makes a call with it.
""",
    starter=f"""\
import httpx
{START.strip()}

def knock(key):
    prompt = {{"role": "user", "content": "What is HTTP? Answer in one sentence."}}
    body = {{"model": "gpt-4o-mini", "temperature": 0, "messages": [prompt]}}
    headers = {{"Authorization": f"Bearer {{key}}"}}
    client = httpx.Client(base_url=gateway.url, headers=headers, timeout=60)
    return client.post("/chat/completions", json=body)
""",
    judge=hashed,
    projects=(GATEWAY,),
    right=(
        """\
knock("sk-anything")
""",
        """\
from openai import OpenAI
client = OpenAI(base_url=gateway.url, api_key="sk-not-real")
client.chat.completions.create(model="gpt-4o-mini", messages=[])
""",
    ),
    wrong=(
        Wrong(
            """\
knock("correct-horse-battery-staple")
""",
            "Found: correct-horse-battery-staple",
        ),
        Wrong(
            """\
knock(gateway.key)
""",
            "Expected: an error on LLMRun",
        ),
    ),
    hints=(
        "LiteLLM hashes what looks like one of its own keys. What do all keys that it makes, and "
        "`gateway.key`, begin with?",
        "A key of your own that begins with `sk-`.",
    ),
    section="Say who asks",
    also="any key that begins with `sk-`. Give your clients such keys, and a mistyped one stays "
    "unread.",
    minutes=2,
)

EXERCISES = (STREAM, LABELS, KNOCK)
