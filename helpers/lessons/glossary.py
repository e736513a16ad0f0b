"""The glossary service of ``notebooks/service``: serve a morning, and begin again (lesson 16).

Its modules are those of the lesson; a name that a cell sets in one of them is what it does next.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType

from helpers import proxy, session
from helpers.errors import TutorialError
from helpers.lessons import callback, log
from helpers.session import clients

__all__ = ["CONFIG", "PROJECT", "Served", "morning", "serve", "undo"]

NAME = "glossary-service"
PROJECT: str  # given by ``__getattr__``
CONFIG = "service/config.yaml"
MODULES = ("addresses", "prompts", "asking", "through", "morning")


@dataclass(frozen=True, repr=False)
class Served:
    """What a morning gave: the ``answers`` by endpoint, and the lines of LiteLLM's ``log``."""

    answers: dict[str, object]
    log: list[str] = field(default_factory=list)

    def __repr__(self) -> str:
        count = len(self.answers)
        return f"{count} request{'s' if count != 1 else ''} answered"


_mornings: dict[int, Served] = {}  # by the session in which it was served; at most one


async def morning(*names: str) -> Served:
    """Return what the service as it is was asked in this session; ask now what it was not.

    ``names`` are endpoints, by default all. So whoever begins in the middle of the lesson has the
    traces of that section too.
    """
    this = id(session.current())
    before = _mornings.get(this, Served({}))
    if missing := [name for name in names or _known() if name not in before.answers]:
        undo()
        more = await serve(*missing)
        _mornings.clear()
        _mornings[this] = Served(before.answers | more.answers, before.log + more.log)
    return _mornings[this]


def undo() -> tuple[ModuleType, ...]:
    """Let the service be what its files say; what cells have set in its modules is gone.

    Returns the modules that are to be mended: ``prompts``, ``asking`` and ``through``.
    """
    modules = [importlib.import_module(f"service.{name}") for name in MODULES]
    for each in modules:
        importlib.reload(each)
    return tuple(modules[1:4])


async def serve(*names: str) -> Served:
    """Serve a morning of requests, traced in ``PROJECT``; return when every report was sent.

    ``names`` are those of the endpoints to ask, by default all. The proxy is started the first
    time, which takes some six seconds, and again when its config has changed. Raises what the
    service raises, ``ProxyError``, and ``TutorialError`` for a name that there is not.
    """
    known = _known()
    if unknown := [name for name in names if name not in known]:
        raise TutorialError(f"Nobody asks for {unknown[0]!r}. There are {', '.join(known)}.")
    gateway = proxy.start(CONFIG, environment={"LANGSMITH_PROJECT": _project()})
    callback.forget()
    with _environment(), _heard() as lines:
        try:
            requests = importlib.import_module("service.morning")
            answers = await requests.serve(gateway.url, gateway.key, names or known)
        finally:
            callback.forget()
    return Served(answers, lines)


def _known() -> list[str]:
    """Return the names of the endpoints that a morning asks, in its order."""
    return [name for _, name, *_ in importlib.import_module("service.morning").REQUESTS]


def _project() -> str:
    """Return the project of the service, in LangSmith one of the learner's own."""
    return session.project(NAME)


def __getattr__(name: str) -> str:
    """Give ``PROJECT``, which the session decides that runs when it is asked for."""
    if name == "PROJECT":
        return _project()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@contextmanager
def _environment() -> Iterator[None]:
    """Switch LangSmith's SDK on for the project of the service."""
    variables = {"LANGSMITH_TRACING": "true", "LANGSMITH_PROJECT": _project()}
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    clients.read_again()
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
        clients.read_again()


@contextmanager
def _heard() -> Iterator[list[str]]:
    """Collect what LiteLLM logs instead of letting it be printed."""
    import litellm

    advice, litellm.suppress_debug_info = litellm.suppress_debug_info, True
    try:
        with log.keep("LiteLLM") as kept:
            yield kept.lines
    finally:
        litellm.suppress_debug_info = advice
