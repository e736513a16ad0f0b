"""The command line: ``python -m helpers serve | record | refresh | doctor``."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from helpers.errors import TutorialError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the process's exit status (2: told what was wrong)."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except TutorialError as error:
        print(f"{options.command}: {error}", file=sys.stderr)
        return 2


def serve(options: argparse.Namespace) -> int:
    """Serve the model API and LangSmith until stopped; print the variables that point there."""
    # Before LiteLLM can be imported by a local model's answer: it would fetch prices.
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    from helpers import environment, services
    from helpers.serving.server import Server

    stopped = _stop_signals()
    with tempfile.TemporaryDirectory(prefix="litellm-tutorial-serve-") as folder:
        app = services.create_app(
            options.database or Path(folder) / "traces.sqlite",
            recordings=options.recordings or services.RECORDINGS,
            strict=options.strict,
        )
        with Server(app, port=options.port, name="local services") as server:
            for name, value in environment.variables(server.url).items():
                print(f"export {name}={value}")
            sys.stdout.flush()
            print(f"Serving on {server.url} until Ctrl+C.", file=sys.stderr, flush=True)
            # A plain wait() without a timeout cannot be interrupted on Windows.
            while not stopped.wait(0.5):
                pass
    return 0


def record(options: argparse.Namespace) -> int:
    """Run notebooks in record mode, so that what has no recording gets one."""
    from helpers import services
    from helpers.testing import notebooks

    folder = services.RECORDINGS
    before = _contents(folder)
    environ = {"TUTORIAL_MODE": "record"} | ({"TUTORIAL_RERECORD": "1"} if options.again else {})
    for path in options.notebooks:
        notebooks.execute(path, environment=environ)
    after = _contents(folder)
    for name in sorted(after):
        if before.get(name) != after[name]:
            print(f"{'rewritten' if name in before else 'recorded'} {folder.name}/{name}")
    print(f"{len(after)} recordings in {folder.name}/, {len(after) - len(before)} new.")
    return 0


def refresh(options: argparse.Namespace) -> int:
    """Rewrite the stored outputs of notebooks with the runner that tests them."""
    from helpers.testing import notebooks

    for change in notebooks.refresh(options.notebooks or None):
        print(change)
    return 0


def doctor(options: argparse.Namespace) -> int:
    """Say what each layer would see; exit status 1 when something is red."""
    from helpers import doctor as checks

    report = checks.examine()
    print(report)
    return 0 if report.healthy else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m helpers", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")

    one = commands.add_parser("serve", help="serve a model API and a LangSmith on this machine")
    one.add_argument("--port", type=int, default=0, help="default: any that is free")
    one.add_argument("--database", type=Path, help="keep the traces in this SQLite file")
    one.add_argument("--recordings", type=Path, help="answer from this folder of recordings")
    one.add_argument("--strict", action="store_true", help="refuse prompts without a recording")
    one.set_defaults(run=serve)

    one = commands.add_parser("record", help="record the model answers that notebooks ask for")
    one.add_argument("notebooks", nargs="+", type=Path, metavar="NOTEBOOK")
    one.add_argument("--again", action="store_true", help="replace recordings that exist")
    one.set_defaults(run=record)

    one = commands.add_parser("refresh", help="rewrite the stored outputs of notebooks")
    one.add_argument(
        "notebooks", nargs="*", type=Path, metavar="NOTEBOOK", help="default: all lessons"
    )
    one.set_defaults(run=refresh)

    one = commands.add_parser("doctor", help="check this machine and what each layer would see")
    one.set_defaults(run=doctor)
    return parser


def _stop_signals() -> threading.Event:
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    return stopped


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.json")}


if __name__ == "__main__":
    sys.exit(main())
