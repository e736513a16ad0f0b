"""Where LangChain's guide and today's releases differ, as far as no lesson shows it in a cell."""

import importlib.metadata
import re

import nbformat
import pytest
from packaging.requirements import Requirement

from helpers.paths import ROOT
from tests.lessons.calls import NOTEBOOKS
from tests.lessons.sections import sections_with_code


def rows_of_the_table() -> list[str]:
    """The rows of README's table "the guide says, today, where you see it"."""
    text = (ROOT / "README.md").read_text("utf-8")
    table = text[text.index("| The guide says |") :].partition("\n\n")[0]
    return [line for line in table.splitlines() if line.startswith("| ")][1:]


def test_the_table_has_a_row_for_each_of_the_known_differences():
    assert len(rows_of_the_table()) >= 9


@pytest.mark.parametrize("row", rows_of_the_table(), ids=lambda row: row[2:40])
def test_each_row_leads_to_a_section_whose_cells_are_run(row):
    where = row.rstrip(" |").rpartition("|")[2]
    (target,) = re.findall(r"\]\(notebooks/(\w+\.ipynb)\)", where)
    lesson = nbformat.read(NOTEBOOKS / target, as_version=4)
    named = set(re.findall(r"\*([^*]+)\*", where))
    assert named and named <= set(sections_with_code(lesson))


def test_g2_the_proxy_needs_more_than_pip_install_litellm():
    required = [Requirement(line) for line in importlib.metadata.requires("litellm") or []]
    plain = {one.name for one in required if one.marker is None or one.marker.evaluate()}
    proxy = {one.name for one in required if one.marker and one.marker.evaluate({"extra": "proxy"})}
    assert {"fastapi", "uvicorn"} <= proxy - plain
