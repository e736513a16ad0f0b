"""A LangSmith-compatible service over SQLite: what sending and reading traces needs of it.

Three rooms: ``ingest`` takes runs in, ``filtering`` knows the filter language, ``reading`` gives
runs back. What they share stands beside them, and so do projects and feedback.
"""

from __future__ import annotations

from helpers.langsmith_local.app import create_app
from helpers.langsmith_local.state import State, state_of

__all__ = ["State", "create_app", "state_of"]
