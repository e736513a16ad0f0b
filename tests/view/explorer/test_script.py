"""The explorer's script writes numbers as the other views do."""

import json
import re
import shutil
import subprocess

import pytest

from helpers.paths import ROOT
from helpers.view import numbers

SCRIPT = ROOT / "helpers" / "view" / "explorer" / "explorer.js"
SECONDS = [0, 0.004, 0.005, 1.5, 9.999, 12.34, 601.25, -0.1]
DOLLARS = [0.0000004, 0.000001, 0.00002145, 0.5, 3, 1234.5678, 12345678.9, -0.25]
COUNTS = [0, 1, 2, 999, 1058, 3480000]

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="needs Node in PATH")


def written(name: str, calls: list[list[object]]) -> list[str]:
    """Return what the script's function ``name`` makes of each call's arguments."""
    found = re.search(
        rf"^const {name} = .*?;\n(?=const |//|\n)", SCRIPT.read_text("utf-8"), re.M | re.S
    )
    assert found, name
    program = f"{found[0]}console.log(JSON.stringify({json.dumps(calls)}.map((c) => {name}(...c))))"
    done = subprocess.run(
        ["node", "-e", program], capture_output=True, text=True, check=True, timeout=60
    )
    return list(json.loads(done.stdout))


@needs_node
def test_seconds():
    assert written("seconds", [[one] for one in SECONDS]) == list(map(numbers.seconds, SECONDS))


@needs_node
def test_dollars():
    assert written("dollars", [[one] for one in DOLLARS]) == list(map(numbers.dollars, DOLLARS))


@needs_node
def test_counts():
    calls = [[one, "token"] for one in COUNTS]
    assert written("counted", calls) == [numbers.counted(one, "token") for one in COUNTS]
