"""Read by every Python that a test run starts, before anything else (see ``testing.offline``)."""

import gc
import importlib.machinery
import importlib.util
import os
import sys

gc.set_threshold(100_000, 50, 100)

# The machine's own file of this name, which this one hides, is read too.
_here = os.path.dirname(os.path.abspath(__file__))
_others = [path for path in sys.path if os.path.abspath(path or ".") != _here]
_own = importlib.machinery.PathFinder.find_spec("sitecustomize", _others)
if _own is not None and _own.loader is not None:
    _own.loader.exec_module(importlib.util.module_from_spec(_own))
