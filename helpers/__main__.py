"""The command line: ``python -m helpers serve | record | refresh | doctor | clean | book``.

One file, so that what a command prints and asks stands beside the options that it takes.
"""

from __future__ import annotations

import argparse
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from helpers import installation, paths, recording, shell
from helpers.errors import TutorialError
from helpers.recording import RENEWED, USED, Recording

__all__ = ["main"]

SERVED = "litellm-tutorial-serve-"
UNFINISHED = ".renewed"  # in the folder of recordings: what was recorded anew, until all is
LOOK_SECONDS = 0.2  # between two looks whether to stop: on Windows nothing cuts a longer wait short


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the process's exit status (2: told what was wrong)."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except TutorialError as error:
        print(f"{options.command}: {error}", file=sys.stderr)
        return 2


def serve(options: argparse.Namespace) -> int:
    """Serve the model API and LangSmith until stopped; print the variables that point there."""
    installation.check()
    # Before LiteLLM can be imported by a local model's answer: it would fetch prices.
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    from helpers import environment, recording, services
    from helpers.keys import Keys
    from helpers.langsmith_local.replica import seconds
    from helpers.processes import folders
    from helpers.replay.pace import pace
    from helpers.serving.server import Server

    lag = seconds(options.lag or os.environ.get("TUTORIAL_LAG"))
    stopped, keys = _stop_signals(), Keys()
    recordings = options.recordings or paths.RECORDINGS
    recording.check_folder(recordings)
    with folders.temporary(SERVED) as folder:
        app = services.create_app(
            options.database or folder / "traces.sqlite",
            recordings=recordings,
            strict=options.strict,
            pace=pace(),
            keys=keys,
            lag=lag,
        )
        with Server(services.guarded(app), port=options.port, name="local services") as server:
            for name, value in _variables(environment.variables(server.url, keys)).items():
                print(shell.export(name, value, options.shell))
            sys.stdout.flush()
            page = services.state_of(app).traces_door.page(server.url)
            print(f"Its pages: {page}", file=sys.stderr)
            print(f"Serving on {server.url} until Ctrl+C.", file=sys.stderr, flush=True)
            while not stopped:
                time.sleep(LOOK_SECONDS)
    return 0


def record(options: argparse.Namespace) -> int:
    """Run notebooks in record mode, so that what has no recording gets one.

    Without notebooks: time what is recorded, ask about more terms, or report what there is.
    """
    installation.check(tests=True)
    # LiteLLM, which knows the prices, would fetch newer ones at its import.
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    from helpers import recorded
    from helpers.testing import files, notebooks

    folder = _folder()
    if options.report:
        print("\n".join(recorded.report(folder)) or f"{folder.name}/ has no recording.")
        return 0
    chosen = files.lessons() if options.all else options.notebooks
    if not chosen:
        return _record_unasked(options)
    before = _recordings(folder)
    print(_expected(before, options), file=sys.stderr)
    asked = _asked(folder, chosen, options, notebooks.execute)
    after = _recordings(folder)
    _tell_recorded(folder, before, after)
    new = [one for name, one in after.items() if before.get(name) != one]
    print(f"Asked: {recorded.summed(new)}.")
    if folder == paths.RECORDINGS and (lessons := recorded.old(before, after)):
        names = " ".join(path.relative_to(paths.ROOT).as_posix() for path in lessons)
        print(f"Their stored outputs are old now: python -m helpers refresh {names}")
    if options.all:
        _tell_unasked(recorded.unasked(folder, asked), remove=options.remove)
    return 0


def _expected(before: Mapping[str, Recording], options: argparse.Namespace) -> str:
    from helpers import recorded

    if options.anew == "1":
        return f"Anew, what of these is asked for: {recorded.summed(before.values())}."
    return f"{len(before)} recordings are there, and what they answer is not asked again."


