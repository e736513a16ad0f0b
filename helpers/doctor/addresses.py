"""Where calls and traces would go, and whether somebody answers there."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from helpers.doctor.question import Question
from helpers.doctor.report import Check, address, masked
from helpers.environment import LANGSMITH, OPENAI, has_key, spelled
from helpers.keys import is_ours
from helpers.serving.loopback import HOST, leads_here

__all__ = ["addresses", "keys", "mode", "proxy_bypass"]

# To wait for an answer: a machine with a load of 10 took over 2 on loopback.
SECONDS = 5.0


def keys(environ: Mapping[str, str]) -> list[Check]:
    """Say which keys are set, and never what they are."""
    found = []
    for name in ("OPENAI_API_KEY", "LANGSMITH_API_KEY"):
        value = environ.get(name, "")
        detail = masked(value)
        if not value.strip():
            found.append(Check(name, "info", "not set: replayed and kept on this machine"))
        elif value != value.strip() or value.strip()[0] in "'\"":
            mend = f"export {name} again without spaces and quotes around it"
            found.append(Check(name, "problem", f"{detail}, with spaces or quotes", mend))
        else:
            found.append(Check(name, "ok", detail))
    return found


def mode(environ: Mapping[str, str]) -> tuple[Check, bool, bool]:
    """Return what ``session`` chooses, and whether the model and LangSmith may be asked."""
    from helpers.session import ModeError, choose

    try:
        choice = choose(environ=environ)
    except ModeError as error:
        return Check("mode", "problem", "not possible", str(error)), False, False
    model = choice.model == "provider" and has_key(environ, "OPENAI_API_KEY")
    return Check("mode", "ok", str(choice)), model, choice.traces == "langsmith"


def proxy_bypass(environ: Mapping[str, str], bypass: Any) -> list[Check]:
    """Find an HTTP proxy that would take requests to this machine (a campus has one).

    ``bypass`` says of a host whether it is reached without the proxy.
    """
    names = ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
    name = next((name for name in names if environ.get(name)), None)
    if name is None or bypass(HOST):
        return []
    detail = f"{name} is set and NO_PROXY lacks {HOST}: local services are not reached"
    if any(is_ours(environ.get(key, "")) for key in ("OPENAI_API_KEY", "LANGSMITH_API_KEY")):
        return [Check("NO_PROXY", "problem", detail, f"export NO_PROXY={HOST},localhost")]
    detail = f"{name} is set and NO_PROXY lacks {HOST}, which session.start() adds"
    mend = f"export NO_PROXY={HOST},localhost for scripts of your own"
    return [Check("NO_PROXY", "info", detail, mend)]


def addresses(environ: Mapping[str, str], *, ask_model: bool, ask_traces: bool) -> list[Check]:
    """Ask both addresses whether somebody answers; ``ask_…`` allows that beyond this machine.

    No key of the learner's is sent, only one of a session to its own service: any answer below 500
    counts, but there a refused key is told.
    """
    model = spelled(environ, "OPENAI_BASE_URL")
    endpoint = spelled(environ, "LANGSMITH_ENDPOINT")
    base = environ.get("LANGSMITH_BASE_URL")
    model_key, traces_key = (
        environ.get(name, "") for name in ("OPENAI_API_KEY", "LANGSMITH_API_KEY")
    )
    bearer = {"Authorization": f"Bearer {model_key}"} if is_ours(model_key) else {}
    own = {"x-api-key": traces_key} if is_ours(traces_key) else {}
    wanted = [("model API", model, OPENAI, "/models", ask_model, bearer)]
    wanted += [("LangSmith", endpoint, LANGSMITH, "/info", ask_traces, own)]
    if base and address(base) != address(endpoint):
        wanted += [("LangSmith (callback)", base, LANGSMITH, "/info", ask_traces, own)]
    found: list[Check | None] = [None] * len(wanted)

    def ask(at: int, arguments: tuple[str, str | None, str, str, bool, dict[str, str]]) -> None:
        found[at] = _address(*arguments)

    threads = [threading.Thread(target=ask, args=each, daemon=True) for each in enumerate(wanted)]
    for thread in threads:
        thread.start()
    for thread in threads:  # a lookup of a name heeds no timeout, hence one here
        thread.join(timeout=SECONDS + 1)
    return [
        check or _silent(name, url or default)
        for check, (name, url, default, *_) in zip(found, wanted, strict=True)
    ]


def _address(
    name: str, url: str | None, default: str, route: str, remote: bool, key: Mapping[str, str]
) -> Check:
    if not url and not remote:
        return Check(name, "info", "no address is set: session.start() starts it here")
    target = (url or default).strip().rstrip("/")
    here = leads_here(target)
    if not here and not remote:
        return Check(name, "info", f"{address(target)} was not asked: no key")
    try:
        status = _get(target + route, key if here else {})
    except TimeoutError:
        detail = f"{address(target)} takes the question and does not answer within "
        mend = "wait: what the SDK sends is tried again, what the callback sends is not"
        return Check(name, "problem", f"{detail}{SECONDS:g} s", mend)
    if status is None:
        return _silent(name, target)
    if status == 429:
        mend = "send less at once, or wait: the SDK tries again, the callback does not"
        return Check(name, "problem", f"{address(target)} limits requests (HTTP 429)", mend)
    if status == 401 and here and key:
        mend = "restart the kernel and run its first cell, session.start()"
        return Check(name, "problem", f"{address(target)} refuses the key of this session", mend)
    if status >= 500:
        mend = "look at the service's log" if here else "try again later"
        return Check(name, "problem", f"{address(target)} answers with HTTP {status}", mend)
    return Check(name, "ok", f"answers at {address(target)}")


def _silent(name: str, url: str) -> Check:
    mend = "look at the address, the network and a firewall"
    if leads_here(url):
        mend = "restart the kernel and run its first cell, session.start()"
    return Check(name, "problem", f"nobody answers at {address(url)}", mend)


def _get(url: str, headers: Mapping[str, str]) -> int | None:
    """Return the status that ``url`` answers with, or None; ``TimeoutError`` if it keeps silent."""
    try:
        return Question(url, headers).ask(seconds=SECONDS)[0]
    except TimeoutError:  # connected, and then nothing came
        raise
    except (OSError, ValueError):
        return None
