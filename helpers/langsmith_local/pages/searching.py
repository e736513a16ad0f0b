"""The boxes above a list: a text to search for, a filter, and of which runs it must be true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helpers.langsmith_local.filtering.compile import compile_filter
from helpers.langsmith_local.filtering.condition import Condition, equal
from helpers.langsmith_local.filtering.search import narrowing
from helpers.langsmith_local.reading import query
from helpers.langsmith_local.reading.query import Selection

__all__ = ["EXAMPLES", "OF", "Asked", "asked", "selection"]

#: Which runs are listed, by the word in the address: the three filters of LangSmith's API.
OF = {
    "roots": "traces whose root matches",
    "traces": "traces with a run that matches",
    "runs": "all runs that match",
}
#: Filters to begin with, and what each finds.
EXAMPLES = {
    'eq(status, "error")': "what failed",
    'gt(latency, "2s")': "what took more than two seconds",
    'eq(run_type, "llm")': "calls of a model (choose all runs)",
    "gt(total_tokens, 100)": "more than a hundred tokens",
    'has(tags, "v2")': "what has a tag",
    'and(eq(metadata_key, "user"), eq(metadata_value, "ada"))': "what has a pair of metadata",
    'and(eq(feedback_key, "helpful"), lt(feedback_score, 1))': "what was scored low",
}


@dataclass(frozen=True)
class Asked:
    """What the boxes hold, and after which run the list goes on."""

    search: str = ""
    filter: str = ""
    of: str = "roots"
    cursor: str | None = None

    @property
    def narrowed(self) -> bool:
        """Whether the list is not that of all traces."""
        return bool(self.search or self.filter or self.of == "runs")

    def query(self, **changed: str | None) -> dict[str, str | None]:
        """Return the parts of the address that lead to this list, with some of them changed."""
        of = None if self.of == "roots" else self.of
        return {"search": self.search, "filter": self.filter, "of": of, **changed}


def asked(given: Mapping[str, str]) -> Asked:
    """Read the boxes from the address; a word that is not in ``OF`` means the first."""
    of = given.get("of", "")
    return Asked(
        search=given.get("search", "").strip(),
        filter=given.get("filter", "").strip(),
        of=of if of in OF else "roots",
        cursor=given.get("cursor") or None,
    )


def selection(project_id: str, given: Asked, *, paged: bool = True) -> Selection:
    """Return the runs of a project that the boxes ask for, unless not ``paged`` after the cursor.

    Raises ``FilterError`` in the words that the API has for it, ``QueryError`` for a bad cursor.
    """
    if given.filter:
        compile_filter(given.filter)  # by itself, so that an error tells the right place
    whole = narrowing(given.filter, given.search)
    where: list[Condition] = []
    if given.of != "runs":
        where.append(equal("is_root", 1))
    if whole and given.of != "traces":
        where.append(compile_filter(whole))
    if paged and given.cursor:
        where.append(Condition("(r.start_time, r.id) < (?, ?)", query.decode(given.cursor)))
    tree = whole if given.of == "traces" else None
    return Selection((project_id,), tuple(where), tree_filter=tree)
