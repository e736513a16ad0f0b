"""Decide where model calls and traces go, and point every client of this process there."""

from __future__ import annotations

from helpers.session.choice import MODES, Choice, ModeError, choose
from helpers.session.cleaning import clean
from helpers.session.preparation import readers
from helpers.session.price import estimate
from helpers.session.running import (
    Session,
    at_stop,
    current,
    own_environment,
    project,
    start,
    stop,
)

__all__ = [
    "MODES",
    "Choice",
    "ModeError",
    "Session",
    "at_stop",
    "choose",
    "clean",
    "current",
    "estimate",
    "own_environment",
    "project",
    "readers",
    "start",
    "stop",
]
