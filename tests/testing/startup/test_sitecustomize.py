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


IMPORT = """
import gc
before = gc.get_freeze_count()  # Python 3.12 has frozen some hundreds by itself
assert before < 1000
import litellm
assert gc.get_freeze_count() > before + 1000 and litellm.__file__
class Made:
    def __init__(self): self.itself = self
    def __del__(self): print("finalised")
Made()
"""


def test_what_litellm_makes_is_not_searched_at_the_end_and_what_a_program_makes_is(tmp_path: Path):
    # A stand-in of the name: the real one takes four seconds.
    (tmp_path / "litellm.py").write_text("")
    path = os.pathsep.join([str(STARTUP), str(tmp_path)])
    command = [sys.executable, "-c", IMPORT]
    environ = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run(command, env=environ, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("finalised\n", "")
