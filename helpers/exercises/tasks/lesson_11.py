"""Lesson 11: a stream that is whole, one that is broken off, and a tool that fails.

One file, as for each lesson: most of it is code of learners.
"""

from __future__ import annotations

from collections.abc import Sequence

from helpers.exercises.declaration import Exercise, Wrong
from helpers.exercises.evidence import Evidence
from helpers.view import Run

__all__ = ["EXERCISES"]

MOST = 5  # chunks, or words, that are still the beginning of an answer
KNOWN = """\
@traceable(run_type="tool")
def look_up(term):
    return {"DNS": "DNS translates names into addresses."}[term]

@traceable
def answer(term):
"""


def streamed(seen: Evidence) -> None:
    """A run of kind ``llm`` with a first token, one answer and a count of tokens."""
    run = seen.kind("llm")
    seen.success(run)
    seen.holds(run.first_token_seconds is not None, "the time of the first token", "none")
    chunks = isinstance((run.outputs or {}).get("output"), list)
    seen.holds(not chunks, "one answer as its output", f"a list of {len(_read(run))} chunks")
    seen.tokens(run)


STREAM = Exercise(
    lesson="11",
    number=1,
    title="Stream an answer that is counted",
    task="""\
Stream the answer to `asked`, to its end, within a run of the kind `llm`, by other means than the
`stream` above or by a function with another name. The trace should have the time of the first
token, one answer instead of a list of chunks, and the tokens.
""",
    starter="""\
import os
from langsmith import traceable
from litellm import completion, stream_chunk_builder

os.environ["LANGSMITH_TRACING"] = "true"
prompt = {"role": "user", "content": "What is JSON? Answer in one sentence."}
asked = {"model": "gpt-4o-mini", "messages": [prompt], "temperature": 0}
""",
    judge=streamed,
    right=(
        """\
def one(chunks):
    response = stream_chunk_builder(chunks)
    counts = {"total_tokens": response.usage.total_tokens}
    return {"messages": [response.choices[0].message], "usage_metadata": counts}

def reply():
    yield from completion(stream=True, stream_options={"include_usage": True}, **asked)

chunks = list(traceable(reply, run_type="llm", reduce_fn=one)())
""",
        """\
from langsmith.wrappers import wrap_openai
from openai import OpenAI

options = {"stream": True, "stream_options": {"include_usage": True}}
for chunk in wrap_openai(OpenAI()).chat.completions.create(**asked, **options):
    pass
""",
    ),
    wrong=(
        Wrong(
            """\
@traceable(run_type="llm")
def reply():
    yield from completion(stream=True, stream_options={"include_usage": True}, **asked)

chunks = list(reply())
""",
            "Expected: one answer as its output",
        ),
        Wrong(
            """\
from langsmith.wrappers import wrap_openai
from openai import OpenAI

for chunk in wrap_openai(OpenAI()).chat.completions.create(stream=True, **asked):
    pass
""",
            "Expected: a count of tokens",
        ),
    ),
    hints=(
        "Three things make it: a run of the kind `llm`, something that makes one answer of the "
        "chunks, and a last chunk that has the count.",
        "`reduce_fn` gets the chunks, `stream_chunk_builder` makes a response of them, and the "
        'provider counts with `stream_options={"include_usage": True}`.',
    ),
    section="Stream from a function",
    also="OpenAI's client in `wrap_openai`, which has a reduce function of its own.",
    minutes=6,
)


def broken_off(seen: Evidence) -> None:
    """One trace that has ended, with the beginning of an answer as its output."""
    root = seen.root()
    size = len(_read(root))
    expected = "the three chunks that were read as its output"
    seen.holds(0 < size <= MOST, expected, f"{size} chunks or words")


