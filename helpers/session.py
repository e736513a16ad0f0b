"""Decide where model calls and traces go, and point every client of this process there.

There is at most one session a process. ``start`` makes everything ready before it changes the
first variable, and changes all of them in one step that an interrupt waits for: whatever goes
wrong, the session that runs is the one that was said to run, or there is none.
"""

from __future__ import annotations

import atexit
import contextlib
import html
import os
import re
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from helpers import paths
from helpers.environment import OPENAI, PLACEHOLDER_KEY, Changes, has_key
from helpers.errors import TutorialError

if TYPE_CHECKING:
    from langsmith import Client
    from starlette.applications import Starlette

    from helpers import smollm2
    from helpers.replay import Provider

__all__ = ["MODES", "Choice", "ModeError", "Session", "at_stop", "choose", "current"]
__all__ += ["start", "stop"]

MODES = ("auto", "replay", "live", "local", "record")
PROJECT = "litellm-integration"
FOLDER = "litellm-tutorial-"
SECONDS = 30.0  # for the local services to come up; a third of one is usual
CLOSE_SECONDS = 5.0  # for the SDK's client to send what it holds

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


@dataclass(eq=False)
class Session:
    """What ``start`` decided and started.

    ``url`` is the address of the local services and ``app`` their application, or None when
    everything is live. Ends with ``stop()`` or with the process.
    """

    choice: Choice
    url: str | None = None
    app: Starlette | None = None
    asked: str | None = field(default=None, repr=False)  # the mode that ``start`` was given
    _services: contextlib.ExitStack = field(default_factory=contextlib.ExitStack, repr=False)
    _changes: Changes = field(default_factory=lambda: Changes(os.environ), repr=False)

    @property
    def mode(self) -> str:
        """The mode asked for: one of ``MODES``."""
        return self.choice.mode

    @property
    def running(self) -> bool:
        """Whether this is the session that clients of this process are pointed at."""
        return self is _current

    def stop(self) -> None:
        """End the services and give the environment back; twice does no harm."""
        global _current
        with _lock:
            client = _sdk_client() if self.url is not None else None
            with _uninterrupted():
                if self.running:
                    _current = None
                self._changes.restore()
                _forget_clients()
            if client is not None and client.api_url == self.url:
                client.close(timeout=CLOSE_SECONDS)  # it would be kept until the process ends
            for told in _at_stop:
                told(self)
            self._services.close()

    def __str__(self) -> str:
        return str(self.choice) if self.running else f"Stopped. It was: {self.choice}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(str(self))}</p>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()


_current: Session | None = None
_lock = threading.RLock()
_at_stop: list[Callable[[Session], None]] = []
_at_exit = False


def current() -> Session | None:
    """Return the session that runs, or None; starts nothing."""
    return _current


def at_stop(told: Callable[[Session], None]) -> None:
    """Have ``told`` called with each session that ends, before its services do."""
    if told not in _at_stop:
        _at_stop.append(told)


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
    ``mode`` differs or, where none was ever given, when the keys of now call for another.

    Raises ``ModeError`` for a mode that is wrong or lacks a key, and ``TutorialError`` when a
    package is missing or something does not come up in time. The session that ran before then
    goes on.
    """
    global _current
    with _lock:
        before = _current
        own = before._changes.undone() if before else dict(os.environ)
        kept = before.asked if before and mode is None else mode
        choice = choose(kept, environ=own)
        if before and _same(before, choice, explicit=mode is not None):
            return before
        session = Session(choice, asked=kept)
        try:
            _start_services(session, own)
            _at_process_exit()
            with _uninterrupted():
                if before is not None:
                    before._changes.restore()
                _point(session)
                _current = session
        finally:
            if not session.running:
                session._services.close()
            elif before is not None:
                before.stop()
        return session


def stop() -> None:
    """End the running session, if there is one."""
    if _current is not None:
        _current.stop()


def _same(before: Session, choice: Choice, *, explicit: bool) -> bool:
    """Whether the running session is what is chosen now."""
    if explicit:
        return before.choice == choice
    return (before.choice.model, before.choice.traces) == (choice.model, choice.traces)


def _point(session: Session) -> None:
    """Change the variables; ``Changes`` remembers each before it does."""
    choice, changes = session.choice, session._changes
    changes.default("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    changes.default("LANGSMITH_PROJECT", PROJECT)
    if choice.traces == "langsmith":
        _mirror(changes, "LANGSMITH_ENDPOINT", "LANGSMITH_BASE_URL")
        _mirror(changes, "LANGSMITH_BASE_URL", "LANGSMITH_ENDPOINT")
    model, traces = choice.model != "provider", choice.traces == "local"
    if session.url is not None:
        changes.point(session.url, model=model, traces=traces)
    _forget_clients()


def _start_services(session: Session, own: Mapping[str, str]) -> None:
    """Start what the choice needs on this machine; ``own`` is the learner's environment."""
    choice, services = session.choice, session._services
    if choice.model == "provider" and choice.traces == "langsmith":
        return
    # Imported here: the services cost more than choosing a live mode should.
    from helpers.services import create_app
    from helpers.serving.server import Server

    model = _local_model(services) if _needs_local_model(choice, own) else None
    provider = _provider(own, model) if choice.model == "recorder" else None
    folder = Path(services.enter_context(_folder()))
    recordings = Path(own.get("TUTORIAL_RECORDINGS") or paths.RECORDINGS)
    session.app = _within(
        f"reading {recordings} and making a database in {folder}",
        lambda: create_app(
            folder / "traces.sqlite",
            recordings=recordings,
            strict=own.get("TUTORIAL_STRICT") == "1",
            provider=provider,
            overwrite=own.get("TUTORIAL_RERECORD") == "1",
            model=model if choice.model == "smollm2" else None,
        ),
    )
    server = Server(session.app, name="tutorial services")
    session.url = services.enter_context(server).url


