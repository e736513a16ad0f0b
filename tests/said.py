"""What the recordings say to a question of the lessons, so that tests hold for whichever these are.

Recorded anew with another model (``tests.live.anew``), lessons have other words and other counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from helpers import recording
from helpers.paths import RECORDINGS

__all__ = ["Said", "said", "speakers", "vector_length"]

PRICE_IN, PRICE_OUT = 0.15e-6, 0.6e-6  # dollars a token of gpt-4o-mini


@dataclass(frozen=True)
class Said:
    """An answer: the model that it names, its text, and the tokens of question and answer."""

    model: str
    text: str
    tokens_in: int
    tokens_out: int

    @property
    def tokens(self) -> int:
        """All tokens."""
        return self.tokens_in + self.tokens_out

    @property
    def cost(self) -> float:
        """US dollars, at LiteLLM's price of gpt-4o-mini."""
        return self.tokens_in * PRICE_IN + self.tokens_out * PRICE_OUT


@cache
def said(term: str) -> Said:
    """Return the recorded answer to "What is ``term``? Answer in one sentence."."""
    question = {"role": "user", "content": f"What is {term}? Answer in one sentence."}
    asked = {"model": "gpt-4o-mini", "messages": [question], "temperature": 0}
    one = recording.load(RECORDINGS)[recording.key("/chat/completions", asked)]
    body = one.response["body"]
    usage = body["usage"]
    text = str(body["choices"][0]["message"]["content"])
    return Said(body["model"], text, usage["prompt_tokens"], usage["completion_tokens"])


def vector_length() -> int:
    """Return how many numbers the recorded vectors have."""
    recorded = recording.load(RECORDINGS).values()
    bodies = [one.response["body"] for one in recorded if one.path == "/embeddings"]
    return len(bodies[0]["data"][0]["embedding"])


def speakers() -> list[str]:
    """Return the models of which the recordings are."""
    return sorted({one.speaker for one in recording.load(RECORDINGS).values()})
