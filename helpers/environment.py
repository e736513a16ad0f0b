"""The environment variables that decide where model calls and traces go."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, MutableMapping

from helpers import env_file, network
from helpers.keys import Keys, is_ours, is_secret
from helpers.serving.loopback import NAMES

__all__ = ["LANGSMITH", "OPENAI", "Changes", "for_this_machine", "has_key", "spelled", "variables"]

# Where clients go when no variable says otherwise.
OPENAI, LANGSMITH = "https://api.openai.com/v1", "https://api.smith.langchain.com"

# What would carry a trace or a key past the local address: more endpoints, other headers, another
# exporter, the workspace of a real account. The SDK reads each in two spellings.
_LEADS_PAST = "RUNS_ENDPOINTS|CUSTOM_HEADERS|TRACING_MODE|OTEL_ENABLED|OTEL_ONLY|WORKSPACE_ID"
PAST_LOCAL_TRACES = re.compile(
    rf"(LANGSMITH|LANGCHAIN)_({_LEADS_PAST}|TENANT_ID|PROFILE)|LANGCHAIN_(API_KEY|BASE_URL)"
)
# An OpenAI account's names and keys, another address for all that LiteLLM calls, a folder without
# the tokenizers that LiteLLM ships (tiktoken would fetch them).
PAST_LOCAL_MODEL = re.compile(
    r"OPENAI_(?!API_KEY$|BASE_URL$|API_BASE$).*|USE_LITELLM_PROXY|CUSTOM_TIKTOKEN_CACHE_DIR"
)
# What a learner has set for other programs and would change what lessons show: rates, switches in
# older spellings, what is hidden of runs, where failed ones are written.
OF_OTHER_TRACES = re.compile(
    r"(LANGSMITH|LANGCHAIN)_(?!(API_KEY|ENDPOINT|BASE_URL)$).*(?<!LANGSMITH_PROJECT)(?<!LANGSMITH_TRACING)"
)
# Files in the home folder that speak for a real account: python-dotenv's, LangSmith's profiles, and
# requests' passwords for hosts.
FILES_OFF = {env_file.DISABLED: "1", "NETRC": os.devnull}
PROFILES_OFF = {"LANGSMITH_CONFIG_FILE": os.devnull}
# A process that speaks to this machine alone needs none of these.
ACCOUNTS = re.compile(r"(LANGSMITH|LANGCHAIN|OPENAI|LITELLM|AZURE|AWS|ANTHROPIC)_.*")
# What LangSmith's SDK reads, and what LiteLLM's callback reads in its place.
SAME = (
    ("LANGSMITH_ENDPOINT", "LANGSMITH_BASE_URL"),
    ("LANGSMITH_WORKSPACE_ID", "LANGSMITH_TENANT_ID"),
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


def spelled(environ: Mapping[str, str], name: str) -> str:
    """Return what a variable says in its present spelling, else in its older one, else ""."""
    return environ.get(name) or environ.get(OLDER_SPELLING[name]) or ""


def has_key(environ: Mapping[str, str], *names: str) -> bool:
    """Whether one of ``names`` holds a key that is not one of a session of ours."""
    values = [environ.get(name, "").strip() for name in names]
    return any(value and not is_ours(value) for value in values)


def for_this_machine(environ: Mapping[str, str]) -> dict[str, str]:
    """Return ``environ`` for a process that calls this machine alone.

    It gets no key, no account and no way to other machines.
    """
    own = {
        name: value
        for name, value in environ.items()
        if not (ACCOUNTS.fullmatch(name) or is_secret(name) or name in network.NAMES)
    }
    Changes(own).bypass_proxies()
    return own


class Changes:
    """Changes to an environment that can be taken back.

    ``restore()`` gives every variable its former value, unless somebody else has changed it in
    the meantime: then theirs stays.
    """

    def __init__(self, environ: MutableMapping[str, str]) -> None:
        self._environ = environ
        self._before: dict[str, str | None] = {}
        self._after: dict[str, str | None] = {}

    def mirror(self) -> None:
        """Give one region and one workspace to both who read them, where one has them."""
        for pair in SAME:
            for source, target in (pair, pair[::-1]):
                if value := self._environ.get(source):
                    self.default(target, value)

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

    def hide_all(self, names: re.Pattern[str]) -> None:
        """Take every variable away whose whole name matches."""
        for name in [name for name in self._environ if names.fullmatch(name)]:
            self.hide(name)

    def stay(self) -> None:
        """Take away what stops a client that only calls this machine (see ``network``).

        Where something goes beyond it, that needs these variables, and ``network.check`` speaks.
        """
        for obstacle in network.obstacles(self._environ):
            self.hide(obstacle.name)

    def point(self, url: str, keys: Keys, *, model: bool, traces: bool) -> None:
        """Send clients to ``url`` (see ``variables``) and nothing past it."""
        if traces:
            self.hide_all(PAST_LOCAL_TRACES)
        if model:
            self.hide_all(PAST_LOCAL_MODEL)
        for name, value in (FILES_OFF | (PROFILES_OFF if traces else {})).items():
            self.set(name, value)
        for name, value in variables(url, keys, model=model, traces=traces).items():
            self.set(name, value)
            if name in OLDER_SPELLING:
                self.set(OLDER_SPELLING[name], value)
        self.bypass_proxies()

    def bypass_proxies(self) -> None:
        """Keep a campus or company HTTP proxy away from loopback addresses."""
        for name in ("NO_PROXY", "no_proxy"):
            known = network.readable(self._environ.get(name, ""))
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