def _asked(
    folder: Path,
    chosen: Sequence[Path],
    options: argparse.Namespace,
    execute: Callable[..., None],
) -> set[str]:
    """Run the notebooks; return the names of the recordings that they have asked for.

    Who is interrupted goes on where he was: what was recorded anew stands in a file until the end.
    """
    renewed = folder / UNFINISHED
    with tempfile.TemporaryDirectory() as temporary:
        used = Path(temporary, "used")
        environ = {"TUTORIAL_MODE": "record", "TUTORIAL_PACE": "0", USED: str(used)}
        if options.anew:
            environ |= {"TUTORIAL_RERECORD": options.anew, RENEWED: str(renewed)}
        for number, path in enumerate(chosen, start=1):
            _progress(number, len(chosen), path)
            execute(path, environment=environ)
        renewed.unlink(missing_ok=True)
        return set(used.read_text("utf-8").splitlines()) if used.exists() else set()


def _tell_unasked(left: Sequence[Path], *, remove: bool) -> None:
    for path in left:
        print(f"nobody asks for {path.name}{', removed' if remove else ''}")
        if remove:
            path.unlink()
    if left and not remove:
        print("To delete them, once every lesson is recorded: the same with --remove.")


def _folder() -> Path:
    return Path(os.environ.get("TUTORIAL_RECORDINGS") or paths.RECORDINGS)


def _recordings(folder: Path) -> dict[str, Recording]:
    return {one.name: one for one in recording.load(folder).values()}


def _record_unasked(options: argparse.Namespace) -> int:
    from helpers import recorder

    if not (options.more or options.anew == "seconds"):
        raise TutorialError(
            "Name a notebook, or --all, --seconds, --more or --report: python -m helpers record -h"
        )
    folder = _folder()
    more = folder / recording.MORE
    folders = [more] if options.more else [folder, more]
    before = [_recordings(folder) for folder in folders]
    work = recorder.record_more if options.more else recorder.time_recordings
    refused = work(folders[0], _progress)
    for folder, contents in zip(folders, before, strict=True):
        _tell_recorded(folder, contents, _recordings(folder))
    for words in refused:
        print(words, file=sys.stderr)
    return 1 if refused else 0


def _tell_recorded(folder: Path, before: Mapping[str, object], after: Mapping[str, object]) -> None:
    for name in sorted(after):
        if before.get(name) != after[name]:
            print(f"{'rewritten' if name in before else 'recorded'} {folder.name}/{name}")
    print(f"{len(after)} recordings in {folder.name}/, {len(after) - len(before)} new.")


def refresh(options: argparse.Namespace) -> int:
    """Rewrite the stored outputs of notebooks with the runner that tests them."""
    installation.check(tests=True)
    from helpers.testing import notebooks

    for change in notebooks.refresh(options.notebooks or None, progress=_progress):
        print(change)
    return 0


def doctor(options: argparse.Namespace) -> int:
    """Say what each layer would see; exit status 1 when something is red."""
    from helpers import doctor as checks

    report = checks.examine(asking=options.ask)
    print(report)
    return 0 if report.healthy else 1


def clean(options: argparse.Namespace) -> int:
    """List the projects that the course has made in LangSmith, and delete them after a yes."""
    installation.check()
    from helpers import environment
    from helpers.session import cleaning, projects

    changes = environment.Changes(os.environ)

    def agreed(names: Sequence[str]) -> bool:
        if options.yes:
            print("\n".join(names))
        return options.yes or cleaning.asked(names)

    changes.mirror()  # as a live lesson did, whose projects these are
    try:
        done = cleaning.remove(
            projects.remembered(), confirm=agreed, told=lambda words: print(words, file=sys.stderr)
        )
    finally:
        changes.restore()
    print(done)
    return 1 if done.projects and not done.deleted else 0


def book(options: argparse.Namespace) -> int:
    """Make a site of all lessons from their stored outputs; needs Sphinx, and no other package."""
    from helpers import book

    print(book.build(options.into or paths.ROOT / ".book"))
    return 0


