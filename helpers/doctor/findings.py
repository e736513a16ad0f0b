"""Where the layers differ, each with the sentence that explains it and the line that mends it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from helpers.doctor.report import Check, plain
from helpers.doctor.seen import NO_CLOCK, Seen
from helpers.environment import LANGSMITH, has_key, spelled
from helpers.keys import is_ours

__all__ = ["apart", "callback", "kept", "proxy", "twice", "variables"]

HOST = LANGSMITH.removeprefix("https://")
SWITCHES = (  # in the order in which the SDK asks (langsmith.utils.tracing_is_enabled, 0.15.0)
    "LANGSMITH_TRACING_V2",
    "LANGCHAIN_TRACING_V2",
    "LANGSMITH_TRACING",
    "LANGCHAIN_TRACING",
)
CLEAR = {
    "tracing": "langsmith.utils.get_env_var.cache_clear()",
    "project": "langsmith.utils.get_env_var.cache_clear(); "
    "langsmith.utils.get_tracer_project.cache_clear()",
    "sampling rate": "langsmith.utils.get_env_var.cache_clear(); langsmith.configure(client=None)",
}
RENEW = "langsmith.configure(client=None), and the next traced call makes a client that asks again"


def variables(environ: Mapping[str, str]) -> Iterator[Check]:
    """Find variables that no layer takes as they are meant."""
    switches = [(name, environ[name]) for name in SWITCHES if environ.get(name, "").strip()]
    if switches:
        yield from _switch(*switches[0], others=switches[1:])
    yield from _rates(environ)
    size = environ.get("LANGSMITH_BATCH_SIZE", "").strip()
    if size and not size.isdigit():
        detail = f"{plain(size)!r} is no whole number: LiteLLM cannot make its logger"
        yield Check("LANGSMITH_BATCH_SIZE", "problem", detail, "export LANGSMITH_BATCH_SIZE=1")
    if environ.get("LANGSMITH_RUNS_ENDPOINTS", "").strip():
        detail = "is set, so the SDK sends runs there and ignores LANGSMITH_ENDPOINT"
        mend = "unset it, unless you mean it"
        yield Check("LANGSMITH_RUNS_ENDPOINTS", "warning", detail, mend)
    if environ.get("LANGSMITH_MOCK", "").strip().lower() in ("true", "1"):
        detail = f"is set: the callback's runs for {HOST} are thrown away"
        yield Check("LANGSMITH_MOCK", "warning", detail, "unset LANGSMITH_MOCK")


def _switch(name: str, value: str, others: list[tuple[str, str]]) -> Iterator[Check]:
    if value != "true" and value.strip().strip("'\"").lower() in ("true", "1", "yes", "on"):
        detail = f"must be exactly true; it is {plain(value)!r}, which turns tracing off"
        yield Check(name, "problem", detail, f"export {name}=true")
    for other, ignored in others:
        if (ignored == "true") != (value == "true"):
            detail = f"says {plain(ignored)}, but {name} says {plain(value)} and comes first"
            yield Check(other, "problem", detail, f"unset {name}")


def _rates(environ: Mapping[str, str]) -> Iterator[Check]:
    name, other = "LANGSMITH_TRACING_SAMPLING_RATE", "LANGSMITH_SAMPLING_RATE"
    rate, whole = (environ.get(each, "").strip() for each in (name, other))
    if rate and not _is_share(rate):
        detail = f"is {plain(rate)!r}, not a number from 0 to 1: the SDK cannot make its client"
        yield Check(name, "problem", detail, f"export {name}=0.5")
    if whole and not whole.isdigit():
        detail = f"{plain(whole)} is ignored by LiteLLM 1.106.2, which takes whole numbers here: "
        detail += "the callback sends all runs"
        mend = "pass langsmith_sampling_rate with each call, or unset it"
        yield Check(other, "warning", detail, mend)
    elif rate and _is_share(rate) and not whole:
        detail = f"samples what the SDK sends; the callback asks {other}, which is not set"
        yield Check(name, "info", detail)


def kept(seen: Seen, fresh: Seen, state: Mapping[str, Any]) -> Iterator[Check]:
    """Find what the SDK keeps from before: ``seen`` is its view, ``fresh`` the environment's."""
    configured = {"tracing": state.get("enabled"), "project": state.get("named")}
    for setting, value in seen.settings.items():
        says = fresh.settings[setting]
        if value == says:
            continue
        if configured.get(setting) is not None:
            detail = f"{value}, by tracing_context or configure; os.environ says {says}"
            yield Check(f"SDK {setting}", "info", detail)
        elif setting in ("tracing", "project") or state.get("client") is None:
            detail = f"os.environ says {says}, the SDK has cached {value}"
            yield Check(f"SDK {setting}", "problem", detail, CLEAR.get(setting, RENEW))
        else:
            detail = f"os.environ says {says}, the SDK's client was made with {value}"
            yield Check(f"SDK {setting}", "problem", detail, CLEAR.get(setting, RENEW))


