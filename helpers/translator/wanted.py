"""Which model a learner wants in the place of those that lessons name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

__all__ = ["EMBEDDING_VARIABLE", "MODEL_VARIABLE", "Wanted", "wanted"]

MODEL_VARIABLE = "TUTORIAL_MODEL"
EMBEDDING_VARIABLE = "TUTORIAL_EMBEDDING_MODEL"


@dataclass(frozen=True)
class Wanted:
    """The names that LiteLLM gives to a model for chat and to one for vectors, or None."""

    model: str
    embedding: str | None = None

    @property
    def json(self) -> str:
        """The two as JSON, to be handed to a process."""
        return json.dumps(asdict(self))

    @classmethod
    def of_json(cls, text: str) -> Wanted:
        """Return what ``json`` gave."""
        return cls(**json.loads(text))


def wanted(environ: Mapping[str, str]) -> Wanted | None:
    """Return what the variables of ``environ`` ask for, or None."""
    model = environ.get(MODEL_VARIABLE, "").strip()
    embedding = environ.get(EMBEDDING_VARIABLE, "").strip()
    return Wanted(model, embedding or None) if model else None
