"""What can be wrong with a machine, each check a plain function of what was found."""

from __future__ import annotations

import re
import threading
import urllib.error
import urllib.request
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from helpers.doctor.report import Check, address, masked
from helpers.environment import LANGSMITH, OPENAI, has_key
from helpers.serving.loopback import HOST, leads_here

__all__ = [
    "addresses",
    "implants",
    "keys",
    "mode",
    "packages",
    "parse_pins",
    "ports",
    "proxy_bypass",
    "proxy_extra",
    "python",
    "smollm2",
    "tools",
]

OLDEST, TOO_NEW = (3, 11), (3, 15)  # litellm 1.106 declares requires-python <3.15
INSTALL = "python -m pip install -r requirements.txt"
HEADLINE = ("litellm", "langsmith", "openai")

# Releases that stole credentials, and what they left in site-packages to run at every start of
# Python (BerriAI/litellm#24518 for the first two).
STOLEN = {
    "1.82.7": "a credential stealer (2026-03-24)",
    "1.82.8": "a credential stealer (2026-03-24)",
    "1.107.0": "a credential stealer (2026-10-21)",
}
IMPLANTS = ("litellm_init.pth", "cook.pth")
WAY_OUT = (
    "Do not run pip or python in this environment, which runs it again. Delete the environment, "
    "make a new one, and replace every key and password that this machine could read."
)
SECONDS = {True: 2.0, False: 3.0}  # to wait for an answer, by whether it is on loopback


def python(version: tuple[int, int, int], where: str) -> Check:
    """Judge the interpreter; ``where`` says what kind of environment it is in."""
    detail = f"v{'.'.join(map(str, version))}, in {where}"
    if OLDEST <= version[:2] < TOO_NEW:
        return Check("Python", "ok", detail)
    mend = "make an environment with Python 3.11 to 3.14 and install requirements.txt there"
    return Check("Python", "problem", f"{detail}; 3.11 to 3.14 is needed", mend)


def parse_pins(text: str) -> dict[str, str]:
    """Return ``{package: version}`` of the lines ``package==version`` in a requirements file."""
    found = re.findall(r"^([\w.-]+)(?:\[[^\]]*\])?==([^\s;#]+)", text, re.MULTILINE)
    return dict(found)


def packages(pins: Mapping[str, str], versions: Mapping[str, str | None]) -> list[Check]:
    """Compare the installed ``versions`` with the ``pins``: one line if all agree."""
    found = [_package(name, pin, versions.get(name)) for name, pin in pins.items()]
    good = [name for name, check in zip(pins, found, strict=True) if check.status == "ok"]
    first = ", ".join(f"{name} v{versions[name]}" for name in HEADLINE if name in good)
    rest = len(good) - len([name for name in HEADLINE if name in good])
    detail = f"{first} and {rest} more, as pinned in requirements.txt".removeprefix(" and ")
    together = [Check("packages", "ok", detail)] if good else []
    return together + [check for check in found if check.status != "ok"]


def _package(name: str, pin: str, version: str | None) -> Check:
    if name == "litellm" and version in STOLEN:
        return Check(name, "problem", f"v{version} contains {STOLEN[version]}", WAY_OUT)
    if version is None:
        return Check(name, "problem", f"not installed; v{pin} is pinned", INSTALL)
    if version != pin:
        return Check(name, "warning", f"v{version} is installed; v{pin} is pinned", INSTALL)
    return Check(name, "ok", f"v{version}")


def proxy_extra(missing: Collection[str]) -> Check:
    """Judge LiteLLM's extra ``proxy`` by the modules of it that are not installed."""
    if not missing:
        return Check("litellm[proxy]", "ok", "what the proxy needs is installed")
    detail = f"the proxy lacks {', '.join(missing)}"
    return Check("litellm[proxy]", "problem", detail, INSTALL)


def implants(folders: Iterable[Path]) -> list[Check]:
    """Look in site-packages for what the stolen releases of LiteLLM leave there."""
    found = {name for folder in folders for name in IMPLANTS if (folder / name).exists()}
    detail = "is in site-packages: left by a LiteLLM release that steals credentials"
    return [Check(name, "problem", detail, WAY_OUT) for name in sorted(found)]


def keys(environ: Mapping[str, str]) -> list[Check]:
    """Say which keys are set, and never what they are."""
    found = []
    for name in ("OPENAI_API_KEY", "LANGSMITH_API_KEY"):
        value = environ.get(name, "")
        detail = masked(value)
        if not value.strip():
            found.append(Check(name, "info", "not set: replayed and kept on this machine"))
        elif value != value.strip() or value.strip()[0] in "'\"":
            mend = f"export {name} again without spaces and quotes around it"
            found.append(Check(name, "problem", f"{detail}, with spaces or quotes", mend))
        else:
            found.append(Check(name, "ok", detail))
    return found


def tools(node: str | None, client: str | None, curl: bool) -> list[Check]:
    """Judge Node (``v20.1.2`` or None), the client's npm package and curl."""
    return [
        _node(node),
        Check("JavaScript client", "ok", f"openai v{client}")
        if client
        else Check(
            "JavaScript client",
            "warning",
            "its package is not installed; lesson 03 has Python and curl as well",
            "npm --prefix notebooks/client ci",
        ),
        Check("curl", "ok", "is here")
        if curl
        else Check("curl", "warning", "not found", "install curl, or leave out its cell"),
    ]


