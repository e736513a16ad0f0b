"""An OpenAI-compatible model API that answers from recordings, or records through to a provider.

Every POST route is served by one mechanism: the request's deciding fields find the recording. An
unknown prompt gets HTTP 400 when strict, since clients retry 429 and 5xx; else a local model or a
stand-in answers.
"""

from __future__ import annotations

from helpers.replay.app import State, create_app, state_of
from helpers.replay.upstream import Provider

__all__ = ["Provider", "State", "create_app", "state_of"]
