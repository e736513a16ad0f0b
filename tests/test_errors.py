"""helpers.errors: what a learner sees of an error that we raise on purpose."""

import subprocess
import sys
from pathlib import Path

FAILING = """
from helpers.errors import TutorialError
raise TutorialError("The port is taken. Choose another one.")
"""


def test_a_cell_shows_the_message_and_no_traceback():
    command = [sys.executable, "-m", "IPython", "--HistoryManager.enabled=False", "-c", FAILING]
    root = Path(__file__).parent.parent
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60)
    said = (done.stdout + done.stderr).strip()
    assert said == "TutorialError: The port is taken. Choose another one."
