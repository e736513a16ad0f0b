"""Run a program and see every attempt of it, and of all that it starts, to leave this machine.

    python -m helpers.testing.watching COMMAND [ARGUMENT ...]

Linux alone. The program runs in a network namespace in which every address is this machine: what
is sent to one that is not loopback arrives all the same, is refused, and is seen. So a look-up of a
name is seen as a packet to a name server, and a connection as one to its address. The exit status
is that of the program, or 23 when something was seen.
"""

from __future__ import annotations

import contextlib
import ctypes
import ipaddress
import os
import shutil
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence

__all__ = ["LEFT", "main", "target", "watched"]

LEFT = 23  # the exit status when something tried to leave
INSIDE = "--inside"
PROTOCOLS = {6: "tcp", 17: "udp", 1: "icmp", 58: "icmp6"}
ROUTES = (
    "link set lo up",
    "route add local 0.0.0.0/0 dev lo",
    "-6 route add local ::/0 dev lo",
)
# Classic BPF over an IP header: let through what is not for 127.0.0.0/8 and not for ::1.
_DROP, _KEEP = (0x06, 0, 0, 0), (0x06, 0, 0, 128)
FILTER = (
    (0x30, 0, 0, 0),  # the first byte
    (0x74, 0, 0, 4),  # its upper half: the version
    (0x15, 0, 3, 4),  # IPv4?
    (0x20, 0, 0, 16),  # the destination
    (0x54, 0, 0, 0xFF000000),
    (0x15, 9, 10, 0x7F000000),
    (0x15, 0, 8, 6),  # IPv6?
    (0x20, 0, 0, 24),
    (0x15, 0, 7, 0),
    (0x20, 0, 0, 28),
    (0x15, 0, 5, 0),
    (0x20, 0, 0, 32),
    (0x15, 0, 3, 0),
    (0x20, 0, 0, 36),
    (0x15, 0, 1, 1),
    _DROP,
    _KEEP,
)


def target(packet: bytes) -> str:
    """Return where an IP packet goes, such as ``tcp 203.0.113.9:443``."""
    if packet[0] >> 4 == 4:
        start, protocol = (packet[0] & 15) * 4, packet[9]
        address = str(ipaddress.IPv4Address(packet[16:20]))
    else:
        start, protocol = 40, packet[6]
        address = f"[{ipaddress.IPv6Address(packet[24:40])}]"
    kind = PROTOCOLS.get(protocol, str(protocol))
    if kind not in ("tcp", "udp"):
        return f"{kind} {address}"
    return f"{kind} {address}:{struct.unpack_from('!H', packet, start + 2)[0]}"


@contextlib.contextmanager
def watched() -> Iterator[dict[str, int]]:
    """Collect, for the length of a ``with`` block, how often each target was tried.

    The process must be alone in a network namespace in which it may change routes.
    """
    for route in ROUTES:
        subprocess.run(["ip", *route.split()], check=True)  # noqa: S607
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.ntohs(3)) as sniffer:
        _attach(sniffer)
        sniffer.bind(("lo", 0))
        sniffer.settimeout(0.2)
        seen: dict[str, int] = {}
        over = threading.Event()
        thread = threading.Thread(target=_collect, args=(sniffer, seen, over))
        thread.start()
        try:
            yield seen
        finally:
            over.set()
            thread.join()


def _attach(sniffer: socket.socket) -> None:
    code = b"".join(struct.pack("HBBI", *each) for each in FILTER)
    buffer = ctypes.create_string_buffer(code)
    program = struct.pack("HL", len(FILTER), ctypes.addressof(buffer))
    sniffer.setsockopt(socket.SOL_SOCKET, 26, program)  # SO_ATTACH_FILTER


def _collect(sniffer: socket.socket, seen: dict[str, int], over: threading.Event) -> None:
    while True:
        try:
            packet, place = sniffer.recvfrom(128)
        except TimeoutError:
            if over.is_set():
                return
            continue
        if place[2] == socket.PACKET_OUTGOING:  # each is seen again as it arrives
            where = target(packet)
            seen[where] = seen.get(where, 0) + 1


def main(arguments: Sequence[str]) -> int:
    """Run a command, say on stderr what tried to leave, and return the exit status."""
    if arguments[:1] != [INSIDE]:
        if missing := [name for name in ("unshare", "ip") if shutil.which(name) is None]:
            print(f"watching: {' and '.join(missing)} not found", file=sys.stderr)
            return 2
        again = [sys.executable, "-m", "helpers.testing.watching", INSIDE, *arguments]
        os.execvp("unshare", ["unshare", "-rn", *again])  # noqa: S606, S607
    with watched() as seen:
        done = subprocess.run(list(arguments[1:]), check=False)
    for where, count in sorted(seen.items()):
        print(f"left this machine: {where}, {count} packets", file=sys.stderr)
    print(f"watching: {len(seen)} targets beyond this machine", file=sys.stderr)
    return LEFT if seen else done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
