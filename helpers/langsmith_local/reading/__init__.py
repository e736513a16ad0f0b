"""Giving back: both generations of the API.

``v1_runs`` and ``v2`` have the routes of the two, but for v1's projects and feedback; ``query``
finds runs, ``portion`` reads a page of them, ``rows`` and ``selects`` show them, ``stats`` and
``threads`` sum them up, ``kept`` has what was summed up, ``arguments`` reads what was asked for.
"""

from __future__ import annotations

from helpers.langsmith_local.reading.kept import prepare
from helpers.langsmith_local.reading.query import Page, QueryError, Selection
from helpers.langsmith_local.reading.v1_runs import ROUTES as V1
from helpers.langsmith_local.reading.v2 import ROUTES as V2

__all__ = ["V1", "V2", "Page", "QueryError", "Selection", "prepare"]
