"""Where LangChain's guide and today's releases differ, as far as no lesson shows it in a cell."""

import importlib.metadata
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
START = ROOT / "notebooks" / "00_start_here.ipynb"
PREAMBLE = "import os, json, asyncio\nfrom helpers import session, traces\nsession.start()\n"


def ran(script: str, **environ: str) -> object:
    """Run ``script`` in a process of its own; return what it prints last, as JSON."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PREAMBLE + script],
        cwd=ROOT,
        env=os.environ | environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def rows_of_the_table() -> list[str]:
    """The rows of lesson 00's table "the guide says, today, where you see it"."""
    cells = nbformat.read(START, as_version=4).cells
    table = next(cell.source for cell in cells if "| The guide says |" in cell.source)
    return [line for line in table.splitlines() if line.startswith("| ")][1:]


def test_the_table_has_a_row_for_each_of_the_known_differences():
    assert len(rows_of_the_table()) >= 9


@pytest.mark.parametrize("row", rows_of_the_table(), ids=lambda row: row[2:40])
def test_each_row_leads_to_a_section_whose_cells_are_run(row):
    where = row.rstrip(" |").rpartition("|")[2]
    (target,) = re.findall(r"\]\((\w+\.ipynb)\)", where)
    lesson = nbformat.read(START.parent / target, as_version=4)
    run = dict.fromkeys(sections_with_code(lesson))
    for heading in re.findall(r"\*([^*]+)\*", where):
        assert heading in run


def sections_with_code(lesson: nbformat.NotebookNode) -> Iterator[str]:
    heading = ""
    for cell in lesson.cells:
        if cell.cell_type == "markdown":
            found = re.findall(r"^## (.+)$", cell.source, re.MULTILINE)
            heading = found[-1] if found else heading
        elif cell.outputs:
            yield heading


def test_g2_the_proxy_needs_more_than_pip_install_litellm():
    required = [Requirement(line) for line in importlib.metadata.requires("litellm") or []]
    plain = {one.name for one in required if one.marker is None or one.marker.evaluate()}
    proxy = {one.name for one in required if one.marker and one.marker.evaluate({"extra": "proxy"})}
    assert {"fastapi", "uvicorn"} <= proxy - plain


def test_g7_both_layers_at_once_make_two_traces_that_know_nothing_of_each_other():
    roots = ran(
        """
import litellm
from langsmith import traceable
litellm.callbacks = ["langsmith"]
litellm.langsmith_batch_size = 1
question = {"role": "user", "content": "What is HTTP? Answer in one sentence."}

@traceable
async def ask():
    await litellm.acompletion(model="gpt-4o-mini", messages=[question], temperature=0)

async def main():
    await ask()
    found = await traces.wait(2)
    print(json.dumps(sorted((one.root.name, len(one.root.children)) for one in found)))

asyncio.run(main())
""",
        LANGSMITH_TRACING="true",
    )
    assert roots == [["LLMRun", 0], ["ask", 0]]


@pytest.mark.parametrize(("rate", "kept"), [("0.5", 1.0), ("0", 0.0), ("1", 1.0)])
def test_g8_the_callback_ignores_a_fraction_as_its_sampling_rate(rate, kept):
    script = """
from litellm.integrations.langsmith import LangsmithLogger
print(json.dumps(LangsmithLogger().sampling_rate))
"""
    assert ran(script, LANGSMITH_SAMPLING_RATE=rate) == kept
