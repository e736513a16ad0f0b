"""Lesson 09: keep a share of the calls, and let a private word stand in no trace.

One file, as for each lesson: most of it is code of learners.
"""

from __future__ import annotations

from helpers.exercises.declaration import Exercise, Wrong
from helpers.exercises.evidence import Evidence

__all__ = ["EXERCISES"]

CALLS = 40
SAMPLED = """\
import litellm
from helpers.lessons import delivery
from litellm.integrations.langsmith import LangsmithLogger

async def ask_forty(logger, **options):
    call = {"model": "gpt-4o-mini", "mock_response": "Yes.", **options}
    call |= {"messages": [{"role": "user", "content": "Is it up?"}]}
    async with delivery.reporting(logger):
        for _ in range(40):
            await litellm.acompletion(**call, metadata={"run_name": "poll"})
"""


def sampled(seen: Evidence) -> None:
    """Some of forty calls, and not all."""
    kept = len(seen.roots)
    seen.holds(0 < kept < CALLS, f"some of the {CALLS} calls to be kept", f"{kept} of {CALLS}")
    seen.every(kept, "poll")


SAMPLE = Exercise(
    lesson="09",
    number=1,
    title="Keep about half",
    task="""\
`ask_forty(logger)` makes forty calls with a logger of yours, and sends what the logger kept. Have
about half of them kept. Further arguments of `ask_forty` go to each call.
""",
    starter=SAMPLED,
    judge=sampled,
    right=(
        """\
await ask_forty(LangsmithLogger(), langsmith_sampling_rate=0.5)
""",
        """\
import os
os.environ["LANGSMITH_SAMPLING_RATE"] = "1"
await ask_forty(LangsmithLogger(langsmith_sampling_rate=0.5))
""",
        """\
logger = LangsmithLogger()
logger.sampling_rate = 0.5
await ask_forty(logger)
""",
    ),
    wrong=(
        Wrong(
            """\
await ask_forty(LangsmithLogger(langsmith_sampling_rate=0.5))
""",
            "Found: 40 of 40",
        ),
        Wrong(
            """\
import os
os.environ["LANGSMITH_SAMPLING_RATE"] = "0.5"
await ask_forty(LangsmithLogger())
""",
            "Found: 40 of 40",
        ),
    ),
    hints=(
        "The variable takes no fraction, and the argument is looked at beside a variable only.",
        "A rate that comes with the call is honoured. What is it called?",
        "`langsmith_sampling_rate=0.5` is an argument of the call, so give it to `ask_forty`.",
    ),
    section="Sample in the callback",
    also="the logger's argument beside the variable at `1`, or its attribute `sampling_rate`.",
    minutes=3,
)

SIGNING_UP = """\
from contextlib import suppress
from langsmith import Client, traceable, tracing_context

@traceable(name="sign up")
def sign_up(email, plan):
    raise ValueError(f"{email} is taken")
"""
EMAIL = "ada@example.com"


def hidden(seen: Evidence) -> None:
    """A failed run that has the plan, and the address nowhere."""
    root = seen.root("sign up")
    seen.error(root)
    seen.nowhere(EMAIL)
    seen.holds(root.inputs.get("plan") == "pro", "the plan pro still in the inputs", root.inputs)


