"""What a session starts on this machine: the two services, and the local model if it is needed."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from helpers import network, paths
from helpers.environment import OPENAI, has_key, spelled
from helpers.keys import Keys
from helpers.session.choice import Choice
from helpers.session.interrupts import within

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from helpers import smollm2
    from helpers.replay import Provider

__all__ = ["FOLDER", "asks_provider", "readers", "recorded_provider", "start_services"]

FOLDER = "litellm-tutorial-"
SECONDS = 30.0  # to read recordings and make a database; a tenth of one is usual


def start_services(
    choice: Choice, own: Mapping[str, str], keys: Keys, opened: contextlib.ExitStack
) -> tuple[Starlette, str] | None:
    """Start what ``choice`` needs and return the application and its address.

    None when everything is live. ``own`` is the learner's environment, ``keys`` are those that the
    services will ask for; what was started is ended by closing ``opened``. Raises ``TutorialError``
    for what does not come up.
    """
    if choice.model == "provider" and choice.traces == "langsmith":
        return None
    # Imported here: the services cost more than choosing a live mode should.
    from helpers.langsmith_local.replica import seconds
    from helpers.processes import folders
    from helpers.replay.pace import pace
    from helpers.services import create_app, guarded
    from helpers.serving.server import Server

    lag = seconds(own.get("TUTORIAL_LAG"))
    speed = pace(own)
    model = _local_model(opened) if _needs_local_model(choice, own) else None
    provider = _provider(own, model) if choice.model == "recorder" else None
    translated = _translated(choice, own, opened)
    folder = opened.enter_context(folders.temporary(FOLDER))
    recordings = Path(own.get("TUTORIAL_RECORDINGS") or paths.RECORDINGS)
    app = within(
        SECONDS,
        f"reading {recordings} and making a database in {folder}",
        lambda: create_app(
            folder / "traces.sqlite",
            recordings=_existing(recordings) if provider is None else recordings,
            strict=own.get("TUTORIAL_STRICT") == "1",
            provider=provider,
            overwrite=own.get("TUTORIAL_RERECORD") == "1",
            timing=own.get("TUTORIAL_RERECORD") == "seconds",
            pace=speed,
            model=model if choice.model == "smollm2" else None,
            translated=translated,
            keys=keys,
            lag=lag,
        ),
    )
    return app, opened.enter_context(Server(guarded(app), name="tutorial services")).url


def asks_provider(choice: Choice, own: Mapping[str, str]) -> bool:
    """Whether the services here pass requests on to a provider, to record the answers."""
    return choice.model == "recorder" and has_key(own, "OPENAI_API_KEY")


def readers(choice: Choice, own: Mapping[str, str]) -> list[str]:
    """Return which HTTP clients go beyond this machine; none when everything is local."""
    model = choice.model in ("provider", "translated") or asks_provider(choice, own)
    traces = choice.traces == "langsmith"
    return [*([network.HTTPX] if model or traces else []), *([network.REQUESTS] if traces else [])]


def recorded_provider(own: Mapping[str, str], opened: contextlib.ExitStack) -> Provider:
    """Return who answers while recording: the provider of the environment, else SmolLM2.

    SmolLM2 is started for it, and ended by closing ``opened``. Raises ``TutorialError``.
    """
    keyed = has_key(own, "OPENAI_API_KEY")
    return _provider(own, None if keyed else _local_model(opened))


def _translated(
    choice: Choice, own: Mapping[str, str], opened: contextlib.ExitStack
) -> Provider | None:
    """Start what asks the learner's own provider, and return its address."""
    if choice.wanted is None:
        return None
    from helpers import replay, translator

    process = translator.start(choice.wanted, own)
    opened.callback(process.stop)
    name = choice.wanted.model
    return replay.Provider(base_url=process.url, api_key=process.key, name=name)


def _needs_local_model(choice: Choice, own: Mapping[str, str]) -> bool:
    recording = choice.model == "recorder" and not asks_provider(choice, own)
    return choice.model == "smollm2" or recording


def _local_model(opened: contextlib.ExitStack) -> smollm2.Model:
    from helpers import smollm2
    from helpers.view import progress

    if not smollm2.available():
        return smollm2.start()  # which says what to install
    with progress.shown(smollm2.RUNS_HERE) as tick:
        model = smollm2.start(tick, shared=True)
    opened.callback(model.stop)
    return model


def _provider(own: Mapping[str, str], model: smollm2.Model | None) -> Provider:
    """Return who answers while recording: the provider of the environment, else SmolLM2."""
    from helpers import replay, smollm2

    if model is not None:
        return replay.Provider(base_url=model.url, api_key=model.key, name=smollm2.MODEL)
    url = spelled(own, "OPENAI_BASE_URL")
    return replay.Provider(
        base_url=url or OPENAI,
        api_key=own["OPENAI_API_KEY"],
        name="openai-compatible" if url else "openai",
    )


def _existing(recordings: Path) -> Path:
    """Return the folder; who records may name one that is made by the first recording."""
    from helpers import recording

    recording.check_folder(recordings)
    return recordings
