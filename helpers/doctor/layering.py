"""The environment as each layer sees it: LangSmith's SDK, LiteLLM's callback, LiteLLM's proxy.

Nothing is imported that the kernel has not imported, and no cache is asked: see ``cached``.
Sources: langsmith 0.15.0 (utils.py, client.py, run_trees.py), litellm 1.106.2
(integrations/langsmith.py).
"""

from __future__ import annotations

import html
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from helpers.doctor import cached, findings, kernel, proxies
from helpers.doctor.report import CELL, NOT_SET, Check, Shown, address, masked, plain, rows
from helpers.environment import LANGSMITH
from helpers.proxy import current

__all__ = ["SETTINGS", "Layers", "Seen", "callback_view", "read", "sdk_view"]

NO_CLOCK = findings.NO_CLOCK

# Each setting and the variables that decide it. Those after the first None are older spellings,
# shown only when they are set.
SETTINGS: dict[str, tuple[str | None, ...]] = {
    "tracing": (
        "LANGSMITH_TRACING",
        None,
        "LANGSMITH_TRACING_V2",
        "LANGCHAIN_TRACING_V2",
        "LANGCHAIN_TRACING",
    ),
    "key": ("LANGSMITH_API_KEY", None, "LANGCHAIN_API_KEY"),
    "address": (
        "LANGSMITH_ENDPOINT",
        "LANGSMITH_BASE_URL",
        None,
        "LANGCHAIN_ENDPOINT",
        "LANGSMITH_RUNS_ENDPOINTS",
    ),
    "project": ("LANGSMITH_PROJECT", None, "LANGCHAIN_PROJECT", "LANGSMITH_SESSION"),
    "sampling rate": (
        "LANGSMITH_TRACING_SAMPLING_RATE",
        "LANGSMITH_SAMPLING_RATE",
        None,
        "LANGCHAIN_TRACING_SAMPLING_RATE",
    ),
    "batch size": ("LANGSMITH_BATCH_SIZE",),
    "workspace": ("LANGSMITH_WORKSPACE_ID", "LANGSMITH_TENANT_ID", None, "LANGCHAIN_WORKSPACE_ID"),
}
SDK, CALLBACK, PROXY = "LangSmith SDK", "LiteLLM callback", "LiteLLM proxy"


@dataclass(frozen=True)
class Seen:
    """One layer's view: a text for each of ``SETTINGS``, keys masked.

    ``state`` says whether the layer runs; ``waiting`` counts runs not sent yet, None when unknown.
    """

    name: str
    state: str
    settings: Mapping[str, str]
    waiting: int | None = None


@dataclass(frozen=True, repr=False)
class Layers(Shown):
    """The table: ``variables`` is what the environment says, ``findings`` where layers differ."""

    variables: Mapping[str, Mapping[str, str]]
    seen: tuple[Seen, ...]
    findings: tuple[Check, ...] = ()

    def text(self) -> str:
        lines = ["What each layer sees"]
        for setting, variables in self.variables.items():
            lines.append(f"  {setting}")
            lines += [f"    {name}: {value}" for name, value in variables.items()]
            lines += [f"    {names}: {value}" for names, value in self._grouped(setting)]
        lines.append("  state")
        lines += [f"    {each.name}: {_state(each)}" for each in self.seen]
        return "\n".join([*lines, *map(str, self.findings)])

    def html(self) -> str:
        heads = ("setting", "os.environ", *(each.name for each in self.seen))
        table = [_row("th", heads)]
        for setting, variables in self.variables.items():
            environment = "\n".join(f"{name}: {value}" for name, value in variables.items())
            cells = (each.settings[setting] for each in self.seen)
            table.append(_row("td", (setting, environment, *cells)))
        table.append(_row("td", ("state", "", *map(_state, self.seen))))
        body = "\n".join(table)
        findings = f"\n{rows(self.findings)}" if self.findings else ""
        return f'<table style="border-collapse:collapse">\n{body}\n</table>{findings}'

    def _grouped(self, setting: str) -> Iterable[tuple[str, str]]:
        groups: dict[str, list[str]] = {}
        for each in self.seen:
            groups.setdefault(each.settings[setting], []).append(each.name)
        for value, names in groups.items():
            yield "every layer" if len(names) == len(self.seen) else ", ".join(names), value


