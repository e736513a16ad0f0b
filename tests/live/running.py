"""Run a lesson live: nbval in a process, with the variables of a learner who has keys."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from starlette.types import ASGIApp

from helpers.paths import ROOT
from helpers.serving.guard import Door, Guard
from helpers.serving.server import Server
from helpers.testing.files import lessons, parse, text_of
from helpers.testing.live import is_of_the_model

__all__ = ["LEAST", "LESSONS", "Live", "Ran"]
__all__ += ["compared", "learner", "provided", "ran", "search", "shown"]

LESSONS = [path for path in lessons() if path.parent.name == "notebooks"]
RANDOM = "nbval-ignore-output"
LEAST = 85  # percent of the cells with output that are compared
PATIENCE = 600  # seconds for a cell: a model on a machine with other work takes its time
PLUGINS = ("helpers.testing", "helpers.testing.options", "nbval.plugin")
PLUGINS += tuple(f"helpers.testing.{name}" for name in ("live", "outputs", "programs"))
OWN = re.compile(r"LANGSMITH|LANGCHAIN|OPENAI|ANTHROPIC|OLLAMA|TUTORIAL|.*_API_KEY")


@dataclass(frozen=True)
class Live:
    """A provider that runs, the variables that lead to it and to LangSmith, and its log: the tokens
    of each answer. ``keys`` must stand nowhere afterwards."""

    provider: str
    environment: dict[str, str] = field(repr=False)
    log: list[int] = field(repr=False)
    folder: Path
    keys: tuple[str, ...] = field(repr=False)


@contextlib.contextmanager
def provided(app: ASGIApp, folder: Path) -> Iterator[str]:
    """Serve a stand-in for a provider, which looks at the key itself; gives its address."""
    guard = Guard(app, lambda path: Door(None), log=folder / "failures.log")
    with Server(guard, name="provider") as served:
        yield served.url


@dataclass
class Ran:
    """What came of a lesson: its cells that failed, and those that said other than is stored."""

    lesson: str
    failed: dict[int, str] = field(default_factory=dict)
    other: dict[int, str] = field(default_factory=dict)
    telling: int = 0  # cells with output
    compared: int = 0  # and those of them that were compared
    calls: int = 0
    tokens: int = 0
    seconds: float = 0.0

    def row(self, provider: str) -> tuple[Any, ...]:
        """Return the provider and, in the order of ``tests.live.table.HEAD``, its row there."""
        counts = (self.calls, self.tokens, round(self.seconds))
        return (provider, self.lesson, *counts, self.compared, self.telling - self.compared)


def learner(langsmith: dict[str, str], folder: Path, **own: str) -> dict[str, str]:
    """Return what a learner has set: keys, addresses, a workspace, and files of their own."""
    clean = {name: value for name, value in os.environ.items() if not OWN.match(name)}
    files = {name: str(folder / f"{name.lower()}.json") for name in ("PROGRESS", "PROJECTS")}
    course = {"TUTORIAL_MODE": "live", "TUTORIAL_LEARNER": "ada"}
    course |= {f"TUTORIAL_{name}": path for name, path in files.items()}
    # What a kernel leaves behind it in a temporary folder is searched too.
    there = {"TMPDIR": str(folder), "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    return clean | course | there | langsmith | own


def ran(path: Path, live: Live) -> Ran:
    """Run a lesson and compare each code cell, but those that depend on the model."""
    codes = [cell for cell in parse(text_of(path)).cells if cell.cell_type == "code"]
    began, before = time.monotonic(), len(live.log)
    results = _results(path, live)
    done = Ran(path.name[:2], seconds=time.monotonic() - began)
    done.calls, done.tokens = len(live.log) - before, sum(live.log[before:])
    for result in results:
        number = result["number"]
        if result["error"]:
            done.failed[number] = result["error"]
        elif not result["same"] and _is_compared(codes[number]):
            done.other[number] = shown(result["outputs"])
    done.telling, done.compared = compared(parse(text_of(path)))
    return done


def compared(lesson: NotebookNode) -> tuple[int, int]:
    """Return how many code cells of a lesson have output, and how many of those are compared."""
    codes = [cell for cell in lesson.cells if cell.cell_type == "code"]
    telling = [cell for cell in codes if any(o.output_type != "error" for o in cell.outputs)]
    return len(telling), sum(map(_is_compared, telling))


def _is_compared(cell: NotebookNode) -> bool:
    # What is random is compared in no mode.
    return not is_of_the_model(cell) and RANDOM not in cell.metadata.get("tags", [])


def _results(path: Path, live: Live) -> list[dict[str, Any]]:
    """Return the result of each code cell (see ``helpers.testing.outputs``)."""
    target = live.folder / f"{path.stem}.json"
    plugins = [part for plugin in PLUGINS for part in ("-p", plugin)]
    command = [sys.executable, "-m", "pytest", *plugins, "-p", "no:cacheprovider", "--noconftest"]
    command += ["-c", str(ROOT / ".pytest.ini"), "--rootdir", str(ROOT), "-q", "--live"]
    command += [f"--nbval-cell-timeout={PATIENCE}"]
    done = subprocess.run(
        [*command, f"--outputs-to={target}", str(path)],
        cwd=ROOT,
        env=live.environment,
        capture_output=True,
        text=True,
    )
    # What pytest said is searched for keys too.
    (live.folder / f"{path.stem}.log").write_text(done.stdout + done.stderr, "utf-8")
    assert target.exists(), done.stdout[-3000:] + done.stderr[-3000:]
    return list(json.loads(target.read_text("utf-8")))


def shown(outputs: list[Any]) -> str:
    """Return the text of a cell's outputs."""
    texts = [
        o.get("text") or o.get("data", {}).get("text/plain") or o.get("evalue") for o in outputs
    ]
    return "\n".join(str(text) for text in texts)


def search(live: Live) -> list[Path]:
    """Return the files that hold a key: outputs, logs, traces, databases, notebooks."""
    places = (live.folder, ROOT / "notebooks")
    files = [path for place in places for path in place.rglob("*") if path.is_file()]
    keys = [key.encode() for key in live.keys]
    return [path for path in files if any(key in path.read_bytes() for key in keys)]
