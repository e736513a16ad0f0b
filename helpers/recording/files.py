"""Read and write the files of recordings."""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any

from helpers.errors import TutorialError
from helpers.paths import RECORDINGS
from helpers.recording.matching import key, prompt
from helpers.recording.records import Recording, content
from helpers.recording.scrubbing import scrub

__all__ = ["COMMAND", "FORMAT", "MORE", "RENEWED", "USED", "NotKeptError", "RecordingError"]
__all__ += ["check_folder", "find", "load", "load_file", "save"]

COMMAND = "python -m helpers record notebooks/NN_name.ipynb"
#: The newest format that is read. A file says its own in ``format``; one that does not is of 1.
FORMAT = 1
LARGEST = 32 * 1024 * 1024  # bytes of one file; all are in memory while they are served

USED = "TUTORIAL_USED_RECORDINGS"  # names the file that the names of used recordings go to
# Names the file of the keys that an unfinished run has recorded anew, a line each.
RENEWED = "TUTORIAL_RENEWED_RECORDINGS"

MORE = "more"  # the folder, beside what lessons ask for, of what learners may ask for

_NUMBERS = re.compile(r"\[\n\s+(-?\d[\d.eE+-]*(?:,\n\s+-?\d[\d.eE+-]*)*)\n\s+\]")
_SHORTEST = 6  # characters of a key in a file's name
_EVENT = re.compile(r'\[\n\s+(\d+),\n\s+("(?:[^"\\]|\\.)*")\n\s+\]')


class RecordingError(TutorialError):
    """A recording that cannot be read, or that stands twice."""


class NotKeptError(RecordingError):
    """A recording that could not be written."""


def load(folder: Path) -> dict[str, Recording]:
    """Read all recordings of ``folder`` by key; a folder that is not there holds none.

    Raises ``RecordingError`` for a folder that cannot be read, for a damaged file, for one of a
    newer format and for two files with one request.
    """
    found: dict[str, Recording] = {}
    if not os.path.lexists(folder):
        return found
    for path in _files(folder):
        recording = load_file(path)
        twin = found.setdefault(key(recording.path, recording.request), recording)
        if twin is not recording:
            raise RecordingError(
                f"{twin.name} and {path.name} in {folder.name}/ record the same request, "
                "and only one answer can be replayed. Delete one of the two."
            )
    return found


def check_folder(folder: Path) -> None:
    """Raise ``RecordingError`` when ``folder`` is none, or holds nothing that could answer."""
    if not _files(folder):
        raise _wrong_folder(folder, "holds no recording")


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
    """Read one recording; raise ``RecordingError`` when it is damaged or of a newer format."""
    try:
        written = json.loads(_text(path))
        _check_format(path, written)
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
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        what = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise RecordingError(
            f"{path.parent.name}/{path.name} is not a recording ({what}). Restore it with "
            f"`git checkout -- {path.parent.name}/{path.name}` in the folder above, or delete it "
            f"and record it anew: {COMMAND}"
        ) from error
    return recording


def save(folder: Path, recording: Recording, *, replace: bool = False) -> Path:
    """Write ``recording`` in one step and return its file.

    A request that has a file keeps it as it is unless ``replace``. Raises ``SecretFound``, and
    writes nothing, when the recording holds something private, and ``RecordingError`` when the
    folder does not take it.
    """
    recording = scrub(recording)
    path = _file(folder, recording)
    if path.exists() and not replace:
        return path
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(path, _render(recording))
    except OSError as error:
        raise NotKeptError(
            f"The answer was not recorded: {folder} does not take {path.name} ({error.strerror}). "
            f"Make it a folder that can be written (`mkdir -p {folder}`, `chmod u+rwx {folder}`) "
            f"with room on its disk (`df -h {folder}`), and record again: {COMMAND}"
        ) from error
    return path


def _write(path: Path, text: str) -> None:
    """Write in one step: who reads meanwhile sees the old file or the new one."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".recording-", suffix=".part")
    try:
        with open(handle, "w", encoding="ascii", newline="\n") as file:
            file.write(text)
        os.chmod(temporary, 0o644)  # mkstemp's own is for the owner alone
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.name.endswith(".json"))
    except FileNotFoundError:
        raise _wrong_folder(folder, "is not there") from None
    except NotADirectoryError:
        raise _wrong_folder(folder, "is a file") from None
    except OSError as error:
        raise _wrong_folder(folder, f"cannot be read ({error.strerror})") from error


def _wrong_folder(folder: Path, why: str) -> RecordingError:
    return RecordingError(
        f"The folder of recordings {folder} {why}. Give the folder that holds them, such as "
        f"{RECORDINGS}, with --recordings or TUTORIAL_RECORDINGS, or leave that out."
    )


def _text(path: Path) -> str:
    if path.is_symlink() and not path.exists():
        raise ValueError(f"it is a link to {os.readlink(path)}, which is not there")
    if not path.is_file():
        raise ValueError("it is a folder" if path.is_dir() else "it is no regular file")
    if (size := path.stat().st_size) > LARGEST:
        raise ValueError(f"it has {size} bytes, and {LARGEST} are the most")
    return path.read_text("utf-8-sig")  # an editor on Windows may put a mark before the text


def _check_format(path: Path, written: Any) -> None:
    """Take the number of the format out of what was ``written``; refuse a newer one."""
    version = written.pop("format", 1) if isinstance(written, dict) else 1
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise ValueError(f"its format is {version!r}, and should be a number from 1 on")
    if version > FORMAT:
        raise RecordingError(
            f"{path.parent.name}/{path.name} is of format {version}, which a newer version of this "
            f"course wrote; this one reads up to {FORMAT}. Get that with `git pull`, or delete "
            f"the file and record it anew: {COMMAND}"
        )


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
