"""Programs that start with what they need loaded: each is a fork of a process that imports it once.

An import of langsmith's SDK costs most of a second, so that tests which run several programs share
one. A program has an environment, arguments and output of its own, as any other.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from helpers.paths import ROOT

__all__ = ["FORKS", "Forks"]

FORKS = hasattr(os, "fork")  # where there is none, each program imports for itself

# Reads a line of JSON for each program, and answers with how it ended. A program has no reader
# of its own, ends by an exception as any program does, and runs as ``__main__``.
_SOURCE = """
import gc, importlib, json, os, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
from langsmith import utils
utils.get_env_var.cache_clear()  # a program's first look is at its own environment
gc.freeze()  # else each program searches what was imported, at its end
print("ready", flush=True)
for line in sys.stdin:
    told = json.loads(line)
    child = os.fork()
    if not child:
        for number, path in enumerate((os.devnull, told["stdout"], told["stderr"])):
            os.dup2(os.open(path, os.O_RDWR), number)
        os.chdir(told["cwd"])
        os.environ.clear()
        os.environ.update(told["environ"])
        sys.argv = ["-c", *told["arguments"]]
        break
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
else:
    sys.exit()
exec(compile(told["code"], "<string>", "exec"), {"__name__": "__main__"})
"""


class Forks:
    """A process that has imported ``modules``, beside langsmith's SDK, and becomes programs."""

    def __init__(self, *modules: str) -> None:
        command = [sys.executable, "-c", _SOURCE, "langsmith.run_trees", *modules]
        self._process = subprocess.Popen(
            command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._read()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.communicate(timeout=60)

    def _read(self) -> str:
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        assert said, "the process that has imported the modules has ended"
        return said

    def run(
        self, code: str, *arguments: str, environ: Mapping[str, str], cwd: Path = ROOT
    ) -> subprocess.CompletedProcess[str]:
        """Run ``code`` to its end, and return how it ended and what it wrote."""
        with tempfile.TemporaryDirectory() as folder:
            written = {name: Path(folder, name) for name in ("stdout", "stderr")}
            for path in written.values():
                path.touch()
            told = {"code": code, "arguments": arguments, "environ": dict(environ)}
            told |= {"cwd": str(cwd)} | {name: str(path) for name, path in written.items()}
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(told) + "\n")
            self._process.stdin.flush()
            returncode = int(self._read())
            texts = {name: path.read_text("utf-8") for name, path in written.items()}
        return subprocess.CompletedProcess(["-c", *arguments], returncode, **texts)
