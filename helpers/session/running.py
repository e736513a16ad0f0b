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
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from helpers import installation, network, paths
from helpers.environment import OF_OTHER_TRACES, Changes
from helpers.keys import Keys
from helpers.processes.interrupts import uninterrupted
from helpers.session import clients, projects
from helpers.session.choice import Choice, choose
from helpers.session.failures import Failures
from helpers.session.notices import Notices
from helpers.session.preparation import readers, start_services
from helpers.session.refusals import Refusals

if TYPE_CHECKING:
    from starlette.applications import Starlette

__all__ = ["Session", "at_stop", "current", "own_environment", "project"]
__all__ += ["start", "stop"]

PROJECT = "litellm-integration"
CLOSE_SECONDS = 5.0  # for the SDK's client to send what it holds


@dataclass(eq=False)
class Session:
    """What ``start`` decided and started.

    ``url`` is the address of the local services and ``app`` their application, or None when
    everything is live; ``keys`` are those that the services ask for, ``began`` is when it started,
    ``speakers`` are the models that its recordings are of. Ends with ``stop()`` or the process.
    """

    choice: Choice
    url: str | None = None
    app: Starlette | None = None
    asked: str | None = field(default=None, repr=False)  # the mode that ``start`` was given
    keys: Keys = field(default_factory=Keys, repr=False)
    began: datetime = field(default_factory=lambda: datetime.now(UTC), repr=False)
    speakers: tuple[str, ...] = field(default=(), repr=False)
    refusals: Refusals = field(default_factory=Refusals, repr=False)
    _services: contextlib.ExitStack = field(default_factory=contextlib.ExitStack, repr=False)
    _changes: Changes = field(default_factory=lambda: Changes(os.environ), repr=False)

    @property
    def mode(self) -> str:
        """The mode asked for: one of ``MODES``."""
        return self.choice.mode

    @property
    def page(self) -> str | None:
        """The link that opens the local LangSmith's pages in a browser; None when that is live.

        On a hub with a proxy it is a path, to be opened at the hub's own address.
        """
        if self.app is None or self.url is None or self.choice.traces != "local":
            return None
        from helpers.services import state_of

        return state_of(self.app).traces_door.page(self.url)

    @property
    def running(self) -> bool:
        """Whether this is the session that clients of this process are pointed at."""
        return self is _current

    def stop(self) -> None:
        """End the services and give the environment back; twice does no harm.

        Where traces stay on this machine, LiteLLM's LangSmith loggers end with it.
        """
        global _current
        with _lock:
            client = clients.sdk_client() if self.url is not None else None
            with uninterrupted():
                if self.running:
                    _current = None
                    self._forget_reports()
                self._changes.restore()
                clients.forget()
            if client is not None and client.api_url == self.url:
                client.close(timeout=CLOSE_SECONDS)  # it would be kept until the process ends
            for told in _at_stop:
                told(self)
            self._services.close()

    def _forget_reports(self, *, unless: Choice | None = None) -> None:
        """Have LiteLLM make no late report: it would go where keys of the learner's own lead."""
        if self.choice.traces == "local" and not (unless and unless.traces == "local"):
            clients.forget_loggers()

    def __str__(self) -> str:
        line = self.choice.line(self.speakers)
        return line if self.running else f"Stopped. It was: {line}"

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


def project(name: str) -> str:
    """Return the name of a project of the learner's own: in LangSmith, ``projects.named`` of it."""
    live = _current is not None and _current.choice.traces == "langsmith"
    return projects.named(name) if live else name


def own_environment() -> dict[str, str]:
    """Return the environment as it would be without a session."""
    return dict(os.environ) if _current is None else _current._changes.undone()


def at_stop(told: Callable[[Session], None]) -> None:
    """Have ``told`` called with each session that ends, before its services do."""
    if told not in _at_stop:
        _at_stop.append(told)


def start(mode: str | None = None) -> Session:
    """Start what the mode needs and point LiteLLM, OpenAI and LangSmith clients at it.

    Sets environment variables of this process, so that child processes see the same addresses;
    ``stop()`` gives them back. Called again it returns the running session, or replaces it when
    ``mode`` differs or, where none was ever given, when the keys of now call for another.

    Raises ``ModeError`` for a mode that is wrong or lacks a key, ``NetworkError`` when something
    goes beyond this machine and a variable stops that, and ``TutorialError`` when a package is
    missing or something does not come up in time. The session that ran before then goes on.
    """
    global _current
    installation.check()
    paths.enter_lessons()
    with _lock:
        before = _current
        own = before._changes.undone() if before else dict(os.environ)
        kept = before.asked if before and mode is None else mode
        choice = choose(kept, environ=own)
        if before and _same(before, choice, explicit=mode is not None):
            return before
        network.check(own, readers(choice, own))
        session = Session(choice, asked=kept)
        try:
            if started := start_services(choice, own, session.keys, session._services):
                session.app, session.url = started
                _tell(session)
            _at_process_exit()
            with uninterrupted():
                if before is not None:
                    before._forget_reports(unless=choice)
                    before._changes.restore()
                _point(session)
                _current = session
        finally:
            if not session.running:
                session._services.close()
            elif before is not None:
                before.stop()
        failures = Failures()
        failures.start()  # after the one before has given its place up
        session._services.callback(failures.stop)
        if choice.traces == "langsmith":
            session.refusals.start()
            session._services.callback(session.refusals.stop)
        return session


def stop() -> None:
    """End the running session, if there is one."""
    if _current is not None:
        _current.stop()


def _same(before: Session, choice: Choice, *, explicit: bool) -> bool:
    """Whether the running session is what is chosen now."""
    if explicit:
        return before.choice == choice
    was, now = before.choice, choice
    return (was.model, was.traces, was.wanted) == (now.model, now.traces, now.wanted)


def _point(session: Session) -> None:
    """Change the variables; ``Changes`` remembers each before it does."""
    choice, changes = session.choice, session._changes
    if not readers(choice, os.environ):
        changes.stay()
    changes.default("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    if live := choice.traces == "langsmith":
        changes.mirror()  # before a project is named, which is remembered by its address
    if not os.environ.get("LANGSMITH_PROJECT"):
        changes.default("LANGSMITH_PROJECT", projects.named(PROJECT) if live else PROJECT)
    model, traces = choice.model != "provider", choice.traces == "local"
    if traces:
        changes.hide_all(OF_OTHER_TRACES)
    if session.url is not None:
        changes.point(session.url, session.keys, model=model, traces=traces)
    clients.forget()


def _tell(session: Session) -> None:
    """Have the session say who speaks, in its line and beneath the cells of a notebook."""
    from helpers.services import state_of

    if session.app is None or session.choice.model == "provider":
        return
    model = state_of(session.app).model
    session.speakers = model.speakers
    notices = Notices(model.surprises)
    notices.start()
    session._services.callback(notices.stop)


def _at_process_exit() -> None:
    """End the session with the process; one registration for all of them."""
    global _at_exit
    if not _at_exit:
        atexit.register(stop)
        _at_exit = True
