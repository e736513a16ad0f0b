"""Projects of the learner's own in LangSmith: names that are nobody else's, remembered.

Learners of a class share a workspace, and a workspace has other people's projects in it. So in
LangSmith a lesson's project has an ending of the learner's own, what was named is remembered in a
file of theirs (``helpers.own_file``), and only that is ever deleted. On this machine, where a
session's LangSmith is its own, the names stay as they are.
"""

from __future__ import annotations

import functools
import os
import re
import secrets
import warnings
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from helpers.environment import LANGSMITH, spelled
from helpers.errors import TutorialError
from helpers.own_file import OwnFile

if TYPE_CHECKING:
    from langsmith import Client

__all__ = ["Remembered", "existing", "forget", "named", "named_here", "remembered"]

VARIABLE, LEARNER = "TUTORIAL_PROJECTS", "TUTORIAL_LEARNER"


@dataclass(frozen=True)
class Remembered:
    """A project that the course has named: where, and when first (ISO 8601, UTC)."""

    name: str
    address: str
    workspace: str
    since: str = field(compare=False)


_here: set[Remembered] = set()  # named by this process


def named(name: str, environ: Mapping[str, str] = os.environ) -> str:
    """Return ``name`` with the learner's ending, and remember it as a project of LangSmith.

    The ending is ``-of-`` and six hexadecimal digits, made once and kept, or the word that
    ``TUTORIAL_LEARNER`` gives. Warns where it could not be remembered. Raises ``TutorialError``
    for a word that is none.
    """
    file = _file()
    content = file.content() or {}
    ending = _ending(content, environ)
    full = f"{name}-of-{ending}"
    one = Remembered(full, *_place(environ), datetime.now(UTC).isoformat(timespec="seconds"))
    _here.add(one)
    known = _known(content)
    if one not in known:
        said = file.write({"ending": ending, "projects": [asdict(each) for each in [*known, one]]})
        if said:
            warnings.warn(said, stacklevel=2)
    return full


def named_here() -> frozenset[Remembered]:
    """Return what this process has named, wherever."""
    return frozenset(_here)


def remembered(environ: Mapping[str, str] = os.environ) -> list[Remembered]:
    """Return what the course has named in the workspace that ``environ`` leads to."""
    place = _place(environ)
    known = _known(_file().content() or {})
    return [each for each in known if (each.address, each.workspace) == place]


def existing(
    client: Client, projects: list[Remembered], *, told: Callable[[str], None] = lambda words: None
) -> dict[str, str]:
    """Return those of ``projects`` that are there, as name and id.

    By exact name, and begun after the course had named it: an older one is somebody else's, and
    ``told`` is given a sentence about it.
    """
    found = {}
    for project in projects:
        for there in client.list_projects(name=project.name):
            if there.name != project.name:
                continue
            began = there.start_time.replace(tzinfo=there.start_time.tzinfo or UTC)
            if began < datetime.fromisoformat(project.since).replace(microsecond=0):
                told(f"{project.name} is older than the course's, and is left alone.")
            else:
                found[project.name] = str(there.id)
    return found


def forget(projects: list[Remembered]) -> None:
    """Take ``projects`` out of what is remembered."""
    file = _file()
    content = file.content() or {}
    kept = [each for each in _known(content) if each not in projects]
    if content:
        file.write({**content, "projects": [asdict(each) for each in kept]})


def _file() -> OwnFile:
    return OwnFile.of_learner("projects", what="The list of your projects", variable=VARIABLE)


def _ending(content: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    if given := environ.get(LEARNER, "").strip():
        if not re.fullmatch(r"[\w.-]{1,40}", given):
            raise TutorialError(
                f"{LEARNER} is {given!r}: give one word of letters, digits, dots and dashes, such "
                "as your name, and start the kernel again."
            )
        return given
    kept = content.get("ending")
    return kept if isinstance(kept, str) and kept else _made()


@functools.cache
def _made() -> str:
    """Return an ending that is made once, so that it stays where it cannot be kept."""
    return secrets.token_hex(3)


def _place(environ: Mapping[str, str]) -> tuple[str, str]:
    address = spelled(environ, "LANGSMITH_ENDPOINT") or LANGSMITH
    workspace = environ.get("LANGSMITH_WORKSPACE_ID") or environ.get("LANGSMITH_TENANT_ID") or ""
    return address.rstrip("/"), workspace


def _known(content: Mapping[str, Any]) -> list[Remembered]:
    listed = content.get("projects")
    fields = set(Remembered.__dataclass_fields__)
    return [
        Remembered(**each)
        for each in (listed if isinstance(listed, list) else [])
        if isinstance(each, dict) and set(each) == fields
    ]
