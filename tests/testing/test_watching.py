"""Every attempt to leave this machine is seen."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from helpers.testing import watching

TRY = """
import socket
for target in [("198.51.100.7", 443), ("2001:db8::7", 80), ("127.0.0.1", 9), ("::1", 9)]:
    try:
        socket.create_connection(target, timeout=1)
    except OSError:
        pass
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"?", ("203.0.113.53", 53))
"""


def run(*command: str) -> subprocess.CompletedProcess[str]:
    watcher = [sys.executable, "-m", "helpers.testing.watching"]
    return subprocess.run([*watcher, *command], capture_output=True, text=True, check=False)


def possible() -> bool:
    tools = all(shutil.which(name) for name in ("unshare", "ip"))
    return tools and subprocess.run(["unshare", "-rn", "true"], check=False).returncode == 0


needs_a_namespace = pytest.mark.skipif(
    sys.platform != "linux" or not possible(), reason="this machine allows no network namespace"
)


@needs_a_namespace
def test_what_is_not_loopback_is_seen_whatever_the_protocol():
    done = run(sys.executable, "-c", TRY)
    assert done.returncode == watching.LEFT
    for where in ("tcp 198.51.100.7:443", "tcp [2001:db8::7]:80", "udp 203.0.113.53:53"):
        assert f"left this machine: {where}," in done.stderr
    assert "127.0.0.1" not in done.stderr and "[::1]" not in done.stderr


@needs_a_namespace
@pytest.mark.parametrize("status", [0, 7])
def test_the_exit_status_is_the_program_s_when_nothing_left(status):
    done = run(sys.executable, "-c", f"raise SystemExit({status})")
    assert (done.returncode, "watching: 0 targets" in done.stderr) == (status, True)


@pytest.mark.parametrize(
    ("packet", "where"),
    [
        ("4500" + "00" * 7 + "06" + "00" * 6 + "cb007109" + "0000" + "01bb", "tcp 203.0.113.9:443"),
        ("6" + "0" * 11 + "11" + "00" * 17 + "20010db8" + "00" * 12 + "00000035", None),
    ],
)
def test_a_packet_is_named_by_protocol_address_and_port(packet, where):
    found = watching.target(bytes.fromhex(packet))
    assert found == where or found == "udp [2001:db8::]:53"