def _node(version: str | None) -> Check:
    mend = "install Node.js 20 or newer, or leave out the JavaScript cells of lesson 03"
    if version is None:
        return Check("Node", "warning", "not found", mend)
    number = re.match(r"v?(\d+)", version)
    if number is None or int(number[1]) < 20:
        return Check("Node", "warning", f"{version} is too old", mend)
    return Check("Node", "ok", version)


def smollm2(installed: bool) -> Check:
    """Say whether prompts without a recording get an answer from a model on this machine."""
    text = "is installed" if installed else "is not installed, which TUTORIAL_MODE=local needs"
    return Check("SmolLM2", "info", text)


def ports(*, loopback: bool, free: bool) -> list[Check]:
    """Judge whether servers can listen, and whether 4000, the guide's port, is free."""
    if not loopback:
        mend = f"look for a firewall or a sandbox that forbids listening on {HOST}"
        return [Check("loopback", "problem", f"a server cannot listen on {HOST}", mend)]
    state = "is free" if free else "is in use: the proxy will take another"
    return [
        Check("loopback", "ok", f"servers can listen on {HOST}"),
        Check("port 4000", "info", state),
    ]


def proxy_bypass(environ: Mapping[str, str], bypass: Any) -> list[Check]:
    """Find an HTTP proxy that would take requests to this machine (a campus has one).

    ``bypass`` says of a host whether it is reached without the proxy.
    """
    names = ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
    name = next((name for name in names if environ.get(name)), None)
    if name is None or bypass(HOST):
        return []
    detail = f"{name} is set and NO_PROXY lacks {HOST}: local services are not reached"
    return [Check("NO_PROXY", "problem", detail, f"export NO_PROXY={HOST},localhost")]


def addresses(environ: Mapping[str, str], *, ask_model: bool, ask_traces: bool) -> list[Check]:
    """Ask both addresses whether somebody answers; ``ask_…`` allows that beyond this machine.

    No key is sent: any answer below 500 counts.
    """
    model = environ.get("OPENAI_BASE_URL") or environ.get("OPENAI_API_BASE")
    endpoint = environ.get("LANGSMITH_ENDPOINT") or environ.get("LANGCHAIN_ENDPOINT")
    base = environ.get("LANGSMITH_BASE_URL")
    wanted = [("model API", model, OPENAI, "/models", ask_model)]
    wanted += [("LangSmith", endpoint, LANGSMITH, "/info", ask_traces)]
    if base and address(base) != address(endpoint):
        wanted += [("LangSmith (callback)", base, LANGSMITH, "/info", ask_traces)]
    found: list[Check | None] = [None] * len(wanted)

    def ask(at: int, arguments: tuple[str, str | None, str, str, bool]) -> None:
        found[at] = _address(*arguments)

    threads = [threading.Thread(target=ask, args=each, daemon=True) for each in enumerate(wanted)]
    for thread in threads:
        thread.start()
    for thread in threads:  # a lookup of a name heeds no timeout, hence one here
        thread.join(timeout=SECONDS[False] + 1)
    return [
        check or _silent(name, url or default)
        for check, (name, url, default, *_) in zip(found, wanted, strict=True)
    ]


def _address(name: str, url: str | None, default: str, route: str, remote: bool) -> Check:
    if not url and not remote:
        return Check(name, "info", "no address is set: session.start() starts it here")
    target = (url or default).strip().rstrip("/")
    here = leads_here(target)
    if not here and not remote:
        return Check(name, "info", f"{address(target)} was not asked: no key")
    try:
        status = _get(target + route, loopback=here)
    except TimeoutError:
        detail = f"{address(target)} takes the question and does not answer within "
        mend = "wait: what the SDK sends is tried again, what the callback sends is not"
        return Check(name, "problem", f"{detail}{SECONDS[here]:g} s", mend)
    if status is None:
        return _silent(name, target)
    if status == 429:
        mend = "send less at once, or wait: the SDK tries again, the callback does not"
        return Check(name, "problem", f"{address(target)} limits requests (HTTP 429)", mend)
    if status >= 500:
        mend = "look at the service's log" if here else "try again later"
        return Check(name, "problem", f"{address(target)} answers with HTTP {status}", mend)
    return Check(name, "ok", f"answers at {address(target)}")


def _silent(name: str, url: str) -> Check:
    mend = "look at the address, the network and a firewall"
    if leads_here(url):
        mend = "restart the kernel and run its first cell, session.start()"
    return Check(name, "problem", f"nobody answers at {address(url)}", mend)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer; following it could lead away from this machine."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _get(url: str, *, loopback: bool) -> int | None:
    """Return the status that ``url`` answers with, or None; ``TimeoutError`` if it keeps silent."""
    if urlsplit(url).scheme not in ("http", "https"):
        return None
    handlers: list[Any] = [_NoRedirect()]
    if loopback:
        handlers.append(urllib.request.ProxyHandler({}))
    try:
        opener = urllib.request.build_opener(*handlers)
        with opener.open(url, timeout=SECONDS[loopback]) as response:
            return response.status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except TimeoutError:  # connected, and then nothing came
        raise
    except (OSError, ValueError):
        return None


def mode(environ: Mapping[str, str]) -> tuple[Check, bool, bool]:
    """Return what ``session`` chooses, and whether the model and LangSmith may be asked."""
    from helpers.session import ModeError, choose

    try:
        choice = choose(environ=environ)
    except ModeError as error:
        return Check("mode", "problem", "not possible", str(error)), False, False
    model = choice.model == "provider" and has_key(environ, "OPENAI_API_KEY")
    return Check("mode", "ok", str(choice)), model, choice.traces == "langsmith"
