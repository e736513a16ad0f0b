"""The environment variables that decide where model calls and traces go."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping

from helpers.keys import Keys, is_ours
from helpers.serving.loopback import NAMES

__all__ = ["LANGSMITH", "OPENAI", "Changes", "has_key", "variables"]

# Where clients go when no variable says otherwise.
OPENAI, LANGSMITH = "https://api.openai.com/v1", "https://api.smith.langchain.com"

# What would carry a trace or a key past the local address: more endpoints, other headers,
# another exporter, the workspace of a real account.
PAST_LOCAL_TRACES = (
    "LANGSMITH_RUNS_ENDPOINTS",
    "LANGCHAIN_RUNS_ENDPOINTS",
    "LANGCHAIN_CUSTOM_HEADERS",
    "LANGSMITH_TRACING_MODE",
    "LANGCHAIN_TRACING_MODE",
    "LANGSMITH_OTEL_ENABLED",
    "LANGSMITH_OTEL_ONLY",
    "LANGSMITH_WORKSPACE_ID",
    "LANGSMITH_TENANT_ID",
    "LANGCHAIN_API_KEY",
)
PAST_LOCAL_MODEL = (
    "OPENAI_ORG_ID",
    "OPENAI_ORGANIZATION",
    "OPENAI_PROJECT_ID",
    "OPENAI_CUSTOM_HEADERS",
)
OLDER_SPELLING = {
    "OPENAI_BASE_URL": "OPENAI_API_BASE",
    "LANGSMITH_ENDPOINT": "LANGCHAIN_ENDPOINT",
}


def variables(url: str, keys: Keys, *, model: bool = True, traces: bool = True) -> dict[str, str]:
    """Return the variables that send LiteLLM, OpenAI and LangSmith clients to ``url``.

    ``keys`` are those that the services there ask for.

    ``model`` and ``traces`` choose the half that concerns the model API or LangSmith. LiteLLM's
    callback reads ``LANGSMITH_BASE_URL`` and the SDK ``LANGSMITH_ENDPOINT``
    (litellm/integrations/langsmith.py, langsmith/client.py), so both are given.
    """
    chosen = {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    if model:
        chosen |= {"OPENAI_BASE_URL": f"{url}/v1", "OPENAI_API_KEY": keys.model}
    if traces:
        chosen |= {"LANGSMITH_ENDPOINT": url, "LANGSMITH_BASE_URL": url}
        chosen |= {"LANGSMITH_API_KEY": keys.langsmith}
    return chosen


def has_key(environ: Mapping[str, str], *names: str) -> bool:
    """Whether one of ``names`` holds a key that is not one of a session of ours."""
    values = [environ.get(name, "").strip() for name in names]
    return any(value and not is_ours(value) for value in values)


class Changes:
    """Changes to an environment that can be taken back.

    ``restore()`` gives every variable its former value, unless somebody else has changed it in
    the meantime: then theirs stays.
    """

    def __init__(self, environ: MutableMapping[str, str]) -> None:
        self._environ = environ
        self._before: dict[str, str | None] = {}
        self._after: dict[str, str | None] = {}

    def set(self, name: str, value: str) -> None:
        """Give ``name`` a value."""
        self._remember(name, value)
        self._environ[name] = value

    def default(self, name: str, value: str) -> None:
        """Give ``name`` a value when it has none."""
        if not self._environ.get(name):
            self.set(name, value)

    def hide(self, name: str) -> None:
        """Take ``name`` away for as long as the changes stand."""
        if name in self._environ:
            self._remember(name, None)
            del self._environ[name]

    def point(self, url: str, keys: Keys, *, model: bool, traces: bool) -> None:
        """Send clients to ``url`` (see ``variables``) and nothing past it."""
        hidden = (PAST_LOCAL_TRACES if traces else ()) + (PAST_LOCAL_MODEL if model else ())
        for name in hidden:
            self.hide(name)
        for name, value in variables(url, keys, model=model, traces=traces).items():
            self.set(name, value)
            if name in OLDER_SPELLING:
                self.set(OLDER_SPELLING[name], value)
        self.bypass_proxies()

    def bypass_proxies(self) -> None:
        """Keep a campus or company HTTP proxy away from loopback addresses."""
        for name in ("NO_PROXY", "no_proxy"):
            known = [part for part in self._environ.get(name, "").split(",") if part]
            self.set(name, ",".join(dict.fromkeys([*known, *NAMES])))

    def restore(self) -> None:
        """Take the changes back, the newest first; twice does no harm."""
        self._take_back(self._environ)
        self._before, self._after = {}, {}

    def undone(self) -> dict[str, str]:
        """Return the environment as it would be without the changes, which stay."""
        environ = dict(self._environ)
        self._take_back(environ)
        return environ

    def _take_back(self, environ: MutableMapping[str, str]) -> None:
        for name, before in reversed(self._before.items()):
            if environ.get(name) != self._after[name]:
                continue
            if before is None:
                environ.pop(name, None)
            else:
                environ[name] = before

    def _remember(self, name: str, value: str | None) -> None:
        self._before.setdefault(name, self._environ.get(name))
        self._after[name] = value
