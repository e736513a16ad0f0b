"""Lesson 02: a script that ends well, labels of a run, and failures in the log.

One file, as for each lesson: most of it is code of learners.
"""

from __future__ import annotations

from helpers.exercises.declaration import Exercise, Wrong
from helpers.exercises.evidence import Evidence

__all__ = ["EXERCISES"]


def arrived(seen: Evidence) -> None:
    """One run of LiteLLM's, from a program that has ended."""
    seen.success(seen.root())
    seen.tokens(seen.kind("llm"))


ENDED = Exercise(
    lesson="02",
    number=1,
    title="End a script well",
    task="""\
Write an `async def main()` that imports what it needs, lets LiteLLM log one call of the script's
`define`, and ends when its run has been sent. `script.run(main)` runs it by `asyncio.run` in a
process of its own, from this folder. Leave the batch size as it is.
""",
    starter="from helpers.lessons import script\n",
    judge=arrived,
    right=(
        """\
async def main():
    import litellm
    from litellm.integrations.langsmith import LangsmithLogger
    from scripts.ask_and_finish import define, finish

    litellm.callbacks = [logger := LangsmithLogger()]
    await define("JSON")
    await finish(logger)

script.run(main)
""",
        """\
async def main():
    import asyncio
    import litellm
    from scripts.ask_and_finish import define

    litellm.callbacks = ["langsmith"]
    await define("JSON")
    await asyncio.sleep(8)

script.run(main)
""",
    ),
    wrong=(
        Wrong(
            """\
async def main():
    import asyncio
    import litellm
    from scripts.ask_and_finish import define

    litellm.callbacks = ["langsmith"]
    await define("JSON")
    await asyncio.sleep(1)

script.run(main)
""",
            "Found: no trace",
        ),
        Wrong(
            """\
async def main():
    import litellm
    from litellm.integrations.langsmith import LangsmithLogger
    from scripts.ask_and_finish import define

    litellm.callbacks = [logger := LangsmithLogger()]
    await define("JSON")
    await logger.flush_queue()

script.run(main)
""",
            "Found: no trace",
        ),
    ),
    hints=(
        "A report passes through three hands: the call, LiteLLM's worker, the logger. Which of "
        "them still holds it when your `main` ends?",
        "`scripts/ask_and_finish.py` has a function `finish` that waits for all three; from this "
        "folder `from scripts.ask_and_finish import finish` finds it.",
    ),
    section="Run it as a script",
    also="to stay for longer than the 5 seconds of the interval, which is slower.",
    minutes=3,
)

LABELS = """\
import litellm
from helpers import session
from helpers.lessons import callback

callback.forget()  # as after a restart of the kernel
litellm.callbacks = ["langsmith"]
litellm.langsmith_batch_size = 1
question = {"role": "user", "content": "What is TLS? Answer in one sentence."}
call = {"model": "gpt-4o-mini", "messages": [question], "temperature": 0}
third = session.project("third-edition")
"""
PROJECT = "third-edition"


def labelled(seen: Evidence) -> None:
    """One run in the project, with a name, a tag, and an entry of the learner's own."""
    seen.holds(bool(seen.roots), f"a run in the project {PROJECT}", "none there")
    run = seen.root("define TLS")
    seen.success(run)
    seen.tag(run, "security")
    stored = run.metadata | (run.metadata.get("requester_metadata") or {})
    entries = run.metadata.get("requester_metadata") or "no entries of your own"
    seen.holds(stored.get("edition") == "3rd", "edition to be 3rd in the metadata", entries)


