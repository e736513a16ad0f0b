"""Recorded exchanges with a model API: matching, checking, reading and writing them.

One pretty-printed JSON file an exchange, named after its prompt, with ``path`` (the API route),
``request`` (the fields that decide the answer), ``response`` (status, headers, and a body with the
seconds that it took, or the events of a stream, each with its delay in ms) and ``recorded`` (who
spoke, when, which versions).
"""

from __future__ import annotations

from helpers.recording.files import (
    COMMAND,
    MORE,
    RENEWED,
    USED,
    NotKeptError,
    RecordingError,
    check_folder,
    find,
    load,
    load_file,
    save,
)
from helpers.recording.matching import alike, deciding, key, nearest, prompt
from helpers.recording.records import Recording
from helpers.recording.scrubbing import SecretFound, scrub

__all__ = [
    "COMMAND",
    "MORE",
    "RENEWED",
    "USED",
    "Recording",
    "NotKeptError",
    "RecordingError",
    "SecretFound",
    "alike",
    "check_folder",
    "deciding",
    "find",
    "key",
    "load",
    "load_file",
    "nearest",
    "prompt",
    "save",
    "scrub",
]
