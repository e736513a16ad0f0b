"""Start and stop a LiteLLM proxy from a notebook.

The proxy is the real one, in its own process, with the environment of the kernel. It outlives an
interrupted cell and ends with the kernel, however that ends (see ``helpers.watchdog``).
"""

from __future__ import annotations

import contextlib
import difflib
import http.client
import os
import re
import secrets
import shlex
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from helpers import progress, proxy_log, watchdog
from helpers.environment import Changes
from helpers.errors import TutorialError
from helpers.server import HOST, listening

__all__ = ["Proxy", "ProxyError", "start", "stop"]

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
    r"|DETAILED_DEBUG$|NUM_WORKERS$|SSL_(KEYFILE|CERTFILE)_PATH$|PROMETHEUS_METRICS_PORT$)"
)
SHOWN = re.compile(r"(LANGSMITH|OPENAI)_|LITELLM_(LOCAL_MODEL_COST_MAP|MASTER_KEY)$")
READ = re.compile(r"(LANGSMITH|LANGCHAIN|OPENAI|LITELLM)_|\w+_API_KEY$")


class ProxyError(TutorialError):
    """The proxy did not start; the message has the likely cause and what the log says."""


@dataclass(eq=False)
class Proxy:
    """A running LiteLLM proxy.

    ``url`` is the base URL for OpenAI clients and ``key`` the API key that it accepts, the master
    key. ``port`` is the one it listens on. Also a context manager that stops it.
    """

    config: str
    port: int
    key: str = field(repr=False)
    _wanted: int
    _environment: dict[str, str]
    _given: Mapping[str, str | None]
    _folder: Path
    _process: subprocess.Popen[bytes]
    _state: tuple[Any, ...] = ()

    @property
    def url(self) -> str:
        """The base URL for OpenAI clients, such as ``http://127.0.0.1:4000/v1``."""
        return f"http://{HOST}:{self.port}/v1"

    @property
    def pid(self) -> int:
        """The id of the process that was started."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process.poll() is None

    @property
    def command(self) -> str:
        """The command that starts the same proxy in a terminal with the kernel's environment.

        It names the variables that ``start`` was given and the master key, whose value it leaves
        to the shell, as that of every key.
        """
        return _shell_line(self.config, self.port, self._given)

    @property
    def environment(self) -> dict[str, str]:
        """What the proxy's own environment says about LiteLLM, LangSmith and OpenAI; keys masked.

        It is the environment of the kernel when ``start`` was called, and what ``start`` was given.
        """
        return {
            name: proxy_log.masked(name, value)
            for name, value in sorted(self._environment.items())
            if name in self._given or SHOWN.match(name)
        }

    @property
    def log_path(self) -> Path:
        """Where the proxy writes what it would write to a terminal, keys not yet masked."""
        return self._folder / "proxy.log"

    def log(self, tail: int = 20) -> str:
        """Return the last ``tail`` lines of the log, without colours and keys."""
        with contextlib.suppress(OSError):
            text = self.log_path.read_text(encoding="utf-8", errors="replace")
            return "\n".join(proxy_log.scrub(text, self._environment).rstrip().splitlines()[-tail:])
        return ""

    def stop(self) -> None:
        """End the proxy and wait for that; twice does no harm. The log stays readable."""
        if self.running:
            watchdog.end(self.pid)
        self._process.wait()

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        if not self.running:
            return f"LiteLLM proxy, stopped (config {self.config})"
        elsewhere = f" instead of port {self._wanted}, which is taken"
        note = elsewhere if self._wanted not in (0, self.port) else ""
        return f"LiteLLM proxy ready at {self.url}{note} (config {self.config})"


_lock = threading.RLock()
_current: Proxy | None = None
_key: str | None = None


def start(
    config: str | Path = "proxy/config.yaml",
    *,
    environment: Mapping[str, str | None] | None = None,
    port: int = PORT,
    timeout: float = TIMEOUT,
) -> Proxy:
    """Start a LiteLLM proxy with ``config`` and return when it answers, about six seconds later.

    The proxy gets the environment of this process and ``environment`` on top of it; None takes a
    variable away. Its master key is made for this process, unless ``environment`` has a
    LITELLM_MASTER_KEY. If ``port`` is taken it listens on a free one, which the returned object
    says; 0 asks for any. In a notebook the shell line and the progress are shown meanwhile.

    There is one proxy a process: called again, ``start`` returns the running one if its config, its
    port and the variables that it reads are the same, and replaces it otherwise. Raises
    ``ProxyError`` when the proxy does not answer within ``timeout`` seconds.
    """
    global _current
    path = _existing(config)
    with _lock:
        child = _compose(environment or {})
        state = (path.resolve(), port, *_read_by_proxy(path, child, environment or {}))
        if _current is not None and _current.running and _current._state == state:
            return _current
        stop()
        watchdog.reap(FOLDER)
        _current = _start(path.as_posix(), port, child, dict(environment or {}), timeout)
        _current._state = state
        return _current


def stop() -> None:
    """End the proxy of this process, if there is one."""
    global _current
    with _lock:
        if _current is not None:
            _current.stop()
            _current = None


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


def _shell_line(config: str, port: int, given: Mapping[str, str | None]) -> str:
    """Return the line for a terminal; a key stands in it by its name."""
    given = {"LITELLM_MASTER_KEY": "", **given}
    removed = [f"-u {name}" for name, value in given.items() if value is None]
    kept = {name: value for name, value in given.items() if value is not None}
    settings = [
        f'{name}="${name}"' if proxy_log.is_secret(name) else f"{name}={shlex.quote(value)}"
        for name, value in sorted(kept.items())
    ]
    setup = " ".join([*(["env", *removed] if removed else []), *settings])
    return f"{setup} \\\n  litellm --config {shlex.quote(config)} --host {HOST} --port {port}"


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
        proxy = _launch(config, _free(port) if attempt == 0 else _free(0), port, child, given)
        try:
            with progress.shown(f"$ {proxy.command}") as tick:
                _wait(proxy, timeout, tick)
        except BaseException as error:  # an interrupted cell leaves no half-started proxy
            proxy.stop()
            lost = isinstance(error, ProxyError) and proxy_log.PORT_TAKEN.search(
                proxy.log(tail=200)
            )
            if not lost or attempt == 2:
                raise
        else:
            return proxy
    raise AssertionError("unreachable")


def _launch(
    config: str, port: int, wanted: int, child: dict[str, str], given: Mapping[str, str | None]
) -> Proxy:
    folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER}{os.getpid()}-"))
    command = watchdog.command(
        "litellm:run_server", "--config", config, "--host", HOST, "--port", str(port)
    )
    # Its own group, so that interrupting a cell does not end it. Its output goes to a file: a pipe
    # that nobody reads would stop it when full.
    with (folder / "proxy.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            env=child,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            **_own_group(),
        )
    watchdog.note_owner(folder, process.pid)
    key = child.get("LITELLM_MASTER_KEY", "")
    return Proxy(config, port, key, wanted, child, given, folder, process)


def _own_group() -> dict[str, Any]:
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
        return {"creationflags": flags}
    return {"start_new_session": True}


def _wait(proxy: Proxy, timeout: float, tick: Callable[[], None]) -> None:
    """Return when our process listens and answers; ask it, not the port, for it may be another's.

    ``litellm --port 4000`` takes a random port without a word when 4000 is in use
    (litellm/proxy/proxy_cli.py, 1.106.2), so the port is read from the process too.
    """
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if not proxy.running:
            raise ProxyError(_diagnosis(proxy, "The LiteLLM proxy ended while it was starting."))
        port = next(_ports(proxy), None)
        if port is not None and _alive(port):
            proxy.port = port
            return
        tick()
        time.sleep(0.1)
    raise ProxyError(
        _diagnosis(proxy, f"The LiteLLM proxy did not answer within {timeout:g} seconds.")
    )


def _ports(proxy: Proxy) -> Iterator[int]:
    """Yield the ports that the proxy's process, or a child of it, listens on."""
    with contextlib.suppress(psutil.NoSuchProcess):
        family = psutil.Process(proxy.pid)
        for process in (family, *family.children(recursive=True)):
            try:
                connections = process.net_connections(kind="tcp")
            except psutil.AccessDenied:
                yield proxy.port
                return
            yield from (c.laddr.port for c in connections if c.status == psutil.CONN_LISTEN)


def _alive(port: int) -> bool:
    """Ask LiteLLM's liveness route; ``http.client`` heeds no HTTP_PROXY."""
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/health/liveliness")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _diagnosis(proxy: Proxy, what: str) -> str:
    log = proxy.log(tail=500)
    cause, verdict = proxy_log.cause(log), proxy_log.verdict(log)
    if verdict:
        return f"{what} {cause}\nIts log says: {verdict}"
    tail = proxy.log(tail=15) or "(it is empty)"
    return f"{what} {cause}\nThe end of its log, {proxy.log_path}:\n{tail}"


def _free(port: int) -> int:
    """Return ``port`` if nobody listens there, else one that is free."""
    try:
        with listening(port) as sock:
            return sock.getsockname()[1]
    except TutorialError:
        return _free(0)