LABELLED = Exercise(
    lesson="02",
    number=2,
    title="Label a run",
    task="""\
Make the call, and let its run be called `define TLS`, lie in the project `third`, have the tag
`security`, and hold an entry of yours, `edition`, that is `3rd`.
""",
    starter=LABELS,
    judge=labelled,
    projects=(PROJECT,),
    right=(
        """\
names = {"run_name": "define TLS", "project_name": third}
labels = {"tags": ["security"], "metadata": {"edition": "3rd"}}
await litellm.acompletion(**call, metadata=names | labels)
""",
        """\
from functools import partial
edition = {"metadata": {"edition": "3rd"}, "tags": ["security"]}
ask = partial(litellm.acompletion, langsmith_project=third)
await ask(**call, metadata=edition | {"run_name": "define TLS"})
""",
    ),
    wrong=(
        Wrong(
            """\
names = {"run_name": "define TLS", "project_name": third}
labels = {"tags": ["security"], "edition": "3rd"}
await litellm.acompletion(**call, metadata=names | labels)
""",
            "Found: no entries of your own",
        ),
        Wrong(
            """\
names = {"name": "define TLS", "project_name": third}
labels = {"tags": ["security"], "metadata": {"edition": "3rd"}}
await litellm.acompletion(**call, metadata=names | labels)
""",
            "Found: one whose root is LLMRun",
        ),
        Wrong(
            """\
labels = {"tags": ["security"], "metadata": {"edition": "3rd"}}
await litellm.acompletion(**call, metadata={"run_name": "define TLS"} | labels)
""",
            f"Expected: a run in the project {PROJECT}",
        ),
    ),
    hints=(
        "All of it goes along with the call, as its `metadata`. Which of the four is not LiteLLM's "
        "own word?",
        "`run_name`, `project_name` and `tags` are; `edition` is yours, and goes one level deeper, "
        'into `"metadata": {…}` within the first.',
    ),
    section="Name a run and its project",
    also="the project by `langsmith_project=` as an argument of the call.",
    minutes=2,
)


FAILURES = """\
import litellm
from helpers.lessons import callback

callback.forget()  # as after a restart of the kernel
litellm.langsmith_batch_size = 1
question = {"role": "user", "content": "What is JSON? Answer in one sentence."}
call = {"messages": [question], "temperature": 0}
"""


def both_logged(seen: Evidence) -> None:
    """Two traces: one with an answer, and one with an error."""
    seen.holds(bool(seen.roots), "a run for each of two calls", "no trace")
    outcomes = ", ".join(f"{run.name}: {run.status}" for run in seen.roots)
    failed = any(run.error for run in seen.roots)
    seen.holds(failed, "a run with the error of the call that failed", outcomes)
    fine = any(run.total_tokens for run in seen.roots if not run.error)
    seen.holds(fine, "a run with the tokens of the call that was answered", outcomes)
    seen.every(2)


BOTH = Exercise(
    lesson="02",
    number=3,
    title="Log a call that fails",
    task="""\
LiteLLM has no logger here, as in a new kernel. Register one, make the call with the model
`gpt-4o-mini`, and once more with `gtp-4o-mini`, which does not exist. LangSmith should hold both:
a run with the answer's tokens, and a run with the error.
""",
    starter=FAILURES,
    judge=both_logged,
    right=(
        """\
litellm.callbacks = ["langsmith"]
await litellm.acompletion(model="gpt-4o-mini", **call)
try:
    await litellm.acompletion(model="gtp-4o-mini", **call)
except litellm.BadRequestError as error:
    print(type(error).__name__)
""",
        """\
import asyncio
litellm.success_callback = ["langsmith"]
litellm.failure_callback = ["langsmith"]
models = ["gpt-4o-mini", "gtp-4o-mini"]
calls = [litellm.acompletion(model=model, **call) for model in models]
await asyncio.gather(*calls, return_exceptions=True)
""",
    ),
    wrong=(
        Wrong(
            """\
litellm.success_callback = ["langsmith"]
await litellm.acompletion(model="gpt-4o-mini", **call)
try:
    await litellm.acompletion(model="gtp-4o-mini", **call)
except litellm.BadRequestError as error:
    print(type(error).__name__)
""",
            "Expected: a run with the error of the call that failed",
        ),
        Wrong(
            """\
litellm.callbacks = ["langsmith"]
litellm.completion(model="gpt-4o-mini", **call)
try:
    litellm.completion(model="gtp-4o-mini", **call)
except litellm.BadRequestError as error:
    print(type(error).__name__)
""",
            "Found: LLMRun: success",
        ),
    ),
    hints=(
        "Which of LiteLLM's lists hears of successes and of failures? And which of its two calls "
        "reports a failure?",
        "`litellm.callbacks`, set before the first call, and `await litellm.acompletion(…)` twice. "
        "The second raises `litellm.BadRequestError`, which you catch.",
    ),
    section="Log failures too",
    also="`success_callback` and `failure_callback` together, or a `LangsmithLogger` of your own.",
    minutes=2,
)

EXERCISES = (ENDED, LABELLED, BOTH)
