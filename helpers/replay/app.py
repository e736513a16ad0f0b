"""The application: the routes, and what it keeps; ``order`` says who answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Route

from helpers import smollm2
from helpers.replay.answerer import Answerer
from helpers.replay.answerers import Recordings
from helpers.replay.order import in_order
from helpers.replay.service import Service
from helpers.replay.upstream import Provider
from helpers.serving.state import keep, kept

__all__ = ["State", "create_app", "state_of"]


@dataclass(frozen=True)
class State:
    """``used`` names the recordings asked for; ``answerers`` are who is asked, in order.

    ``speakers`` are the models that recordings are of. ``surprises`` says who answered in their
    place, once an answer; whoever tells the learner takes it from there. ``calls`` are the models
    that were asked, once a request that was answered.
    """

    used: set[str]
    answerers: tuple[Answerer, ...]
    speakers: tuple[str, ...]
    surprises: list[str]
    calls: list[str]


def create_app(
    recordings: Path,
    *,
    strict: bool,
    provider: Provider | None = None,
    overwrite: bool = False,
    timing: bool = False,
    pace: float = 1.0,
    use_local_model: bool = True,
    model: smollm2.Model | None = None,
    translated: Provider | None = None,
) -> Starlette:
    """Return the application; its routes are found with ``/v1`` before them and without.

    ``recordings`` is their folder. With ``provider``, what has no recording is asked there and
    recorded; ``overwrite`` records anew what has one, once for each request, and ``timing`` adds
    to recordings the seconds that they lack. ``pace`` multiplies the recorded times. ``strict``
    refuses what has no recording; otherwise the local model answers, unless ``use_local_model`` is
    false, and else a stand-in. With ``model``, one that runs already, it alone answers, and with
    ``translated``, an address that answers whatever model is named, that alone.

    ``state_of(app)`` tells which recordings were asked for; their names are also appended to the
    file that ``TUTORIAL_USED_RECORDINGS`` names. Raises ``RecordingError`` when a recording is
    damaged.
    """
    recorded = Recordings(
        recordings,
        renew=provider is not None and overwrite,
        timing=provider is not None and timing,
        pace=pace,
    )
    answerers = in_order(
        recorded,
        strict=strict,
        provider=provider,
        use_local_model=use_local_model,
        model=model,
        translated=translated,
    )
    service = Service(recorded, answerers, trusting=bool(provider or translated))
    routes = []
    for prefix in ("/v1", ""):
        routes += [
            Route(f"{prefix}/models", service.models),
            Route(f"{prefix}/models/{{name:path}}", service.model),
            Route(f"{prefix}/{{route:path}}", service.post, methods=["POST"]),
        ]
    routes.append(Route("/{route:path}", service.unknown))
    app = Starlette(
        routes=routes,
        lifespan=service.lifespan,
        exception_handlers={Exception: service.failed, 405: service.unknown},
    )
    speakers = recorded.speakers()
    keep(app, State(recorded.used, service.answerers, speakers, service.surprises, service.calls))
    return app


def state_of(app: Starlette) -> State:
    """Return the state of an application that ``create_app`` has made; ``TypeError`` for others."""
    return kept(app, State)
