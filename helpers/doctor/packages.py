"""Whether the interpreter and the packages are those that the course needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from helpers import NEWEST, OLDEST, installation
from helpers.doctor.report import Check
from helpers.installation import STOLEN, WAY_OUT

__all__ = ["IMPLANTS", "implants", "packages", "proxy_extra", "python"]

HEADLINE = ("litellm", "langsmith", "openai")
FEW = 3  # packages that are missing each get a line; more of them share one

# What the stolen releases of LiteLLM left in site-packages, to run at every start of Python
# (BerriAI/litellm#24518).
IMPLANTS = ("litellm_init.pth", "cook.pth")


def python(version: tuple[int, int, int], where: str) -> Check:
    """Judge the interpreter; ``where`` says what kind of environment it is in."""
    detail = f"v{'.'.join(map(str, version))}, in {where}"
    if OLDEST <= version[:2] <= NEWEST:
        return Check("Python", "ok", detail)
    mend = "make an environment with Python 3.11 to 3.14 and install requirements.txt there"
    return Check("Python", "problem", f"{detail}; 3.11 to 3.14 is needed", mend)


def packages(
    pins: Mapping[str, str], have: Mapping[str, str], *, elsewhere: Path | None = None
) -> list[Check]:
    """Compare what is installed (``have``) with the ``pins``: one line if all agree.

    ``elsewhere`` is another interpreter that has what is missing here.
    """
    mend = installation.install_line()
    stolen = installation.stolen(have)
    found = [_stolen(name, version) for name, version in stolen]
    missing = installation.missing(pins, have)
    if missing:
        found += _missing(missing, pins, mend if elsewhere is None else _choose(elsewhere))
    other = installation.different(pins, have)
    found += [
        Check(name, "warning", f"v{version} is installed; v{pins[name]} is pinned", mend)
        for name, version in other.items()
        if (name, version) not in stolen
    ]
    wrong = {*missing, *other, *(name for name, _ in stolen)}
    return _as_pinned(pins, [name for name in pins if name not in wrong]) + found


def _as_pinned(pins: Mapping[str, str], good: Collection[str]) -> list[Check]:
    if not good:
        return []
    first = [f"{name} v{pins[name]}" for name in HEADLINE if name in good]
    rest = len(good) - len(first)
    detail = f"{', '.join(first)} and {rest} more, as pinned in requirements.txt"
    return [Check("packages", "ok", detail.removeprefix(" and "))]


def _missing(names: Collection[str], pins: Mapping[str, str], mend: str) -> list[Check]:
    if len(names) <= FEW:
        return [
            Check(name, "problem", f"not installed; v{pins[name]} is pinned", mend)
            for name in names
        ]
    detail = f"{len(names)} of {len(pins)} are not installed: {', '.join(names)}"
    return [Check("packages", "problem", detail, mend)]


def _choose(elsewhere: Path) -> str:
    return f"they are installed for {elsewhere}: choose that as the kernel, or run that"


def _stolen(name: str, version: str) -> Check:
    what = STOLEN.get(version, "code that must not run")
    return Check(name, "problem", f"v{version} contains {what}", WAY_OUT)


def proxy_extra(missing: Collection[str]) -> Check:
    """Judge LiteLLM's extra ``proxy`` by the modules of it that are not installed."""
    if not missing:
        return Check("litellm[proxy]", "ok", "what the proxy needs is installed")
    detail = f"the proxy lacks {', '.join(missing)}"
    return Check("litellm[proxy]", "problem", detail, installation.install_line())


def implants(folders: Iterable[Path]) -> list[Check]:
    """Look in site-packages for what the stolen releases of LiteLLM leave there."""
    found = {name for folder in folders for name in IMPLANTS if (folder / name).exists()}
    detail = "is in site-packages: left by a LiteLLM release that steals credentials"
    return [Check(name, "problem", detail, WAY_OUT) for name in sorted(found)]
