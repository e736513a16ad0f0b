"""The worlds in which ``leaks.py`` runs lessons: what people's machines have, all or one by one.

``planted`` and ``bare`` hold everything at once, so one thing may hide another there: a proxy that
is refused at the start is never asked for a certificate. ``SINGLE`` are their parts, one by one.
Keys are planted in every variable of each world but the bare ones, where next to nothing is.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["FOLDER", "MARK", "OF_OTHERS", "OF_SERVICES", "SINGLE", "WORLDS", "World"]

MARK = "planted0123456789abcdef"
SINK = "203.0.113.77"  # an address that is nobody's (RFC 5737)
GONE = "/nowhere/planted.pem"
OF_SERVICES = "OPENAI LANGSMITH LANGCHAIN ANTHROPIC AZURE AZURE_OPENAI GEMINI LITELLM COHERE GROQ"
OF_OTHERS = "OPENAI_ADMIN_KEY OPENAI_PROJECT_ID AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY HF_TOKEN"
OF_OTHERS += " GITHUB_TOKEN LITELLM_LICENSE LITELLM_MASTER_KEY LANGSMITH_TENANT_ID"
KEYS = {f"{name}_API_KEY": f"sk-{MARK}" for name in OF_SERVICES.split()}
KEYS |= dict.fromkeys(OF_OTHERS.split(), MARK)
FOLDER = "Kurs Größe 1"
USUAL = {"TUTORIAL_STRICT": "1", "TUTORIAL_PACE": "0", "TUTORIAL_OFFLINE": "1"}
PROXY = f"http://me:{MARK}@{SINK}:3128"

#: Variables that lead elsewhere or nowhere, by the thing that people have.
VARIABLES: dict[str, dict[str, str]] = {
    "socks": {"ALL_PROXY": f"socks5://{SINK}:1080"},
    "http-proxy": {
        "HTTP_PROXY": PROXY,
        "HTTPS_PROXY": PROXY,
        "NO_PROXY": "fd00::/8,.campus.test",
        "NODE_USE_ENV_PROXY": "1",
    },
    "ssl-cert-file": {"SSL_CERT_FILE": GONE, "SSLKEYLOGFILE": GONE},
    "ca-bundle": {
        "REQUESTS_CA_BUNDLE": GONE,
        "CURL_CA_BUNDLE": GONE,
        "NODE_EXTRA_CA_CERTS": GONE,
    },
    "endpoints": {"LANGSMITH_RUNS_ENDPOINTS": f'{{"https://{SINK}/": "lsv2_pt_{MARK}"}}'},
    "otel": {
        "LANGSMITH_OTEL_ENABLED": "true",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{SINK}:4318",
    },
    "tracing": {
        "LANGSMITH_WORKSPACE_ID": f"w-{MARK}",
        "LANGSMITH_TRACING_SAMPLING_RATE": "0",
        "LANGCHAIN_CUSTOM_HEADERS": f"x-key: {MARK}",
        "LANGCHAIN_TRACING_V2": "false",
    },
    "organization": {
        "OPENAI_ORG_ID": f"org-{MARK}",
        "OPENAI_CUSTOM_HEADERS": f"x-key: {MARK}",
        "OPENAI_BASE_URL": f"https://{SINK}/v1",
        "OPENAI_API_TYPE": "azure",
    },
    "litellm": {"LITELLM_LOCAL_MODEL_COST_MAP": "False", "USE_LITELLM_PROXY": "true"},
}


@dataclass(frozen=True)
class World:
    """What comes before a command to run it there, and its whole environment."""

    environment: Mapping[str, str]
    before: Sequence[str] = ()


def inhabited(folder: Path) -> dict[str, str]:
    """Return the environment of a machine on which keys stand in every variable."""
    home, temporary = folder / "home", folder / "tmp"
    for each in (home, temporary):
        each.mkdir()
    places = {"PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(temporary)}
    tokenizers = {"CUSTOM_TIKTOKEN_CACHE_DIR": str(temporary / "tokenizers")}
    return KEYS | places | USUAL | tokenizers | {"TUTORIAL_MODE": "replay"}


def dotenv(folder: Path) -> dict[str, str]:
    """Write a ``.env`` above the course that holds every key and variable, and a ``.netrc``."""
    values = KEYS | VARIABLES["organization"] | VARIABLES["endpoints"]
    lines = [f"{name}={shlex.quote(value)}\n" for name, value in values.items()]
    (folder / FOLDER / ".env").write_text("".join(lines), "utf-8")
    netrc = folder / "home" / ".netrc"
    netrc.write_text(f"default login me password {MARK}\n", "utf-8")
    netrc.chmod(0o600)
    return {}


def profile(folder: Path) -> dict[str, str]:
    """Write a profile of LangSmith that leads elsewhere."""
    (folder / "home" / ".langsmith").mkdir()
    (folder / "home" / ".langsmith" / "config.json").write_text(
        f'{{"profiles": {{"default": {{"api_key": "{MARK}", "workspace_id": "{MARK}", '
        f'"api_url": "https://{SINK}"}}}}}}',
        "utf-8",
    )
    return {"LANGSMITH_PROFILE": "default"}


def customized(folder: Path) -> dict[str, str]:
    """Write a ``sitecustomize`` that puts back in each process what a session hides."""
    site = folder / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(
        "import os\nos.environ.setdefault('LANGSMITH_PROFILE', 'default')\n"
        f"os.environ.setdefault('LANGCHAIN_PROJECT', '{MARK}')\n",
        "utf-8",
    )
    return {"PYTHONPATH": str(site)}


FILES = {"dotenv": dotenv, "profile": profile, "sitecustomize": customized}


def together(*parts: str) -> Callable[[Path], World]:
    """Return what makes the world with keys, and these variables and files."""

    def world(folder: Path) -> World:
        environment = inhabited(folder)
        for name in parts:
            environment |= VARIABLES[name] if name in VARIABLES else FILES[name](folder)
        return World(environment)

    return world


# What each does to the machine; $1 is the checkout, $2 and $3 are the files of hosts and users.
# (With a user whom no file names and no HOME, Jupyter starts no kernel; the doctor says so.)
MOUNTS = {
    "read-only": 'mount --bind "$1" "$1"\nmount -o remount,ro,bind "$1"\n',
    "ipv6-only": 'mount --bind "$2" /etc/hosts\n',
    "homeless": 'mount --bind "$3" /etc/passwd\n',
}


def without(*wanted: str, temporary: bool = False) -> Callable[[Path], World]:
    """Return what makes a world with next to no variable, and these mounts."""

    def world(folder: Path) -> World:
        home, hosts, users = folder / "home", folder / "hosts", folder / "users"
        home.mkdir()
        hosts.write_text("::1 localhost\n", "utf-8")
        users.write_text(f"root:x:0:0::{home}:/bin/sh\n", "utf-8")
        script = "".join(MOUNTS[name] for name in wanted) + 'shift 3\nexec "$@"\n'
        shell = ["unshare", "-m", "sh", "-ec", script, "sh"]
        places = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
        if temporary:
            (folder / "tmp").mkdir()
            places["TMPDIR"] = str(folder / "tmp")
        if "homeless" not in wanted:
            places["HOME"] = str(home)
        given = [str(folder / FOLDER / "main"), str(hosts), str(users)]
        return World(places | USUAL, [*shell, *given])

    return world


#: All at once.
WORLDS: dict[str, Callable[[Path], World]] = {
    "planted": together(*VARIABLES, *FILES),
    "bare": without(*MOUNTS),
}
#: One thing each.
SINGLE: dict[str, Callable[[Path], World]] = {
    **{name: together(name) for name in (*VARIABLES, *FILES)},
    **{name: without(name, temporary=True) for name in MOUNTS},
    "no-tmpdir": without(),
}
