"""Where model calls and traces go, by mode and by the keys there are."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from helpers import causes, env_file
from helpers.environment import has_key
from helpers.errors import TutorialError
from helpers.translator.wanted import Wanted, wanted

__all__ = ["ANSWERS", "MODES", "TRACES", "Choice", "ModeError", "choose"]

MODES = ("auto", "replay", "live", "local", "record")

ANSWERS = {
    "recordings": "recorded",
    "provider": "live from the provider",
    "smollm2": "SmolLM2-135M-Instruct on this machine",
    "recorder": "passed through and recorded",
    "translated": "live from",
}
# Keys of providers that LiteLLM knows and that learners have; the first part is LiteLLM's own name.
OTHER_KEYS = tuple(
    f"{name}_API_KEY"
    for name in ("ANTHROPIC", "AZURE", "COHERE", "DEEPSEEK", "GEMINI", "GROQ", "MISTRAL")
) + ("OPENROUTER_API_KEY", "XAI_API_KEY")
TRACES = {"local": "a LangSmith on this machine", "langsmith": "LangSmith"}


class ModeError(TutorialError):
    """The mode is not one we know, or a key that it needs is missing."""


@dataclass(frozen=True)
class Choice:
    """A mode, and what it means here: ``model`` is a key of ANSWERS, ``traces`` one of TRACES.

    ``wanted`` are the models of a learner's own provider that answer in place of those named,
    ``unused`` the variables of keys that this choice makes no use of, and ``amiss`` what mends keys
    that it uses and that cannot be right. The latter two make it no other choice.
    """

    mode: str
    model: str
    traces: str
    wanted: Wanted | None = None
    unused: tuple[str, ...] = field(default=(), compare=False)
    amiss: tuple[str, ...] = field(default=(), compare=False)

    def line(self, speakers: Sequence[str] = ()) -> str:
        """Say it in one line; ``speakers`` are the models that the recordings are of."""
        answers = ANSWERS[self.model]
        if self.model == "recordings" and speakers:
            answers += f" from {_listed(speakers)}"
        if self.wanted:
            answers += f" {self.wanted.model}, asked for under the names in the cells"
        said = f"Model answers: {answers}. Traces: {TRACES[self.traces]}."
        said = " ".join([said, *self.amiss])
        return f"{said} {_set_and_unused(self.unused)}" if self.unused else said

    __str__ = line


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
    own = wanted(environ)
    if mode == "live":
        _require("OPENAI_API_KEY", provider or own is not None)
        _require("LANGSMITH_API_KEY", langsmith)
    model = {"replay": "recordings", "local": "smollm2", "record": "recorder"}.get(
        mode, "translated" if own else "provider" if provider else "recordings"
    )
    local = mode in ("replay", "record") or not langsmith
    return Choice(
        mode,
        model,
        "local" if local else "langsmith",
        wanted=own if model == "translated" else None,
        unused=_unused(environ, model, local=local),
        amiss=_amiss(environ, model, local=local),
    )


def _amiss(environ: Mapping[str, str], model: str, *, local: bool) -> tuple[str, ...]:
    used = ["OPENAI_API_KEY"] if model == "provider" else []
    used += [] if local else ["LANGSMITH_API_KEY"]
    mends = (causes.of_key(name, environ.get(name, "").strip()) for name in used)
    return tuple(mend for mend in mends if mend)


def _unused(environ: Mapping[str, str], model: str, *, local: bool) -> tuple[str, ...]:
    """Return the variables that hold a real key which is not used.

    In ``translated`` it is LiteLLM that knows which key it takes, so none is named.
    """
    if model == "translated":
        names: tuple[str, ...] = ()
    else:
        asked = model in ("provider", "recorder")
        names = OTHER_KEYS if asked else ("OPENAI_API_KEY", *OTHER_KEYS)
    names += ("LANGSMITH_API_KEY",) if local else ()
    return tuple(name for name in names if has_key(environ, name))


def _set_and_unused(names: Sequence[str]) -> str:
    of_other = [name for name in names if name in OTHER_KEYS]
    said = f"Set and not used: {', '.join(names)}."
    if not of_other:
        return said
    provider = of_other[0].removesuffix("_API_KEY").lower()
    return f"{said} TUTORIAL_MODEL={provider}/… asks that provider (README, Modes)."


def _listed(names: Sequence[str]) -> str:
    shown = [*names] if len(names) <= 3 else [*names[:2], f"{len(names) - 2} others"]
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _require(name: str, present: bool) -> None:
    if present:
        return
    if (file := env_file.found()) and name in env_file.names(file):
        raise ModeError(
            f"TUTORIAL_MODE is live, but {name} is not set: it stands in {file}, which the course "
            f"does not read. Start JupyterLab with that file:\n    {env_file.start_line(file)}"
        )
    raise ModeError(
        f"TUTORIAL_MODE is live, but {name} is not set. Export {name} before you start "
        "JupyterLab, or unset TUTORIAL_MODE to go on without keys."
    )
