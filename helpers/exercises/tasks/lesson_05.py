"""Lesson 05: labels in the place that counts, a thread, and a score.

One file, as for each lesson: most of it is code of learners.
"""

from __future__ import annotations

from helpers.exercises.declaration import Exercise, Wrong
from helpers.exercises.evidence import Evidence
from helpers.view import Run

__all__ = ["EXERCISES"]

LOGGED = """\
import litellm

async def report(term, **options):
    litellm.callbacks, litellm.langsmith_batch_size = ["langsmith"], 1
    question = {"role": "user", "content": f"What is {term}? Answer in one sentence."}
    await litellm.acompletion("gpt-4o-mini", [question], temperature=0, **options)
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
    lesson="05",
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
    minutes=2,
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
    lesson="05",
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


def scored(seen: Evidence) -> None:
    """Two answers, of which the wrong one alone has a score of 0."""
    runs = {run.inputs.get("term"): run for run in seen.every(2, "define")}
    seen.holds(set(runs) == {"TLS", "FTP"}, "an answer for TLS and one for FTP", [*runs])
    found = {term: _mean(run) for term, run in runs.items()}
    seen.holds(found["FTP"] == 0, "a score of 0 for correct on the answer about FTP", found)
    seen.holds(found["TLS"] is None, "no score on the answer about TLS", found)


def _mean(run: Run) -> float | None:
    stats = run.feedback.get("correct")
    return stats.get("avg") if isinstance(stats, dict) else None


SCORE = Exercise(
    lesson="05",
    number=3,
    title="Score the wrong one",
    task="""\
Call `define` for `TLS` and for `FTP`, a trace each. One of its answers is wrong: give that run, and
no other, the score 0 under the key `correct`.
""",
    starter="""\
import os
from langsmith import Client, traceable, tracing_context, uuid7

@traceable
def define(term):
    return {"TLS": "TLS keeps a secret.", "FTP": "FTP is a kind of tree."}[term]
""",
    judge=scored,
    right=(
        """\
client, wrong = Client(), uuid7()
with tracing_context(enabled=True, client=client):
    define("TLS")
    define("FTP", langsmith_extra={"run_id": wrong})
client.flush()
project = client.read_project(project_name=os.environ["LANGSMITH_PROJECT"])
vote = client.create_feedback(wrong, "correct", score=0, session_id=project.id)
""",
        """\
from helpers import traces
with tracing_context(enabled=True):
    define("TLS"), define("FTP")
[wrong] = traces.query('and(eq(name, "define"), search("FTP"))', limit=1)
project = Client().read_project(project_name=os.environ["LANGSMITH_PROJECT"])
Client().create_feedback(wrong.id, "correct", score=False, session_id=project.id)
""",
    ),
    wrong=(
        Wrong(
            """\
with tracing_context(enabled=True):
    define("TLS")
    define("FTP", langsmith_extra={"metadata": {"correct": 0}})
""",
            "Expected: a score of 0 for correct",
        ),
        Wrong(
            """\
client, ids = Client(), {"TLS": uuid7(), "FTP": uuid7()}
with tracing_context(enabled=True, client=client):
    for term, run_id in ids.items():
        define(term, langsmith_extra={"run_id": run_id})
client.flush()
project = client.read_project(project_name=os.environ["LANGSMITH_PROJECT"])
for run_id in ids.values():
    client.create_feedback(run_id, "correct", score=0, session_id=project.id)
""",
            "Expected: no score on the answer about TLS",
        ),
        Wrong(
            """\
client, wrong = Client(), uuid7()
with tracing_context(enabled=True, client=client):
    define("TLS")
    define("FTP", langsmith_extra={"run_id": wrong})
client.flush()
project = client.read_project(project_name=os.environ["LANGSMITH_PROJECT"])
client.create_feedback(wrong, "correct", value="no", session_id=project.id)
""",
            '"FTP": null',
        ),
    ),
    hints=(
        "A score needs the id of a run. Who chooses that id?",
        'Choose it yourself: `define("FTP", langsmith_extra={"run_id": …})` with a `uuid7()`.',
        'Then `Client().create_feedback(…, "correct", score=0, session_id=…)`, as above.',
    ),
    section="Score a wrong answer",
    also="the id of a run that you have looked up, or `trace(…, run_id=…)` around the call.",
    minutes=2,
)

EXERCISES = (LABEL, JOIN, SCORE)
