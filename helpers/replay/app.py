"""The application: routes to the service."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Route

from helpers.recorder import Provider
from helpers.replay.service import Service

__all__ = ["create_app"]


def create_app(
    recordings: Path,
    *,
    strict: bool,
    provider: Provider | None = None,
    overwrite: bool = False,
    pace: float = 1.0,
    use_local_model: bool = True,
) -> Starlette:
    """Return the application; its routes are found with ``/v1`` before them and without.

    ``recordings`` is their folder. With ``provider``, what has no recording is asked there and
    recorded; ``overwrite`` records anew what has one, once for each request. ``pace`` multiplies
    the recorded delays of streams. ``app.state.used`` holds the names of the recordings asked
    for; they are also appended to the file that ``TUTORIAL_USED_RECORDINGS`` names. Raises
    ``RecordingError`` when a recording is damaged.
    """
    service = Service(recordings, strict=strict, provider=provider, overwrite=overwrite, pace=pace)
    service.use_local_model = use_local_model
    routes = []
    for prefix in ("/v1", ""):
        routes += [
            Route(f"{prefix}/models", service.models),
            Route(f"{prefix}/models/{{name:path}}", service.model),
            Route(f"{prefix}/{{route:path}}", service.post, methods=["POST"]),
        ]
    routes.append(Route("/{route:path}", service.unknown))
    app = Starlette(routes=routes, lifespan=service.lifespan)
    app.state.used = service.used
    return app
