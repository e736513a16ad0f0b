"""A pytest plugin: every run replays recordings, holds no key and stays on this machine.

Notebook kernels and other child processes inherit the environment made here. Setting
``TUTORIAL_MODE`` to ``live``, ``local`` or ``record`` by hand leaves all of it as it is.
"""

from __future__ import annotations

import ipaddress
import os
import re
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from helpers.environment import Changes
from helpers.errors import TutorialError

__all__ = ["NetworkUsed", "guard_network", "is_local", "is_private", "sealed"]

STARTUP = Path(__file__).with_name("startup")  # holds a sitecustomize
STARTLESS = pytest.StashKey[bool]()
SETTINGS = {
    "TUTORIAL_MODE": "replay",
    "TUTORIAL_STRICT": "1",
    "TUTORIAL_PACE": "0",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "PYTHON_DOTENV_DISABLED": "1",  # litellm reads keys from a .env file when it is imported
}
# Settings that a test run takes from its own environment, where they are there.
CHOSEN = ("TUTORIAL_PACE",)
# Variables that hold a key, or that change where calls and traces go or what they look like.
PRIVATE = re.compile(
    r"(LANGSMITH|LANGCHAIN|OPENAI|LITELLM|TUTORIAL|LLAMA|SMOLLM)_.*"
    r"|.*_(API_KEY|ACCESS_KEY|SECRET_KEY|ACCESS_KEY_ID|TOKEN|SECRET|PASSWORD)"
    r"|(HTTPS?|ALL|FTP)_PROXY|DATABASE_URL",
    re.IGNORECASE,
)


class NetworkUsed(TutorialError):
    """A test tried to leave this machine."""


def sealed(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a test run must replay: always, unless another mode was asked for by name."""
    return environ.get("TUTORIAL_MODE", "").strip() in ("", "auto", "replay")


def is_private(name: str) -> bool:
    """Whether tests must not see the environment variable ``name``."""
    return PRIVATE.fullmatch(name) is not None


def is_local(host: str | bytes | None) -> bool:
    """Whether ``host``, a name or an address, is this machine."""
    name = host.decode() if isinstance(host, bytes) else host or "localhost"
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return name in ("localhost", socket.gethostname())


def guard_network(changes: pytest.MonkeyPatch) -> None:
    """Let sockets of this process reach loopback only; anything else raises ``NetworkUsed``."""

    def guarded(connect: Callable[..., Any]) -> Callable[..., Any]:
        def guard(self: socket.socket, address: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6) and not is_local(address[0]):
                raise _refusal(f"{address[0]}:{address[1]}")
            return connect(self, address)

        return guard

    def lookup(host: str | bytes | None, *args: Any, **options: Any) -> Any:
        if not (is_local(host) or _is_address(host)):
            raise _refusal(str(host))
        return getaddrinfo(host, *args, **options)

    getaddrinfo = socket.getaddrinfo
    for name in ("connect", "connect_ex"):
        changes.setattr(socket.socket, name, guarded(getattr(socket.socket, name)))
    changes.setattr(socket, "getaddrinfo", lookup)


def _is_address(host: str | bytes | None) -> bool:
    try:
        ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host or "")
    except ValueError:
        return False
    return True


def _refusal(target: str) -> NetworkUsed:
    return NetworkUsed(
        f"A test tried to reach {target}. Tests use this machine only: start a local service "
        "(helpers.serving.server.serving) and give its address to the client. "
        "Against real services: TUTORIAL_MODE=live pytest --nbval-lax notebooks"
    )


def _isolate_settings(changes: Changes) -> str:
    """Keep a user's IPython and Jupyter settings away from kernels; return the folder used."""
    folder = tempfile.mkdtemp(prefix="tutorial-tests-")
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        path = os.path.join(folder, name.lower())
        os.mkdir(path)
        changes.set(name, path)
    return folder


def _tune_children(changes: Changes) -> None:
    """Let Python look for garbage less in kernels and in what they start.

    Nearly all that an import of LiteLLM makes stays. To look through it again and again is a
    seventh of its time, and once more at the end a quarter; some thirty processes of a run import
    it.
    """
    path = os.environ.get("PYTHONPATH")
    changes.set("PYTHONPATH", os.pathsep.join(filter(None, [str(STARTUP), path])))


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if not sealed():
        return
    changes, patches = Changes(os.environ), pytest.MonkeyPatch()
    if not hasattr(config, "workerinput"):  # workers of pytest-xdist inherit what is set here
        chosen = {name: os.environ[name] for name in CHOSEN if os.environ.get(name)}
        for name in filter(is_private, list(os.environ)):
            changes.hide(name)
        for name, value in (SETTINGS | chosen).items():
            changes.set(name, value)
        if lag := config.getoption("--lag", default=None):
            changes.set("TUTORIAL_LAG", lag)
        changes.bypass_proxies()
        _tune_children(changes)
        folder = _isolate_settings(changes)
        changes.set("TUTORIAL_PROGRESS", os.path.join(folder, "progress.json"))
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
        config.add_cleanup(changes.restore)
    guard_network(patches)
    config.add_cleanup(patches.undo)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Note a notebook whose first cell, which says where calls and traces go, raised an error."""
    yield
    if call.excinfo and _is_cell(item) and item is _first(item) and item.parent:
        # A first cell that only says something else than before has started its session.
        item.parent.stash[STARTLESS] = "outputs differ" not in str(call.excinfo.value)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Do not run the rest of such a notebook: its calls would go to the real services."""
    if sealed() and _is_cell(item) and item.parent and item.parent.stash.get(STARTLESS, False):
        pytest.skip("the notebook's first cell, which starts the session, has failed")


def _is_cell(item: pytest.Item) -> bool:
    """Whether nbval made this test; nobody waits half a second for nbval to learn that it is not
    there."""
    nbval = sys.modules.get("nbval.plugin")
    return nbval is not None and isinstance(item, nbval.IPyNbCell)


def _first(item: pytest.Item) -> pytest.Item:
    return next(each for each in item.session.items if each.parent is item.parent)
