"""Where each section of the course's eleven lessons went when it was cut into seventeen.

A section is one with code that is run; those called "Start the session" are in every lesson. What
was dropped says why. Old lessons: ``git show 1c51f15:notebooks/02_log_with_the_callback.ipynb``.
"""

from __future__ import annotations

from functools import cache

import nbformat
import pytest

from tests.lessons.calls import NOTEBOOKS
from tests.lessons.sections import sections_with_code

# The sections with code of the old lessons, as they were at 1c51f15.
OLD = {
    "00": "Make one trace | Check this machine",
    "01": "Turn tracing on | Wrap a function in `@traceable` | Keep roles and content | "
    "See an exception | Follow a pipeline | Add the tokens | Turn tracing off",
    "02": "Await a call | Let LiteLLM log the call | Compare what the two runs hold | "
    "Log failures too | Name a run and its project | Account for many calls | "
    "Run it as a script | Know the synchronous call | Send to the right address",
    "03": "Read the config | Start the proxy | Call it from Python | Stream through the proxy | "
    "Call it from JavaScript | Call it with curl | Read what fails at the gateway | "
    "Keep keys out of the traces | Label runs from the client | Tell what a client may decide | "
    "Stop the proxy",
    "04": "Send one call four ways | Compare the four payloads | See the duplicate | "
    "Make one tree | Carry the tree through the proxy | Read the refusals | "
    "Begin in JavaScript | Clean up",
    "05": "Label a function's runs | Label a call that LiteLLM logs | "
    "Price a model that LiteLLM does not know | Join the turns of a conversation | "
    "Find a missing cost | Score a wrong answer | Mark the revision and the environment | "
    "See where each label lands",
    "06": "Make runs worth searching | Query the runs of a project | Compare one field | "
    "Filter by labels and text | Read a refusal | Ask about the whole trace | "
    "Fetch page after page | Turn the result into a table and a picture",
    "07": "Sample in the SDK | Sample in the callback | Sample at the proxy | "
    "Draw chosen against kept | Hide what `@traceable` sends | Redact what the callback sends | "
    "Mask at the proxy | Delete what was planted",
    "08": "Stream from a function | Break a stream | Stream under the callback | "
    "Log a tool call | Run the tool | Fill in a form | Search by meaning | "
    "Fall back to another model | Answer from the cache",
    "09": "Find runs that were never sent | Find runs that the callback holds back | "
    "Find runs that are refused or twice | Read why a proxy does not start | "
    "Take LangSmith away | Clean up",
    "10": "Read the service | Serve a morning | Hear of every call | Count once, and all of it | "
    "Keep secrets | Say what was asked, and who answered | Keep a request together | "
    "Stop the proxy",
}


class Dropped(str):
    """Why a section is in no lesson any more."""


