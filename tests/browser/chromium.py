"""The machine's own Chromium, driven by playwright: which one, and how it is started."""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["missing", "started"]

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
ELSEWHERE = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
)
# It asks nobody, and every name but this machine's own is unknown to it. Root has no sandbox.
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]
NEEDED = {
    "playwright": "playwright",
    "axe_playwright_python": "axe-playwright-python",
    "PIL": "pillow",
}


def missing() -> str | None:
    """Return why there is no browser to test with, or None where there is one."""
    lacking = [name for module, name in NEEDED.items() if importlib.util.find_spec(module) is None]
    if lacking:
        return f"no {', '.join(lacking)}: pip install -r tests/browser/requirements.txt"
    return (
        None if _program() else "no Chromium on this machine: apt-get install chromium, or the like"
    )


@contextlib.contextmanager
def started() -> Iterator[Any]:
    """Start Chromium; the value is playwright's browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_program(), args=OPTIONS)
        yield browser
        browser.close()


def _program() -> str | None:
    found = (shutil.which(name) for name in NAMES)
    there = (path for path in ELSEWHERE if Path(path).exists())
    return next((path for path in [*found, *there] if path), None)
