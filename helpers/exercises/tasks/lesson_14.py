"""Lesson 14: what each layer keeps while LangSmith is away, and how to lose less."""

from __future__ import annotations

from helpers.exercises.declaration import Exercise, Wrong
from helpers.exercises.evidence import Evidence

__all__ = ["EXERCISES"]


def resent(seen: Evidence) -> None:
    """A trace of each term that was spelt while nobody was there."""
    roots = seen.every(2, "spell")
    inputs = str([root.inputs for root in roots])
    seen.holds("DNS" in inputs and "TCP" in inputs, "a trace of DNS and one of TCP", inputs)


RESEND = Exercise(
    lesson="14",
    number=1,
    title="Send what the SDK kept",
    task="""\
`lost("DNS", "TCP")` traces two calls while nobody is there, and returns the paths of the files in
which the SDK kept them. Call it, and send the files, each by `POST` to its `endpoint`, so that both
traces arrive. `Client().request_with_retries("POST", f"/{endpoint}", request_kwargs=…)` takes a
dictionary with `data`, the bytes of the body, and `headers`; address and key are its own.
""",
    starter="""\
import base64
import json
from langsmith import Client
from outages.asking import lost
""",
    judge=resent,
    right=(
        """\
for path in lost("DNS", "TCP"):
    letter = json.loads(path.read_text())
    body = base64.b64decode(letter["body_base64"])
    again = {"data": body, "headers": letter["headers"]}
    address = f"/{letter['endpoint']}"
    Client().request_with_retries("POST", address, request_kwargs=again)
""",
        """\
import os
import httpx

for letter in [json.loads(path.read_text()) for path in lost("DNS", "TCP")]:
    headers = letter["headers"] | {"x-api-key": os.environ["LANGSMITH_API_KEY"]}
    home = os.environ.get("LANGSMITH_ENDPOINT", "https://api.smith.langchain.com")
    body = base64.b64decode(letter["body_base64"])
    httpx.post(f"{home}/{letter['endpoint']}", content=body, headers=headers)
""",
    ),
    wrong=(
        Wrong(
            """\
lost("DNS", "TCP")
Client().flush()
""",
            "Found: no trace",
        ),
        Wrong(
            """\
letter = json.loads(lost("DNS", "TCP")[0].read_text())
body = base64.b64decode(letter["body_base64"])
again = {"data": body, "headers": letter["headers"]}
Client().request_with_retries("POST", "/runs/multipart", request_kwargs=again)
""",
            "Found: one trace: spell",
        ),
    ),
    hints=(
        "No flush reads the folder. A file is a letter: a body, its headers, and where it goes.",
        "The body is encoded: `base64.b64decode(letter['body_base64'])`. Without the headers "
        "LangSmith cannot tell how it is packed.",
        "For each path `letter = json.loads(path.read_text())`, and then the task's call, with "
        "`{'data': base64.b64decode(letter['body_base64']), 'headers': letter['headers']}`.",
    ),
    section="Let nobody be there",
    also="any HTTP client that sends body and headers with your key.",
    minutes=3,
)


def freed(seen: Evidence) -> None:
    """A trace of both calls that came after the one whose report was never answered."""
    for term in ("TCP", "SQL"):
        seen.success(seen.trace(term))


FREE = Exercise(
    lesson="14",
    number=2,
    title="Free the queue",
    task="""\
`await stuck(logger)` defines DNS, whose report LangSmith never answers, then TCP and SQL, and waits
ten seconds. Give it a logger of LiteLLM's with which TCP and SQL arrive in that time.
""",
    starter="""\
from litellm.integrations.langsmith import LangsmithLogger
from outages.asking import stuck
""",
    judge=freed,
    right=(
        """\
from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler

logger = LangsmithLogger(batch_size=1, flush_interval=1)
logger.async_httpx_client = AsyncHTTPHandler(timeout=1.0)
await stuck(logger)
""",
        """\
import asyncio

class Short(LangsmithLogger):
    async def async_send_batch(self):
        await asyncio.wait_for(super().async_send_batch(), timeout=1)

await stuck(Short(batch_size=1, flush_interval=1))
""",
    ),
    wrong=(
        Wrong(
            """\
await stuck(LangsmithLogger(batch_size=1))
""",
            "Expected: a trace whose root is TCP",
        ),
        Wrong(
            """\
import litellm

litellm.request_timeout = 1
await stuck(LangsmithLogger(batch_size=1, flush_interval=0.2))
litellm.request_timeout = 6000
""",
            "Expected: a trace whose root is TCP",
        ),
    ),
    hints=(
        "The queue waits for one request, and that for 600 seconds. Whose setting is that?",
        "The request is made by the logger's `async_httpx_client`, which has a `timeout`. LiteLLM "
        "gives one client to several loggers, so let this one have its own.",
        "`logger.async_httpx_client = AsyncHTTPHandler(timeout=1.0)`, before the first call. The "
        "class is in `litellm.llms.custom_httpx.http_handler`.",
    ),
    section="Let it be silent",
    also="a time limit of your own around `async_send_batch`.",
    minutes=3,
)


def survived(seen: Evidence) -> None:
    """A trace of a definition of TCP, with its answer, that was made while LangSmith refused."""
    seen.holds(bool(seen.roots), "a trace of the call", "no trace")
    root = seen.roots[-1]
    seen.success(root)
    seen.holds("TCP" in str(root.inputs), "a call that asked about TCP", root.inputs)
    seen.holds(bool(root.outputs), f"an answer in the outputs of {root.name}", "none")
    seen.holds("hiccup" in root.tags, "a call within `hiccup()`", "one while LangSmith was well")


SURVIVE = Exercise(
    lesson="14",
    number=3,
    title="Survive a hiccup",
    task="""\
Within `async with hiccup():` LangSmith answers the first two requests with 503. There, call
`await ask("TCP", …)` once, with a `client=` of the SDK, a `logger=` of LiteLLM's or both, so that a
trace of it arrives, without your sending it by hand.
""",
    starter="""\
from langsmith import Client
from outages.asking import ask, hiccup
""",
    judge=survived,
    right=(
        """\
async with hiccup():
    await ask("TCP", client=Client())
""",
        """\
from proxy.keeping import KeepingLogger

async with hiccup():
    await ask("TCP", logger=KeepingLogger(batch_size=1, flush_interval=0.3))
""",
    ),
    wrong=(
        Wrong(
            """\
from litellm.integrations.langsmith import LangsmithLogger

async with hiccup():
    await ask("TCP", logger=LangsmithLogger(batch_size=1))
""",
            "Found: no trace",
        ),
        Wrong(
            """\
from outages.asking import impatient

async with hiccup():
    await ask("TCP", client=impatient())
""",
            "Found: no trace",
        ),
        Wrong(
            """\
later = Client()
await ask("TCP", client=later)
later.flush()
""",
            "Expected: a call within `hiccup()`",
        ),
    ),
    hints=(
        "Which layer tries again, and how often with its usual settings?",
        "LiteLLM's callback tries once, and so does `impatient()`. A client of the SDK as it comes "
        "tries a 503 four times.",
    ),
    section="Let it fail for a while",
    also="a logger that keeps what it could not send, such as that of `proxy/keeping.py`.",
    minutes=2,
)

EXERCISES = (RESEND, FREE, SURVIVE)
