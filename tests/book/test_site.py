"""The site, made where Sphinx is installed; what is said where it is not."""

import importlib.util
import re

import pytest

from helpers.book import pages, site
from helpers.errors import TutorialError

missing = [name for name in site.NEEDED if importlib.util.find_spec(name) is None]
needs_sphinx = pytest.mark.skipif(
    bool(missing), reason=f"no {', '.join(missing)} (README, The book)"
)
ELSEWHERE = re.compile(r"""<(?:script|link|img|iframe)[^>]+(?:src|href)=["']https?://[^"']+""")


def test_missing_packages_are_named_with_the_line_that_brings_them(tmp_path, monkeypatch):
    monkeypatch.setattr(site, "NEEDED", ("sphinx_of_another_world",))
    with pytest.raises(TutorialError, match="sphinx_of_another_world(.|\n)*--with-requirements"):
        site.build(tmp_path / "book")


def test_a_folder_with_something_else_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(site, "NEEDED", ())
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(TutorialError, match="name another folder"):
        site.build(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "book"
    assert site.build(folder) == folder / "index.html"
    return folder


@needs_sphinx
def test_it_has_a_page_of_each_lesson_with_its_traces(made):
    for path in pages.lessons().values():
        page = (made / "notebooks" / f"{path.stem}.html").read_text("utf-8")
        stored = path.read_text("utf-8")
        assert ("<details" in page) == ("<details" in stored)


@needs_sphinx
def test_it_is_read_without_a_network(made):
    for page in made.rglob("*.html"):
        links = [
            one for one in ELSEWHERE.findall(page.read_text("utf-8")) if "canonical" not in one
        ]
        assert links == [], page


@needs_sphinx
def test_it_can_be_searched(made):
    assert "traceable" in (made / "searchindex.js").read_text("utf-8")


@needs_sphinx
def test_it_is_made_again_in_its_place(made):
    assert site.build(made) == made / "index.html"
