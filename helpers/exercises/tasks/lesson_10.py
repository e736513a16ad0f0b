"""Lesson 10: a stream that is whole, one that ends in the middle, and a reader who leaves.

One file, as for each lesson: most of it is code of learners.
"""

from __future__ import annotations

from collections.abc import Sequence

from helpers.exercises.declaration import Exercise, Wrong
from helpers.exercises.evidence import Evidence
from helpers.view import Run

__all__ = ["EXERCISES"]

MOST = 5  # chunks, or words, that are still the beginning of an answer


def streamed(seen: Evidence) -> None:
    """A run of kind ``llm`` with a first token, one answer and a count of tokens."""
    run = seen.kind("llm")
    seen.success(run)
    seen.holds(run.first_token_seconds is not None, "the time of the first token", "none")
    chunks = isinstance((run.outputs or {}).get("output"), list)
    seen.holds(not chunks, "one answer as its output", f"a list of {len(_read(run))} chunks")
    seen.tokens(run)


STREAM = Exercise(
    lesson="10",
    number=1,
    title="Stream an answer that is counted",
    task="""\
`reply` streams an answer, and nothing traces it. Stream that answer to its end, within a run of the
kind `llm`. The trace should have the time of the first token, one answer instead of a list of
chunks, and the tokens.
""",
    starter="""\
import os
from langsmith import traceable
from litellm import completion
from streams import answers

os.environ["LANGSMITH_TRACING"] = "true"

def reply(**options):
    yield from completion(stream=True, **answers.about("JSON"), **options)
""",
    judge=streamed,
    right=(
        """\
traced = traceable(reply, run_type="llm", reduce_fn=answers.whole)
chunks = list(traced(stream_options={"include_usage": True}))
""",
        """\
from langsmith.wrappers import wrap_openai
from openai import OpenAI

asked = answers.about("JSON") | {"stream_options": {"include_usage": True}}
for chunk in wrap_openai(OpenAI()).chat.completions.create(stream=True, **asked):
    pass
""",
    ),
    wrong=(
        Wrong(
            """\
traced = traceable(reply, run_type="llm")
chunks = list(traced(stream_options={"include_usage": True}))
""",
            "Expected: one answer as its output",
        ),
        Wrong(
            """\
traced = traceable(reply, run_type="llm", reduce_fn=answers.whole)
chunks = list(traced())
""",
            "Expected: a count of tokens",
        ),
        Wrong(
            """\
traced = traceable(reply, reduce_fn=answers.whole)
chunks = list(traced(stream_options={"include_usage": True}))
""",
            "Expected: a run of kind llm",
        ),
    ),
    hints=(
        "Three things make it: a run of the kind `llm`, something that makes one answer of the "
        "chunks, and a last chunk that has the count.",
        "`traceable(reply, …)` takes the kind and `reduce_fn=answers.whole`; what it returns takes "
        '`stream_options={"include_usage": True}`. Then read it to its end.',
    ),
    section="Stream from a function",
    also="OpenAI's client in `wrap_openai`, which has a reduce function of its own.",
    minutes=3,
)


def broken_off(seen: Evidence) -> None:
    """One trace that has ended, with the beginning of an answer as its output."""
    root = seen.root()
    size = len(_read(root))
    expected = "the three chunks that were read as its output"
    seen.holds(0 < size <= MOST, expected, f"{size} chunks or words")


LEAVE = Exercise(
    lesson="10",
    number=2,
    title="Leave in the middle",
    task="""\
Read three chunks of `stream(**asked)` and no more. The run should not stay `pending`: it should
end, with what was read as its output. Whether it ends as an error is up to you.
""",
    starter="""\
import os
from streams.answers import about, stream

os.environ["LANGSMITH_TRACING"] = "true"
asked = about("JSON")
""",
    judge=broken_off,
    right=(
        """\
from contextlib import closing

with closing(stream(**asked)) as pieces:
    first = [next(pieces) for _ in range(3)]
""",
        """\
from contextlib import suppress

pieces = stream(**asked)
first = [next(pieces) for _ in range(3)]
with suppress(TimeoutError):
    pieces.throw(TimeoutError("the reader has left"))
""",
        """\
for count, chunk in enumerate(stream(**asked), start=1):
    if count == 3:
        break
""",
    ),
    wrong=(
        Wrong(
            """\
pieces = stream(**asked)
first = [next(pieces) for _ in range(3)]
""",
            "Expected: stream to have ended",
        ),
        Wrong(
            "first = list(stream(**asked))[:3]",
            "Expected: the three chunks that were read as its output",
        ),
    ),
    hints=(
        "A generator that nobody reads on waits for ever. Who tells it that no more is wanted?",
        "`close()` does, by `GeneratorExit`. `contextlib.closing` calls it at the end of a block.",
    ),
    section="Break a stream",
    also="`pieces.close()`, or an exception of your own by `pieces.throw(…)`, which says why.",
    minutes=2,
)


def told(seen: Evidence) -> None:
    """A root ``serve`` that ended well, and says that the reader has left."""
    root = seen.root("serve")
    seen.holds(not root.error, "serve without an error", root.error or "")
    seen.metadata(root, "left", True)


SERVE = Exercise(
    lesson="10",
    number=3,
    title="Tell leaving from failing",
    task="""\
`await beginning("JSON")` reads three chunks, as for a reader who leaves, and no trace tells of it.
Call it so that there is one: its root is called `serve`, has ended without an error, and has `left`
in its metadata, which is `True`.
""",
    starter="""\
import os
from langsmith import traceable
from litellm import acompletion
from streams.answers import about

os.environ["LANGSMITH_TRACING"] = "true"

async def beginning(term):
    chunks = await acompletion(stream=True, **about(term))
    return [await anext(chunks) for _ in range(3)]
""",
    judge=told,
    right=(
        """\
@traceable(metadata={"left": True})
async def serve(term):
    return await beginning(term)

read = await serve("JSON")
""",
        """\
from langsmith import trace

with trace("serve", inputs={"term": "JSON"}) as run:
    read = await beginning("JSON")
    run.end(outputs={"chunks": len(read)}, metadata={"left": True})
""",
    ),
    wrong=(
        Wrong(
            """\
@traceable(metadata={"left": True})
def serve(chunks):
    yield from chunks

pieces = serve(await beginning("JSON"))
next(pieces), pieces.close()
""",
            "Expected: serve without an error",
        ),
        Wrong(
            """\
read = await traceable(beginning, name="serve")("JSON")
""",
            "Expected: left in the metadata of serve",
        ),
        Wrong(
            """\
label = {"run_name": "serve", "metadata": {"left": True}}
chunks = await acompletion(stream=True, metadata=label, **about("JSON"))
async for chunk in chunks:
    break
""",
            "Found: no trace",
        ),
    ),
    hints=(
        "The callback says nothing of a stream that is left. A function of yours around it can.",
        "A traced function `serve` that returns what `beginning` gives ends without an error. "
        "The decorator takes `metadata` for its runs.",
    ),
    section="Stream under the callback",
    also="a block `with trace(…)`, whose `end` takes metadata.",
    minutes=3,
)


def _read(run: Run) -> Sequence[object]:
    """Return the chunks that are a run's output, or the words of its one answer."""
    outputs = run.outputs or {}
    output = outputs.get("output")
    if isinstance(output, list):
        return output
    said = (outputs.get("messages") or outputs.get("choices") or [{"content": output}])[0]
    return str(said.get("message", said).get("content") or "").split()


EXERCISES = (STREAM, LEAVE, SERVE)
