"""Read by every Python that a test run starts, before anything else (see ``testing.offline``)."""

import gc
import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

gc.set_threshold(100_000, 50, 100)

# The machine's own file of this name, which this one hides, is read too.
_here = os.path.dirname(os.path.abspath(__file__))
_others = [path for path in sys.path if os.path.abspath(path or ".") != _here]
_own = importlib.machinery.PathFinder.find_spec("sitecustomize", _others)
if _own is not None and _own.loader is not None:
    _own.loader.exec_module(importlib.util.module_from_spec(_own))

LARGE = ("litellm", "litellm.proxy.proxy_server")


class Freezing:
    """Leaves what an import of ``LARGE`` makes out of every later search for garbage.

    It stays until the process ends, and then Python searches it: a second of CPU for LiteLLM, two
    for its proxy. What the program makes afterwards is searched and finalised as ever.
    """

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in LARGE:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def execute_and_freeze(module: ModuleType) -> None:
                execute(module)
                gc.freeze()

            spec.loader.exec_module = execute_and_freeze  # type: ignore[method-assign]
        return spec


sys.meta_path.insert(0, Freezing)
