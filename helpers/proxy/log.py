"""Read the log of a LiteLLM proxy: without keys, and for the cause of a failed start."""

from __future__ import annotations

import re
from collections.abc import Mapping

from helpers.keys import is_secret, mask

__all__ = ["PORT_TAKEN", "cause", "masked", "scrub", "verdict"]

VERDICT = re.compile(r"^LiteLLM proxy refused to start: .*", re.MULTILINE)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
PORT_TAKEN = re.compile(r"address already in use|error while attempting to bind", re.IGNORECASE)
CAUSES = (
    (
        re.compile(r"refused to start: .*master key", re.IGNORECASE),
        "LiteLLM refuses this master key.",
        "Leave LITELLM_MASTER_KEY out of environment, and one is made; none, an empty one and "
        "sk-1234 are not accepted.",
    ),
    (
        PORT_TAKEN,
        "Another program holds the port.",
        "Run the cell again, or pass another port.",
    ),
    (
        re.compile(r"yaml\.\w+\.\w+Error|(Scanner|Parser)Error"),
        "The config is not valid YAML.",
        "The log names the line; look at its indentation, colons and quotes.",
    ),
    (
        re.compile(r"No module named|ImportError|Missing dependency"),
        "A package that the proxy needs is missing.",
        'Install it with: pip install "litellm[proxy]"',
    ),
)


def cause(log: str) -> str:
    """Return the likely cause and the mend for a proxy that left this log."""
    found = (f"{cause}\n{mend}" for pattern, cause, mend in CAUSES if pattern.search(log))
    return next(found, "The cause is not one that this tutorial knows; its log may name it.")


def verdict(log: str) -> str:
    """Return the line in which LiteLLM itself says why it does not start, or nothing."""
    found = VERDICT.search(log)
    return found[0].strip() if found else ""


def masked(name: str, value: str) -> str:
    """Return the value of an environment variable, or stars for one that holds a key."""
    return "********" if is_secret(name) and value else value


def scrub(text: str, environment: Mapping[str, str]) -> str:
    """Drop colours, and put ``$NAME`` in the place of every secret of ``environment``."""
    found = {v: n for n, v in environment.items() if is_secret(n) and len(v) >= 8}
    for value in sorted(found, key=len, reverse=True):
        text = text.replace(value, f"${found[value]}")
    return mask(COLOUR.sub("", text))