HIDE = Exercise(
    lesson="09",
    number=2,
    title="Hide an address",
    task="""\
Call `sign_up("ada@example.com", plan="pro")` once, traced. Its trace should show the plan and the
error, and the address nowhere. You may change the function, as long as it still fails.
""",
    starter=SIGNING_UP,
    judge=hidden,
    right=(
        """\
from langsmith.anonymizer import create_anonymizer

rules = [{"pattern": r"\\S+@\\S+\\w", "replace": "[address]"}]
safe = Client(anonymizer=create_anonymizer(rules))
with tracing_context(enabled=True, client=safe), suppress(ValueError):
    sign_up("ada@example.com", plan="pro")
safe.flush()
""",
        """\
@traceable(name="sign up", process_inputs=lambda given: {"plan": given["plan"]})
def sign_up(email, plan):
    raise ValueError("this address is taken")

with tracing_context(enabled=True), suppress(ValueError):
    sign_up("ada@example.com", plan="pro")
""",
    ),
    wrong=(
        Wrong(
            """\
safe = Client(hide_inputs=lambda given: {"plan": given["plan"]})
with tracing_context(enabled=True, client=safe), suppress(ValueError):
    sign_up("ada@example.com", plan="pro")
safe.flush()
""",
            "it in sign up, in its error",
        ),
        Wrong(
            """\
from langsmith.anonymizer import create_anonymizer

safe = Client(anonymizer=create_anonymizer([{"pattern": r".+", "replace": "?"}]))
with tracing_context(enabled=True, client=safe), suppress(ValueError):
    sign_up("ada@example.com", plan="pro")
safe.flush()
""",
            "Expected: the plan pro still in the inputs",
        ),
    ),
    hints=(
        "Hiding inputs does not reach the error. What does?",
        "An anonymizer goes through the error too. It wants a pattern that fits an address alone.",
        "`Client(anonymizer=create_anonymizer([{…}]))`, in a `tracing_context` with that client.",
    ),
    section="Hide what `@traceable` sends",
    also="`process_inputs`, with an error that does not quote the address.",
    minutes=5,
)

HALF = """\
import litellm
from helpers.lessons import delivery
from litellm.integrations.langsmith import LangsmithLogger

asked = [{"role": "user", "content": "Who has 555-0100?"}]

async def call_ada(logger):
    run = {"run_name": "ring 555-0100"}
    async with delivery.reporting(logger, 1):
        litellm.completion("gpt-4o-mini", asked, mock_response="555-0100", metadata=run)
"""


def masked(seen: Evidence) -> None:
    """A run of a synchronous call whose question is readable, and the number nowhere."""
    root = seen.root()
    seen.nowhere("555-0100")
    asked = str(root.inputs.get("messages"))
    seen.holds("Who has" in asked, "the rest of the question to be readable", asked)


MASK = Exercise(
    lesson="09",
    number=3,
    title="Mask a synchronous call",
    task="""\
`call_ada(logger)` makes a call without `await`, with a telephone number in its question, its answer
and its name. Give it a logger with which the number is nowhere in the trace, and the rest of the
question readable.
""",
    starter=HALF,
    judge=masked,
    right=(
        """\
from proxy.masking import MaskedLogger
await call_ada(MaskedLogger(r"\\d{3}-\\d{4}"))
""",
        """\
class Masked(LangsmithLogger):
    def _prepare_log_data(self, *a, **b):
        clean = {"name": "ring", "inputs": {"messages": "Who has it?"}, "outputs": {}}
        return super()._prepare_log_data(*a, **b) | clean
await call_ada(Masked())
""",
    ),
    wrong=(
        Wrong(
            """\
class Masked(LangsmithLogger):
    async def async_log_success_event(self, kwargs, **rest):
        kwargs["standard_logging_object"]["messages"] = "Who has [number]?"
        await super().async_log_success_event(kwargs, **rest)
await call_ada(Masked())
""",
            "it in ring 555-0100, in its name",
        ),
        Wrong(
            """\
litellm.turn_off_message_logging = True
await call_ada(LangsmithLogger())
litellm.turn_off_message_logging = False
""",
            "it in ring 555-0100, in its name",
        ),
    ),
    hints=(
        "Which method do all calls pass, with and without `await`, and which part of a run does "
        "the record of a call not hold?",
        "The class in `proxy/masking.py` masks the whole run, its name too. Only its pattern is "
        "another one.",
        "`from proxy.masking import MaskedLogger`, and give it a pattern for the number.",
    ),
    section="Redact what the callback sends",
    also="a logger of your own whose `_prepare_log_data` masks what it returns.",
    minutes=5,
)

EXERCISES = (SAMPLE, HIDE, MASK)
