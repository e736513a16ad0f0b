"""The ``.env`` file that an ``import litellm`` would read: where it is, and what it names.

LiteLLM calls ``dotenv.load_dotenv()`` when it is imported (litellm/__init__.py, 1.106.2). In a
notebook that looks in the working folder and all above it, in a script in the folders above LiteLLM
itself (python-dotenv 1.2.4: ``main.find_dotenv``). What a session has hidden would be back then, so
while calls or traces go to this machine it sets DISABLED, python-dotenv's own switch.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

__all__ = ["DISABLED", "found", "names", "read_it", "start_line"]

DISABLED = "PYTHON_DOTENV_DISABLED"
NAME = ".env"
_TRUTHS = frozenset(("1", "true", "t", "yes", "y"))  # as dotenv.main reads them
_LINE = re.compile(r"^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=[ \t]*(\S?)", re.MULTILINE)


def read_it(environ: Mapping[str, str]) -> bool:
    """Whether LiteLLM would read a ``.env`` file in this environment."""
    off = environ.get(DISABLED, "").casefold() in _TRUTHS
    return not off and environ.get("LITELLM_MODE", "DEV") == "DEV"


def found() -> Path | None:
    """Return the file that a notebook here, or else a script, would read; None without one."""
    for start in (Path.cwd(), Path(sysconfig.get_path("purelib"), "litellm")):
        for folder in (start, *start.parents):
            if (folder / NAME).is_file():
                return folder / NAME
    return None


def names(path: Path) -> list[str]:
    """Return the variables to which the file gives a value; what cannot be read names none."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return [name for name, begun in _LINE.findall(text) if begun not in ("", "#")]


def start_line(path: Path) -> str:
    """Return the line that starts JupyterLab with the variables of the file."""
    quote = '"{}"'.format if os.name == "nt" else shlex.quote
    python, file = quote(sys.executable or "python"), quote(str(path))
    return f"{python} -m dotenv -f {file} run -- {python} -m jupyter lab"
