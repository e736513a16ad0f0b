"""Run all lessons where a key or a call could get away, and say what did.

    python tests/faults/leaks.py

Two runs of all lessons by nbval, each in a network namespace that sees every attempt to leave
(``helpers.testing.watching``), without the settings that tests otherwise make:

- ``planted``: keys in every variable, in a ``.env`` above the course, in ``.netrc`` and in a
  profile of LangSmith; a SOCKS proxy, certificates that are gone, more endpoints, OpenTelemetry, a
  ``sitecustomize`` that puts back what is hidden;
- ``bare``: a checkout that cannot be written, in a folder with spaces and letters beyond ASCII, no
  HOME, no TMPDIR, and a ``localhost`` that is ``::1`` alone.

Afterwards every file that the first run left is searched for the planted keys and for those that
sessions make. The exit status is 0 when lessons passed, nothing left and nothing was found.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MARK = "planted0123456789abcdef"
SINK = "203.0.113.77"
OURS = re.compile(rb"no-real-key-[a-z]+-[0-9a-f]{32}")
NAMES = (
    "OPENAI",
    "LANGSMITH",
    "LANGCHAIN",
    "ANTHROPIC",
    "AZURE",
    "GEMINI",
    "LITELLM",
    "AWS_SECRET",
)
PLUGINS = ("helpers.testing", "helpers.testing.options", "nbval.plugin")
PLUGINS += ("helpers.testing.sanitizing", "helpers.testing.programs")
PLUGINS += ("no:cacheprovider", "no:nbval", "no:langsmith_plugin")
BARE = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && mount --bind "$2" /etc/hosts'


def command(notebooks: list[str]) -> list[str]:
    """Return pytest with nbval's comparison and none of our settings."""
    plugins = [part for name in PLUGINS for part in ("-p", name)]
    options = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=180", "--noconftest", "-q"]
    return [sys.executable, "-m", "pytest", *plugins, "-c", os.devnull, *options, *notebooks]


def checkout(folder: Path) -> Path:
    """Copy the tracked files, and the npm packages where they are, to a folder with an odd name."""
    course = folder / "Kurs Größe 1" / "main"
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


def planted(folder: Path) -> dict[str, str]:
    """Return the first run's variables, and write its files."""
    home, site, temporary = folder / "home", folder / "site", folder / "tmp"
    for each in (home / ".langsmith", site, temporary):
        each.mkdir(parents=True)
    key = f"sk-{MARK}"
    keys = {f"{name}_API_KEY": key for name in NAMES} | {"OPENAI_ORG_ID": f"org-{MARK}"}
    endpoints = f'{{"https://{SINK}/": "lsv2_pt_{MARK}"}}'
    (folder / "Kurs Größe 1" / ".env").write_text(
        "".join(f"{name}={value}\n" for name, value in keys.items())
        + f"LANGSMITH_RUNS_ENDPOINTS='{endpoints}'\nOPENAI_CUSTOM_HEADERS=x-key: {key}\n"
    )
    (home / ".netrc").write_text(f"default login me password {MARK}\n")
    (home / ".netrc").chmod(0o600)
    (home / ".langsmith" / "config.json").write_text(
        f'{{"profiles": {{"default": {{"api_key": "{key}", "api_url": "https://{SINK}"}}}}}}'
    )
    (site / "sitecustomize.py").write_text(
        f"import os\nos.environ.setdefault('LANGSMITH_PROFILE', 'default')\n"
        f"os.environ.setdefault('LANGCHAIN_PROJECT', '{MARK}')\n"
    )
    return keys | {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "PYTHONPATH": str(site),
        "TUTORIAL_MODE": "replay",
        "TUTORIAL_STRICT": "1",
        "TUTORIAL_PACE": "0",
        "TUTORIAL_OFFLINE": "1",
        "ALL_PROXY": f"socks5://{SINK}:1080",
        "HTTPS_PROXY": f"http://{SINK}:3128",
        "SSL_CERT_FILE": "/nowhere/planted.pem",
        "REQUESTS_CA_BUNDLE": "/nowhere/planted.pem",
        "LANGSMITH_RUNS_ENDPOINTS": endpoints,
        "LANGSMITH_OTEL_ENABLED": "true",
        "LANGSMITH_WORKSPACE_ID": f"w-{MARK}",
        "LANGCHAIN_CUSTOM_HEADERS": f"x-key: {key}",
    }


def bare(folder: Path) -> tuple[list[str], dict[str, str]]:
    """Return what comes before the second run's command, and its variables."""
    hosts = folder / "hosts"
    hosts.write_text("::1 localhost\n")
    course = folder / "Kurs Größe 1" / "main"
    before = ["unshare", "-m", "sh", "-ec", f'{BARE}; shift 2; exec "$@"', "sh"]
    kept = {"PATH": os.environ["PATH"], "TUTORIAL_STRICT": "1", "TUTORIAL_PACE": "0"}
    return [*before, str(course), str(hosts)], kept | {"TUTORIAL_OFFLINE": "1"}


def found(folder: Path) -> Iterator[str]:
    """Yield the files below ``folder`` that hold a planted key or one that a session made."""
    own = {folder / "Kurs Größe 1" / ".env", folder / "site" / "sitecustomize.py"}
    own |= {folder / "home" / ".netrc", folder / "home" / ".langsmith" / "config.json"}
    for path in folder.rglob("*"):
        if path.is_file() and path not in own and "site" not in path.relative_to(folder).parts:
            content = path.read_bytes()
            if MARK.encode() in content and path.name != Path(__file__).name:
                yield f"a planted key is in {path.relative_to(folder)}"
            if OURS.search(content):
                yield f"a session's key is in {path.relative_to(folder)}"


def main() -> int:
    """Make both runs; say what happened."""
    watcher = [sys.executable, "-m", "helpers.testing.watching"]
    with tempfile.TemporaryDirectory(prefix="leaks-") as name:
        folder = Path(name)
        course = checkout(folder)
        lessons = sorted(path.name for path in (course / "notebooks").glob("[0-9][0-9]_*.ipynb"))
        wanted = command([f"notebooks/{lesson}" for lesson in lessons])
        environ = planted(folder)
        statuses = [subprocess.run([*watcher, *wanted], cwd=course, env=environ).returncode]
        left = sorted(found(folder))
        (folder / "Kurs Größe 1" / ".env").unlink()
        before, environ = bare(folder)
        statuses.append(
            subprocess.run([*watcher, *before, *wanted], cwd=course, env=environ).returncode
        )
    print(f"planted: status {statuses[0]}; bare: status {statuses[1]}")
    print("\n".join(left) or "no file that was left holds a key")
    return int(any(statuses) or bool(left))


if __name__ == "__main__":
    sys.exit(main())
