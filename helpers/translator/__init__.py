"""Any provider that LiteLLM knows, behind an OpenAI-compatible address on this machine.

``TUTORIAL_MODEL`` names the model, as LiteLLM does: ``anthropic/claude-haiku-4-5``,
``azure/my-deployment``, ``ollama/llama3.2``. LiteLLM itself asks it, in a process of its own, so
that no callback of a lesson hears those calls too.
"""

from __future__ import annotations

from helpers.translator.process import Translator, start
from helpers.translator.wanted import EMBEDDING_VARIABLE, MODEL_VARIABLE, Wanted, wanted

__all__ = ["EMBEDDING_VARIABLE", "MODEL_VARIABLE", "Translator", "Wanted", "start", "wanted"]
