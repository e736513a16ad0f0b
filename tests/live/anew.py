"""Record everything anew with a provider of other words, and see whether the course still holds.

    python -m tests.live.anew [FOLDER]

In a copy of the tracked files, below FOLDER or a temporary one, all recordings are deleted. Then
``scripted`` is recorded as a learner would record a provider: every lesson and solution, and what
learners may ask instead. ``refresh`` writes the outputs anew, and the whole suite has to be green:
what it says of the recordings it reads from them, and prose that reads a model's words aloud is
found by ``tests/repo/test_quotes.py``. The exit status is 0 when it is. It takes an hour on two
cores, and needs the npm packages (``python -m helpers.terminal``), as any recording does.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.faults.leaks import checkout
from tests.live import scripted
from tests.live.running import provided

__all__ = ["anew", "emptied", "main"]

ALL = (("record", "--all"), ("record", "--more"), ("refresh",))
OWN = re.compile(r"LANGSMITH|LANGCHAIN|OPENAI|TUTORIAL|.*_API_KEY")


def emptied(course: Path) -> int:
    """Delete all recordings of a copy of the course; return how many there were."""
    left = list((course / "notebooks" / "recordings").rglob("*.json"))
    for path in left:
        path.unlink()
    return len(left)


@contextlib.contextmanager
def provider(folder: Path) -> Iterator[dict[str, str]]:
    """Serve ``scripted`` until the block ends; gives the variables that lead there."""
    with provided(scripted.create_app(), folder) as url:
        yield {"OPENAI_BASE_URL": f"{url}/v1", "OPENAI_API_KEY": scripted.KEY}


def run(course: Path, arguments: Sequence[str], own: Mapping[str, str] | None = None) -> int:
    """Run a module of Python there, with no key but those of ``own``; return its exit status."""
    clean = {name: value for name, value in os.environ.items() if not OWN.match(name)}
    print(f"== python -m {' '.join(arguments)}", flush=True)
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=course, env=clean | dict(own or {}), check=False).returncode


def anew(
    course: Path, folder: Path, suite: Sequence[str], commands: Sequence[Sequence[str]] = ALL
) -> str | None:
    """Run the commands of ``helpers`` in ``course`` and then pytest; return what failed first."""
    with provider(folder) as there:
        for command in commands:
            if run(course, ("helpers", *command), there if command[0] == "record" else None):
                return " ".join(command)
    return "the suite" if run(course, ("pytest", *suite)) else None


def main(arguments: Sequence[str]) -> int:
    """Do it in a folder of its own; return the exit status."""
    with tempfile.TemporaryDirectory(prefix="anew-") as made:
        folder = Path(arguments[0] if arguments else made)
        course = checkout(folder)
        print(f"{emptied(course)} recordings deleted in {course}", flush=True)
        failed = anew(course, folder, ["-n", "2"])
    print(f"failed: {failed}" if failed else "green in another model's words")
    return int(failed is not None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
