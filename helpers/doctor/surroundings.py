"""What the environment of a machine brings along: proxies, certificates, files of keys, folders.

A session that stays on this machine hides what would stop it or lead elsewhere, so most of this is
worth knowing and no more. It is a problem where calls or traces go beyond the machine.
"""

from __future__ import annotations

import json
import netrc
import os
import re
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from helpers import env_file
from helpers import network as variables_of
from helpers.doctor.report import Check
from helpers.environment import OF_OTHER_TRACES, PAST_LOCAL_MODEL, PAST_LOCAL_TRACES
from helpers.paths import NOTEBOOKS, ROOT
from helpers.serving.loopback import HOST, is_loopback

__all__ = ["files", "folders", "hosts", "network", "variables"]

HIDDEN = "a session that stays on this machine hides it"
KEYS = ("OPENAI_API_KEY", "LANGSMITH_API_KEY", "LANGCHAIN_API_KEY")
# What a variable does, by its name; the first that fits.
EFFECTS = {
    r"\w+_RUNS_ENDPOINTS": "makes the SDK send runs there, and fail beside LANGSMITH_ENDPOINT",
    r"\w+_(OTEL_ENABLED|OTEL_ONLY|TRACING_MODE)": "can make the SDK send runs to OpenTelemetry",
    r"\w+_(WORKSPACE_ID|TENANT_ID)": "is sent with each run",
    r"\w+_PROFILE": "chooses a profile of LangSmith's command line, with its workspace",
    r"\w+_CUSTOM_HEADERS": "is sent with each request",
    r"OPENAI_(ORG|PROJECT|ADMIN)\w*": "is sent with each call, or speaks for an account",
    r"USE_LITELLM_PROXY": "makes LiteLLM send every call to LITELLM_PROXY_API_BASE",
    r"CUSTOM_TIKTOKEN_CACHE_DIR": "makes LiteLLM fetch tokenizers that it has itself",
    r"(LANGSMITH|LANGCHAIN)_.*": "changes which runs are sent, or what is in them",
}


def network(environ: Mapping[str, str], readers: Collection[str]) -> Iterator[Check]:
    """Find proxies and certificates that stop a client; ``readers`` go beyond this machine."""
    for found in variables_of.obstacles(environ):
        if found.reader in readers:
            yield Check(found.name, "problem", found.what, found.mend)
        else:
            yield Check(found.name, "info", f"{found.what}; {HIDDEN}", found.mend)
    for name in ("NO_PROXY", "no_proxy"):
        parts = [part.strip() for part in environ.get(name, "").split(",") if part.strip()]
        known = variables_of.readable(environ.get(name, ""))
        if lost := [part for part in parts if part not in known]:
            detail = f"holds {', '.join(lost)}, at which httpx fails; session.start() leaves it out"
            mend = f"export {name}={','.join(known)} for scripts of your own"
            yield Check(name, "info", detail, mend)


def variables(environ: Mapping[str, str], *, live: bool) -> Iterator[Check]:
    """Find variables that lead elsewhere or change what is sent, and say what each does."""
    patterns = (PAST_LOCAL_TRACES, PAST_LOCAL_MODEL, OF_OTHER_TRACES)
    for name in sorted(environ):
        known = any(pattern.fullmatch(name) for pattern in patterns)
        if name in KEYS or environ[name] == os.devnull or not known:
            continue
        effects = (effect for names, effect in EFFECTS.items() if re.fullmatch(names, name))
        if effect := next(effects, None):
            detail = effect if live else f"{effect}; {HIDDEN}"
            yield Check(name, "info", detail, f"unset {name}, unless you mean it")


