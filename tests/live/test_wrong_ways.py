"""Twelve ways to have it wrong: each says its cause, with what mends it, in at most three lines.

Where a learner meets it: in the first cell, in a cell that fails or that looks for its trace, or by
``doctor --ask``. The services are real ones on this machine (``wrong``).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from langsmith import Client

from helpers import doctor, session, traces
from helpers.__main__ import main
from helpers.session import projects
from helpers.session.failures import WHOLE, told
from tests.live import hosted, scripted, shaped
from tests.live.wrong import LANGSMITH, World, world

MOST = 3  # lines
CHAT = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "What is HTTP?"}]}
WRONG = "w" * 24
TRACES = "LangSmith, asked by the"


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("wrong")) as services:
        yield services


def right(there: World) -> dict[str, str | None]:
    """Return what a learner has set who has everything right."""
    own = {"TUTORIAL_MODE": "live", "TUTORIAL_LEARNER": "ada", "LANGSMITH_TRACING": "true"}
    own |= {"OPENAI_API_KEY": scripted.KEY, "OPENAI_BASE_URL": there.provider}
    own |= {"LANGSMITH_API_KEY": LANGSMITH, "LANGSMITH_ENDPOINT": there.langsmith}
    return {**own, "LANGSMITH_WORKSPACE_ID": hosted.WORKSPACE}


def first_cell() -> str:
    with session.start() as running:
        return str(running)


def call(**changed: Any) -> Any:
    import litellm

    with session.start():
        return litellm.completion(**CHAT | {"max_retries": 0} | changed)


def call_another() -> Any:
    return call(model="openai/gpt-5-nope")


def call_a_slip() -> Any:
    return call(model="gtp-4o-mini")


def client() -> Any:
    import openai

    with session.start():
        return openai.OpenAI(max_retries=0).chat.completions.create(**CHAT)


def embed() -> Any:
    import litellm

    with session.start():
        words = {"model": "text-embedding-3-small", "input": ["HTTP"]}
        return litellm.embedding(**words, max_retries=0)


def trace() -> str:
    """Make a trace, and look for it."""
    import langsmith

    with session.start():
        langsmith.traceable(lambda term: term, name="define")("HTTP")
        return str(traces.show(timeout=1))


def ask() -> str:
    """Ask by the doctor; what is right is left out, and so is the second of two that are alike."""
    found = doctor.examine([], asking=True).checks
    return str(next((each for each in found if each.status != "ok"), ""))


@dataclass(frozen=True)
class Wrong:
    """What is wrong: the variables of it, and where what is said (parts of the lines there)."""

    changed: Callable[[World], dict[str, str | None]]
    says: dict[Callable[[], Any], tuple[str, ...]]


BETWEEN = "such as a company's proxy: look at HTTPS_PROXY"
QUOTED = "OPENAI_API_KEY has quotes in it: export it again without them."
OTHERS = ("glossary is there since 20", "unset LANGSMITH_PROJECT if it is not yours")
CERTIFICATE = "set SSL_CERT_FILE and REQUESTS_CA_BUNDLE"
REGION = ("Invalid token", "not of the region of this address")
WORKSPACE = ("org_scoped_key_requires_workspace", "set LANGSMITH_WORKSPACE_ID to one")
SPOKEN = "http://provider.example/v1"
AROUND = {"OPENAI_BASE_URL": SPOKEN, "LANGSMITH_ENDPOINT": "http://langsmith.example"}
TUNNELLED = {name: url.replace("http:", "https:") for name, url in AROUND.items()}

WAYS = {
    "the provider's key is missing": Wrong(
        lambda w: {"OPENAI_API_KEY": None},
        {first_cell: ("OPENAI_API_KEY is not set", "Export OPENAI_API_KEY before")},
    ),
    "LangSmith's key is missing": Wrong(
        lambda w: {"LANGSMITH_API_KEY": None},
        {first_cell: ("LANGSMITH_API_KEY is not set", "Export LANGSMITH_API_KEY before")},
    ),
    "the provider's key is wrong": Wrong(
        lambda w: {"OPENAI_API_KEY": f"sk-proj-{WRONG}"},
        dict.fromkeys((call, client, ask), ("Incorrect API key", "Set OPENAI_API_KEY to a key")),
    ),
    "LangSmith's key is wrong": Wrong(
        lambda w: {"LANGSMITH_API_KEY": f"lsv2_pt_{WRONG}"},
        dict.fromkeys((trace, ask), ("Invalid token", "The key is wrong")),
    ),
    "the provider's quota is used up": Wrong(
        lambda w: {"OPENAI_API_KEY": scripted.EMPTY},
        dict.fromkeys((call, client, ask), ("exceeded your current quota", "no credit left")),
    ),
    "LangSmith's month is used up": Wrong(
        lambda w: {"LANGSMITH_ENDPOINT": w.full},
        {trace: ("Monthly unique traces usage limit exceeded", "The plan's limit is reached")},
    ),
    "the region is another": Wrong(
        lambda w: {"LANGSMITH_ENDPOINT": w.america}, dict.fromkeys((trace, ask), REGION)
    ),
    "the workspace is missing": Wrong(
        lambda w: {"LANGSMITH_WORKSPACE_ID": None}, dict.fromkeys((trace, ask), WORKSPACE)
    ),
    "the model is unknown": Wrong(
        lambda w: {},
        {
            call_another: ("does not exist", "Name a model that your account has"),
            call_a_slip: ("LLM Provider NOT provided", "look for a slip in its name"),
        },
    ),
    "the model of another provider is unknown": Wrong(
        lambda w: w.anthropic("claude-nope"),
        {ask: ("model: claude-nope", "Name in TUTORIAL_MODEL a model")},
    ),
    "another provider's key is wrong": Wrong(
        lambda w: w.anthropic(shaped.CLAUDE) | {"ANTHROPIC_API_KEY": f"sk-ant-{WRONG}"},
        {call: ("invalid x-api-key", "Set ANTHROPIC_API_KEY to a key")},
    ),
    "the provider has no embeddings": Wrong(
        lambda w: {"OPENAI_BASE_URL": w.chat_only},
        {embed: ("404", "This provider makes no vectors")},
    ),
    "another provider has no embeddings": Wrong(
        lambda w: w.anthropic(shaped.CLAUDE),
        {embed: ("makes no vectors here", "Set TUTORIAL_EMBEDDING_MODEL to a model that does")},
    ),
    "the project is a stranger's": Wrong(
        lambda w: {"LANGSMITH_PROJECT": "glossary"}, {ask: OTHERS}
    ),
    "LangSmith is slow to show": Wrong(
        lambda w: {"LANGSMITH_ENDPOINT": w.late},
        {trace: ("has taken 1, which cannot be read yet", "run this cell again")},
    ),
    "the two keys are swapped": Wrong(
        lambda w: {"LANGSMITH_API_KEY": scripted.KEY, "OPENAI_API_KEY": LANGSMITH},
        dict.fromkeys((first_cell, call, trace, ask), ("the two keys are swapped",)),
    ),
    "the two addresses are swapped": Wrong(
        lambda w: {"LANGSMITH_ENDPOINT": w.provider, "OPENAI_BASE_URL": w.langsmith},
        dict.fromkeys((call, trace, ask), ("are OPENAI_BASE_URL and LANGSMITH_ENDPOINT swapped?",)),
    ),
    "a company's proxy lets nothing through": Wrong(
        lambda w: {"HTTP_PROXY": w.blocking, **AROUND},
        dict.fromkeys((call, client, trace, ask), ("Access denied", BETWEEN)),
    ),
    "a company's proxy asks who it is": Wrong(
        lambda w: {"HTTPS_PROXY": w.asking, **TUNNELLED},
        dict.fromkeys((call, trace, ask), (BETWEEN,)),
    ),
    "a company's proxy opens what is encrypted": Wrong(
        lambda w: {"OPENAI_BASE_URL": f"{w.opening}/v1", "LANGSMITH_ENDPOINT": w.opening},
        dict.fromkeys((call, client, trace, ask), ("company's proxy", CERTIFICATE)),
    ),
    "the keys are in quotes": Wrong(
        lambda w: {"OPENAI_API_KEY": f'"{scripted.KEY}"', "LANGSMITH_API_KEY": f"'{LANGSMITH}'"},
        dict.fromkeys((first_cell, call, ask), (QUOTED,)),
    ),
}


@pytest.fixture
def lines(
    request: pytest.FixtureRequest,
    there: World,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Any,
    capsys: pytest.CaptureFixture[str],
) -> dict[Callable[[], Any], list[str]]:
    """What is said at each place where one way is met, without how to see the whole traceback."""
    way: Wrong = request.param
    monkeypatch.setenv(projects.VARIABLE, str(tmp_path / "projects.json"))
    for name, value in {**right(there), **way.changed(there)}.items():
        monkeypatch.delenv(name, raising=False) if value is None else monkeypatch.setenv(
            name, value
        )
    said = {}
    for place in way.says:
        try:
            shown = str(place()).splitlines()
        except Exception as error:
            shown = "\n".join(told(error, os.environ) or [repr(error)] * (MOST + 1)).splitlines()
        said[place] = [line for line in shown if line != WHOLE]
    capsys.readouterr()  # LiteLLM's own advice, which it prints in front of each failure
    with capsys.disabled():
        if request.config.getoption("verbose") > 0:
            _print(request.node.callspec.id, said)
    return said


def _print(way: str, said: dict[Callable[[], Any], list[str]]) -> None:
    print(f"\n== {way}")
    for place, shown in said.items():
        print(f"-- {place.__name__}", *(f"   {line}" for line in shown), sep="\n")


@pytest.mark.parametrize(
    ("lines", "way"),
    [pytest.param(way, way, id=name) for name, way in WAYS.items()],
    indirect=["lines"],
)
def test_what_is_wrong_is_told_with_what_mends_it(lines: dict[Any, list[str]], way: Wrong):
    for place, parts in way.says.items():
        assert len(lines[place]) <= MOST, place.__name__
        for part in parts:
            assert part in "\n".join(lines[place]), place.__name__
        whole = "\n".join(lines[place])
        assert scripted.KEY not in whole and LANGSMITH not in whole


def test_a_strangers_project_stays_where_the_course_names_it_later(
    there: World, monkeypatch, tmp_path, capsys
):
    monkeypatch.setenv(projects.VARIABLE, str(tmp_path / "projects.json"))
    for name, value in right(there).items():
        monkeypatch.setenv(name, str(value))
    own = {"api_url": there.langsmith, "api_key": LANGSMITH, "workspace_id": hosted.WORKSPACE}
    Client(**own).create_project("glossary-of-ada")
    # The clock of the file is the learner's; a second later is later by any.
    monkeypatch.setattr(projects, "datetime", _Later)
    projects.named("glossary")
    assert main(["clean", "--yes"]) == 0
    assert "glossary-of-ada is older than the course's" in capsys.readouterr().err
    assert Client(**own).has_project("glossary-of-ada") and Client(**own).has_project("glossary")


class _Later(datetime):
    """A clock that is an hour ahead."""

    @classmethod
    def now(cls, tz: Any = None) -> datetime:
        return super().now(tz) + timedelta(hours=1)


def test_who_has_all_right_is_told_nothing(there: World, monkeypatch, tmp_path):
    monkeypatch.setenv(projects.VARIABLE, str(tmp_path / "projects.json"))
    for name, value in right(there).items():
        monkeypatch.setenv(name, str(value))
    assert first_cell() == "Model answers: live from the provider. Traces: LangSmith."
    assert "define" in trace() and ask() == ""
