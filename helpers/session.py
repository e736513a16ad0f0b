"""Decide where model calls and traces go, and point every client of this process there."""

from __future__ import annotations

import atexit
import contextlib
import html
import os
import re
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from helpers.environment import OPENAI, PLACEHOLDER_KEY, Changes, has_key
from helpers.errors import TutorialError

__all__ = ["MODES", "Choice", "ModeError", "Session", "choose", "start", "stop"]

MODES = ("auto", "replay", "live", "local", "record")
PROJECT = "litellm-integration"
FOLDER = "litellm-tutorial-"

ANSWERS = {
    "recordings": "recorded from SmolLM2-135M-Instruct",
    "provider": "live from the provider",
    "smollm2": "SmolLM2-135M-Instruct on this machine",
    "recorder": "passed through and recorded",
}
TRACES = {"local": "a LangSmith on this machine", "langsmith": "LangSmith"}


class ModeError(TutorialError):
    """The mode is not one we know, or a key that it needs is missing."""


@dataclass(frozen=True)
class Choice:
    """A mode, and what it means here: ``model`` is a key of ANSWERS, ``traces`` one of TRACES."""

    mode: str
    model: str
    traces: str

    def __str__(self) -> str:
        return f"Model answers: {ANSWERS[self.model]}. Traces: {TRACES[self.traces]}."


@dataclass
class Session:
    """What ``start`` decided and started.

    ``url`` is the address of the local services and ``app`` their application, or None when
    everything is live. Ends with ``stop()`` or with the process.
    """

    choice: Choice
    url: str | None = None
    app: Any = None
    _cleanup: contextlib.ExitStack = field(default_factory=contextlib.ExitStack, repr=False)

    @property
    def mode(self) -> str:
        """The mode asked for: one of ``MODES``."""
        return self.choice.mode

    def stop(self) -> None:
        """End the services and give the environment back; twice does no harm."""
        self._cleanup.close()

    def __repr__(self) -> str:
        return str(self.choice)

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(str(self.choice))}</p>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        stop()


_current: Session | None = None


def choose(mode: str | None = None, *, environ: Mapping[str, str] = os.environ) -> Choice:
    """Return where calls and traces go for ``mode`` (None: ``TUTORIAL_MODE``, else ``auto``).

    Raises ``ModeError`` for an unknown mode and, in ``live``, for a missing key.
    """
    mode = environ.get("TUTORIAL_MODE", "").strip() or "auto" if mode is None else mode
    if mode not in MODES:
        raise ModeError(
            f"{mode!r} is not a mode. Set TUTORIAL_MODE to one of {', '.join(MODES)}, "
            "or unset it for auto."
        )
    provider = has_key(environ, "OPENAI_API_KEY")
    langsmith = has_key(environ, "LANGSMITH_API_KEY", "LANGCHAIN_API_KEY")
    if mode == "live":
        _require("OPENAI_API_KEY", provider)
        _require("LANGSMITH_API_KEY", langsmith)
    model = {"replay": "recordings", "local": "smollm2", "record": "recorder"}.get(
        mode, "provider" if provider else "recordings"
    )
    local = mode in ("replay", "record") or not langsmith
    return Choice(mode, model, "local" if local else "langsmith")


def start(mode: str | None = None) -> Session:
    """Start what the mode needs and point LiteLLM, OpenAI and LangSmith clients at it.

    Sets environment variables of this process, so that child processes see the same addresses;
    ``stop()`` gives them back. Called again it returns the running session, or replaces it when
    ``mode`` differs. Raises ``ModeError`` for a mode that is wrong or lacks a key.
    """
    global _current
    if _current is not None:
        if mode in (None, _current.mode):
            return _current
        stop()
    session = Session(choose(mode))
    try:
        _prepare(session)
    except BaseException:
        session.stop()
        raise
    _current = session
    return session


def stop() -> None:
    """End the running session, if there is one."""
    global _current
    if _current is not None:
        _current.stop()
        _current = None


