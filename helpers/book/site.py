"""Make the site: Sphinx in a process of its own, with the pages in a folder that goes again."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path

from helpers.book import pages
from helpers.errors import TutorialError

__all__ = ["REQUIREMENTS", "build"]

HERE = Path(__file__).parent
REQUIREMENTS = HERE / "requirements.txt"
NEEDED = ("sphinx", "myst_nb", "sphinx_book_theme")
MARK = ".buildinfo"  # Sphinx leaves it in each site that it makes


def build(folder: Path) -> Path:
    """Make the site in ``folder`` and return its first page.

    What an earlier book left there is replaced. Raises ``TutorialError`` where Sphinx is missing,
    where ``folder`` has something else in it, and with Sphinx's own words where it refuses a page
    or warns of one.
    """
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise TutorialError(
            f"The book needs {', '.join(missing)}, which this Python has not. Either of\n"
            f"  uv run --no-project --with-requirements {_shown(REQUIREMENTS)} "
            "python -m helpers book\n"
            f"  {_shown(Path(sys.executable))} -m pip install -r {_shown(REQUIREMENTS)}\n"
            "brings it."
        )
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise TutorialError(f"{folder} has something in it that is no book; name another folder.")
    with tempfile.TemporaryDirectory() as work:
        source = Path(work) / "source"
        pages.lay(source)
        done = subprocess.run(
            [sys.executable, "-m", "sphinx", "-b", "html", "-q", "-W", "--keep-going"]
            + ["-c", str(HERE), "-d", str(Path(work) / "doctrees"), str(source), str(folder)],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise TutorialError(f"Sphinx made no book:\n{done.stderr.strip() or done.stdout.strip()}")
    return folder / "index.html"


def _shown(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
