"""nbval over all lessons, against what starting their kernels, imports and processes costs.

    python tests/benchmarks/bench_notebooks.py [LESSON.ipynb …]

Prints for each lesson the time of its test and the floor of the same minute: a kernel that imports
LiteLLM and LangSmith, plus a process for each proxy and script that the lesson starts. Budget: 1.3.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

from helpers.testing.notebooks import lessons  # noqa: E402

IMPORTS = "import litellm, langsmith\nfrom litellm import completion\ncompletion"
PROXY = """
import sys
sys.path.insert(0, {root!r})
from helpers import session
from helpers.proxy import launch as proxy
session.start("replay")
proxy.start({config!r}).stop()
"""


def seconds(*command: str) -> float:
    """Return how long ``command`` takes; it has to succeed."""
    began = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return time.perf_counter() - began


def kernel() -> float:
    """Return how long nbval takes for a notebook that only imports the two packages."""
    path = ROOT / "notebooks" / "bench_floor.ipynb"
    cell = nbformat.v4.new_code_cell(
        IMPORTS, execution_count=1, metadata={"tags": ["nbval-ignore-output"]}
    )
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    try:
        return tested(path)
    finally:
        path.unlink()


def tested(path: Path) -> float:
    """Return how long pytest takes for one notebook."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    return seconds(*command, "-o", "addopts=--nbval --nbval-current-env --import-mode=importlib "
                   "--nbval-sanitize-with=tests/nbval_sanitize.cfg", str(path))  # fmt: skip


def started(path: Path) -> tuple[int, int]:
    """Return how many proxies and how many scripts a lesson starts, by the calls in its cells."""
    code = "\n".join(c.source for c in nbformat.read(path, 4).cells if c.cell_type == "code")
    proxies = len(re.findall(r"proxy\.start\(", code)) - code.count(" is gateway")
    return proxies, len(re.findall(r"^run_script\(|subprocess\.run\(|terminal\.run\(", code, re.M))


def line(name: str, took: float, floor: float) -> str:
    """Return one line of the table."""
    return f"{name:<28} {took:6.1f} s  floor {floor:6.1f} s  ratio {took / floor:.2f}"


def main() -> None:
    """Print a line a lesson, and the ratio of the sums."""
    paths = [Path(name).resolve() for name in sys.argv[1:]] or lessons()
    plain = kernel()
    script = seconds(sys.executable, "-c", IMPORTS)
    config = str(ROOT / "notebooks" / "proxy" / "config.yaml")
    bare = seconds(sys.executable, "-c", "from helpers import session; session.start('replay')")
    proxy = seconds(sys.executable, "-c", PROXY.format(root=str(ROOT), config=config)) - bare
    print(f"kernel with imports {plain:.1f} s, proxy {proxy:.1f} s, script {script:.1f} s")
    total = floors = 0.0
    for path in paths:
        proxies, scripts = started(path)
        floor = plain + proxies * proxy + scripts * script
        took = tested(path)
        total, floors = total + took, floors + floor
        print(line(path.stem, took, floor), flush=True)
    print(line("all", total, floors), "(budget 1.3)")


if __name__ == "__main__":
    main()
