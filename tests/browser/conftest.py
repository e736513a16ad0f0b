"""One JupyterLab and one Chromium for all of these tests, which are skipped where there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import chromium, lab
from tests.browser.pictures import Pictures


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    if reason := chromium.missing():
        pytest.skip(reason)
    with chromium.started() as browser:
        yield browser


@pytest.fixture(scope="session")
def jupyter(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[lab.Lab]:
    with lab.serving(tmp_path_factory.mktemp("lab")) as served:
        yield served


@pytest.fixture(scope="module")
def page(browser: Any) -> Iterator[Any]:
    """A page of its own for each file of tests, with the clipboard allowed."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def pictures(pytestconfig: pytest.Config) -> Pictures:
    return Pictures(pytestconfig.getoption("--pictures"))


@pytest.fixture(scope="module")
def complaints(page: Any) -> list[str]:
    """What the page's scripts have complained of."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda said: found.append(said.text) if said.type == "error" else None)
    return found


@pytest.fixture
def looks(page: Any, pictures: Pictures) -> Callable[[Any, str], None]:
    """Take a picture of a part of the page, and compare it with that in the repository."""
    return lambda part, name: pictures.take(part, name)


def pytest_report_header() -> str:
    return f"browser: {chromium.missing() or 'Chromium'}; pictures in {Path(__file__).parent.name}"
