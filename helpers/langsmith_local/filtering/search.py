"""Full text search: the condition, and the function that SQLite calls to test it."""

from __future__ import annotations

import json

from helpers.langsmith_local import trigrams
from helpers.langsmith_local.filtering.condition import Condition

__all__ = ["SEARCHED", "contains", "narrowing", "search_condition"]

#: The columns of ``runs`` that are searched.
SEARCHED = trigrams.COLUMNS


def narrowing(filter: str, search: str) -> str | None:
    """Return one filter that asks for both a filter and a text, None where nothing is asked."""
    asked = [filter] if filter else []
    asked += [f"search({json.dumps(search, ensure_ascii=False)})"] if search else []
    return f"and({', '.join(asked)})" if len(asked) > 1 else next(iter(asked), None)


def search_condition(text: str, columns: tuple[str, ...] = SEARCHED, run: str = "r") -> Condition:
    """Return the condition that one of ``columns`` contains ``text``, whatever its case.

    It calls ``contains(needle, escaped needle, text ...)``, which a reader gives to SQLite. The
    index of ``trigrams`` tells for which runs.
    """
    # Columns of JSON hold quotes, backslashes and line ends in their escaped form.
    escaped = json.dumps(text, ensure_ascii=False)[1:-1]
    listed = ", ".join(f"{run}.{column}" for column in columns)
    needles = (text.casefold(), escaped.casefold())
    found = trigrams.candidates(*needles)
    return Condition(f"contains(?, ?, {listed})", needles, (found,) if found else ())


def contains(needle: str, escaped: str, *texts: str | None) -> bool:
    """Whether a text holds ``needle``, or its form in JSON, both in lower case."""
    for text in texts:
        if text is not None:
            folded = text.casefold()
            if needle in folded or escaped in folded:
                return True
    return False
