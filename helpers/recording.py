"""Recorded exchanges with a model API: matching, checking, reading and writing them.

One pretty-printed JSON file an exchange, named after its prompt, with ``path`` (the API route),
``request`` (the fields that decide the answer), ``response`` (status, headers, and a body or the
events of a stream, each with its delay in ms) and ``recorded`` (who spoke, when, which versions).
"""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from helpers.errors import TutorialError

__all__ = [
    "COMMAND",
    "Recording",
    "RecordingError",
    "SecretFound",
    "deciding",
    "key",
    "load",
    "load_file",
    "nearest",
    "prompt",
    "save",
    "scrub",
]

COMMAND = "python -m helpers record notebooks/NN_name.ipynb"

# What a caller may vary without changing the answer. encoding_format changes its notation only.
_IGNORED = frozenset(
    ("stream_options", "user", "metadata", "store", "encoding_format", "safety_identifier")
    + ("prompt_cache_key", "prompt_cache_retention", "service_tier", "timeout")
    + ("extra_body", "extra_headers", "extra_query")
)
# What OpenAI's and LiteLLM's retries, or a reader of the exchange, look at.
_HEADERS = frozenset(("content-type", "retry-after", "retry-after-ms", "x-should-retry"))

_SECRETS = {
    "an API key": r"(?<![A-Za-z0-9])(?:sk-[\w-]{16,}|lsv2_\w{8,}|(?:AKIA|ASIA)[0-9A-Z]{16}"
    r"|gh[pousr]_\w{20,}|github_pat_\w{20,}|hf_\w{20,}|AIza[\w-]{30,}|xox[abprs]-[\w-]{10,})",
    "a token": r"(?i:\bbearer\s+(?=[\w.~+/=-]*\d)[\w.~+/=-]{8,})|\beyJ[\w-]{10,}\.[\w-]{10,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY",
    "an organisation or project id": r"\b(?:org-|proj_)(?=\w*\d)\w{16,}",
    # RFC 2606 reserves these domains: an address there is nobody's.
    "an e-mail address": r"[\w.+-]+@(?!(?:[\w-]+\.)*"
    r"(?:example\.(?:com|org|net)|example|test|invalid)(?![\w-]|\.\w))[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}",
}
_PATTERNS = {kind: re.compile(pattern) for kind, pattern in _SECRETS.items()}
_NUMBERS = re.compile(r"\[\n\s+(-?\d[\d.eE+-]*(?:,\n\s+-?\d[\d.eE+-]*)*)\n\s+\]")
_EVENT = re.compile(r'\[\n\s+(\d+),\n\s+("(?:[^"\\]|\\.)*")\n\s+\]')


class RecordingError(TutorialError):
    """A recording that cannot be read, or that stands twice."""


class SecretFound(TutorialError):
    """A recording would hold something private; the message names the field, not the value."""


@dataclass(frozen=True)
class Recording:
    """One exchange; ``path`` is the API route without ``/v1``, such as ``/chat/completions``.

    ``response`` has ``status``, ``headers`` and either ``body`` (a JSON value, or text that was
    none) or ``chunks``: ``[delay in ms, server-sent event]`` pairs. ``name`` is the file's.
    """

    path: str
    request: dict[str, Any]
    response: dict[str, Any]
    recorded: dict[str, Any] = field(default_factory=dict)
    name: str = ""


