"""What each layer sees: LangSmith's SDK, LiteLLM's callback, LiteLLM's proxy.

Sources: langsmith 0.15.0 (utils.py, client.py, run_trees.py), litellm 1.106.2
(integrations/langsmith.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helpers.doctor import cached, proxies
from helpers.doctor.report import address, masked, plain
from helpers.doctor.seen import CALLBACK, NO_CLOCK, PROXY, SDK, Seen
from helpers.environment import LANGSMITH
from helpers.proxy import current

__all__ = ["callback_view", "proxy_view", "sdk_view"]


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


def proxy_view(environ: Mapping[str, str], *, process: bool = True) -> Seen:
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