class _Version(argparse.Action):
    """Look only when asked: argparse's own action wants the text beforehand."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        print(_version())
        parser.exit()


def _version() -> str:
    """Return the commit, the Python, and the packages that the course is about."""
    have = installation.installed()
    about = [f"Python {platform.python_version()}"]
    about += [f"{name} {have.get(name, 'missing')}" for name in ("litellm", "langsmith", "openai")]
    return f"Trace LiteLLM with LangSmith, {_commit()}; {', '.join(about)}"


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty"]
    try:
        done = subprocess.run(command, cwd=paths.ROOT, capture_output=True, text=True, timeout=5)
    except (OSError, subprocess.SubprocessError):
        return "no commit known"
    return f"commit {done.stdout.strip()}" if done.stdout else "no commit known"


def _variables(addresses: Mapping[str, str]) -> dict[str, str]:
    """Return all that a program needs to be traced: the addresses, the switch and a project."""
    from helpers.session.running import PROJECT

    project = os.environ.get("LANGSMITH_PROJECT") or PROJECT
    return {**addresses, "LANGSMITH_TRACING": "true", "LANGSMITH_PROJECT": project}


def _progress(number: int, count: int, path: Path) -> None:
    print(f"[{number}/{count}] {path.name}", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m helpers", description=__doc__)
    parser.add_argument(
        "--version", action=_Version, nargs=0, help="say which commit and which packages these are"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")

    one = commands.add_parser("serve", help="serve a model API and a LangSmith on this machine")
    one.add_argument("--port", type=int, default=0, help="default: any that is free")
    one.add_argument("--database", type=Path, help="keep the traces in this SQLite file")
    one.add_argument("--recordings", type=Path, help="answer from this folder of recordings")
    one.add_argument("--strict", action="store_true", help="refuse prompts without a recording")
    one.add_argument(
        "--lag", metavar="S", help="make traces readable up to S seconds late (default: at once)"
    )
    one.add_argument(
        "--shell",
        choices=shell.SHELLS,
        default=shell.detect(),
        help="what the printed lines are for (default: %(default)s, as it seems)",
    )
    one.set_defaults(run=serve)

    one = commands.add_parser("record", help="record the model answers that notebooks ask for")
    one.add_argument("notebooks", nargs="*", type=Path, metavar="NOTEBOOK")
    which = one.add_mutually_exclusive_group()
    which.add_argument(
        "--again", dest="anew", action="store_const", const="1", help="replace what is recorded"
    )
    which.add_argument(
        "--seconds",
        dest="anew",
        action="store_const",
        const="seconds",
        help="add to recordings how long the same answer takes, where that is missing; "
        "without a notebook, to all, those in more/ too",
    )
    which.add_argument(
        "--more",
        action="store_true",
        help="without a notebook: record what lessons ask, about the terms of more/terms.txt",
    )
    one.add_argument(
        "--all", action="store_true", help="all lessons and solutions; name what none asks for"
    )
    one.add_argument("--remove", action="store_true", help="with --all: delete what none asks for")
    one.add_argument(
        "--report", action="store_true", help="say of which models and days the recordings are"
    )
    one.set_defaults(run=record)

    one = commands.add_parser("refresh", help="rewrite the stored outputs of notebooks")
    one.add_argument(
        "notebooks", nargs="*", type=Path, metavar="NOTEBOOK", help="default: all lessons"
    )
    one.set_defaults(run=refresh)

    one = commands.add_parser("doctor", help="check this machine and what each layer would see")
    one.add_argument(
        "--ask", action="store_true", help="ask each live side whether the key is taken"
    )
    one.set_defaults(run=doctor)

    one = commands.add_parser("clean", help="delete the course's own projects in LangSmith")
    one.add_argument("--yes", action="store_true", help="do not ask")
    one.set_defaults(run=clean)

    one = commands.add_parser("book", help="make a searchable site of all lessons")
    one.add_argument("--into", type=Path, metavar="FOLDER", help="default: .book/ in the course")
    one.set_defaults(run=book)
    return parser


def _stop_signals() -> list[int]:
    """Return the list that the numbers of signals to stop will be in.

    A list, for an Event has a lock: a handler runs between two instructions of the main thread,
    and would wait for ever where that holds the lock, which it does as it begins to wait.
    """
    came: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: came.append(number))
    return came


if __name__ == "__main__":
    sys.exit(main())
