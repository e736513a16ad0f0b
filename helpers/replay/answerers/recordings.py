"""The recordings: the first to be asked, and where new ones are kept."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from starlette.responses import Response

from helpers import recording
from helpers.recording import Recording
from helpers.replay.answerer import Asked
from helpers.replay.headers import PROCESSING
from helpers.replay.pace import LONGEST
from helpers.replay.request import RequestError
from helpers.replay.responses import encoded, json_response, stream, trimmed, with_base64

__all__ = ["Recordings"]


class Recordings:
    """The recordings of a folder, in memory; those of its folder ``more`` are read when asked for.

    ``renew`` leaves each request once to the next answerer, so that its recording is made anew, and
    notes it in the file that the variable ``recording.RENEWED`` names, if it does, so that a run
    that was interrupted goes on where it was. ``timing`` leaves it where nobody measured how long
    the answer took, and adds the seconds alone. ``pace`` multiplies the recorded times. ``used``
    holds the names of those that were asked for.
    Raises ``RecordingError`` when one is damaged.
    """

    def __init__(
        self, folder: Path, *, renew: bool = False, timing: bool = False, pace: float = 1.0
    ) -> None:
        self.folder, self.renew, self.timing, self.pace = folder, renew, timing, pace
        self.by_key = recording.load(folder)
        self.used: set[str] = set()
        self._noted = os.environ.get(recording.RENEWED) if renew else None
        self._renewed = set(_lines(Path(self._noted))) if self._noted else set()
        self._bodies: dict[str, bytes] = {}
        self._more: dict[str, Recording] = {}

    surprise = None

    async def answer(self, asked: Asked) -> Response | None:
        """Return the recorded answer, or None when there is none."""
        found = self._found(asked.key)
        again = self.renew or (self.timing and found is not None and found.seconds is None)
        if found is None or (again and asked.key not in self._renewed):
            return None
        self._note(found.name)
        if (taken := found.seconds) and "body" in found.response and self.pace:
            await asyncio.sleep(min(taken, LONGEST) * self.pace)
        return self._replayed(asked, found)

    async def close(self) -> None:
        """Nothing is open."""

    def keep(self, asked: Asked, new: Recording | None) -> None:
        """Write a new recording, if there is one, and answer with it from now on.

        Raises ``RequestError`` when only its time was wanted, and it is another answer.
        """
        if new is None:
            return
        known = self.by_key.get(asked.key) if self.timing else None
        new = _timed(known, new) if known else new
        path = recording.save(self.folder, new, replace=self.renew or known is not None)
        self.by_key[asked.key] = recording.load_file(path)
        self._bodies.pop(asked.key, None)
        self._renewed.add(asked.key)
        if self._noted:
            _append(Path(self._noted), asked.key)
        self._note(path.name)

    def all(self) -> dict[str, Recording]:
        """Return the recordings by key, those of ``more`` too, which are read for it."""
        return {**recording.load(self.folder / recording.MORE), **self.by_key}

    def models(self) -> list[str]:
        """Return the names of the models that have recordings."""
        models = (item.request.get("model") for item in self.all().values())
        return sorted({name for name in models if isinstance(name, str)})

    def speakers(self) -> tuple[str, ...]:
        """Return who gave the answers that lessons ask for; the one who gave most comes first."""
        count = Counter(one.speaker for one in self.by_key.values())
        return tuple(name for name, _ in sorted(count.items(), key=lambda item: (-item[1], item)))

    def _found(self, key: str) -> Recording | None:
        known = self.by_key.get(key) or self._more.get(key)
        # By name, so that a session does not start later for what few will ask.
        if known is None and (known := recording.find(self.folder / recording.MORE, key)):
            self._more[key] = known
        return known

    def _replayed(self, asked: Asked, found: Recording) -> Response:
        answer = found.response
        headers = dict(answer.get("headers", {}))
        if (taken := _until_answered(found)) is not None:
            headers[PROCESSING] = str(round(taken * 1000))
        if "chunks" in answer:
            return stream(self._paced(answer["chunks"], asked.body), answer["status"], headers)
        content = answer["body"]
        if found.path == "/embeddings" and asked.body.get("encoding_format") == "base64":
            return json_response(with_base64(content), answer["status"], headers)
        if asked.key not in self._bodies:
            self._bodies[asked.key] = encoded(content)
        return Response(self._bodies[asked.key], answer["status"], headers)

    async def _paced(self, chunks: list[Any], body: Mapping[str, Any]) -> AsyncIterator[str]:
        for delay, event in chunks:
            if pause := min(delay / 1000, LONGEST) * self.pace:
                await asyncio.sleep(pause)
            yield trimmed(event, body)

    def _note(self, name: str) -> None:
        if name in self.used:
            return
        self.used.add(name)
        if target := os.environ.get(recording.USED):
            _append(Path(target), name)


def _append(path: Path, line: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines() if path.is_file() else []


def _until_answered(found: Recording) -> float | None:
    """Return the seconds until the answer began, which is what the provider tells of a stream."""
    if chunks := found.response.get("chunks"):
        return float(chunks[0][0]) / 1000
    return found.seconds


def _timed(known: Recording, new: Recording) -> Recording:
    """Return the recording that there is, with the seconds that the same answer took now."""
    if not recording.alike(known.response.get("body"), new.response.get("body")):
        raise RequestError(
            f"The answer is not that of {known.name}, which stays as it was, without its seconds. "
            "To record this answer in its place: python -m helpers record --again NOTEBOOK",
            code="another_answer",
        )
    return replace(known, response={**known.response, "seconds": new.response["seconds"]})