def deciding(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a request that decide its answer, in one notation for all clients.

    Clients differ in nulls, in ``0`` and ``0.0``, in text as a string or as a list of one part,
    in ``max_tokens`` and its newer name, and in an embedding's input as a string or a list of one.
    """
    kept = {name: _plain(body[name]) for name in body if name not in _IGNORED}
    kept = {name: value for name, value in kept.items() if value is not None}
    if not kept.get("stream", True):
        del kept["stream"]
    if "max_completion_tokens" in kept:
        kept.setdefault("max_tokens", kept["max_completion_tokens"])
        del kept["max_completion_tokens"]
    if isinstance(kept.get("messages"), list):
        kept["messages"] = [_message(message) for message in kept["messages"]]
    match kept.get("input"):
        case [str(text)]:
            kept["input"] = text
    return kept


def key(path: str, body: Mapping[str, Any]) -> str:
    """Return the sha256, in hex, by which a request finds its recording."""
    text = json.dumps([path, deciding(body)], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


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
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    return path


def scrub(recording: Recording) -> Recording:
    """Return the recording with deciding fields and allowed headers only, or raise SecretFound."""
    headers = recording.response.get("headers", {})
    kept = {name.lower(): value for name, value in headers.items() if name.lower() in _HEADERS}
    clean = Recording(
        recording.path,
        deciding(recording.request),
        {**recording.response, "headers": kept},
        recording.recorded,
        recording.name,
    )
    for place, text in _texts(_content(clean), ""):
        for kind, pattern in _PATTERNS.items():
            if pattern.search(text):
                raise SecretFound(
                    f"The field {place} looks as if it held {kind}, so nothing was recorded. "
                    "Take it out of the prompt or of what the provider sends, then record again."
                )
    return clean


def nearest(
    recordings: Mapping[str, Recording], path: str, body: Mapping[str, Any]
) -> tuple[Recording, list[str]] | None:
    """Return the recording closest to a request, and the fields in which the two differ."""
    wanted = deciding(body)
    text = prompt(wanted)

    def distance(recording: Recording) -> tuple[bool, float, int, str]:
        alike = difflib.SequenceMatcher(None, text, prompt(recording.request)).ratio()
        differing = _differences(wanted, recording.request)
        return recording.path != path, -round(alike, 2), len(differing), recording.name

    if not recordings:
        return None
    best = min(recordings.values(), key=distance)
    fields = _differences(wanted, best.request)
    return best, (["route", *fields] if best.path != path else fields)


def prompt(body: Mapping[str, Any]) -> str:
    """Return the text that a request is about: the last user message, or the input."""
    messages = body.get("messages")
    if isinstance(messages, list) and messages:
        users = [m for m in messages if isinstance(m, dict) and m.get("role") == "user"]
        content = _message((users or messages)[-1])
        return _text(content.get("content") if isinstance(content, dict) else content)
    return _text(body.get("input", body.get("prompt", "")))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _plain(value: Any) -> Any:
    match value:
        case float() if value.is_integer():
            return int(value)
        case dict():
            return {name: _plain(item) for name, item in value.items()}
        case list():
            return [_plain(item) for item in value]
    return value


def _message(message: Any) -> Any:
    if not isinstance(message, dict):
        return message
    kept = {name: item for name, item in message.items() if item is not None and item != []}
    match kept.get("content"):
        case [{"type": "text", "text": str(text), **rest}] if not rest:
            kept["content"] = text
    return kept


def _differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    found = []
    for name in sorted(one.keys() | other.keys()):
        ours, theirs = one.get(name), other.get(name)
        if ours == theirs:
            continue
        if not (isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs)):
            found.append(name)
            continue
        found += [f"{name}[{i}]" for i in range(len(ours)) if ours[i] != theirs[i]]
    return found


def load_file(path: Path) -> Recording:
    """Read one recording; raise ``RecordingError`` when the file is damaged."""
    try:
        content = json.loads(path.read_text("utf-8"))
        recording = Recording(**content, name=path.name)
        response, request = recording.response, recording.request
        if not (isinstance(request, dict) and isinstance(recording.path, str)):
            raise TypeError("path or request is of the wrong kind")
        if not isinstance(response["status"], int) or not {"body", "chunks"} & response.keys():
            raise TypeError("response lacks a status, a body or chunks")
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


def _file(folder: Path, recording: Recording) -> Path:
    digest = key(recording.path, recording.request)
    about = recording.path if not prompt(recording.request) else prompt(recording.request)
    slug = re.sub(r"[^a-z0-9]+", "-", about.lower()).strip("-")[:48].strip("-") or "request"
    for length in range(6, len(digest) + 1):
        path = folder / f"{slug}--{digest[:length]}.json"
        if not path.exists():
            break
        other = load_file(path)
        if key(other.path, other.request) == digest:
            break
    return path


def _content(recording: Recording) -> dict[str, Any]:
    content = asdict(recording)
    del content["name"]
    return content


def _render(recording: Recording) -> str:
    """Render as JSON with a line a field, but vectors and stream events on a line each."""
    text = json.dumps(_content(recording), indent=1, sort_keys=True)
    text = _NUMBERS.sub(lambda found: "[" + " ".join(found[1].split()) + "]", text)
    return _EVENT.sub(r"[\1, \2]", text) + "\n"


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield place, value
        case dict():
            for name, item in value.items():
                inner = f"{place}.{name}".lstrip(".")
                yield f"{place} (a name in it)".strip(), str(name)
                yield from _texts(item, inner)
        case list():
            for index, item in enumerate(value):
                yield from _texts(item, f"{place}[{index}]")
