"""Look at this machine and at what each layer would see, in seconds, offline, changing nothing.

``doctor.examine()`` as the last expression of a cell, or ``python -m helpers doctor``;
``doctor.ask()`` for a short answer. It needs no package, so that it can say which are missing.
"""

from __future__ import annotations

import difflib
import os
import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from helpers import installation
from helpers.doctor import machine
from helpers.doctor.layering import Layers
from helpers.doctor.layering import read as _read
from helpers.doctor.report import Check, Report
from helpers.errors import TutorialError
from helpers.keys import is_ours

__all__ = ["PARTS", "Check", "Layers", "Report", "ask", "examine", "layers", "problems"]

PARTS: dict[str, Callable[[], Iterable[Check]]] = machine.PARTS | {"layers": tuple}


def examine(only: Sequence[str] | None = None, *, asking: bool = False) -> Report:
    """Check this machine; ``only`` names the parts to look at (default: all of ``PARTS``).

    Nothing leaves this machine unless a real key is set and the mode uses it, and no key is sent.
    With ``asking`` each side that the mode uses is asked one question with its key, which may cost
    a token, and says in its own words what is wrong (see ``asking``).
    Raises ``TutorialError`` for a part that does not exist.
    """
    wanted = list(PARTS) if only is None else [only] if isinstance(only, str) else list(only)
    for name in wanted:
        if name not in PARTS:
            near = difflib.get_close_matches(name, PARTS, n=1)
            hint = f" The nearest is {near[0]}." if near else ""
            raise TutorialError(f"{name!r} is no part.{hint} There are {', '.join(PARTS)}.")
    tables: list[Layers] = []
    parts = PARTS | {"layers": lambda: _findings(tables)}
    if asking:
        parts |= {"keys, asked": _asked}
        wanted.append("keys, asked")
    found = [check for name in wanted for check in _survive(name, parts[name])]
    about = f"{platform.platform()}, {platform.python_implementation()}"
    return Report(tuple(found), tables[0] if tables else None, about)


def _asked() -> Iterable[Check]:
    """Ask as a session would, whether one runs or not."""
    from helpers import session, translator
    from helpers.doctor import addresses
    from helpers.doctor.asking import asked
    from helpers.environment import Changes

    mode, model, traces = addresses.mode(os.environ)
    if mode.status == "problem":
        return [mode]
    environ = dict(os.environ)
    # A key of one region has nothing to look for in another.
    Changes(environ).mirror()
    wanted = session.choose(environ=environ).wanted
    if wanted is None or is_ours(environ.get("OPENAI_API_KEY", "")):
        return list(asked(environ, model=model or wanted is not None, traces=traces))
    process = translator.start(wanted, environ)
    try:
        environ |= {"OPENAI_BASE_URL": process.url, "OPENAI_API_KEY": process.key}
        return list(asked(environ, model=True, traces=traces))
    finally:
        process.stop()


def ask(*, metadata: Mapping[str, Any] | None = None) -> Report:
    """Say in short what is wrong with the addresses and between the layers, the worst only.

    That is what is red, else what is yellow, else what is worth knowing. With the ``metadata`` of
    a LiteLLM call it says instead what LangSmith would refuse of that.
    """
    if metadata is not None:
        from helpers.doctor import labels  # by the local LangSmith's rules, which need packages

        return Report(tuple(labels.metadata(metadata)))
    wrong = [check for check in PARTS["addresses"]() if check.status in ("problem", "warning")]
    found = [*wrong, *layers().findings]
    worst = next((s for s in ("problem", "warning") if any(c.status == s for c in found)), "info")
    return Report(tuple(check for check in found if check.status == worst))


def layers() -> Layers:
    """Return the environment as each layer sees it, and where they differ."""
    return _read(os.environ)


def problems(only: Sequence[str] | None = None) -> list[Check]:
    """Return what is red."""
    return list(examine(only).problems)


def _survive(name: str, part: Callable[[], Iterable[Check]]) -> list[Check]:
    """Look at one part; a machine where looking fails still gets the other parts."""
    try:
        return list(part())
    except Exception as error:
        detail = f"could not be looked at ({type(error).__name__})"
        return [Check(name, "problem", detail, installation.install_line())]


def _findings(tables: list[Layers]) -> tuple[Check, ...]:
    tables.append(layers())
    return tables[0].findings
