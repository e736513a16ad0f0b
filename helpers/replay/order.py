"""Who is asked for an answer, and in which order: the first that has one gives it.

An answerer is a module of ``answerers``; which of them a service has is decided here.
"""

from __future__ import annotations

from helpers import smollm2
from helpers.replay.answerer import Answerer
from helpers.replay.answerers import LocalModel, Recorder, Recordings, StandIn, Translated
from helpers.replay.upstream import Provider

__all__ = ["in_order"]


def in_order(
    recorded: Recordings,
    *,
    strict: bool,
    provider: Provider | None = None,
    use_local_model: bool = True,
    model: smollm2.Model | None = None,
    translated: Provider | None = None,
) -> list[Answerer]:
    """Return who is asked, first to last; the arguments are those of ``create_app``.

    ``recorded`` comes first, unless ``translated`` or ``model`` answers alone. After it stands the
    provider, whose answers are recorded, or, where not ``strict``, the local model and a stand-in.
    """
    if translated is not None:
        return [Translated(translated)]
    if model is not None:
        return [LocalModel(model)]
    if provider:
        return [recorded, Recorder(provider, recorded)]
    if strict:
        return [recorded]
    return [recorded, *([LocalModel()] if use_local_model else []), StandIn()]
