"""Delete projects that the course has made in LangSmith, after a yes: a lesson's, or all."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from helpers.environment import has_key
from helpers.errors import TutorialError
from helpers.session import projects, running
from helpers.session.projects import Remembered

__all__ = ["Cleaned", "asked", "clean", "remove"]

HERE = "This lesson's traces are on this machine, and go with its kernel: there is nothing to do."


@dataclass(frozen=True)
class Cleaned:
    """What came of it: the names of the ``projects`` that were there, and whether they are gone."""

    projects: tuple[str, ...]
    deleted: bool
    said: str

    def __str__(self) -> str:
        return self.said

    __repr__ = __str__


def clean(*, yes: bool = False) -> Cleaned:
    """Delete this lesson's projects in LangSmith with their traces, after a yes that is asked for.

    They are those that the course has named since this kernel began; ``yes`` asks nothing.
    ``python -m helpers clean`` does so for all lessons.
    """
    if (session := running.current()) is None or session.choice.traces != "langsmith":
        return Cleaned((), False, HERE)
    known = [each for each in projects.remembered() if each in projects.named_here()]
    return remove(known, confirm=(lambda names: True) if yes else asked, told=_warn)


def remove(
    known: list[Remembered],
    *,
    confirm: Callable[[Sequence[str]], bool],
    told: Callable[[str], None],
) -> Cleaned:
    """Delete those of ``known`` that are in LangSmith, if ``confirm`` agrees to their names.

    ``told`` is given a sentence about each that is left alone. Raises ``TutorialError`` without a
    key of LangSmith.
    """
    if not has_key(os.environ, "LANGSMITH_API_KEY", "LANGCHAIN_API_KEY"):
        raise TutorialError(
            "Nothing of the course is kept on this machine. For its projects in LangSmith set "
            "LANGSMITH_API_KEY, and what else leads there, as for a live lesson."
        )
    from langsmith import Client

    client = Client()
    there = projects.existing(client, known, told=told)
    if not there:
        none = f"No project that the course has made is in LangSmith at {client.api_url}."
        return Cleaned((), False, none)
    if not confirm(tuple(there)):
        return Cleaned(tuple(there), False, "Nothing was deleted.")
    for identity in there.values():
        client.delete_project(project_id=identity)
    projects.forget(known)
    return Cleaned(tuple(there), True, f"{len(there)} deleted.")


def asked(names: Sequence[str]) -> bool:
    """Whether who is asked by a prompt says that ``names`` may be deleted."""
    words = f"Delete these {len(names)} with all their traces? Type yes: "
    return input("\n".join([*names, words])).strip().lower() == "yes"


def _warn(words: str) -> None:
    warnings.warn(words, stacklevel=2)
