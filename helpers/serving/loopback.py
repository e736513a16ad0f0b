"""This machine's own addresses: how they are named, told from others, and listened on.

The standard library alone, so that the doctor can use it before anything is installed.
"""

from __future__ import annotations

import errno
import ipaddress
import socket
from urllib.parse import urlsplit

from helpers.errors import TutorialError
from helpers.serving.bounds import BACKLOG

__all__ = ["HOST", "NAMES", "can_listen", "is_loopback", "leads_here", "listening"]

HOST = "127.0.0.1"
NAMES = (HOST, "localhost", "::1")  # what an address of ours may be called


def is_loopback(host: str | None) -> bool:
    """Whether ``host``, a name or an address without a port, is this machine and no other."""
    if host is None:
        return False
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def leads_here(url: str) -> bool:
    """Whether ``url`` leads to this machine and nowhere else; what is no URL does not."""
    try:
        return is_loopback(urlsplit(url.strip()).hostname)
    except ValueError:
        return False


def listening(port: int = 0) -> socket.socket:
    """Return a socket that listens on loopback; raise ``TutorialError`` when the port is taken."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        # On Windows SO_REUSEADDR lets two servers share one port, so it is for the others only.
        if hasattr(socket, "SO_REUSEPORT"):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((HOST, port))
        sock.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        sock.close()
        if getattr(error, "errno", None) == errno.EADDRNOTAVAIL:
            raise TutorialError(
                f"This machine has no address {HOST}, on which the course serves. "
                "Bring its loopback interface up (on Linux: sudo ip addr add 127.0.0.1/8 dev lo)."
            ) from error
        raise TutorialError(
            f"Port {port} on {HOST} cannot be used ({error}). "
            "Choose another one, or 0 for any that is free."
        ) from error
    return sock


def can_listen(port: int = 0) -> bool:
    """Whether a server can have ``port`` on loopback (0: any)."""
    try:
        listening(port).close()
    except TutorialError:
        return False
    return True
