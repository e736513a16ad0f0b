"""The proxy that runs, or the config that one would be started with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from helpers.paths import PROXY_CONFIG

__all__ = ["Config", "parse", "settings"]


@dataclass(frozen=True)
class Config:
    """What a proxy's config says about logging to LangSmith."""

    events: frozenset[str] = frozenset()
    batch_size: object = None


def settings(path: str | Path | None = None) -> Config:
    """Read a proxy's config, the tutorial's own by default; empty when it cannot be read."""
    try:
        return parse(Path(path or PROXY_CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Config()


def parse(text: str) -> Config:
    """Return what ``litellm_settings`` of a config says; raise ``ValueError`` for bad YAML."""
    try:
        import yaml  # comes with litellm[proxy]

        config = yaml.safe_load(text)
    except Exception as error:
        raise ValueError(f"the config cannot be read: {error}") from error
    chosen = config.get("litellm_settings") if isinstance(config, Mapping) else None
    if not isinstance(chosen, Mapping):
        return Config()
    both = "langsmith" in (chosen.get("callbacks") or ())
    lists = {"success": "success_callback", "failure": "failure_callback"}
    events = {each for each, key in lists.items() if both or "langsmith" in (chosen.get(key) or ())}
    return Config(frozenset(events), chosen.get("langsmith_batch_size"))