def read(environ: Mapping[str, str] = os.environ) -> Layers:
    """Look at all layers of this process. Changes nothing: no import, no cache entry, no client."""
    state, logger = kernel.sdk_state(), kernel.logger()
    events, size = kernel.events(), kernel.batch_size()
    sdk = sdk_view(environ, **state)
    callback = callback_view(environ, logger=logger, events=events, batch_size=size)
    proxy = _proxy_view(environ)
    found = [
        *findings.variables(environ),
        *findings.kept(sdk, sdk_view(environ), state),
        *findings.apart(environ, sdk, callback),
        *findings.callback(environ, callback, callback_view(environ, batch_size=size), events),
        *findings.twice(sdk, callback),
        *findings.proxy(proxy, _proxy_view(environ, process=False)),
    ]
    variables = {setting: _variables(setting, environ) for setting in SETTINGS}
    return Layers(variables, (sdk, callback, proxy), tuple(found))


def sdk_view(
    environ: Mapping[str, str],
    *,
    imported: bool = True,
    client: Any = None,
    variables: Mapping[Any, Any] | None = None,
    project: Mapping[Any, Any] | None = None,
    enabled: object = None,
    named: str | None = None,
) -> Seen:
    """Return what LangSmith's SDK sees.

    ``variables`` and ``project`` are the caches of ``utils.get_env_var`` and
    ``utils.get_tracer_project``, ``enabled`` and ``named`` what ``configure`` or
    ``tracing_context`` says, ``client`` the process's client if there is one.
    """
    get = _Kept(environ, variables or {})
    switch = get("TRACING_V2", get("TRACING", ""))
    tracing = switch == "true" if enabled is None else bool(enabled)
    default = (project or {}).get(())
    hosted = environ.get("HOSTED_LANGSERVE_PROJECT_NAME")
    chosen = named or default or hosted or get("PROJECT", get("SESSION", "default"))
    settings = {
        "tracing": "on" if tracing else "off",
        "key": masked(client.api_key if client else get.now("API_KEY")),
        "address": address(client.api_url if client else get.now("ENDPOINT") or LANGSMITH),
        "project": plain(chosen),
        "sampling rate": _rate(
            client.tracing_sample_rate if client else get("TRACING_SAMPLING_RATE", None)
        ),
        "batch size": "sends as it goes",
        "workspace": plain(client.workspace_id if client else get.now("WORKSPACE_ID")),
    }
    state = "not imported yet" if not imported else "has a client" if client else "no client yet"
    return Seen(SDK, state, settings, _waiting(client))


def callback_view(
    environ: Mapping[str, str],
    *,
    logger: Any = None,
    events: frozenset[str] | None = None,
    batch_size: object = None,
    name: str = CALLBACK,
    state: str = "",
) -> Seen:
    """Return what LiteLLM's ``langsmith`` callback sees.

    Key, project, address and workspace are read from the environment at every request; batch size
    and sampling rate when the logger is made. ``events`` holds ``success`` and ``failure`` as they
    are logged, None when LiteLLM is not imported.
    """
    size = environ.get("LANGSMITH_BATCH_SIZE") or batch_size or 512
    seconds: object = environ.get("DEFAULT_FLUSH_INTERVAL_SECONDS") or 5
    rate = environ.get("LANGSMITH_SAMPLING_RATE", "").strip()
    share: object = float(rate) if rate.isdigit() else 1.0
    if logger is not None:
        size, share = logger.batch_size, logger.sampling_rate
        seconds = logger.flush_interval if _has_clock(logger) else None
    made = "has a logger" if logger is not None else "no logger yet"
    settings = {
        "tracing": " and ".join(sorted(events or (), reverse=True)) or "off",
        "key": masked(environ.get("LANGSMITH_API_KEY")),
        "address": address(environ.get("LANGSMITH_BASE_URL") or LANGSMITH),
        "project": plain(environ.get("LANGSMITH_PROJECT") or "litellm-completion"),
        "sampling rate": _rate(share),
        "batch size": _batches(size, seconds),
        "workspace": plain(environ.get("LANGSMITH_TENANT_ID")),
    }
    state = state or ("litellm is not imported yet" if events is None else made)
    waiting = len(logger.log_queue) if logger is not None else None
    return Seen(name, state, settings, waiting)


