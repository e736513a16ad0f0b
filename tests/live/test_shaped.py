"""Providers that do not speak OpenAI's protocol carry the guide's lessons to their end.

A learner sets one variable, ``TUTORIAL_MODEL``, and what LiteLLM needs for that provider; here one
that speaks as Anthropic does, and one as Ollama. Lessons 00 to 04 are run as in ``test_lessons``:
``pytest tests/live/test_shaped.py --live``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live import running, shaped
from tests.live.hosted import hosted
from tests.live.running import LESSONS, Live

# What a learner sets; the address is that of the stand-in.
OWN = {
    "anthropic": {
        "TUTORIAL_MODEL": f"anthropic/{shaped.CLAUDE}",
        "ANTHROPIC_API_BASE": "{}",
        "ANTHROPIC_API_KEY": shaped.KEY,
    },
    **{
        name: {"TUTORIAL_MODEL": f"{name}/{shaped.LLAMA}", "OLLAMA_API_BASE": "{}"}
        for name in ("ollama", "ollama_chat")
    },
}
GUIDE = [path for path in LESSONS if path.name[:2] <= "04"]


@pytest.fixture(scope="module", params=list(OWN))
def live(
    asked_for: None, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Live]:
    folder, log = tmp_path_factory.mktemp("shaped"), []
    with running.provided(shaped.create_app(log), folder) as url, hosted(folder) as there:
        own = {name: value.format(url) for name, value in OWN[request.param].items()}
        keys = (shaped.KEY, there["LANGSMITH_API_KEY"])
        environment = running.learner(there, folder, **own)
        yield Live(request.param, environment, log, folder, keys)


@pytest.mark.parametrize("path", GUIDE, ids=lambda path: path.name[:2])
def test_a_lesson_is_carried_to_its_end(path: Path, live: Live, record_property: Any):
    done = running.ran(path, live)
    record_property("live", done.row(live.provider))
    assert done.failed == {} and done.other == {}
    assert done.calls > 0  # it was this provider that answered


def test_no_key_is_in_a_file_that_was_left(live: Live):
    assert running.search(live) == []
