"""Run a program and see every attempt of it, and of all that it starts, to leave this machine.

    python -m helpers.testing.watching COMMAND [ARGUMENT ...]

Linux alone. The program runs in a network namespace in which every address is this machine: what
is sent to one that is not loopback arrives all the same, is refused, and is seen. So a connection
is seen as a packet to its address, and a look-up of a name as one to a name server; that none is
done by a service of the machine, the namespace has a resolv.conf and an nsswitch.conf of its own.
What the program has started is waited for. The exit status is that of the program, or 23 when
something was seen, or 2 when this machine allows no such namespace.
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
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

__all__ = ["IMPOSSIBLE", "LEFT", "begins", "impossible", "main", "target", "watched"]

LEFT = 23  # the exit status when something tried to leave
IMPOSSIBLE = 2
NAMESPACE = ("unshare", "-rnm")
NAME_SERVER = "192.0.2.53"  # of a network that is nobody's (RFC 5737)
# Where services of the machine are asked for names past resolv.conf.
RESOLVERS = (
    "/run/nscd/socket",
    "/run/systemd/resolve/io.systemd.Resolve",
    "/run/avahi-daemon/socket",
)
STRAGGLERS = 30.0  # seconds for what the program has started to end; a proxy takes three
INSIDE = "--inside"
PROTOCOLS = {6: "tcp", 17: "udp", 1: "icmp", 58: "icmp6"}
ROUTES = (
    "link set lo up",
    "route add local 0.0.0.0/0 dev lo",
    "-6 route add local ::/0 dev lo",
)
# Classic BPF over an IP header: let through what is not for 127.0.0.0/8 and not for ::1.
_BYTES = 512  # of a packet; the name that is asked for stands early
_DROP, _KEEP = (0x06, 0, 0, 0), (0x06, 0, 0, _BYTES)
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
    """Return where an IP packet goes, as ``tcp 203.0.113.9:443``, and the name it asks for."""
    start, protocol = _payload(packet)
    if packet[0] >> 4 == 4:
        address = str(ipaddress.IPv4Address(packet[16:20]))
    else:
        address = f"[{ipaddress.IPv6Address(packet[24:40])}]"
    kind = PROTOCOLS.get(protocol, str(protocol))
    if kind not in ("tcp", "udp"):
        return f"{kind} {address}"
    port = struct.unpack_from("!H", packet, start + 2)[0]
    asked = _asked(packet[start + 8 + 12 :]) if (kind, port) == ("udp", 53) else ""
    return f"{kind} {address}:{port}{asked and f' for {asked}'}"


def begins(packet: bytes) -> bool:
    """Whether an IP packet is somebody's attempt: of TCP its first, which alone has SYN alone."""
    start, protocol = _payload(packet)
    return protocol != 6 or packet[start + 13] & 0x12 == 0x02


def _payload(packet: bytes) -> tuple[int, int]:
    """Return where the header of the next protocol begins, and which that is."""
    return ((packet[0] & 15) * 4, packet[9]) if packet[0] >> 4 == 4 else (40, packet[6])


def _asked(question: bytes) -> str:
    """Return the name in a question of DNS (RFC 1035, 4.1.2): labels, each after its length."""
    labels = []
    while question and 0 < question[0] < 64:
        labels.append(question[1 : question[0] + 1].decode("ascii", "replace"))
        question = question[question[0] + 1 :]
    return ".".join(labels)


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
            packet, place = sniffer.recvfrom(_BYTES)
        except TimeoutError:
            if over.is_set():
                return
            continue
        if place[2] == socket.PACKET_OUTGOING and begins(
            packet
        ):  # each is seen again as it arrives
            where = target(packet)
            seen[where] = seen.get(where, 0) + 1


def _ask_for_names_by_packets(folder: Path) -> None:
    """Have the names that programs ask for be seen: no service of the machine answers them."""
    (folder / "resolv.conf").write_text(f"nameserver {NAME_SERVER}\noptions attempts:1\n", "ascii")
    (folder / "nsswitch.conf").write_text(
        "passwd: files\ngroup: files\nhosts: files dns\n", "ascii"
    )
    covers = {f"/etc/{name}": str(folder / name) for name in ("resolv.conf", "nsswitch.conf")}
    covers |= dict.fromkeys(RESOLVERS, os.devnull)
    for place, cover in covers.items():
        if os.path.exists(place):
            subprocess.run(["mount", "--bind", cover, place], check=True)  # noqa: S607


def _wait_for_stragglers() -> None:
    """Return when this process is alone in its network namespace."""
    own, deadline = os.readlink("/proc/self/ns/net"), time.monotonic() + STRAGGLERS
    while any(_namespace(pid) == own for pid in map(int, filter(str.isdigit, os.listdir("/proc")))):
        if time.monotonic() > deadline:
            print("watching: some that the program started still run", file=sys.stderr)
            return
        time.sleep(0.1)


def _namespace(pid: int) -> str | None:
    """Return the network namespace of another process, None for our own and where nobody says."""
    with contextlib.suppress(OSError):
        return None if pid == os.getpid() else os.readlink(f"/proc/{pid}/ns/net")
    return None


def main(arguments: Sequence[str]) -> int:
    """Run a command, say on stderr what tried to leave, and return the exit status."""
    if arguments[:1] != [INSIDE]:
        if why := impossible():
            print(f"watching: {why}", file=sys.stderr)
            return IMPOSSIBLE
        again = [sys.executable, __file__, INSIDE, *arguments]
        os.execvp(NAMESPACE[0], [*NAMESPACE, *again])  # noqa: S606
    with tempfile.TemporaryDirectory(prefix="watching-") as folder, watched() as seen:
        _ask_for_names_by_packets(Path(folder))
        done = subprocess.run(list(arguments[1:]), check=False)
        _wait_for_stragglers()
    for where, count in sorted(seen.items()):
        print(f"left this machine: {where}, {count} times", file=sys.stderr)
    print(f"watching: {len(seen)} targets beyond this machine", file=sys.stderr)
    return LEFT if seen else done.returncode


def impossible() -> str | None:
    """Return why nothing can be watched here, or None."""
    needed = (NAMESPACE[0], "ip", "mount")
    if missing := [name for name in needed if shutil.which(name) is None]:
        return f"{' and '.join(missing)} not found"
    done = subprocess.run([*NAMESPACE, "true"], capture_output=True, text=True)
    return None if done.returncode == 0 else f"no network namespace here ({done.stderr.strip()})"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
