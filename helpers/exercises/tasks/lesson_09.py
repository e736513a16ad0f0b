"""Lesson 09: let a private word stand in no trace, and what is not private stay readable.

One file, as for each lesson: most of it is code of learners.
"""

from __future__ import annotations

from helpers.exercises.declaration import Exercise, Wrong
from helpers.exercises.evidence import Evidence
from helpers.view import Run

__all__ = ["EXERCISES"]

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
    number=1,
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
    minutes=3,
)

CALLING = """\
from langsmith import Client, traceable, tracing_context
from langsmith.anonymizer import create_anonymizer

rules = [{"pattern": r"\\d{3}-\\d{4}", "replace": "[number]"}]
safe = Client(anonymizer=create_anonymizer(rules))
ring = traceable(lambda number: f"{number} is ringing", name="ring")
"""
NUMBERS = ("555-0100", "555-0199", "555-0100")


def told_apart(seen: Evidence) -> None:
    """Three traces without a number, whose customers are told: the first and third are one."""
    runs = seen.every(len(NUMBERS))
    for number in set(NUMBERS):
        seen.nowhere(number)
    first, second, third = map(_customer, runs)
    there = ", ".join(str(each or "none") for each in (first, second, third))
    expected = "customer in the metadata of all three, the same in the first and third alone"
    seen.holds(first is not None and first == third != second, expected, there)


def _customer(run: Run) -> object:
    return run.metadata.get("customer")


ALIAS = Exercise(
    lesson="09",
    number=2,
    title="Tell customers apart",
    task="""\
Ring 555-0100, then 555-0199, then 555-0100 again, traced through `safe`: three traces, with no
number in them. Support still wants to see that the first and the third are one customer: let
`customer` in the metadata of each trace tell that.
""",
    starter=CALLING,
    judge=told_apart,
    right=(
        """\
import hashlib

for number in ("555-0100", "555-0199", "555-0100"):
    alias = hashlib.sha256(f"pepper {number}".encode()).hexdigest()[:12]
    with tracing_context(enabled=True, client=safe, metadata={"customer": alias}):
        ring(number)
safe.flush()
""",
        """\
known = {"555-0100": "Ada", "555-0199": "Bob"}
with tracing_context(enabled=True, client=safe):
    for number in ("555-0100", "555-0199", "555-0100"):
        ring(number, langsmith_extra={"metadata": {"customer": known[number]}})
safe.flush()
""",
    ),
    wrong=(
        Wrong(
            """\
for number in ("555-0100", "555-0199", "555-0100"):
    with tracing_context(enabled=True, client=safe, metadata={"customer": number}):
        ring(number)
safe.flush()
""",
            "Found: [number], [number], [number]",
        ),
        Wrong(
            """\
for number in ("555-0100", "555-0199", "555-0100"):
    with tracing_context(enabled=True, client=safe, tags=[number]):
        ring(number)
safe.flush()
""",
            "in its tags",
        ),
    ),
    hints=(
        "The anonymizer makes all numbers alike, and does not look at tags. What can stand for a "
        "number, the same each time, and lead nobody back to it?",
        "An alias of your own: the number's row in your database, or a hash of the number and of "
        "a word that only you know. It goes into `metadata` of `tracing_context`.",
    ),
    section="Hide what `@traceable` sends",
    also="any alias that you look up or compute, in `tracing_context` or in `langsmith_extra`.",
    minutes=2,
)

HALF = """\
import litellm
from helpers.lessons import delivery

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
from litellm.integrations.langsmith import LangsmithLogger

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
from litellm.integrations.langsmith import LangsmithLogger

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
from litellm.integrations.langsmith import LangsmithLogger

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
    minutes=3,
)

EXERCISES = (HIDE, ALIAS, MASK)
