"""The recorder without a notebook: it times what is recorded, and asks about more terms.

``more/`` beside the recordings of lessons holds answers to what a learner may ask instead: the
questions of lessons 00 to 04, about each line of its ``terms.txt``. What lessons themselves ask is
not recorded twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.responses import Response, StreamingResponse

from helpers import recording
from helpers.errors import TutorialError

if TYPE_CHECKING:
    from helpers.replay import Provider

__all__ = ["TERMS", "Question", "questions", "record_more", "time_recordings"]

TERMS = "terms.txt"  # in the folder of what learners may ask: a term a line
CHAT = "/chat/completions"
SHORT = "What is {term}? Answer in one sentence."
CHILD = "Explain {term} to a child in one sentence."
FIELD = "In computing, what is {term}? Answer in one sentence."
WORD = "Use the word {term} in a sentence."

Question = tuple[str, dict[str, Any]]  # a route without /v1, and a body
Progress = Callable[[int, int, Path], None]


def questions(terms: Iterable[str]) -> list[Question]:
    """Return what lessons 00 to 04 ask about a term, for each of ``terms``."""
    asked: list[Question] = []
    for term in terms:
        short = _body(SHORT.format(term=term))
        asked += [(CHAT, short), (CHAT, {**short, "stream": True})]
        # A lesson's function fills its one term into all; who edits a text leaves out the article.
        word = term.removeprefix("a ").removeprefix("an ")
        prompts = {shape.format(term=term) for shape in (CHILD, FIELD, WORD)}
        prompts.add(WORD.format(term=word))
        asked += [(CHAT, _body(prompt)) for prompt in sorted(prompts)]
    return asked


def record_more(
    folder: Path, progress: Progress, *, environ: Mapping[str, str] = os.environ
) -> list[str]:
    """Record, in ``folder``, what its terms still lack; return what could not be kept, and why.

    Raises ``TutorialError`` when the folder has no list of terms, or nobody can be asked.
    """
    try:
        terms = (folder / TERMS).read_text("utf-8").split("\n")
    except OSError as error:
        raise TutorialError(
            f"{folder} has no {TERMS} that can be read ({error}). Write one, a term a line, such "
            "as `OAuth` or `a compiler`."
        ) from error
    known = recording.load(folder.parent) if folder.name == recording.MORE else {}
    asked = questions(term.strip() for term in terms if term.strip())
    asked = [(path, body) for path, body in asked if recording.key(path, body) not in known]
    return _run(folder, asked, progress, environ)


def time_recordings(
    folder: Path, progress: Progress, *, environ: Mapping[str, str] = os.environ
) -> list[str]:
    """Add to recordings the seconds that they lack, where the answer is the same.

    To those of ``folder``, and of the folder in it with what learners may ask instead. Returns what
    was said of those that stay as they are. Raises ``TutorialError``.
    """
    refused: list[str] = []
    for each in (folder, folder / recording.MORE):
        known = recording.load(each).values()
        asked = [(one.path, one.request) for one in known if one.seconds is None]
        refused += _run(each, asked, progress, environ, timing=True)
    return refused


def _body(prompt: str) -> dict[str, Any]:
    return {
        "model": "gpt-4o-mini",
        "messages": [{"role": "user", "content": prompt}],
        "temperature": 0,
    }


def _run(
    folder: Path,
    asked: Sequence[Question],
    progress: Progress,
    environ: Mapping[str, str],
    *,
    timing: bool = False,
) -> list[str]:
    from helpers.session.preparation import recorded_provider

    if not asked:
        return []
    with contextlib.ExitStack() as opened:
        provider = recorded_provider(environ, opened)
        return asyncio.run(_ask(folder, asked, progress, provider, timing))


async def _ask(
    folder: Path,
    asked: Sequence[Question],
    progress: Progress,
    provider: Provider,
    timing: bool,
) -> list[str]:
    from helpers.replay.answerer import Asked
    from helpers.replay.answerers import Recorder, Recordings
    from helpers.replay.relay import Relay

    recordings = Recordings(folder, timing=timing, pace=0)
    recorder, relay, refused = Recorder(provider, recordings), Relay(), []
    try:
        # Whoever is asked first after a start pays for it, and no recording should.
        path, body = asked[0]
        await _read(await relay.ask(provider, Asked(path, body, "")))
        for number, (path, body) in enumerate(asked, start=1):
            progress(number, len(asked), Path(recording.prompt(body).replace("/", " ")))
            one = Asked(path, body, recording.key(path, body))
            try:
                await _read(await recorder.answer(one))
            except TutorialError as error:
                refused.append(str(error))
    finally:
        await recorder.close()
        await relay.close()
    return refused


async def _read(response: Response) -> None:
    """Read a stream to its end, which is when it is kept."""
    if isinstance(response, StreamingResponse):
        async for _ in response.body_iterator:
            pass