def apart(environ: Mapping[str, str], sdk: Seen, callback: Seen) -> Iterator[Check]:
    """Find settings that the SDK and the callback take from different variables."""
    base = environ.get("LANGSMITH_BASE_URL", "").strip()
    endpoint = spelled(environ, "LANGSMITH_ENDPOINT").strip()
    there = callback.settings["address"]
    if sdk.settings["address"] != there:
        yield _addresses(endpoint, base, sdk.settings["address"], there)
    if base.rstrip("/").endswith("/api"):
        detail = f"ends in /api: the callback posts to {there}/api/v1/runs/batch"
        yield Check("LANGSMITH_BASE_URL", "problem", detail, "leave /api out")
    for setting, name in {"project": "LANGSMITH_PROJECT", "key": "LANGSMITH_API_KEY"}.items():
        ours, theirs = sdk.settings[setting], callback.settings[setting]
        if ours != theirs and not environ.get(name, "").strip():
            detail = f"is not set: {setting} of the SDK {ours}, of the callback {theirs}"
            yield Check(name, "info" if ours == "default" else "warning", detail, f"set {name}")
    if sdk.settings["workspace"] != callback.settings["workspace"]:
        detail = "the SDK reads LANGSMITH_WORKSPACE_ID, the callback and the proxy "
        detail += "LANGSMITH_TENANT_ID; they differ"
        yield Check("workspace", "warning", detail, "set both to the same id")
    if callback.settings["address"] == LANGSMITH and _is_placeholder(environ):
        detail = f"the key is this session's placeholder, which {HOST} refuses"
        yield Check("key", "problem", detail, "restart the kernel and run its first cell")


def _addresses(endpoint: str, base: str, ours: str, theirs: str) -> Check:
    if endpoint and not base:
        detail = "LANGSMITH_ENDPOINT is set, LANGSMITH_BASE_URL is not: "
        detail += f"the callback and the proxy post to {HOST}"
        return Check("address", "problem", detail, "set LANGSMITH_BASE_URL to the same address")
    if base and not endpoint:
        detail = "LANGSMITH_BASE_URL is set, LANGSMITH_ENDPOINT is not: "
        detail += f"the SDK posts to {ours}"
        return Check("address", "problem", detail, "set LANGSMITH_ENDPOINT to the same address")
    detail = f"the SDK posts to {ours}, the callback to {theirs}"
    return Check("address", "problem", detail, "set both variables to one address")


def callback(
    environ: Mapping[str, str], seen: Seen, fresh: Seen, events: frozenset[str] | None
) -> Iterator[Check]:
    """Find why LiteLLM's callback would not log; ``fresh`` is a logger made now."""
    if events == frozenset({"success"}):
        detail = "is in success_callback, not in failure_callback or callbacks: "
        yield Check(
            "langsmith callback",
            "warning",
            f"{detail}failures are not logged",
            # The word in `callbacks` adds nothing once LiteLLM has made its logger of that name.
            'litellm.failure_callback = ["langsmith"] as well',
        )
    if events and not environ.get("LANGSMITH_API_KEY", "").strip():
        detail = "is not set: the callback skips every run"
        yield Check("LANGSMITH_API_KEY", "problem", detail, "set it before the call")
    no_clock = seen.settings["batch size"].endswith(NO_CLOCK)
    for setting in ("batch size", "sampling rate"):
        made, now = seen.settings[setting], fresh.settings[setting]
        if events and made.partition(",")[0] != now.partition(",")[0]:
            detail = f"the logger was made with {made}; now it would be {now}"
            mend = "set it before the first call: restart the kernel"
            yield Check(f"callback {setting}", "warning", detail, mend)
    if events and seen.waiting and not seen.settings["batch size"].startswith("1,"):
        detail = f"runs wait in the callback's queue: {seen.waiting}. It sends at "
        mend = "await the logger's flush_queue() before the program ends, or use a batch size of 1"
        yield Check("callback queue", "warning", f"{detail}{seen.settings['batch size']}", mend)
    if events and no_clock:
        detail = "the logger was made where no event loop runs, or its loop has ended: "
        detail += "nothing is sent before a batch is full"
        mend = "LANGSMITH_BATCH_SIZE=1 before the first call, or acompletion in a lasting loop"
        yield Check("callback clock", "warning", detail, mend)


def twice(sdk: Seen, callback: Seen) -> Iterator[Check]:
    """Find that both layers are on: a call inside a traced function is then reported by each."""
    if sdk.settings["tracing"] == "on" and callback.settings["tracing"] != "off":
        detail = "the SDK and the callback are both on: a call in a traced function is two traces"
        mend = "turn one off for the call, or pass metadata=child_of(get_current_run_tree()) "
        yield Check("duplicates", "warning", detail, mend + "(helpers.nesting)")


def proxy(seen: Seen, fresh: Seen) -> Iterator[Check]:
    """Find what a running proxy does not know, having started earlier."""
    stale = [
        name
        for name, value in seen.settings.items()
        if _shape(value) != _shape(fresh.settings[name])
    ]
    if stale:
        detail = f"it started before the environment changed: {', '.join(stale)}"
        yield Check("proxy", "warning", detail, "proxy.start() starts it again")


def _shape(value: str) -> str:
    """Leave the last characters of a key away: a running proxy tells none."""
    return value.partition(" (…")[0]


def _is_share(rate: str) -> bool:
    try:
        return 0 <= float(rate) <= 1
    except ValueError:
        return False


def _is_placeholder(environ: Mapping[str, str]) -> bool:
    key = environ.get("LANGSMITH_API_KEY", "").strip()
    return is_ours(key) and not has_key(environ, "LANGCHAIN_API_KEY")