LEAVE = Exercise(
    lesson="11",
    number=2,
    title="Leave in the middle",
    task="""\
Read three chunks of `stream()` and no more. The run should not stay `pending`: it should end, with
what was read as its output. Whether it ends as an error is up to you.
""",
    starter="""\
import os
from langsmith import traceable
from litellm import completion

os.environ["LANGSMITH_TRACING"] = "true"

@traceable(run_type="llm")
def stream():
    question = {"role": "user", "content": "What is JSON? Answer in one sentence."}
    yield from completion("gpt-4o-mini", [question], temperature=0, stream=True)
""",
    judge=broken_off,
    right=(
        """\
from contextlib import closing

with closing(stream()) as pieces:
    first = [next(pieces) for _ in range(3)]
""",
        """\
from contextlib import suppress

pieces = stream()
first = [next(pieces) for _ in range(3)]
with suppress(TimeoutError):
    pieces.throw(TimeoutError("the reader has left"))
""",
    ),
    wrong=(
        Wrong(
            """\
pieces = stream()
first = [next(pieces) for _ in range(3)]
""",
            "Expected: stream to have ended",
        ),
        Wrong(
            "first = list(stream())[:3]",
            "Expected: the three chunks that were read as its output",
        ),
    ),
    hints=(
        "A generator that nobody reads on waits for ever. Who tells it that no more is wanted?",
        "`close()` does, by `GeneratorExit`. `contextlib.closing` calls it at the end of a block.",
    ),
    section="Break a stream",
    also="`pieces.close()`, or an exception of your own by `pieces.throw(…)`, which says why.",
    minutes=3,
)


def failed_beneath(seen: Evidence) -> None:
    """A root ``answer`` that succeeded, and the failure of a tool beneath it."""
    root = seen.root("answer")
    seen.holds(not root.error, "answer without an error", root.error or "")
    seen.holds(bool(root.outputs), "a text as the output of answer", root.outputs)
    tool = seen.beneath(root, name="look_up")
    seen.holds(tool.run_type == "tool", "look_up to be of kind tool", f"kind {tool.run_type}")
    seen.error(tool, "KeyError")


TOOL = Exercise(
    lesson="11",
    number=3,
    title="Fail beneath an answer",
    task="""\
Write `look_up(term)`, of the kind `tool`, which raises a `KeyError` for a term that it does not
know, and `answer(term)`, which calls it and returns a sentence in any case. Call `answer` once, for
a term that is not known. The trace should have an `answer` that is ok, the failure beneath it.
""",
    starter="""\
import os
from langsmith import traceable

os.environ["LANGSMITH_TRACING"] = "true"
""",
    judge=failed_beneath,
    right=(
        KNOWN
        + """\
    try:
        return look_up(term)
    except KeyError:
        return f"{term} is not in the glossary."

answer("latency")
""",
        """\
from contextlib import suppress
from langsmith import trace

with trace("answer", inputs={"term": "latency"}) as root:
    with suppress(KeyError), trace("look_up", run_type="tool"):
        raise KeyError("latency")
    root.end(outputs={"output": "latency is not in the glossary."})
""",
    ),
    wrong=(
        Wrong(
            """\
@traceable(run_type="tool")
def look_up(term):
    return {"DNS": "DNS translates names into addresses."}.get(term, "It is not known.")

answer = traceable(look_up, name="answer")
answer("latency")
""",
            "Expected: an error on look_up",
        ),
        Wrong(
            KNOWN
            + """\
    return look_up(term)

answer("latency")
""",
            "Expected: answer without an error",
        ),
    ),
    hints=(
        "An exception ends every run that it leaves. Which of the two functions should it leave?",
        "`look_up` lets the `KeyError` out, and `answer` catches it around the call.",
    ),
    section="Run the tool",
    also="two `with trace(…):` blocks, the exception caught between them.",
    minutes=4,
)


def _read(run: Run) -> Sequence[object]:
    """Return the chunks that are a run's output, or the words of its one answer."""
    outputs = run.outputs or {}
    output = outputs.get("output")
    if isinstance(output, list):
        return output
    said = (outputs.get("messages") or outputs.get("choices") or [{"content": output}])[0]
    return str(said.get("message", said).get("content") or "").split()


EXERCISES = (STREAM, LEAVE, TOOL)