class _Kept:
    """``langsmith.utils.get_env_var`` as it would answer: from its cache, else the environment."""

    def __init__(self, environ: Mapping[str, str], cache: Mapping[Any, Any]) -> None:
        self._environ, self._kept = environ, {}
        for key, value in cache.items():
            given, named = cached.arguments(key)
            if set(named) <= {"default"}:
                default = given[1] if len(given) > 1 else named.get("default")
                self._kept[given[0], default] = value

    def __call__(self, name: str, default: str | None) -> Any:
        if (name, default) in self._kept:
            return self._kept[name, default]
        return self.now(name) or default

    def now(self, name: str) -> str | None:
        """Read past the cache, as ``Client()`` does for key, address and workspace."""
        names = (f"LANGSMITH_{name}", f"LANGCHAIN_{name}")
        return next((v for v in map(self._environ.get, names) if v and v.strip()), None)


def _proxy_view(environ: Mapping[str, str], *, process: bool = True) -> Seen:
    """Return what the running proxy got at its start, or what one started now would get."""
    proxy = current()
    config = proxies.settings(proxy.config if proxy else None)
    if proxy and process:
        environ = proxy.environment
    elif proxy:
        environ = {**environ, **{name: proxy.environment[name] for name in proxy.given}}
    return callback_view(
        environ,
        events=config.events,
        batch_size=config.batch_size,
        name=PROXY,
        state="is running" if proxy else "is not running: what one started now would get",
    )


def _variables(setting: str, environ: Mapping[str, str]) -> dict[str, str]:
    names = SETTINGS[setting]
    always = names[: names.index(None)] if None in names else names
    shown = [name for name in names if name and (name in always or environ.get(name))]
    tell = _teller(setting)
    return {name: tell(environ.get(name)) if environ.get(name) else NOT_SET for name in shown}


def _teller(setting: str) -> Callable[[str | None], str]:
    return {"key": masked, "address": address}.get(setting, plain)


def _rate(value: object) -> str:
    if value is None:
        return "all runs"
    try:
        share = float(str(value))
    except ValueError:
        return plain(value)
    return "all runs" if share >= 1 else f"{share:g} of the runs"


def _has_clock(logger: Any) -> bool:
    """Whether an event loop runs the logger's task that sends what waits (``_flush_task``)."""
    if not hasattr(logger, "_flush_task"):
        return True
    return logger._flush_task is not None and not logger._flush_task.done()


def _batches(size: object, seconds: object) -> str:
    if str(size).strip() == "1":
        return "1, at once"
    if seconds is None:
        return f"{plain(size)}, {NO_CLOCK}"
    return f"{plain(size)}, or what came in {plain(seconds)} seconds"


def _waiting(client: Any) -> int | None:
    if client is None:
        return None
    queue = getattr(getattr(client, "tracing_queue", None), "queue", ())
    packed = getattr(getattr(client, "compressed_traces", None), "trace_count", 0)
    # A run is queued when it begins and again when it ends.
    return len({getattr(each.item, "id", each) for each in tuple(queue)}) + packed


def _state(seen: Seen) -> str:
    if seen.waiting is None:
        return seen.state
    return f"{seen.state}, {seen.waiting} run{'' if seen.waiting == 1 else 's'} not sent yet"


def _row(tag: str, cells: Iterable[str]) -> str:
    start, end = f'<{tag} style="{CELL}">', f"</{tag}>"
    texts = (html.escape(cell).replace("\n", "<br>") for cell in cells)
    return f"<tr>{''.join(start + text + end for text in texts)}</tr>"
