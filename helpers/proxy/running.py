"""A proxy that runs, and which one is this process's own."""

from __future__ import annotations

import html
import re
import shlex
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpers.errors import TutorialError
from helpers.keys import is_secret
from helpers.processes import Child
from helpers.proxy import log
from helpers.serving.loopback import HOST

__all__ = ["Proxy", "ProxyError", "current", "exchange", "lock", "shell_line"]

SHOWN = re.compile(
    r"(LANGSMITH|OPENAI)_(?!CONFIG_FILE$)|LITELLM_(LOCAL_MODEL_COST_MAP|MASTER_KEY)$"
)


class ProxyError(TutorialError):
    """The proxy did not start; the message has the likely cause and what the log says."""


@dataclass(eq=False)
class Proxy:
    """A running LiteLLM proxy.

    ``url`` is the base URL for OpenAI clients and ``key`` the API key that it accepts, the master
    key. ``port`` is the one it listens on. Also a context manager that stops it. ``child`` is its
    process and ``state`` what it was started with, by which ``start`` knows whether to replace it.
    """

    config: str
    port: int
    key: str = field(repr=False)
    _wanted: int
    _environment: dict[str, str]
    _given: Mapping[str, str | None]
    child: Child
    state: tuple[Any, ...] = ()

    @property
    def url(self) -> str:
        """The base URL for OpenAI clients, such as ``http://127.0.0.1:4000/v1``."""
        return f"http://{HOST}:{self.port}/v1"

    @property
    def project(self) -> str:
        """The project that its runs go to, as far as no request says otherwise."""
        return self._environment.get("LANGSMITH_PROJECT") or "default"

    @property
    def given(self) -> Mapping[str, str | None]:
        """The variables that ``start`` was given for the proxy alone."""
        return self._given

    @property
    def pid(self) -> int:
        """The id of the process that was started."""
        return self.child.pid

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self.child.running

    @property
    def command(self) -> str:
        """The command that starts the same proxy in a terminal with the kernel's environment.

        It names the variables that ``start`` was given and the master key, whose value it leaves
        to the shell, as that of every key.
        """
        return shell_line(self.config, self.port, self._given)

    @property
    def environment(self) -> dict[str, str]:
        """What the proxy's own environment says about LiteLLM, LangSmith and OpenAI; keys masked.

        It is the environment of the kernel when ``start`` was called, and what ``start`` was given.
        """
        return {
            name: log.masked(name, value)
            for name, value in sorted(self._environment.items())
            if name in self._given or SHOWN.match(name)
        }

    @property
    def log_path(self) -> Path:
        """Where the proxy writes what it would write to a terminal, keys not yet masked."""
        return self.child.log_path

    def log(self, tail: int = 20) -> str:
        """Return the last ``tail`` lines of the log, without colours and keys."""
        text = log.scrub(self.child.log(), self._environment)
        return "\n".join(text.rstrip().splitlines()[-tail:])

    def stop(self) -> None:
        """End the proxy and wait for that; twice does no harm. The log stays readable."""
        self.child.stop()

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

    def _repr_html_(self) -> str:
        # JupyterLab makes a link of an address in text, which on a hub leads nowhere.
        return f"<p>{html.escape(repr(self))}</p>"


lock = threading.RLock()
_current: Proxy | None = None


def current() -> Proxy | None:
    """Return this process's proxy if it runs; starts nothing."""
    return _current if _current is not None and _current.running else None


def exchange(new: Proxy | None) -> None:
    """Make ``new`` this process's proxy; the one before it is stopped."""
    global _current
    with lock:
        if _current is not None and _current is not new:
            _current.stop()
        _current = new


def shell_line(config: str, port: int, given: Mapping[str, str | None]) -> str:
    """Return the line for a terminal; a key stands in it by its name."""
    given = {"LITELLM_MASTER_KEY": "", **given}
    removed = [f"-u {name}" for name, value in given.items() if value is None]
    kept = {name: value for name, value in given.items() if value is not None}
    settings = [
        f'{name}="${name}"' if is_secret(name) else f"{name}={shlex.quote(value)}"
        for name, value in sorted(kept.items())
    ]
    setup = " ".join([*(["env", *removed] if removed else []), *settings])
    return f"{setup} \\\n  litellm --config {shlex.quote(config)} --host {HOST} --port {port}"
