"""Every attempt to leave this machine is seen."""

from __future__ import annotations

import subprocess
import sys

import pytest

from helpers.paths import ROOT
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
    return subprocess.run(
        [*watcher, *command], cwd=ROOT, capture_output=True, text=True, check=False
    )


def possible() -> bool:
    return watching.impossible() is None


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


LATE = """
import os, socket, time
if os.fork() == 0:
    time.sleep(0.3)
    socket.getaddrinfo("late.example.org", 443)
"""


@needs_a_namespace
def test_a_name_is_seen_as_it_is_asked_for_also_by_what_outlives_the_program():
    done = run(sys.executable, "-c", LATE)
    assert done.returncode == watching.LEFT
    assert f"udp {watching.NAME_SERVER}:53 for late.example.org" in done.stderr


@needs_a_namespace
def test_nothing_but_the_network_is_another_one():
    code = "import os, pwd, socket; pwd.getpwuid(0); print(socket.gethostbyname('localhost'))"
    done = run(sys.executable, "-c", code)
    assert (done.returncode, done.stdout) == (0, "127.0.0.1\n"), done.stderr


def test_where_no_namespace_is_to_be_had_the_reason_is_said(monkeypatch, capsys):
    monkeypatch.setattr(watching, "NAMESPACE", ("false",))
    monkeypatch.setattr(watching.shutil, "which", lambda name: name)
    assert watching.main(["true"]) == watching.IMPOSSIBLE
    assert "no network namespace here" in capsys.readouterr().err


@needs_a_namespace
@pytest.mark.parametrize("status", [0, 7])
def test_the_exit_status_is_the_program_s_when_nothing_left(status):
    done = run(sys.executable, "-c", f"raise SystemExit({status})")
    assert (done.returncode, "watching: 0 targets" in done.stderr) == (status, True)


IPV4 = "4500" + "00" * 7 + "{:02x}" + "00" * 6 + "cb007109"
ASKING = "00000035" + "00" * 4 + "00" * 12 + b"\x03www\x07example\x03org\x00".hex()


@pytest.mark.parametrize(
    ("packet", "where"),
    [
        (IPV4.format(6) + "0000" + "01bb", "tcp 203.0.113.9:443"),
        (IPV4.format(1) + "0800", "icmp 203.0.113.9"),
        (IPV4.format(17) + ASKING, "udp 203.0.113.9:53 for www.example.org"),
        (
            "6" + "0" * 11 + "06" + "00" * 17 + "20010db8" + "00" * 12 + "00000050",
            "tcp [2001:db8::]:80",
        ),
    ],
)
def test_a_packet_is_named_by_protocol_address_port_and_name(packet, where):
    assert watching.target(bytes.fromhex(packet)) == where


@pytest.mark.parametrize(("flags", "first"), [("02", True), ("12", False), ("14", False)])
def test_the_first_packet_of_a_connection_is_the_attempt(flags, first):
    packet = IPV4.format(6) + "0000" + "01bb" + "00" * 9 + flags
    assert watching.begins(bytes.fromhex(packet)) is first