def _prepare(session: Session) -> None:
    choice, cleanup = session.choice, session._cleanup
    changes = Changes(os.environ)
    cleanup.callback(_forget_clients)
    cleanup.callback(changes.restore)
    provider = _provider(cleanup) if choice.model == "recorder" else None
    changes.default("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    changes.default("LANGSMITH_PROJECT", PROJECT)
    if choice.traces == "langsmith":
        _mirror(changes, "LANGSMITH_ENDPOINT", "LANGSMITH_BASE_URL")
        _mirror(changes, "LANGSMITH_BASE_URL", "LANGSMITH_ENDPOINT")
    local = {
        "model": choice.model in ("recordings", "recorder"),
        "traces": choice.traces == "local",
    }
    if any(local.values()):
        _serve(session, provider)
        changes.point(session.url or "", **local)
    if choice.model == "smollm2":
        from helpers.smollm2 import process as local_model

        url = cleanup.enter_context(local_model.running())
        changes.point(url.removesuffix("/v1"), model=True, traces=False)
    _forget_clients()
    atexit.register(session.stop)


def _serve(session: Session, provider: Any) -> None:
    # Imported here: the services cost more than choosing a live mode should.
    from helpers import services
    from helpers.serving.server import Server

    folder = session._cleanup.enter_context(_folder())
    session.app = services.create_app(
        Path(folder) / "traces.sqlite",
        recordings=Path(os.environ.get("TUTORIAL_RECORDINGS") or services.RECORDINGS),
        strict=os.environ.get("TUTORIAL_STRICT") == "1",
        provider=provider,
        overwrite=os.environ.get("TUTORIAL_RERECORD") == "1",
    )
    session.url = session._cleanup.enter_context(Server(session.app, name="tutorial services")).url


def _provider(cleanup: contextlib.ExitStack) -> Any:
    """Return who answers while recording: the provider of the environment, else SmolLM2."""
    from helpers import replay
    from helpers.smollm2 import process as local_model

    if not has_key(os.environ, "OPENAI_API_KEY"):
        url = cleanup.enter_context(local_model.running())
        return replay.Provider(base_url=url, api_key=PLACEHOLDER_KEY, name=local_model.MODEL)
    url = os.environ.get("OPENAI_BASE_URL") or os.environ.get("OPENAI_API_BASE")
    return replay.Provider(
        base_url=url or OPENAI,
        api_key=os.environ["OPENAI_API_KEY"],
        name="openai-compatible" if url else "openai",
    )


def _folder() -> tempfile.TemporaryDirectory[str]:
    """Return a folder for this process's traces, after sweeping those of killed processes."""
    import shutil

    import psutil

    for left in Path(tempfile.gettempdir()).glob(f"{FOLDER}*"):
        owner = re.match(rf"{FOLDER}(\d+)-", left.name)
        if owner and not psutil.pid_exists(int(owner[1])):
            shutil.rmtree(left, ignore_errors=True)
    return tempfile.TemporaryDirectory(prefix=f"{FOLDER}{os.getpid()}-", ignore_cleanup_errors=True)


def _mirror(changes: Changes, source: str, target: str) -> None:
    """Give one region to both readers: the SDK reads ENDPOINT, LiteLLM's callback BASE_URL."""
    if os.environ.get(source):
        changes.default(target, os.environ[source])


def _forget_clients() -> None:
    """Make a LangSmith SDK that is already imported read the environment again.

    It keeps variables in an lru_cache and one client for the process (langsmith 0.15.0:
    ``utils.get_env_var``, ``run_trees.get_cached_client``).
    """
    utils = sys.modules.get("langsmith.utils")
    if utils is None:
        return
    utils.get_env_var.cache_clear()
    utils.get_tracer_project.cache_clear()
    if "langsmith.run_trees" in sys.modules:
        import langsmith

        langsmith.configure(client=None)


def _require(name: str, present: bool) -> None:
    if not present:
        raise ModeError(
            f"TUTORIAL_MODE is live, but {name} is not set. Export {name} before you start "
            "JupyterLab, or unset TUTORIAL_MODE to go on without keys."
        )
