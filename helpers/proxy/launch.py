"""Start this process's proxy: its config, its environment, its port."""

from __future__ import annotations

import difflib
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path

from helpers import session
from helpers.environment import Changes
from helpers.errors import TutorialError
from helpers.processes import Child
from helpers.processes.interrupts import uninterrupted
from helpers.proxy import log, readiness
from helpers.proxy.running import Proxy, ProxyError, current, exchange, lock
from helpers.serving.loopback import HOST, listening
from helpers.view import progress

__all__ = ["start", "stop"]

PORT = 4000
TIMEOUT = 120.0  # seconds; a cold disk and a virus scanner are slow, six are usual
FOLDER = "litellm-tutorial-proxy-"

# What LiteLLM would otherwise do: fetch prices from the network, read the nearest .env file,
# print an advertisement, fail to print its banner on a Windows console.
DEFAULTS = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "PYTHON_DOTENV_DISABLED": "1",
    "LITELLM_DONT_SHOW_FEEDBACK_BOX": "true",
    "PYTHONUTF8": "1",
    "PYTHONUNBUFFERED": "1",
}
# Options of ``litellm`` that are also read from the environment, where they were meant for another
# program. A DATABASE_URL would let the proxy migrate that database to its own tables.
NOT_FOR_THE_PROXY = re.compile(
    r"(DATABASE_|DIRECT_URL$|LITELLM_MASTER_KEY$|CONFIG_FILE_PATH$|WORKER_CONFIG$|DEBUG$"
    r"|DETAILED_DEBUG$|NUM_WORKERS$|SSL_(KEYFILE|CERTFILE)_PATH$|PROMETHEUS_METRICS_PORT$"
    r"|LANGSMITH_CONFIG_FILE$|LITELLM_LICENSE$)"
)
READ = re.compile(r"(LANGSMITH|LANGCHAIN|OPENAI|LITELLM)_|\w+_API_KEY$")

_key: str | None = None  # the master key, one for this process


def start(
    config: str | Path = "proxy/config.yaml",
    *,
    project: str | None = None,
    environment: Mapping[str, str | None] | None = None,
    port: int = PORT,
    timeout: float = TIMEOUT,
) -> Proxy:
    """Start a LiteLLM proxy with ``config`` and return when it answers, about six seconds later.

    The proxy gets the environment of this process and ``environment`` on top of it; None takes a
    variable away. ``project`` is its LANGSMITH_PROJECT, in LangSmith one of the learner's own
    (``session.project``). Its master key is made for this process, unless ``environment`` has a
    LITELLM_MASTER_KEY. If ``port`` is taken it listens on a free one, which the returned object
    says; 0 asks for any. In a notebook the shell line and the progress are shown meanwhile.

    There is one proxy a process: called again, ``start`` returns the running one if its config, its
    port and the variables that it reads are the same, and replaces it otherwise.

    Raises ``ProxyError`` for a config that is missing or no YAML, and when the proxy does not
    answer within ``timeout`` seconds.
    """
    path = _existing(config)
    _check_yaml(path)
    named = {"LANGSMITH_PROJECT": session.project(project)} if project else {}
    given = {**named, **(environment or {})}
    with lock:
        child = _compose(given)
        state = (path.resolve(), port, *_read_by_proxy(path, child, given))
        running = current()
        if running is not None and running.state == state:
            return running
        exchange(None)
        started = _start(path.as_posix(), port, child, given, timeout)
        started.state = state
        exchange(started)
        return started


def stop() -> None:
    """End the proxy of this process, if there is one."""
    exchange(None)


def _existing(config: str | Path) -> Path:
    path = Path(config)
    if path.is_file():
        return path
    known = sorted(found.as_posix() for found in Path().glob("**/*.y*ml"))
    near = difflib.get_close_matches(path.as_posix(), known, n=1, cutoff=0.3)
    raise ProxyError(
        f"There is no config {path.as_posix()} in {Path.cwd()}. "
        + (f"The nearest is {near[0]}. " if near else "")
        + "Give its path from the notebook's folder, such as proxy/config.yaml."
    )


def _check_yaml(path: Path) -> None:
    """Refuse at once what LiteLLM would refuse when it has been loading for six seconds."""
    try:
        import yaml  # comes with litellm[proxy]; where it is missing, the proxy's own log says so
    except ImportError:
        return
    try:
        yaml.safe_load(path.read_bytes())
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        raise ProxyError(
            f"The config {path.as_posix()} is not valid YAML{place}: "
            f"{getattr(error, 'problem', None) or error}. "
            "Look there at indentation, colons and quotes; what ran before still runs."
        ) from None


def _compose(given: Mapping[str, str | None]) -> dict[str, str]:
    """Return the environment of the proxy's process."""
    global _key
    _key = _key or f"sk-{secrets.token_hex(16)}"
    child = {k: v for k, v in os.environ.items() if not NOT_FOR_THE_PROXY.match(k)}
    merged = {**DEFAULTS, **child, "LITELLM_MASTER_KEY": _key, **given}
    child = {name: value for name, value in merged.items() if value is not None}
    Changes(child).bypass_proxies()
    return child


def _read_by_proxy(
    path: Path, child: Mapping[str, str], given: Mapping[str, str | None]
) -> tuple[bytes, dict[str, str]]:
    """Return the config's bytes and the variables that it or LiteLLM reads."""
    config = path.read_bytes()
    named = set(re.findall(r"os\.environ/(\w+)", config.decode("utf-8", "replace")))
    return config, {
        name: value
        for name, value in child.items()
        if name in given or name in named or READ.match(name)
    }


def _start(
    config: str, port: int, child: dict[str, str], given: Mapping[str, str | None], timeout: float
) -> Proxy:
    """Launch and wait; start over on another port when one is lost between choosing and binding."""
    for attempt in range(3):
        proxy = None
        try:
            with uninterrupted():  # between two lines, too, the proxy must have its name
                chosen = _free(port if attempt == 0 else 0)
                proxy = _launch(config, chosen, port, child, given)
            with progress.shown(f"$ {proxy.command}") as tick:
                readiness.wait(proxy, timeout, tick)
        except BaseException as error:  # an interrupted cell leaves no half-started proxy
            if proxy is None:
                raise
            proxy.stop()
            lost = isinstance(error, ProxyError) and log.PORT_TAKEN.search(proxy.log(tail=200))
            if not lost or attempt == 2:
                raise
        else:
            return proxy
    raise AssertionError("unreachable")


def _launch(
    config: str, port: int, wanted: int, child: dict[str, str], given: Mapping[str, str | None]
) -> Proxy:
    started = Child(
        "litellm:run_server",
        *("--config", config, "--host", HOST, "--port", str(port)),
        name="LiteLLM proxy",
        prefix=FOLDER,
        environment=child,
    )
    return Proxy(config, port, child.get("LITELLM_MASTER_KEY", ""), wanted, child, given, started)


def _free(port: int) -> int:
    """Return ``port`` if nobody listens there, else one that is free."""
    try:
        sockets = listening(port)
    except TutorialError:
        return _free(0)
    free = int(sockets[0].getsockname()[1])
    for each in sockets:
        each.close()
    return free
