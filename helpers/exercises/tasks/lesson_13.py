"""Lesson 13: programs whose traces go missing; the learner finds why, and mends them.

One file, as for each lesson: most of it is code of learners.
"""

from __future__ import annotations

from helpers.exercises.declaration import Exercise, Wrong
from helpers.exercises.evidence import Evidence

__all__ = ["EXERCISES"]


def spelt(seen: Evidence) -> None:
    """One trace of ``spell``, with its term."""
    root = seen.trace("spell")
    seen.success(root)
    seen.holds("term" in root.inputs, "an input called term", root.inputs)


SWITCH = Exercise(
    lesson="13",
    number=1,
    title="A switch that says true",
    task="""\
`planted.late_switch()` starts a program and gives you its traced function `spell`.
`LANGSMITH_TRACING` is `true`, and yet a call leaves no trace and no line in a log. Find out why,
mend it, and call `spell("DNS")` so that its trace arrives.
""",
    starter="""\
from helpers import doctor
from helpers.lessons import planted

spell = planted.late_switch()
""",
    judge=spelt,
    right=(
        """\
from langsmith import utils

print(doctor.ask())  # os.environ says on, the SDK has cached off
utils.get_env_var.cache_clear()
spell("DNS")
""",
        """\
from langsmith import tracing_context

with tracing_context(enabled=True):
    spell("DNS")
""",
    ),
    wrong=(
        Wrong('spell("DNS")', "Found: no trace"),
        Wrong(
            """\
import os

os.environ["LANGSMITH_TRACING"] = "true"
os.environ["LANGSMITH_TRACING_V2"] = "true"
spell("DNS")
""",
            "Found: no trace",
        ),
    ),
    hints=(
        "The environment is as it should be. Is that what the SDK goes by? `doctor.ask()` looks "
        "at what each layer has in its memory.",
        "The SDK reads a variable once and keeps what it saw. The line after the doctor's arrow "
        "makes it forget.",
    ),
    section="Ask whether anybody was told",
    also="`tracing_context(enabled=True)` around the call, which needs no variable.",
    minutes=3,
)


def worked(seen: Evidence) -> None:
    """A run of the job's synchronous call."""
    seen.success(seen.trace("nightly"))


CLOCK = Exercise(
    lesson="13",
    number=2,
    title="A job by night",
    task="""\
`planted.nightly()` starts a program and gives you its `job`, which makes one synchronous call.
However long you wait after a call, no run arrives. Find out why, mend it, and call `job()` so that
its run does.
""",
    starter="""\
from helpers import doctor
from helpers.lessons import planted

job = planted.nightly()
""",
    judge=worked,
    right=(
        """\
import litellm
from litellm.integrations.langsmith import LangsmithLogger

print(doctor.ask())  # it sends at 512, with no clock
litellm.callbacks = [LangsmithLogger(batch_size=1)]
job()
""",
        """\
import litellm

job()
question = {"role": "user", "content": "What is JSON? Answer in one sentence."}
await litellm.acompletion("gpt-4o-mini", [question], temperature=0)
""",
    ),
    wrong=(
        Wrong("job()", "Expected: a trace whose root is nightly"),
        Wrong(
            """\
import litellm

litellm.langsmith_batch_size = 1
job()
""",
            "Expected: a trace whose root is nightly",
        ),
    ),
    hints=(
        "The run was made, and waits. For what? Call `job()`, and then `doctor.ask()`.",
        "For 511 others: no event loop ran where the logger was made, so none looks at the time. "
        "A batch of 1 needs no clock, but a logger reads its batch size when it is made.",
        "A logger of your own, `litellm.callbacks = [LangsmithLogger(batch_size=1)]`, and `job()`. "
        "The class is in `litellm.integrations.langsmith`.",
    ),
    section="Ask what still waits",
    also="an asynchronous call, which starts the clock of the logger that is there.",
    minutes=4,
)


def all_accepted(seen: Evidence) -> None:
    """A run of each of three calls; the conversation and the order are still told."""
    seen.trace("first")
    second, third = seen.trace("second"), seen.trace("third")
    seen.metadata(second, "thread_id", "chat-42")
    told = f"{third.metadata} {third.tags}"
    seen.holds("order-7" in told, "order-7 in the metadata or tags of third", "it nowhere there")


BATCH = Exercise(
    lesson="13",
    number=3,
    title="A batch that is refused",
    task="""\
`await planted.one_batch(CALLS)` makes three calls with the metadata in `CALLS`, whose runs LiteLLM
sends as one batch. LangSmith refuses it. Change what is at fault and send the batch, so that all
three arrive: `second` with `chat-42` as its `thread_id`, and `third` with `order-7` in its metadata
or tags.
""",
    starter="""\
from helpers import doctor
from helpers.lessons import planted

CALLS = [{"run_name": "first"}, {"run_name": "second", "session_id": "chat-42"}]
CALLS += [{"run_name": "third", "run_id": "order-7"}]
""",
    judge=all_accepted,
    right=(
        """\
print([doctor.ask(metadata=each) for each in CALLS])
CALLS[1] = {"run_name": "second", "metadata": {"thread_id": "chat-42"}}
CALLS[2] = {"run_name": "third", "metadata": {"order": "order-7"}}
await planted.one_batch(CALLS)
""",
        """\
first, second, third = CALLS
second["metadata"] = {"thread_id": second.pop("session_id")}
third["tags"] = [third.pop("run_id")]
await planted.one_batch([third, second, first])
""",
    ),
    wrong=(
        Wrong(
            """\
CALLS[1] = {"run_name": "second", "metadata": {"thread_id": "chat-42"}}
await planted.one_batch(CALLS)
""",
            "Expected: a trace whose root is first",
        ),
        Wrong(
            """\
del CALLS[1]["session_id"], CALLS[2]["run_id"]
await planted.one_batch(CALLS)
""",
            "Expected: thread_id in the metadata of second",
        ),
    ),
    hints=(
        "`doctor.ask(metadata=…)` judges the metadata of one call. Ask it about each of the three.",
        "LiteLLM takes `session_id` for a project of LangSmith, and `run_id` for the id of the run "
        "itself, a UUID. What is yours goes one level deeper, into `metadata`, or into `tags`.",
        '`second` needs `"metadata": {"thread_id": "chat-42"}` in the place of `session_id`, and '
        '`third` needs `"tags": ["order-7"]` in that of `run_id`.',
    ),
    section="Ask whether it was refused",
    also="the order as a tag, or in `metadata` one level deeper.",
    minutes=4,
)

EXERCISES = (SWITCH, CLOCK, BATCH)
