"""The npm packages of ``notebooks/client``: whether they are there, and getting them.

They are fetched into a folder of their own and put in place by a rename. So whoever is interrupted
leaves nothing half-installed, and of two notebooks that fetch at once the second finds them there.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from helpers import session
from helpers.errors import TutorialError
from helpers.paths import CLIENT
from helpers.processes import watchdog
from helpers.terminal.node import Node
from helpers.view import progress

__all__ = ["MEND", "PackagesError", "absence", "announcement", "fetch", "forbidden", "lacking"]

FILES = ("package.json", "package-lock.json", ".npmrc")  # what npm goes by
STAGE = ".fetch-"
ABANDONED = 3600.0  # seconds after which a stage belongs to a notebook that was killed
DEADLINE = 300.0  # seconds; the packages are a few megabytes
INTERVAL = 0.1  # seconds between two looks at npm
MEND = "To have them, run in the repository's folder: python -m helpers.terminal"
# No package needs to run anything to be installed. One retry: npm's own two take minutes offline.
OPTIONS = "ci --ignore-scripts --include=optional --prefer-offline --loglevel=error".split()
OPTIONS += "--fetch-retries=1 --fetch-retry-mintimeout=1000 --fetch-timeout=60000".split()
UNREACHED = {"EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "EHOSTUNREACH", "ENETUNREACH"}
UNREACHED |= {"ENOTCACHED", "ENOTFOUND", "ERR_SOCKET_TIMEOUT", "ETIMEDOUT"}
# npm has no use for what opens the model's and LangSmith's doors.
NOT_FOR_NPM = ("LANGCHAIN_", "LANGSMITH_", "LITELLM_", "OPENAI_")


class PackagesError(TutorialError):
    """The npm packages are not there and could not be fetched."""


def lacking(client: Path | None = None) -> list[str]:
    """Return the packages of the lock file that are not in ``node_modules`` in its version."""
    client = client or CLIENT
    wanted = _json(client / "package-lock.json").get("packages", {})
    return [
        name.removeprefix("node_modules/")
        for name, package in wanted.items()
        if name and _json(client / name / "package.json").get("version") != package.get("version")
    ]


def absence() -> str:
    """Return the beginning of a sentence that says what is not there."""
    return f"The npm packages {_named()} are not installed"


def announcement() -> str:
    """Return the sentence that says, before it is done, what is fetched and from where."""
    return (
        f"Fetching the npm packages {_named()} from the registry that npm is configured for, "
        "into notebooks/client/node_modules."
    )


def forbidden(environ: Mapping[str, str] = os.environ) -> str | None:
    """Return why nothing may be fetched, or None: a test never does, nor who asks for none."""
    if environ.get("TUTORIAL_OFFLINE", "").strip() not in ("", "0"):
        return "TUTORIAL_OFFLINE is set"
    if environ.get("TUTORIAL_STRICT") == "1" or "PYTEST_VERSION" in environ:
        return "tests fetch nothing"
    return None


def fetch(node: Node, announce: Callable[[str], None] = lambda line: None) -> None:
    """Fetch the packages with the npm of ``node``, showing under the cell that it goes on.

    ``announce`` gets the line that is shown under a cell, for where there is none. Raises
    ``PackagesError`` when that is forbidden or fails; all is then as it was before.
    """
    if not lacking():
        return
    if why := forbidden():
        raise PackagesError(f"{absence()}, and are not fetched since {why}. {MEND}")
    if not node.npm:
        raise PackagesError(f"{absence()}, and npm, which fetches them, is not here.")
    try:
        _drop_abandoned()
        stage = Path(tempfile.mkdtemp(prefix=STAGE, dir=CLIENT))
    except OSError as error:
        raise PackagesError(
            f"{absence()}, and cannot be put into {CLIENT}: {error.strerror}. "
            "Copy the course to a folder in which you may write."
        ) from error
    try:
        for name in FILES:
            shutil.copyfile(CLIENT / name, stage / name)
        announce(announcement())
        with progress.shown(announcement()) as tick:
            _install(node, stage, tick)
        _put_in_place(stage)
    except OSError as error:
        raise PackagesError(f"{absence()}, and cannot be fetched: {error}.") from error
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _named() -> str:
    package = _json(CLIENT / "package.json")
    return " and ".join([*package["dependencies"], *package["optionalDependencies"]])


def _install(node: Node, stage: Path, tick: Callable[[], None]) -> None:
    said, status = _npm(node, stage, tick)
    if status == 0 and not lacking(stage):  # npm leaves out what is optional and cannot be had
        return
    raise PackagesError(
        f"{absence()}, and could not be fetched: {_reason(said, status)}. "
        "Try again when that is mended."
    )


def _npm(node: Node, stage: Path, tick: Callable[[], None]) -> tuple[str, int | None]:
    """Run ``npm ci`` in ``stage``; return what it said and its status, None at the deadline."""
    log = stage / "npm.log"
    # The learner's own: a session has hidden proxies and certificates that npm may need.
    own = session.own_environment().items()
    environ = {k: v for k, v in own if not k.startswith(NOT_FOR_NPM)}
    deadline = time.monotonic() + DEADLINE
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*node.npm, *OPTIONS],
            cwd=stage,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=sys.platform != "win32",
        )
        try:
            while process.poll() is None and time.monotonic() < deadline:
                tick()
                time.sleep(INTERVAL)
        finally:
            status = process.poll()
            if status is None:
                watchdog.end(process.pid)
                process.wait()
    return log.read_text(encoding="utf-8", errors="replace"), status


def _reason(said: str, status: int | None) -> str:
    """Return npm's complaint in a few words, without the address of a registry."""
    if status is None:
        return f"npm took more than {DEADLINE:.0f} seconds"
    code = re.search(r"^npm (?:error|ERR!) code (\S+)", said, re.MULTILINE)
    if status == 0 or (code and code[1] in UNREACHED):
        which = f" ({code[1]})" if code else ""
        return f"the registry that npm is configured for cannot be reached from here{which}"
    # The first lines are for a program: what failed stands below them, in words.
    words = r"^npm (?:error|ERR!) (?!(?:code|syscall|path|dest|errno) )(\S.*)"
    lines = re.findall(words, said, re.MULTILINE)
    last = re.sub(r"\b\w+://\S+", "the registry", lines[0]) if lines else "no reason given"
    return f"npm ended with {code[1] if code else status}, {last.strip(' .')}"


def _put_in_place(stage: Path) -> None:
    target = CLIENT / "node_modules"
    if not lacking():
        return  # another notebook was quicker
    with contextlib.suppress(FileNotFoundError):
        os.rename(target, stage / "former")
    try:
        os.rename(stage / "node_modules", target)
    except OSError:
        if lacking():  # and not put there by another notebook in between
            raise


def _drop_abandoned() -> None:
    for stage in CLIENT.glob(f"{STAGE}*"):
        with contextlib.suppress(FileNotFoundError):
            # The clock of the wall, as a file's time is of it; waits go by the other one.
            if time.time() - stage.stat().st_mtime > ABANDONED:
                shutil.rmtree(stage, ignore_errors=True)


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
