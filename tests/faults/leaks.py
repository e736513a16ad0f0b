"""Run all lessons where a key or a call could get away, and say what did.

    python tests/faults/leaks.py [NAME ...]

A NAME is that of a world or the beginning of a lesson's; without one it is all of both. In each
world nbval runs the lessons and compares their outputs, with none of the settings that tests
otherwise make, in a network namespace that sees every attempt to leave
(``helpers.testing.watching``):

- ``planted``: keys in every variable, in a ``.env`` above the course, in ``.netrc`` and in a
  profile of LangSmith; proxies of HTTP and SOCKS, certificates that are gone, more endpoints,
  OpenTelemetry, a ``sitecustomize`` that puts back what is hidden;
- ``bare``: a checkout that cannot be written, in a folder with spaces and letters beyond ASCII, no
  HOME, no TMPDIR, no locale, and a ``localhost`` that is ``::1`` alone.

Then every file that is left is searched for the planted values and for the keys that sessions make.
The exit status is 0 when lessons passed, nothing left and nothing was found. Where the machine
allows no such namespace the reason is said, and the status is 0 too.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from helpers.testing import watching  # noqa: E402

MARK = "planted0123456789abcdef"
SINK = "203.0.113.77"  # an address that is nobody's (RFC 5737)
GONE = "/nowhere/planted.pem"
OURS = re.compile(rb"no-real-key-[a-z]+-[0-9a-f]{32}")
OF_SERVICES = "OPENAI LANGSMITH LANGCHAIN ANTHROPIC AZURE AZURE_OPENAI GEMINI LITELLM COHERE GROQ"
OF_OTHERS = "OPENAI_ADMIN_KEY OPENAI_PROJECT_ID AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY HF_TOKEN"
OF_OTHERS += " GITHUB_TOKEN LITELLM_LICENSE LITELLM_MASTER_KEY LANGSMITH_TENANT_ID"
FOLDER = "Kurs Größe 1"
PLUGINS = ("helpers.testing", "helpers.testing.options", "nbval.plugin")
PLUGINS += ("helpers.testing.sanitizing", "helpers.testing.programs")
PLUGINS += ("no:cacheprovider", "no:nbval", "no:langsmith_plugin")
USUAL = {"TUTORIAL_STRICT": "1", "TUTORIAL_PACE": "0", "TUTORIAL_OFFLINE": "1"}
# $1 cannot be written; $2 and $3 are the files of hosts and users. (With a user whom no file names
# and no HOME, Jupyter starts no kernel; the doctor says so.)
BARE = """
mount --bind "$1" "$1"
mount -o remount,ro,bind "$1"
mount --bind "$2" /etc/hosts
mount --bind "$3" /etc/passwd
shift 3
exec "$@"
"""


@dataclass(frozen=True)
class World:
    """What comes before a command to run it there, and its whole environment."""

    environment: Mapping[str, str]
    before: Sequence[str] = ()


def command(lessons: Sequence[str]) -> list[str]:
    """Return pytest with nbval's comparison and none of our settings."""
    plugins = [part for name in PLUGINS for part in ("-p", name)]
    options = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=180", "--noconftest", "-q"]
    options += ["--import-mode=importlib", "-n", "2", "--dist=loadfile"]
    return [sys.executable, "-m", "pytest", *plugins, "-c", os.devnull, *options, *lessons]


def checkout(folder: Path) -> Path:
    """Copy the tracked files, and the npm packages where they are, to a folder with an odd name."""
    course = folder / FOLDER / "main"
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    names = [Path(name) for name in tracked.stdout.decode().split("\0") if name]
    for name in names or [path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file()]:
        if (ROOT / name).is_file() and ".venv" not in name.parts:
            (course / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, course / name)
    modules = Path("notebooks", "client", "node_modules")
    if (ROOT / modules).is_dir() and not (course / modules).exists():
        shutil.copytree(ROOT / modules, course / modules, symlinks=True)
    return course


