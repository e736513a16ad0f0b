"""What a learner's kernel pays: importing the helpers, starting, showing a trace, memory.

    python tests/benchmarks/bench_session.py

Each figure is the median of several fresh processes, beside the floor that it stands on.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 5
TIMED = """
import json, os, sys, time
sys.path.insert(0, {root!r})
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
os.environ["LANGSMITH_TRACING"] = "true"
took, began = {{}}, time.perf_counter()
def lap(name):
    global began
    took[name] = time.perf_counter() - began
    began = time.perf_counter()
{work}
print(json.dumps(took))
"""
SESSION = """
from helpers import session; lap("import of helpers.session")
session.start("replay"); lap("session.start()")
from langsmith import traceable; import litellm; lap("floor: import of litellm and langsmith")
from helpers import traces
traceable(lambda: 1, name="first")(); lap("-")
traces.show("first"); lap("first traces.show()")
traceable(lambda: 1, name="second")(); lap("-")
traces.show("second"); lap("next traces.show()")
"""
BARE = """
import uvicorn, starlette.applications, starlette.routing
lap("floor: import of starlette and uvicorn")
"""
MEMORY = """
import psutil, litellm, langsmith
from langsmith import traceable
took["litellm and langsmith"] = psutil.Process().memory_full_info().uss / 1e6
from helpers import session, traces
session.start("replay")
traceable(lambda: 1, name="first")()
traces.show("first")
took["with helpers, a session and a trace shown"] = psutil.Process().memory_full_info().uss / 1e6
"""


def medians(work: str) -> dict[str, float]:
    """Run ``work`` in fresh processes; return the median of each figure that it took."""
    script = TIMED.format(root=str(ROOT), work=work)
    runs = []
    for _ in range(ROUNDS):
        command = [sys.executable, "-W", "ignore", "-c", script]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
        runs.append(json.loads(done.stdout.splitlines()[-1]))
    return {name: statistics.median(run[name] for run in runs) for name in runs[0] if name != "-"}


def main() -> None:
    """Print the figures and their budgets."""
    for name, seconds in (medians(BARE) | medians(SESSION)).items():
        print(f"{name:<42} {seconds:6.3f} s")
    bare, full = medians(MEMORY).values()
    print(f"{'memory: litellm and langsmith':<42} {bare:6.0f} MB")
    print(
        f"{'memory: helpers add':<42} {full - bare:6.0f} MB, ratio {full / bare:.2f} (budget 30 MB)"
    )


if __name__ == "__main__":
    main()
