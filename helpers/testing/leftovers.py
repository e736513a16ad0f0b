"""A pytest plugin: a notebook that plants a secret and deletes it leaves it nowhere.

The kernel of such a notebook, and what it starts, get a temporary folder of their own. After the
last cell, while the kernel still runs, every file in that folder is searched for the secret, and
the kernel is asked for the requests whose bodies its local LangSmith still holds. What is found
fails the last cell. Only whole and green runs are judged.
"""

from __future__ import annotations

import ast
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from nbval.plugin import IPyNbCell, IPyNbFile

from helpers.errors import TutorialError
from helpers.testing.offline import sealed

__all__ = ["PLANTED", "LeftoverFound", "files_with", "held", "look"]

PLANTED = {"09_redact": "marigold"}  # the stem of a notebook: what it plants
FOLDERS = ("TMPDIR", "TEMP", "TMP")
SECONDS = 30.0  # for an answer of the kernel; it has nothing else to do
# Counts, in the kernel, the bodies with the word; None when no local LangSmith runs there.
COUNT = """
def _held(word):
    from helpers import services, session
    running = session.current()
    if running is None or running.app is None:
        return None
    bodies = services.state_of(running.app).langsmith.requests.bodies()
    return sum(word in body for body in bodies)
"""
_FOLDER = pytest.StashKey[Path]()
_FAILED = pytest.StashKey[bool]()


class LeftoverFound(TutorialError):
    """What a notebook planted is still there at its end."""


def files_with(word: str, folder: Path) -> list[str]:
    """Return the paths, relative to ``folder``, of the files below it that hold ``word``."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    found = [path for path in files if word.encode() in path.read_bytes()]
    return [path.relative_to(folder).as_posix() for path in found]


def held(word: str, client: Any) -> int | None:
    """Return how many requests with ``word`` the kernel of ``client`` holds.

    None means that no local LangSmith runs in it. Raises ``queue.Empty`` when the kernel is silent.
    """
    asked = {"held": f"_held({word.encode()!r})"}
    request = client.execute(COUNT, silent=True, store_history=False, user_expressions=asked)
    while (message := client.get_shell_msg(timeout=SECONDS))["parent_header"]["msg_id"] != request:
        pass
    answer = message["content"]["user_expressions"]["held"]
    if answer["status"] != "ok":
        raise TutorialError(f"The kernel could not count what it holds: {answer['evalue']}")
    count: int | None = ast.literal_eval(answer["data"]["text/plain"])
    return count


def look(word: str, folder: Path, client: Any) -> None:
    """Raise ``LeftoverFound`` naming where ``word`` still is, or that there was nothing to see."""
    count = held(word, client)
    if sealed() and (count is None or not any(folder.rglob("*.sqlite"))):
        raise LeftoverFound(f"No session ran to search for {word!r}: was its first cell changed?")
    left = files_with(word, folder)
    if count:
        left.append(f"{count} of the requests it holds")
    if left:
        raise LeftoverFound(
            f"The notebook says that it deletes {word!r}, which at its end is still in "
            f"{', '.join(left)}. Delete it in the lesson, or drop it in helpers/langsmith_local."
        )


def _planted(item: pytest.Item) -> str | None:
    return PLANTED.get(item.path.stem) if isinstance(item, IPyNbCell) else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    """Let the kernel, which starts with the first cell, write to a folder of its own."""
    notebook = item.parent
    if not _planted(item) or notebook is None or _FOLDER in notebook.stash:
        return (yield)
    folder = tempfile.TemporaryDirectory(prefix="tutorial-leftovers-", ignore_cleanup_errors=True)
    item.config.add_cleanup(folder.cleanup)
    notebook.stash[_FOLDER] = Path(folder.name)
    with pytest.MonkeyPatch.context() as patch:
        for name in FOLDERS:
            patch.setenv(name, folder.name)
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed and _planted(item) and item.parent:
        item.parent.stash[_FAILED] = True
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(
    item: pytest.Item, nextitem: pytest.Item | None
) -> Generator[None, None, None]:
    """Look after the last cell, before the kernel is stopped, and tell when it is."""
    word, notebook = _planted(item), item.parent
    found: TutorialError | None = None
    if word and isinstance(notebook, IPyNbFile) and _whole(item, notebook, nextitem):
        try:
            look(word, notebook.stash[_FOLDER], notebook.kernel.kc)
        except TutorialError as error:
            found = error
    yield
    if found:
        raise found


def _whole(item: pytest.Item, notebook: IPyNbFile, nextitem: pytest.Item | None) -> bool:
    """Whether ``item`` ends a run of all cells of its notebook, none of which failed."""
    if (nextitem is not None and nextitem.parent is notebook) or _FAILED in notebook.stash:
        return False
    cells = sum(each.parent is notebook for each in item.session.items)
    code: int = sum(cell.cell_type == "code" for cell in notebook.nb.cells)
    return cells == code