def planted(folder: Path) -> World:
    """Return the world with keys everywhere, and write its files."""
    home, site, temporary = folder / "home", folder / "site", folder / "tmp"
    for each in (home / ".langsmith", site, temporary):
        each.mkdir(parents=True)
    endpoints = f'{{"https://{SINK}/": "lsv2_pt_{MARK}"}}'
    keys = {f"{name}_API_KEY": f"sk-{MARK}" for name in OF_SERVICES.split()}
    keys |= dict.fromkeys(OF_OTHERS.split(), MARK) | {"OPENAI_ORG_ID": f"org-{MARK}"}
    keys |= {"LANGSMITH_RUNS_ENDPOINTS": endpoints, "OPENAI_CUSTOM_HEADERS": f"x-key: {MARK}"}
    lines = [f"{name}={shlex.quote(value)}\n" for name, value in keys.items()]
    (folder / FOLDER / ".env").write_text("".join(lines), "utf-8")
    (home / ".netrc").write_text(f"default login me password {MARK}\n", "utf-8")
    (home / ".netrc").chmod(0o600)
    (home / ".langsmith" / "config.json").write_text(
        f'{{"profiles": {{"default": {{"api_key": "{MARK}", "workspace_id": "{MARK}", '
        f'"api_url": "https://{SINK}"}}}}}}',
        "utf-8",
    )
    (site / "sitecustomize.py").write_text(
        "import os\nos.environ.setdefault('LANGSMITH_PROFILE', 'default')\n"
        f"os.environ.setdefault('LANGCHAIN_PROJECT', '{MARK}')\n",
        "utf-8",
    )
    places = {"PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(temporary)}
    return World(keys | places | USUAL | elsewhere(folder) | {"PYTHONPATH": str(site)})


def elsewhere(folder: Path) -> dict[str, str]:
    """Return variables that lead elsewhere or nowhere."""
    proxy = f"http://me:{MARK}@{SINK}:3128"
    return {
        "TUTORIAL_MODE": "replay",
        "ALL_PROXY": f"socks5://{SINK}:1080",
        "HTTP_PROXY": proxy,
        "HTTPS_PROXY": proxy,
        "NO_PROXY": "fd00::/8,.campus.test",
        "NODE_USE_ENV_PROXY": "1",
        "SSL_CERT_FILE": GONE,
        "SSLKEYLOGFILE": GONE,
        "REQUESTS_CA_BUNDLE": GONE,
        "CURL_CA_BUNDLE": GONE,
        "NODE_EXTRA_CA_CERTS": GONE,
        "LANGSMITH_OTEL_ENABLED": "true",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{SINK}:4318",
        "LANGSMITH_WORKSPACE_ID": f"w-{MARK}",
        "LANGSMITH_TRACING_SAMPLING_RATE": "0",
        "LANGCHAIN_CUSTOM_HEADERS": f"x-key: {MARK}",
        "LANGCHAIN_TRACING_V2": "false",
        "OPENAI_BASE_URL": f"https://{SINK}/v1",
        "OPENAI_API_TYPE": "azure",
        "LITELLM_LOCAL_MODEL_COST_MAP": "False",
        "USE_LITELLM_PROXY": "true",
        "CUSTOM_TIKTOKEN_CACHE_DIR": str(folder / "tmp" / "tokenizers"),
    }


def bare(folder: Path) -> World:
    """Return the world in which next to nothing is there."""
    home, hosts, users = folder / "home", folder / "hosts", folder / "users"
    home.mkdir()
    hosts.write_text("::1 localhost\n", "utf-8")
    users.write_text(f"root:x:0:0::{home}:/bin/sh\n", "utf-8")
    shell = ["unshare", "-m", "sh", "-ec", BARE, "sh"]
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C"} | USUAL
    return World(environment, [*shell, str(folder / FOLDER / "main"), str(hosts), str(users)])


WORLDS = {"planted": planted, "bare": bare}


def visit(name: str, lessons: Sequence[str]) -> tuple[int, list[str]]:
    """Run ``lessons`` in one world; return the watcher's status and what was found afterwards."""
    with tempfile.TemporaryDirectory(prefix="leaks-") as made:
        folder = Path(made)
        course = checkout(folder)
        world = WORLDS[name](folder)
        given = {
            path for path in folder.rglob("*") if path.is_file() and course not in path.parents
        }
        watcher = [sys.executable, "-m", "helpers.testing.watching", *world.before]
        wanted = [*watcher, *command(lessons)]
        done = subprocess.run(wanted, cwd=course, env=world.environment, check=False)
        places = [folder, *Path(tempfile.gettempdir()).glob("litellm-tutorial-*")]
        return done.returncode, sorted({text for each in places for text in found(each, given)})


def found(folder: Path, given: set[Path]) -> Iterator[str]:
    """Yield the files below ``folder`` that hold a planted key or one that a session made.

    ``given`` are those in which a key was planted; this file names it too, and Python compiles one.
    """
    known = (Path(__file__).name, "sitecustomize.")
    for path in folder.rglob("*"):
        if not path.is_file() or path in given or path.name.startswith(known):
            continue
        content = path.read_bytes()
        if MARK.encode() in content:
            yield f"a planted key is in {path.relative_to(folder)}"
        if OURS.search(content):
            yield f"a session's key is in {path.relative_to(folder)}"


def main(arguments: Sequence[str]) -> int:
    """Visit the worlds and say what happened."""
    if why := watching.impossible():
        print(f"no lesson was run where keys could get away: {why}")
        return 0
    names = sorted(path.name for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    wanted = [name for name in names if any(map(name.startswith, arguments))] or names
    lessons = [f"notebooks/{name}" for name in wanted]
    bad = False
    for name in [name for name in WORLDS if name in arguments] or WORLDS:
        status, left = visit(name, lessons)
        print(f"{name}: {len(lessons)} lessons, status {status}")
        print("\n".join(left) or "no file that was left holds a key", flush=True)
        bad = bad or status != 0 or bool(left)
    return int(bad)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
