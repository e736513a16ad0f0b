"""Run all lessons where a key or a call could get away, and say what did.

    python tests/faults/leaks.py [NAME ...]

A NAME is that of a world (``worlds``) or the beginning of a lesson's; ``each`` is every world that
has one thing alone. Without one it is all lessons, in ``planted`` and in ``bare``. In each world
nbval runs the lessons and compares their outputs, with none of the settings that tests
otherwise make, in a network namespace that sees every attempt to leave
(``helpers.testing.watching``):

- ``planted``: keys in every variable, in a ``.env`` above the course, in ``.netrc`` and in a
  profile of LangSmith; proxies of HTTP and SOCKS, certificates that are gone, more endpoints,
  OpenTelemetry, a ``sitecustomize`` that puts back what is hidden;
- ``bare``: a checkout that cannot be written, in a folder with spaces and letters beyond ASCII, no
  HOME, no TMPDIR, no locale, and a ``localhost`` that is ``::1`` alone.

Then every file that is left is searched for the planted values and for the keys that sessions make.
The exit status is 0 when lessons passed, nothing left and nothing was found. Where the machine
allows no such namespace the reason is said, and the status is 0 too.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from helpers.testing import watching  # noqa: E402
from tests.faults.worlds import FOLDER, MARK, SINGLE, WORLDS  # noqa: E402

OURS = re.compile(rb"no-real-key-[a-z]+-[0-9a-f]{32}")
PLUGINS = ("helpers.testing", "helpers.testing.options", "nbval.plugin")
PLUGINS += ("helpers.testing.sanitizing", "helpers.testing.programs")
PLUGINS += ("no:cacheprovider", "no:nbval", "no:langsmith_plugin")


def command(lessons: Sequence[str]) -> list[str]:
    """Return pytest with nbval's comparison and none of our settings."""
    plugins = [part for name in PLUGINS for part in ("-p", name)]
    options = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=180", "--noconftest", "-q"]
    options += ["--import-mode=importlib", "-n", "2", "--dist=loadfile"]
    return [sys.executable, "-m", "pytest", *plugins, "-c", os.devnull, *options, *lessons]


def checkout(folder: Path) -> Path:
    """Copy the tracked files, and the npm packages where they are, to a folder with an odd name."""
    course = folder / FOLDER / "main"
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    names = [Path(name) for name in tracked.stdout.decode().split("\0") if name]
    for name in names or [path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file()]:
        if (ROOT / name).is_file() and ".venv" not in name.parts:
            (course / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, course / name)
    modules = Path("notebooks", "client", "node_modules")
    if (ROOT / modules).is_dir() and not (course / modules).exists():
        shutil.copytree(ROOT / modules, course / modules, symlinks=True)
    return course


def visit(name: str, lessons: Sequence[str]) -> tuple[int, list[str]]:
    """Run ``lessons`` in one world; return the watcher's status and what was found afterwards."""
    with tempfile.TemporaryDirectory(prefix="leaks-") as made:
        folder = Path(made)
        course = checkout(folder)
        world = (WORLDS | SINGLE)[name](folder)
        given = {
            path for path in folder.rglob("*") if path.is_file() and course not in path.parents
        }
        watcher = [sys.executable, "-m", "helpers.testing.watching", *world.before]
        wanted = [*watcher, *command(lessons)]
        done = subprocess.run(wanted, cwd=course, env=world.environment, check=False)
        places = [folder, *Path(tempfile.gettempdir()).glob("litellm-tutorial-*")]
        return done.returncode, sorted({text for each in places for text in found(each, given)})


def found(folder: Path, given: set[Path]) -> Iterator[str]:
    """Yield the files below ``folder`` that hold a planted key or one that a session made.

    ``given`` are those in which a key was planted; this file names it too, and Python compiles one.
    """
    known = (Path(__file__).name, "worlds.", "sitecustomize.")
    for path in folder.rglob("*"):
        if not path.is_file() or path in given or path.name.startswith(known):
            continue
        content = path.read_bytes()
        if MARK.encode() in content:
            yield f"a planted key is in {path.relative_to(folder)}"
        if OURS.search(content):
            yield f"a session's key is in {path.relative_to(folder)}"


def main(arguments: Sequence[str]) -> int:
    """Visit the worlds and say what happened."""
    if why := watching.impossible():
        print(f"no lesson was run where keys could get away: {why}")
        return 0
    names = sorted(path.name for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    wanted = [name for name in names if any(map(name.startswith, arguments))] or names
    lessons = [f"notebooks/{name}" for name in wanted]
    bad = False
    single = SINGLE if "each" in arguments else ()
    for name in [name for name in WORLDS | SINGLE if name in (*arguments, *single)] or WORLDS:
        status, left = visit(name, lessons)
        print(f"{name}: {len(lessons)} lessons, status {status}")
        print("\n".join(left) or "no file that was left holds a key", flush=True)
        bad = bad or status != 0 or bool(left)
    return int(bad)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
