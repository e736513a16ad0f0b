"""Run the process in which LiteLLM asks the learner's provider."""

from __future__ import annotations

import re
from collections.abc import Mapping

from helpers.processes.served import Served, start_serving
from helpers.translator.wanted import Wanted

__all__ = ["FOLDER_VARIABLE", "KEY_VARIABLE", "WANTED_VARIABLE", "Translator", "start"]

FOLDER = "litellm-tutorial-translator-"
FOLDER_VARIABLE = "TUTORIAL_TRANSLATOR_FOLDER"
KEY_VARIABLE = "TUTORIAL_TRANSLATOR_KEY"
WANTED_VARIABLE = "TUTORIAL_TRANSLATOR_WANTED"
TARGET = "helpers.translator.serve:main"
SECONDS = 60.0  # to import LiteLLM on a cold disk; three are usual
TRACING = re.compile(r"(LANGSMITH|LANGCHAIN)_.*")

Translator = Served  # ``url`` ends in ``/v1``


def start(wanted: Wanted, own: Mapping[str, str]) -> Translator:
    """Start it and return when it answers.

    ``own`` is the learner's environment, of which the process gets all but what is LangSmith's: the
    provider's key is among it. Raises ``TutorialError`` when it does not come up, as it does not
    where LiteLLM misses a variable for this model.
    """
    environment = {name: value for name, value in own.items() if not TRACING.fullmatch(name)}
    environment |= {"LITELLM_LOCAL_MODEL_COST_MAP": "True", WANTED_VARIABLE: wanted.json}
    return start_serving(
        TARGET,
        name=f"process that asks {wanted.model}",
        prefix=FOLDER,
        environment=environment,
        folder_variable=FOLDER_VARIABLE,
        key_variable=KEY_VARIABLE,
        seconds=SECONDS,
    )