# Lesson, old section: the new ones, each as "lesson section"; or why there is none.
MAP: dict[tuple[str, str], tuple[str, ...] | Dropped] = {
    ("00", "Make one trace"): ("00 Make one trace",),
    ("00", "Check this machine"): ("00 Check this machine", "13 Ask where it went"),
    ("01", "Turn tracing on"): ("01 Wrap a function in `@traceable`",),
    ("01", "Wrap a function in `@traceable`"): ("01 Wrap a function in `@traceable`",),
    ("01", "Keep roles and content"): ("01 Wrap a function in `@traceable`",),
    ("01", "See an exception"): ("01 Follow a pipeline",),
    ("01", "Follow a pipeline"): ("01 Follow a pipeline",),
    ("01", "Add the tokens"): ("01 Add the tokens",),
    ("01", "Turn tracing off"): ("13 Ask whether anybody was told",),
    ("02", "Await a call"): ("02 Await a call",),
    ("02", "Let LiteLLM log the call"): ("02 Run it as a script", "02 Await a call"),
    ("02", "Compare what the two runs hold"): ("02 Await a call",),
    ("02", "Log failures too"): ("02 Log failures too", "13 Ask whether anybody was told"),
    ("02", "Name a run and its project"): ("02 Name a run and its project",),
    ("02", "Account for many calls"): ("02 Name a run and its project",),
    ("02", "Run it as a script"): ("02 Run it as a script", "13 Ask what still waits"),
    ("02", "Know the synchronous call"): ("13 Ask what still waits",),
    ("02", "Send to the right address"): ("13 Ask where it went",),
    ("03", "Read the config"): ("03 Start the proxy",),
    ("03", "Start the proxy"): ("03 Start the proxy",),
    ("03", "Call it from Python"): ("03 Ask any provider from any language",),
    ("03", "Stream through the proxy"): ("10 Stream under the callback", "07 Count a stream"),
    ("03", "Call it from JavaScript"): ("03 Ask any provider from any language",),
    ("03", "Call it with curl"): ("03 Ask any provider from any language",),
    ("03", "Read what fails at the gateway"): ("03 Say who asks",),
    ("03", "Keep keys out of the traces"): ("03 Say who asks",),
    ("03", "Label runs from the client"): ("03 Say who asks",),
    ("03", "Tell what a client may decide"): ("12 Serve several teams",),
    ("03", "Stop the proxy"): Dropped("each section that needs the proxy starts it"),
    ("04", "Send one call four ways"): ("04 Decide who reports a call",),
    ("04", "Compare the four payloads"): ("04 See the duplicate",),
    ("04", "See the duplicate"): ("04 See the duplicate",),
    ("04", "Make one tree"): ("04 Make one tree",),
    ("04", "Carry the tree through the proxy"): ("15 Carry the tree through the proxy",),
    ("04", "Read the refusals"): ("15 Read the refusals", "13 Ask whether it was refused"),
    ("04", "Begin in JavaScript"): ("15 Join seven runs",),
    ("04", "Clean up"): Dropped("a section leaves nothing that another one minds"),
    ("05", "Label a function's runs"): ("05 Label a function's runs",),
    ("05", "Label a call that LiteLLM logs"): ("05 Label a call that LiteLLM logs",),
    ("05", "Price a model that LiteLLM does not know"): (
        "07 Price a model that LiteLLM does not know",
    ),
    ("05", "Join the turns of a conversation"): ("05 Join the turns of a conversation",),
    ("05", "Find a missing cost"): ("07 Report a cost from a function",),
    ("05", "Score a wrong answer"): ("05 Score a wrong answer",),
    ("05", "Mark the revision and the environment"): ("05 Mark the revision and the environment",),
    ("05", "See where each label lands"): ("05 Label a call that LiteLLM logs",),
    ("06", "Make runs worth searching"): ("06 Query the runs of a project",),
    ("06", "Query the runs of a project"): ("06 Query the runs of a project",),
    ("06", "Compare one field"): ("06 Compare one field",),
    ("06", "Filter by labels and text"): ("06 Filter by labels and text",),
    ("06", "Read a refusal"): ("06 Read a refusal",),
    ("06", "Ask about the whole trace"): ("06 Ask about the whole trace",),
    ("06", "Fetch page after page"): ("06 Fetch page after page",),
    ("06", "Turn the result into a table and a picture"): (
        "06 Fetch page after page",
        "07 Compare two releases",
    ),
    ("07", "Sample in the SDK"): ("08 Sample in the SDK",),
    ("07", "Sample in the callback"): ("08 Sample in the callback",),
    ("07", "Sample at the proxy"): ("08 Sample at the proxy",),
    ("07", "Draw chosen against kept"): ("08 Count what a sample stands for",),
    ("07", "Hide what `@traceable` sends"): ("09 Hide what `@traceable` sends",),
    ("07", "Redact what the callback sends"): ("09 Redact what the callback sends",),
    ("07", "Mask at the proxy"): ("09 Mask at the proxy", "12 Serve several teams"),
    ("07", "Delete what was planted"): ("09 Delete what was planted",),
    ("08", "Stream from a function"): ("10 Stream from a function",),
    ("08", "Break a stream"): ("10 Break a stream",),
    ("08", "Stream under the callback"): ("10 Stream under the callback", "07 Count a stream"),
    ("08", "Log a tool call"): ("11 Log a tool call",),
    ("08", "Run the tool"): ("11 Run the tool",),
    ("08", "Fill in a form"): ("11 Fill in a form",),
    ("08", "Search by meaning"): ("11 Search by meaning",),
    ("08", "Fall back to another model"): ("12 Fall back to another model",),
    ("08", "Answer from the cache"): ("07 Answer from the cache",),
    ("09", "Find runs that were never sent"): (
        "13 Ask whether anybody was told",
        "13 Ask what still waits",
    ),
    ("09", "Find runs that the callback holds back"): (
        "13 Ask whether anybody was told",
        "13 Ask what still waits",
        "13 Ask where it went",
        "08 Sample in the callback",
    ),
    ("09", "Find runs that are refused or twice"): (
        "13 Ask whether it was refused",
        "04 See the duplicate",
        "15 Read the refusals",
    ),
    ("09", "Read why a proxy does not start"): Dropped(
        "a row of lesson 13's table, asserted by test_missing; the proxy's own error says it all"
    ),
    ("09", "Take LangSmith away"): (
        "14 Let nobody be there",
        "14 Let it be silent",
    ),
    ("09", "Clean up"): Dropped("a section leaves nothing that another one minds"),
    ("10", "Read the service"): ("16 Read the service",),
    ("10", "Serve a morning"): ("16 Serve a morning",),
    ("10", "Hear of every call"): ("16 Hear of every call",),
    ("10", "Count once, and all of it"): ("16 Count once, and all of it",),
    ("10", "Keep secrets"): ("16 Keep secrets",),
    ("10", "Say what was asked, and who answered"): ("16 Say what was asked, and who answered",),
    ("10", "Keep a request together"): ("16 Keep a request together",),
    ("10", "Stop the proxy"): ("16 Stop the proxy",),
}
TARGETS = sorted({each for there in MAP.values() if isinstance(there, tuple) for each in there})


@cache
def sections(lesson: str) -> list[str]:
    (path,) = NOTEBOOKS.glob(f"{lesson}_*.ipynb")
    return sections_with_code(nbformat.read(path, as_version=4))


def test_each_old_section_with_code_is_there_once():
    old = [(lesson, title) for lesson, some in OLD.items() for title in some.split(" | ")]
    assert list(MAP) == old


def test_what_was_dropped_has_a_reason_and_what_was_not_has_a_place():
    assert all(MAP.values())


@pytest.mark.parametrize("target", TARGETS)
def test_what_came_of_it_is_a_section_with_code_that_is_run(target: str):
    lesson, _, section = target.partition(" ")
    assert section in sections(lesson), f"lesson {lesson} has {sections(lesson)}"


@pytest.mark.parametrize("lesson", [f"{number:02}" for number in range(17)])
def test_each_new_lesson_has_something_of_an_old_one(lesson: str):
    assert any(target.startswith(f"{lesson} ") for target in TARGETS)
