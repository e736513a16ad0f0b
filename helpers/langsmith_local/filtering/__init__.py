"""LangSmith's filter language: from text to SQL conditions.

``syntax`` reads the text, ``fields`` knows functions and fields, ``compile`` makes conditions of
calls; ``literals``, ``entries`` and ``search`` are its parts, ``condition`` what it makes.
"""

from __future__ import annotations

from helpers.langsmith_local.filtering.compile import FilterError, compile_filter
from helpers.langsmith_local.filtering.condition import Condition, among, equal, members
from helpers.langsmith_local.filtering.search import contains, search_condition

__all__ = [
    "Condition",
    "FilterError",
    "among",
    "compile_filter",
    "contains",
    "equal",
    "members",
    "search_condition",
]
