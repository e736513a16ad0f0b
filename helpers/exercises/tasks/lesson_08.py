"""Lesson 08: keep a share of the calls, say which share it is, and lose no failure."""

from __future__ import annotations

from helpers.exercises.declaration import Exercise, Wrong
from helpers.exercises.evidence import Evidence
from helpers.view import Run

__all__ = ["EXERCISES"]

CALLS = 40
DROPPED = "none, and the callback drops an entry of yours that stands beside run_name"
POLLS = """\
from litellm.integrations.langsmith import LangsmithLogger
from monitoring.polls import poll
"""


def sampled(seen: Evidence) -> None:
    """Some of forty calls, and not all."""
    kept = len(seen.roots)
    seen.holds(0 < kept < CALLS, f"some of the {CALLS} calls to be kept", f"{kept} of {CALLS}")
    seen.every(kept, "poll")


SAMPLE = Exercise(
    lesson="08",
    number=1,
    title="Keep about half",
    task="""\
`await poll(logger)` of `monitoring/polls.py` makes forty calls with a logger of yours. Have about
half of them kept, without changing the function.
""",
    starter=POLLS,
    judge=sampled,
    right=(
        """\
await poll(LangsmithLogger(), langsmith_sampling_rate=0.5)
""",
        """\
import os
os.environ["LANGSMITH_SAMPLING_RATE"] = "1"
await poll(LangsmithLogger(langsmith_sampling_rate=0.5))
del os.environ["LANGSMITH_SAMPLING_RATE"]
""",
        """\
logger = LangsmithLogger()
logger.sampling_rate = 0.5
await poll(logger)
""",
    ),
    wrong=(
        Wrong(
            """\
await poll(LangsmithLogger(langsmith_sampling_rate=0.5))
""",
            "Found: 40 of 40",
        ),
        Wrong(
            """\
import os
os.environ["LANGSMITH_SAMPLING_RATE"] = "0.5"
await poll(LangsmithLogger())
del os.environ["LANGSMITH_SAMPLING_RATE"]
""",
            "Found: 40 of 40",
        ),
    ),
    hints=(
        "The variable takes no fraction, and the argument is looked at beside a variable only.",
        "A rate that comes with the call is honoured. What is it called?",
        "`langsmith_sampling_rate=0.5` is an argument of the call, so give it to `poll`.",
    ),
    section="Sample in the callback",
    also="the logger's argument beside the variable at `1`, or its attribute `sampling_rate`.",
    minutes=2,
)


def told(seen: Evidence) -> None:
    """Some of forty calls, each of which says that its rate was a half."""
    kept = len(seen.roots)
    seen.holds(0 < kept < CALLS, f"some of the {CALLS} calls to be kept", f"{kept} of {CALLS}")
    for run in seen.every(kept):
        rate = _rate(run)
        expected = f"sample_rate to be 0.5 in the metadata of {run.name}"
        seen.holds(rate == 0.5, expected, DROPPED if rate is None else rate)


def _rate(run: Run) -> object:
    """Return the rate that a run tells, wherever its layer has put it."""
    given = run.metadata.get("requester_metadata")
    within = given if isinstance(given, dict) else {}
    places = (run.metadata, within)
    names = ("sample_rate", "ls_tracing_sample_rate")
    return next((place[name] for place in places for name in names if name in place), None)


TELL = Exercise(
    lesson="08",
    number=2,
    title="Say the rate",
    task="""\
The callback writes no rate into a run. Have about half of forty calls kept again, and let each
kept run say `sample_rate` 0.5 in its metadata, so that it can be counted as two.
""",
    starter=POLLS,
    judge=told,
    right=(
        """\
about = {"run_name": "poll", "metadata": {"sample_rate": 0.5}}
await poll(LangsmithLogger(), metadata=about, langsmith_sampling_rate=0.5)
""",
        """\
from langsmith import Client, trace, tracing_context

half = Client(tracing_sampling_rate=0.5)
for _ in range(40):
    with tracing_context(enabled=True, client=half), trace("poll"):
        pass
half.flush()
""",
    ),
    wrong=(
        Wrong(
            """\
about = {"run_name": "poll", "sample_rate": 0.5}
await poll(LangsmithLogger(), metadata=about, langsmith_sampling_rate=0.5)
""",
            "Found: none, and the callback drops an entry of yours that stands beside run_name",
        ),
        Wrong(
            """\
about = {"run_name": "poll", "metadata": {"sample_rate": 0.5}}
await poll(LangsmithLogger(langsmith_sampling_rate=0.5), metadata=about)
""",
            "Found: 40 of 40",
        ),
    ),
    hints=(
        "Two things are wanted: a rate that is honoured, and an entry of your own. Lesson 05 has "
        "where the callback keeps such an entry.",
        'Entries of your own go one level deeper: `{"metadata": {"sample_rate": 0.5}}`.',
    ),
    section="Count what a sample stands for",
    also="traces of the SDK, whose client writes the rate by itself.",
    minutes=2,
)

FAILURES = 5


def none_lost(seen: Evidence) -> None:
    """All five failures, and some of forty answers."""
    failed = sum(run.error is not None for run in seen.roots)
    expected = f"all {FAILURES} failures to be kept"
    seen.holds(failed == FAILURES, expected, f"{failed} of {FAILURES} in {len(seen.roots)} runs")
    kept = len(seen.roots) - failed
    seen.holds(0 < kept < CALLS, f"some of the {CALLS} answers to be kept", f"{kept} of {CALLS}")


KEEP = Exercise(
    lesson="08",
    number=3,
    title="Keep every failure",
    task="""\
Of the 45 calls of `await poll(logger, 45, failures=5)` five fail. Give it a logger that keeps all
five, and about half of the forty answers. When a call is over, LiteLLM awaits
`async_log_success_event` or `async_log_failure_event` of the logger, with the arguments `kwargs`,
`response_obj`, `start_time` and `end_time`.
""",
    starter=POLLS,
    judge=none_lost,
    right=(
        """\
import random

class Sampled(LangsmithLogger):
    async def async_log_success_event(self, *a, **b):
        if random.random() < 0.5:
            await super().async_log_success_event(*a, **b)
await poll(Sampled(), 45, failures=5)
""",
        """\
class Sampled(LangsmithLogger):
    def _get_sampling_rate_to_use_for_request(self, kwargs):
        return 1 if kwargs.get("exception") else 0.5
await poll(Sampled(), 45, failures=5)
""",
    ),
    wrong=(
        Wrong(
            """\
logger = LangsmithLogger()
logger.sampling_rate = 0.1
await poll(logger, 45, failures=5)
""",
            "Expected: all 5 failures to be kept",
        ),
        Wrong(
            """\
await poll(LangsmithLogger(), 45, failures=5)
""",
            "Found: 40 of 40",
        ),
    ),
    hints=(
        "When the callback is told of a call, its outcome is known. What may drop it, then?",
        "In a subclass of `LangsmithLogger`, `async_log_success_event` can call that of `super()` "
        "for half of the answers. The other method stays as it is.",
    ),
    section="Count what a sample stands for",
    also="a rate that looks at the outcome, in `_get_sampling_rate_to_use_for_request`.",
    minutes=3,
)

EXERCISES = (SAMPLE, TELL, KEEP)
