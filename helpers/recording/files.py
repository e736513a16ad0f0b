"""Read and write the files of recordings."""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
from pathlib import Path

from helpers.errors import TutorialError
from helpers.recording.matching import key, prompt
from helpers.recording.records import Recording, content
from helpers.recording.scrubbing import scrub

__all__ = ["COMMAND", "MORE", "RecordingError", "find", "load", "load_file", "save"]

COMMAND = "python -m helpers record notebooks/NN_name.ipynb"

MORE = "more"  # the folder, beside what lessons ask for, of what learners may ask for

_NUMBERS = re.compile(r"\[\n\s+(-?\d[\d.eE+-]*(?:,\n\s+-?\d[\d.eE+-]*)*)\n\s+\]")
_SHORTEST = 6  # characters of a key in a file's name
_EVENT = re.compile(r'\[\n\s+(\d+),\n\s+("(?:[^"\\]|\\.)*")\n\s+\]')


class RecordingError(TutorialError):
    """A recording that cannot be read, or that stands twice."""


def load(folder: Path) -> dict[str, Recording]:
    """Read all recordings of ``folder`` by key; a folder that is not there holds none.

    Raises ``RecordingError`` for a damaged file and for two files with one request.
    """
    found: dict[str, Recording] = {}
    for path in sorted(folder.glob("*.json")):
        recording = load_file(path)
        twin = found.setdefault(key(recording.path, recording.request), recording)
        if twin is not recording:
            raise RecordingError(
                f"{twin.name} and {path.name} in {folder.name}/ record the same request, "
                "and only one answer can be replayed. Delete one of the two."
            )
    return found


def find(folder: Path, digest: str) -> Recording | None:
    """Return the one recording of ``folder`` with that key, reading no other.

    A file's name holds the beginning of its key. Raises ``RecordingError`` for a damaged file.
    """
    for path in sorted(folder.glob(f"*--{digest[:_SHORTEST]}*.json")):
        recording = load_file(path)
        if key(recording.path, recording.request) == digest:
            return recording
    return None


def load_file(path: Path) -> Recording:
    """Read one recording; raise ``RecordingError`` when the file is damaged."""
    try:
        written = json.loads(path.read_text("utf-8"))
        recording = Recording(**written, name=path.name)
        response, request = recording.response, recording.request
        if not (isinstance(request, dict) and isinstance(recording.path, str)):
            raise TypeError("path or request is of the wrong kind")
        if not isinstance(response["status"], int) or not {"body", "chunks"} & response.keys():
            raise TypeError("response lacks a status, a body or chunks")
        if not (isinstance(taken := response.get("seconds", 0), (int, float)) and taken >= 0):
            raise TypeError("seconds is not a number from 0 on")
        for delay, event in response.get("chunks", []):
            if not (isinstance(delay, int) and isinstance(event, str)):
                raise TypeError("a chunk is not [milliseconds, text]")
    except (ValueError, TypeError, KeyError) as error:
        raise RecordingError(
            f"{path.parent.name}/{path.name} is not a recording ({error}). Restore it with "
            f"`git checkout -- {path.parent.name}/{path.name}` in the folder above, or delete it "
            f"and record it anew: {COMMAND}"
        ) from error
    return recording


def save(folder: Path, recording: Recording, *, replace: bool = False) -> Path:
    """Write ``recording`` in one step and return its file.

    A request that has a file keeps it as it is unless ``replace``. Raises ``SecretFound``, and
    writes nothing, when the recording holds something private.
    """
    recording = scrub(recording)
    path = _file(folder, recording)
    if path.exists() and not replace:
        return path
    folder.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".recording-", suffix=".part")
    try:
        with open(handle, "w", encoding="ascii", newline="\n") as file:
            file.write(_render(recording))
        os.chmod(temporary, 0o644)  # mkstemp's own is for the owner alone
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    return path


def _file(folder: Path, recording: Recording) -> Path:
    digest = key(recording.path, recording.request)
    about = recording.path if not prompt(recording.request) else prompt(recording.request)
    slug = re.sub(r"[^a-z0-9]+", "-", about.lower()).strip("-")[:48].strip("-") or "request"
    for length in range(_SHORTEST, len(digest) + 1):
        path = folder / f"{slug}--{digest[:length]}.json"
        if not path.exists():
            break
        other = load_file(path)
        if key(other.path, other.request) == digest:
            break
    return path


def _render(recording: Recording) -> str:
    """Render as JSON with a line a field, but vectors and stream events on a line each."""
    text = json.dumps(content(recording), indent=1, sort_keys=True)
    text = _NUMBERS.sub(lambda found: "[" + " ".join(found[1].split()) + "]", text)
    return _EVENT.sub(r"[\1, \2]", text) + "\n"