def files(environ: Mapping[str, str]) -> Iterator[Check]:
    """Find files that speak for an account: ``.env``, LangSmith's profiles, ``.netrc``."""
    file = env_file.found() if env_file.read_it(environ) else None
    if file is not None:
        keys = [name for name in env_file.names(file) if name in KEYS]
        detail = f"import litellm reads {file}, but not while calls or traces stay here"
        if keys:
            detail = f"{file} holds {' and '.join(keys)}, which the course does not read"
        mend = f"to go live with it: {env_file.start_line(file)}" if keys else ""
        yield Check(env_file.NAME, "info", detail, mend)
    profiles = _home(environ.get("LANGSMITH_CONFIG_FILE") or "~/.langsmith/config.json")
    if profiles is not None and _profiles(profiles):
        detail = f"{profiles} has profiles, which the course does not read"
        yield Check("LangSmith profile", "info", detail, "export LANGSMITH_API_KEY to go live")
    passwords = _home(environ.get("NETRC") or "~/.netrc")
    if passwords is not None and _for_everybody(passwords):
        detail = f"{passwords} has a password for this machine or every host, which requests sends"
        yield Check("netrc", "info", f"{detail}; {HIDDEN}", "name the hosts that it is for")


def folders(environ: Mapping[str, str]) -> Iterator[Check]:
    """Find folders that cannot be written, a localhost that is not ours, and a sitecustomize."""
    yield from _temporary(environ)
    yield from _home_folder()
    if not os.access(NOTEBOOKS, os.W_OK):
        detail = "cannot be written: lessons run, and what you change in them cannot be saved"
        mend = "copy the course to a folder in which you may write"
        yield Check("notebooks/", "info", detail, mend)
    if os.name != "nt":
        yield from hosts(Path("/etc/hosts"))
    own = getattr(sys.modules.get("sitecustomize"), "__file__", None)
    if own and ROOT not in Path(own).parents:  # a test run has one of ours
        detail = f"{own} runs whenever Python starts, also in the proxy"
        yield Check("sitecustomize", "info", detail, "look there first when a variable comes back")


def hosts(path: Path) -> Iterator[Check]:
    """Read the file of hosts; asking the system for localhost could ask the network."""
    try:
        lines = [line.partition("#")[0].split() for line in path.read_text("utf-8").splitlines()]
    except (OSError, ValueError):
        return
    own = [words[0] for words in lines if "localhost" in words[1:]]
    if not own:
        detail = f"is not in {path}: the course calls {HOST} by its number"
        yield Check("localhost", "info", detail, f"write {HOST} in your own scripts")
    elif strange := [address for address in own if not is_loopback(address)]:
        detail = f"is also {', '.join(strange)} in {path}, which is another machine"
        yield Check("localhost", "problem", detail, "take that line out")


def _home_folder() -> Iterator[Check]:
    home, mend = _home("~"), "export HOME to a folder in which you may write"
    if home is None:
        detail = "is not set, and the system does not know this user: Jupyter starts no kernel"
        yield Check("HOME", "problem", detail, mend)
    elif not os.access(home, os.W_OK):
        detail = f"{home} cannot be written: Jupyter and Matplotlib keep files there"
        yield Check("HOME", "warning", detail, mend)


def _temporary(environ: Mapping[str, str]) -> Iterator[Check]:
    try:
        used = tempfile.gettempdir()
    except FileNotFoundError:
        detail = "no folder for temporary files can be written"
        yield Check("TMPDIR", "problem", detail, "export TMPDIR to a folder in which you may write")
        return
    wanted = environ.get("TMPDIR")
    if wanted and os.path.abspath(wanted) != os.path.abspath(used):
        detail = f"names {wanted}, which cannot be written; {used} is used"
        yield Check("TMPDIR", "info", detail, "export TMPDIR to a folder in which you may write")


def _home(path: str) -> Path | None:
    try:
        return Path(path).expanduser()
    except RuntimeError:  # no HOME, and the user is not known to the system
        return None


def _profiles(path: Path) -> bool:
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and bool(content.get("profiles"))


def _for_everybody(path: Path) -> bool:
    try:
        known = netrc.netrc(str(path)).hosts
    except (OSError, ValueError, netrc.NetrcParseError):
        return False
    return any(name == "default" or is_loopback(name) for name in known)
