"""What an attempt has sent, and the questions that are asked of it.

Each question returns what it found, or raises ``Lacking`` with what was expected and what was
there, in words that a learner can act on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from helpers.view import Run, tree

__all__ = ["Evidence", "Lacking"]


class Lacking(Exception):
    """Something that was expected is not in the traces; ``found`` is what was there instead."""

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(f"expected {expected}, found {found}")
        self.expected, self.found = expected, found


@dataclass(frozen=True)
class Evidence:
    """The traces of an attempt, by project; in each the root runs, oldest first."""

    projects: dict[str, tuple[Run, ...]]

    @classmethod
    def of(cls, runs: dict[str, Iterable[Run]]) -> Evidence:
        """Make it of the runs of each project, in any order and without their children."""
        return cls({name: _roots(list(some)) for name, some in runs.items()})

    @property
    def roots(self) -> tuple[Run, ...]:
        """The root runs of all projects, oldest first."""
        every = [root for roots in self.projects.values() for root in roots]
        return tuple(sorted(every, key=lambda root: root.start))

    @property
    def runs(self) -> tuple[Run, ...]:
        """All runs, parents before children."""
        return tuple(run for root in self.roots for run in root.walk())

    def since(self, run: Run) -> Evidence:
        """Return what is left when the traces that began before ``run`` are left out."""
        return Evidence(
            {
                name: tuple(root for root in roots if root.start >= run.start)
                for name, roots in self.projects.items()
            }
        )

    def root(self, name: str | None = None) -> Run:
        """Return the one trace there is, whose root is called ``name`` (None: as it likes)."""
        wanted = f"one trace whose root is {name}" if name else "one trace"
        if len(self.roots) != 1:
            raise Lacking(wanted, _traces(self.roots))
        [root] = self.roots
        if name is not None and root.name != name:
            raise Lacking(wanted, f"one whose root is {root.name}")
        return self._ended(root)

    def every(self, count: int, name: str | None = None) -> tuple[Run, ...]:
        """Return the roots of ``count`` traces, all called ``name`` if it is given."""
        wanted = f"{count} traces" + (f" whose roots are {name}" if name else "")
        if len(self.roots) != count or (name and any(r.name != name for r in self.roots)):
            raise Lacking(wanted, _traces(self.roots))
        return tuple(map(self._ended, self.roots))

    def trace(self, name: str) -> Run:
        """Return the newest trace whose root is called ``name``; others may be there."""
        for root in reversed(self.roots):
            if root.name == name:
                return self._ended(root)
        raise Lacking(f"a trace whose root is {name}", _traces(self.roots))

    def beneath(
        self, parent: Run, *, name: str | None = None, kind: str | None = None, deep: bool = True
    ) -> Run:
        """Return the first run beneath ``parent`` of that name and kind.

        ``deep`` looks at all levels, otherwise at its children alone.
        """
        there = list(parent.walk())[1:] if deep else list(parent.children)
        for run in there:
            if name in (None, run.name) and kind in (None, run.run_type):
                return run
        what = f"a run{f' called {name}' if name else ''}{f' of kind {kind}' if kind else ''}"
        place = "beneath" if deep else "right beneath"
        raise Lacking(f"{what} {place} {parent.name}", _kinds(there))

    def kind(self, kind: str) -> Run:
        """Return the first run of a kind, wherever it stands."""
        for run in self.runs:
            if run.run_type == kind:
                return run
        raise Lacking(f"a run of kind {kind}", _kinds(list(self.runs)))

    def tag(self, run: Run, tag: str) -> None:
        """Ask for a tag on a run."""
        if tag not in run.tags:
            tags = ", ".join(run.tags) or "none"
            raise Lacking(f"the tag {tag} on {run.name}", f"its tags: {tags}")

    def metadata(self, run: Run, key: str, value: object = None) -> object:
        """Ask for a key of a run's metadata, and for its value if one is given; return it."""
        if key not in run.metadata:
            keys = ", ".join(sorted(k for k in run.metadata if not _technical(k))) or "none"
            raise Lacking(f"{key} in the metadata of {run.name}", f"these keys: {keys}")
        there = run.metadata[key]
        if value is not None and there != value:
            raise Lacking(f"{key} to be {_short(value)} in {run.name}", _short(there))
        return there

    def tokens(self, run: Run) -> int:
        """Ask for a count of tokens on a run; return it."""
        if not run.total_tokens:
            raise Lacking(f"a count of tokens on {run.name}", "none")
        return run.total_tokens

    def error(self, run: Run, part: str = "") -> str:
        """Ask for an error on a run, with ``part`` in its text; return it."""
        if not run.error:
            raise Lacking(f"an error on {run.name}", f"status {run.status}")
        if part not in run.error:
            raise Lacking(f"an error with “{part}” on {run.name}", _short(run.error))
        return run.error

    def success(self, run: Run) -> None:
        """Ask for a run, and all beneath it, that succeeded."""
        for each in run.walk():
            if each.error:
                raise Lacking(f"{each.name} without an error", _short(each.error))

    def holds(self, there: bool, expected: str, found: object) -> None:
        """Ask for anything else: ``found`` is shown when it is not ``there``."""
        if not there:
            raise Lacking(expected, found if isinstance(found, str) else _short(found))

    def nowhere(self, text: str, *, where: Callable[[Run], object] | None = None) -> None:
        """Ask that ``text`` stands in no run, or in no ``where`` of one."""
        for run in self.runs:
            parts: dict[str, object] = {
                "its name": run.name,
                "its inputs": run.inputs,
                "its outputs": run.outputs,
                "its error": run.error,
                "its metadata": run.metadata,
                "its tags": run.tags,
            }
            if where is not None:
                parts = {"it": where(run)}
            for part, value in parts.items():
                if text in json.dumps(value, ensure_ascii=False, default=str):
                    raise Lacking(f"“{text}” in no trace", f"it in {run.name}, in {part}")

    @staticmethod
    def _ended(root: Run) -> Run:
        if not root.complete:
            pending = next(run for run in root.walk() if run.status == "pending")
            raise Lacking(f"{pending.name} to have ended", "it still running")
        return root


def _roots(runs: list[Run]) -> tuple[Run, ...]:
    groups: dict[str, list[Run]] = {}
    for run in runs:
        groups.setdefault(run.trace_id, []).append(run)
    roots = [tree(group, _top(group).id) for group in groups.values()]
    return tuple(sorted((root for root in roots if root), key=lambda root: root.start))


def _top(group: list[Run]) -> Run:
    """Return the root, or the oldest run where the root cannot be read (yet)."""
    rootless = [run for run in group if run.parent_id is None]
    return min(rootless or group, key=lambda run: run.start)


def _traces(roots: tuple[Run, ...]) -> str:
    if not roots:
        return "no trace"
    names = ", ".join(root.name for root in roots[:5]) + (" …" if len(roots) > 5 else "")
    return f"{len(roots)} traces: {names}" if len(roots) > 1 else f"one trace: {names}"


def _kinds(runs: list[Run]) -> str:
    return ", ".join(f"{run.name} ({run.run_type})" for run in runs[:5]) or "no run"


def _technical(key: str) -> bool:
    """Whether a key of metadata is one that an SDK or LiteLLM adds by itself."""
    return key.startswith(("LANGSMITH", "LANGCHAIN", "ls_", "langgraph", "revision_id", "user_api"))


def _short(value: object, most: int = 80) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= most else f"{text[:most]}…"
