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

__all__ = ["HOST", "NAMES", "bound", "can_listen", "is_loopback", "leads_here", "listening"]
__all__ += ["name"]

HOST, NAME = "127.0.0.1", "localhost"
NAMES = (HOST, NAME, "::1")  # what an address of ours may be called
ADDRESSES = ((socket.AF_INET, HOST), (socket.AF_INET6, "::1"))
TRIES = 20  # for a free port that is free in both families


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


def name() -> str:
    """Return what clients call a service of ours: ``localhost``, as people do with their own.

    Where that name leads nowhere, or anywhere but here, it is the address.
    """
    try:
        found = socket.getaddrinfo(NAME, None, type=socket.SOCK_STREAM)
    except OSError:
        return HOST
    return NAME if found and all(is_loopback(str(each[4][0])) for each in found) else HOST


def bound(port: int = 0) -> tuple[socket.socket, ...]:
    """Return a socket for each family that loopback has here, all at one port, not listening yet.

    A name may lead to either family first, so that whoever had the port in the other one would get
    our clients' requests: a port counts as taken when it is in one of them. Raises
    ``TutorialError`` when the port is taken; 0 asks for one that is free.
    """
    for _ in range(TRIES):
        sockets: list[socket.socket] = []
        try:
            for family, address in ADDRESSES:
                wanted = sockets[0].getsockname()[1] if sockets else port
                if (one := _bound(family, address, wanted)) is not None:
                    sockets.append(one)
            if sockets:
                return tuple(sockets)
            raise _no_loopback()
        except (OSError, OverflowError) as error:
            taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
            for each in sockets:
                each.close()
            if not (taken and port == 0):
                raise _unusable(port, error) from error
            last = error
    raise _unusable(port, last)


def listening(port: int = 0) -> tuple[socket.socket, ...]:
    """Return sockets that listen on loopback, as ``bound`` gives them, and raise what it raises."""
    sockets = bound(port)
    try:
        for each in sockets:
            each.listen(BACKLOG)
    except OSError as error:
        for each in sockets:
            each.close()
        raise _unusable(port, error) from error
    return sockets


def can_listen(port: int = 0) -> bool:
    """Whether a server can have ``port`` on loopback (0: any)."""
    try:
        for each in listening(port):
            each.close()
    except TutorialError:
        return False
    return True


def _bound(family: int, address: str, port: int) -> socket.socket | None:
    """Return a socket of one family, or None where this machine has not that family."""
    try:
        sock = socket.socket(family, socket.SOCK_STREAM)
    except OSError:
        return None
    try:
        # On Windows SO_REUSEADDR lets two servers share one port, so it is for the others only.
        if hasattr(socket, "SO_REUSEPORT"):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((address, port))
    except BaseException as error:
        sock.close()
        if isinstance(error, OSError) and error.errno == errno.EADDRNOTAVAIL:
            return None
        raise
    return sock


def _no_loopback() -> TutorialError:
    return TutorialError(
        f"This machine has no address {HOST}, on which the course serves. "
        "Bring its loopback interface up (on Linux: sudo ip addr add 127.0.0.1/8 dev lo)."
    )


def _unusable(port: int, error: Exception) -> TutorialError:
    return TutorialError(
        f"Port {port} on {HOST} cannot be used ({error}). "
        "Choose another one, or 0 for any that is free."
    )
