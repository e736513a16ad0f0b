"""What a Python that a test run starts reads first."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from helpers.testing.offline import STARTUP

ASK = "import gc, os; print(gc.get_threshold()[0], os.environ.get('OWN'))"


def test_children_look_for_garbage_less_often_and_read_the_machine_s_own_file(tmp_path: Path):
    (tmp_path / "sitecustomize.py").write_text("import os; os.environ['OWN'] = 'read'")
    path = os.pathsep.join([str(STARTUP), str(tmp_path)])
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "100000 read\n"
