"""What the doctor starts with needs the standard library alone, as before anything is installed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from helpers.paths import ROOT

ROOMS = ["environment", "errors", "keys", "paths", "session"]
ROOMS += ["processes", "proxy", "serving", "traces", "view"]
SCRIPT = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
import helpers.ROOM
foreign = set(sys.modules) - set(sys.stdlib_module_names)
print(sorted(name for name in foreign if name.partition(".")[0] not in
             ("helpers", "__main__", *sys.stdlib_module_names)))
"""


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_imported_without_any_package(room):
    # -S leaves site-packages out, -I the environment and the folder of the caller.
    command = [sys.executable, "-I", "-S", "-c", SCRIPT.replace("ROOM", room)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr
