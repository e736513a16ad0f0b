"""What looks like a key: one list of shapes, by which logs and reports mask and recordings refuse.

The shapes are those of the services that a learner may have keys of: OpenAI and LiteLLM (``sk-``),
LangSmith (``lsv2_``), AWS, GitHub, Hugging Face, Google, Slack, JSON web tokens. A session's own
keys, which open its services on this machine and nothing else, say so and are kept as secret.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field

__all__ = ["MASK", "Keys", "is_ours", "is_secret", "kind_of", "mask"]

MASK = "[a key]"
_OURS = "no-real-key-"  # no service of anybody else gives keys that begin so

# How a key begins, what follows, and how many characters of that make it one beyond doubt. A mask
# costs nothing, so it takes six; a recording that is refused is lost, so it takes them all.
_SHAPES = (
    ("sk-", r"[\w-]", 16),
    ("lsv2_", r"\w", 8),
    ("(?:AKIA|ASIA)", r"[0-9A-Z]", 16),
    ("gh[pousr]_", r"\w", 20),
    ("github_pat_", r"\w", 20),
    ("hf_", r"\w", 20),
    ("AIza", r"[\w-]", 30),
    ("xox[abprs]-", r"[\w-]", 10),
    (_OURS, r"[\w-]", 16),
)
_FEW = 6
_JWT = r"\beyJ[\w-]{10,}\.[\w-]{10,}"
_BEARER = r"(?i:\bbearer\s+(?=[\w.~+/=-]*\d)[\w.~+/=-]{8,})"


def _shapes(few: int | None = None) -> str:
    return "|".join(f"{start}{rest}{{{few or many},}}" for start, rest, many in _SHAPES)


_CERTAIN = {
    "an API key": rf"(?<![A-Za-z0-9])(?:{_shapes()})",
    "a token": rf"{_BEARER}|{_JWT}|-----BEGIN [A-Z ]*PRIVATE KEY",
    "an organisation or project id": r"\b(?:org-|proj_)(?=\w*\d)\w{16,}",
    # RFC 2606 reserves these domains: an address there is nobody's.
    "an e-mail address": r"[\w.+-]+@(?!(?:[\w-]+\.)*"
    r"(?:example\.(?:com|org|net)|example|test|invalid)(?![\w-]|\.\w))[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}",
}
_KINDS = {kind: re.compile(pattern) for kind, pattern in _CERTAIN.items()}
_MASKED = re.compile(rf"(?<![A-Za-z0-9])(?:{_shapes(_FEW)})[.\w-]*|\beyJ[\w-]{{{_FEW},}}[.\w-]*")
_NAMES = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL", re.IGNORECASE)


@dataclass(frozen=True)
class Keys:
    """The keys of a session's two services, made at random; each opens one of them."""

    model: str = field(default_factory=lambda: _made("model"), repr=False)
    langsmith: str = field(default_factory=lambda: _made("langsmith"), repr=False)


def _made(service: str) -> str:
    return f"{_OURS}{service}-{secrets.token_hex(16)}"


def is_ours(key: str) -> bool:
    """Whether ``key`` is one of ``Keys``, of whichever session: it opens no service of others."""
    return key.strip().startswith(_OURS)


def kind_of(text: str) -> str | None:
    """Return what private thing stands in ``text`` beyond doubt, such as "an API key", or None."""
    return next((kind for kind, pattern in _KINDS.items() if pattern.search(text)), None)


def mask(text: str) -> str:
    """Return ``text`` with ``[a key]`` in the place of all that begins like a key or a token."""
    return _MASKED.sub(MASK, text)


def is_secret(name: str) -> bool:
    """Whether the environment variable ``name`` is one that holds a secret."""
    return _NAMES.search(name) is not None
