"""A LangSmith-compatible service over SQLite: what sending and reading traces needs of it."""

from __future__ import annotations

from helpers.langsmith_local.app import create_app

__all__ = ["create_app"]
