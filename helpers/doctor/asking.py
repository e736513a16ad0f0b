"""Ask both sides one question with the learner's keys, when that is wanted: are they taken?

This is the one place of the course that sends a real key itself, to the service that it is a key
of, and only on request: ``python -m helpers doctor --ask``, ``doctor.examine(asking=True)``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlencode

from helpers import causes
from helpers.doctor.question import Question
from helpers.doctor.report import Check, address
from helpers.environment import LANGSMITH, OPENAI, spelled

__all__ = ["asked"]

SECONDS = 20.0
LONGEST = 20_000  # bytes of an answer that are read
LONGEST_WORDS = 200  # characters of what the network says
MODEL = "gpt-4o-mini"  # the one that the lessons name


def asked(environ: Mapping[str, str], *, model: bool, traces: bool) -> Iterator[Check]:
    """Yield a check for each side that ``model`` and ``traces`` allow to be asked.

    The provider is asked for an answer of one token, since a list of models tells nothing of the
    quota; LangSmith for the name of one project, as the SDK and as LiteLLM's callback would ask.
    """
    if model:
        yield _check("provider, asked", _of_model(environ), causes.of_model, environ)
    if traces:
        for name, question in _of_langsmith(environ).items():
            yield _check(name, question, causes.of_langsmith, environ)
        if stranger := _of_others(environ):
            yield stranger


def _of_model(environ: Mapping[str, str]) -> Question:
    base = spelled(environ, "OPENAI_BASE_URL") or OPENAI
    body = {"model": MODEL, "max_tokens": 1, "messages": [{"role": "user", "content": "Hi"}]}
    headers = {"Authorization": f"Bearer {environ.get('OPENAI_API_KEY', '').strip()}"}
    headers |= {"Content-Type": "application/json"}
    return Question(f"{base.rstrip('/')}/chat/completions", headers, json.dumps(body).encode())


def _of_langsmith(environ: Mapping[str, str], query: str = "limit=1") -> dict[str, Question]:
    key = {"x-api-key": environ.get("LANGSMITH_API_KEY", "").strip()}
    sides = {
        "the SDK": (spelled(environ, "LANGSMITH_ENDPOINT"), "LANGSMITH_WORKSPACE_ID"),
        "the callback": (environ.get("LANGSMITH_BASE_URL"), "LANGSMITH_TENANT_ID"),
    }
    questions = {}
    for name, (base, workspace) in sides.items():
        there = (base or LANGSMITH).rstrip("/")
        tenant = {"x-tenant-id": environ[workspace]} if environ.get(workspace) else {}
        questions[f"LangSmith, asked by {name}"] = Question(
            f"{there}/api/v1/sessions?{query}", key | tenant
        )
    return questions


def _of_others(environ: Mapping[str, str]) -> Check | None:
    """Warn of a project that a learner has named and that was there before, of whomever."""
    from helpers.session import projects

    name = environ.get("LANGSMITH_PROJECT", "").strip()
    if not name or name in {each.name for each in projects.remembered(environ)}:
        return None
    asked = next(iter(_of_langsmith(environ, f"limit=1&{urlencode({'name': name})}").values()))
    try:
        status, body = asked.ask(seconds=SECONDS, longest=LONGEST)
        found = json.loads(body) if status == 200 else []
    except (OSError, ValueError):
        return None
    began = next((str(each["start_time"])[:10] for each in found if each.get("name") == name), None)
    if began is None:
        return None
    detail = f"{name} is there since {began}, and not by the course: others may send to it too"
    mend = "unset LANGSMITH_PROJECT if it is not yours: the course then names one that is"
    return Check("LANGSMITH_PROJECT", "warning", detail, mend)


def _mend(words: str) -> str:
    cause = causes.of_connection(words)
    if cause is not causes.NOBODY:
        return cause.mend
    return "look at the address, the network, HTTPS_PROXY and a firewall"


Why = Callable[[int, str, Mapping[str, str]], causes.Cause | None]


def _check(name: str, question: Question, why: Why, environ: Mapping[str, str]) -> Check:
    where = address(question.url.partition("?")[0])
    try:
        status, body = question.ask(seconds=SECONDS, longest=LONGEST)
    except (OSError, ValueError) as error:
        told = f"{where} gives no answer ({causes.one_line(str(error), LONGEST_WORDS)})"
        return Check(name, "problem", told, _mend(str(error)))
    cause = why(status, body, environ)
    if cause is None:
        return Check(name, "ok", f"{where} takes the key")
    return Check(name, "problem", cause.what, cause.mend)
