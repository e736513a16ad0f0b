"""A pytest plugin: the calls and traces that a lesson's head promises are those that it makes.

After the last cell of a lesson, its kernel is asked what its session's services have counted. Calls
are the answers of a model, and traces those of LangSmith, whichever process made them. Exercises
are blank, and add what a learner does. A lesson that began one session after another is counted
from the last on, and is not judged, nor one of which not every cell has run well.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers.testing.offline import sealed

__all__ = ["HEAD", "counted", "near", "promised"]

#: What the head of a lesson says, at the end of the line that begins with "Time:".
HEAD = re.compile(
    r"^Time: .* Live: (no|[\d,]+) calls?, (no|[\d,]+) traces?(, which it deletes)?\.$",
    re.MULTILINE,
)
ASK = "from helpers.testing.counting import counted\ncounted({path!r})"
SECONDS = 30.0
_well: dict[int, int] = {}  # how many cells of a notebook have run well, by its collector


def promised(head: str) -> tuple[int, int] | None:
    """Return the calls and the traces that stay, as a lesson's first cell promises, or None."""
    found = HEAD.search(head)
    if found is None:
        return None
    calls, traces = (
        0 if said == "no" else int(said.replace(",", "")) for said in found.groups()[:2]
    )
    return calls, 0 if found[3] else traces


def near(said: int, made: int) -> bool:
    """Whether a promise is near enough: a machine that is slow makes one more, or one less."""
    return abs(said - made) <= max(2, made // 10)


def counted(path: str) -> None:
    """Write to ``path`` what the session of this process has made: its calls and traces."""
    from helpers import services, session, traces

    running = session.current()
    if running is None or running.app is None:
        made = None
    else:
        traces.query(limit=1)  # what the SDK holds is sent before
        state = services.state_of(running.app)
        database = state.langsmith.written.connection()
        [roots] = database.execute("SELECT count(*) FROM runs WHERE is_root").fetchone()
        made = [len(state.model.calls), roots]
    Path(path).write_text(json.dumps(made), "utf-8")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Judge a lesson after its last cell."""
    result = yield
    if not (sealed() and _is_cell(item)):
        return result
    lesson: Any = item.parent
    _well[id(lesson)] = _well.get(id(lesson), 0) + 1
    cells = [cell for cell in lesson.nb.cells if cell.cell_type == "code"]
    said = promised(lesson.nb.cells[0].source)
    if said is None or _well[id(lesson)] < len(cells):
        return result
    made = _asked(lesson)
    if made is not None and not all(map(near, said, made)):
        pytest.fail(
            f"The head of {item.path.name} says {said[0]} calls and {said[1]} traces, and it makes "
            f"{made[0]} and {made[1]}.",
            pytrace=False,
        )
    return result


def _asked(lesson: Any) -> list[int] | None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "made.json")
        kernel = lesson.kernel
        asked = kernel.execute_cell_input(ASK.format(path=str(path)), allow_stdin=False)
        kernel.await_reply(asked, timeout=SECONDS)
        made: list[int] | None = json.loads(path.read_text("utf-8")) if path.exists() else None
        return made


def _is_cell(item: pytest.Item) -> bool:
    nbval = sys.modules.get("nbval.plugin")
    return nbval is not None and isinstance(item, nbval.IPyNbCell)
