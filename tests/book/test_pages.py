"""What the book is made of."""

import re

from helpers import paths
from helpers.book import pages


def test_every_lesson_is_in_one_part_and_in_order(tmp_path):
    pages.lay(tmp_path)
    told = (tmp_path / "index.md").read_text("utf-8")
    listed = re.findall(r"^(\d\d) .+ <notebooks/(\w+)>$", told, re.MULTILINE)
    assert listed == [(f"{n:02}", path.stem) for n, path in pages.lessons().items()]


def test_the_first_page_has_the_readmes_table(tmp_path):
    pages.lay(tmp_path)
    told = (tmp_path / "index.md").read_text("utf-8")
    assert all(f"(notebooks/{path.name})" in told for path in pages.lessons().values())


def test_what_a_lesson_links_to_is_there_and_the_rest_of_the_repository_is_not(tmp_path):
    pages.lay(tmp_path)
    laid = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert {"README.md", "notebooks/client/ask.py", "helpers/nesting.py"} <= laid
    assert "helpers/__main__.py" not in laid and not any("recordings" in name for name in laid)


def test_a_lesson_is_laid_as_it_is(tmp_path):
    pages.lay(tmp_path)
    for path in pages.lessons().values():
        assert (tmp_path / "notebooks" / path.name).read_bytes() == path.read_bytes()
    assert len(pages.lessons()) == len(list(paths.NOTEBOOKS.glob("[0-9]*.ipynb")))