def _needs_local_model(choice: Choice, own: Mapping[str, str]) -> bool:
    recording = choice.model == "recorder" and not has_key(own, "OPENAI_API_KEY")
    return choice.model == "smollm2" or recording


def _local_model(services: contextlib.ExitStack) -> smollm2.Model:
    from helpers import smollm2

    model = smollm2.start()
    services.callback(model.stop)
    return model


def _provider(own: Mapping[str, str], model: smollm2.Model | None) -> Provider:
    """Return who answers while recording: the provider of the environment, else SmolLM2."""
    from helpers import replay, smollm2

    if model is not None:
        return replay.Provider(base_url=model.url, api_key=PLACEHOLDER_KEY, name=smollm2.MODEL)
    url = own.get("OPENAI_BASE_URL") or own.get("OPENAI_API_BASE")
    return replay.Provider(
        base_url=url or OPENAI,
        api_key=own["OPENAI_API_KEY"],
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


def _within(what: str, work: Callable[[], Any]) -> Any:
    """Return what ``work`` returns; raise ``TutorialError`` naming it when it takes too long.

    It runs in a thread, since a disk that hangs cannot be interrupted.
    """
    result: list[Any] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            result.append(work())
        except BaseException as error:  # raised below, where the cell sees it
            failure.append(error)

    thread = threading.Thread(target=run, name="session start", daemon=True)
    thread.start()
    thread.join(SECONDS)
    if failure:
        raise failure[0]
    if not result:
        raise TutorialError(
            f"The session did not start: {what} took more than {SECONDS:g} seconds. "
            "Look at that disk, or point TMPDIR and TUTORIAL_RECORDINGS at another one, "
            "and run the first cell again."
        )
    return result[0]


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let an interrupt wait for the end of the block: half a change must never stand.

    Python runs signal handlers in the main thread alone, so in another there is nothing to do.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    waiting: list[tuple[int, Any]] = []
    handler = signal.getsignal(signal.SIGINT)
    if handler is None:  # set by something else than Python, and not ours to put back
        yield
        return
    signal.signal(signal.SIGINT, lambda *arguments: waiting.append(arguments))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
    if waiting and callable(handler):
        handler(*waiting[0])


def _at_process_exit() -> None:
    """End the session with the process; one registration for all of them."""
    global _at_exit
    if not _at_exit:
        atexit.register(stop)
        _at_exit = True


def _mirror(changes: Changes, source: str, target: str) -> None:
    """Give one region to both readers: the SDK reads ENDPOINT, LiteLLM's callback BASE_URL."""
    if os.environ.get(source):
        changes.default(target, os.environ[source])


def _sdk_client() -> Client | None:
    """Return the client that LangSmith's SDK made for this process, if it made one."""
    return getattr(sys.modules.get("langsmith.run_trees"), "_CLIENT", None)


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
