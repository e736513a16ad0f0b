"""Whether the variables of a network can be used: proxies, and files of certificates.

HTTP clients read them when they are made, before it matters where a request will go. So a SOCKS
proxy, or a file of certificates that is gone, stops clients that only ever call this machine
(httpx 0.28.1: ``_utils.get_environment_proxies``, ``_config.create_ssl_context``; requests 2.34.2:
``adapters.cert_verify``). The standard library alone, so that the doctor can use it.
"""

from __future__ import annotations

import functools
import importlib.util
import ipaddress
import os
import re
import ssl
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from helpers.errors import TutorialError

__all__ = ["HTTPX", "NAMES", "NODE", "PROXIES", "REQUESTS", "NetworkError", "Obstacle", "check"]
__all__ += ["obstacles", "readable"]

HTTPX, REQUESTS, NODE = "httpx", "requests", "Node"  # who reads a variable
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")  # also in small letters
BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSL_CERTIFICATE", "SSLKEYLOGFILE", *BUNDLES)
NAMES = (*PROXIES, *map(str.lower, PROXIES), *CERTIFICATES, "NODE_EXTRA_CA_CERTS")
SOCKS = ("socksio", "socks")  # what httpx needs, and requests, for a SOCKS proxy


class NetworkError(TutorialError):
    """A variable says how to reach the network, and no client can do so."""


@dataclass(frozen=True)
class Obstacle:
    """A variable that stops a client; ``reader`` is HTTPX, REQUESTS or NODE.

    ``what`` completes a sentence that begins with its name, and ``mend`` is one.
    """

    name: str
    reader: str
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.name} {self.what}. {self.mend}"


def obstacles(environ: Mapping[str, str]) -> list[Obstacle]:
    """Return the variables with which a client cannot be made, or reaches nobody."""
    found: list[Obstacle] = []
    for name in NAMES:
        if not environ.get(name):
            continue
        if name.upper() in PROXIES:
            found += _proxy(name, environ[name])
        else:
            found += _file(name, environ[name])
    return found


def check(environ: Mapping[str, str], readers: Collection[str]) -> None:
    """Raise ``NetworkError`` for the first variable that stops one of ``readers``."""
    for obstacle in obstacles(environ):
        if obstacle.reader in readers:
            raise NetworkError(f"{str(obstacle).removesuffix('.')}, and restart the kernel.")


def readable(no_proxy: str) -> list[str]:
    """Return the parts of a NO_PROXY that httpx can read; it fails at networks of IPv6."""
    parts = (part.strip() for part in no_proxy.split(","))
    return [part for part in parts if part and _readable(part)]


def _readable(part: str) -> bool:
    try:
        ipaddress.ip_address(part)
    except ValueError:
        pattern = r"(\w+://)?[^\[\]:/]*(:\d+)?(/[^\[\]:]*)?"
        return part.isascii() and re.fullmatch(pattern, part) is not None
    return True


def _proxy(name: str, value: str) -> Iterator[Obstacle]:
    url = value if "://" in value else f"http://{value}"
    scheme = url.partition("://")[0]
    if scheme in ("socks5", "socks5h"):
        if any(importlib.util.find_spec(package) is None for package in SOCKS):
            what = "is a SOCKS proxy, which HTTP clients in Python use with two more packages only"
            mend = f"Run `python -m pip install socksio PySocks`, or `unset {name}`."
            yield Obstacle(name, HTTPX, what, mend)
    elif scheme not in ("http", "https"):
        what = "is no proxy that HTTP clients in Python know: they know http, https and socks5"
        mend = f"Write it as `export {name}=http://host:port` with its host and port, or unset it."
        yield Obstacle(name, HTTPX, what, mend)
    elif not _is_address(url):
        what = "is not the address of a proxy"
        mend = f"Write it as `export {name}=http://host:port` with its host and port, or unset it."
        yield Obstacle(name, HTTPX, what, mend)


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != -1 and url == url.strip()
    except ValueError:
        return False


def _file(name: str, path: str) -> Iterator[Obstacle]:
    kind, usable, reader = _FILES[name]
    try:
        good = usable(path)
    except OSError:  # ssl.SSLError is one
        good = False
    if not good:
        mend = f"Give it the path of {kind}, or run `unset {name}`."
        yield Obstacle(name, reader, f"names {path}, which is not {kind}", mend)


def _certificates(path: str) -> bool:
    status = os.stat(path)
    return _holds_certificates(path, status.st_mtime_ns, status.st_size)


@functools.lru_cache(maxsize=16)
def _holds_certificates(path: str, _changed: int, _size: int) -> bool:
    """Read a file once as long as it is the same: one of a whole system takes 60 ms."""
    ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    return True


def _chain(path: str) -> bool:
    ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(path)
    return True


def _writable(path: str) -> bool:
    place = path if os.path.exists(path) else os.path.dirname(os.path.abspath(path))
    return not os.path.isdir(path) and os.access(place, os.W_OK)


_PLURAL = "a file of certificates"
_FILES: dict[str, tuple[str, Callable[[str], bool], str]] = {
    "SSL_CERT_FILE": (_PLURAL, _certificates, HTTPX),
    "SSL_CERT_DIR": ("a folder of certificates", os.path.isdir, HTTPX),
    "SSL_CERTIFICATE": ("a client's certificate with its key", _chain, HTTPX),
    "SSLKEYLOGFILE": ("a file that can be written", _writable, HTTPX),
    "REQUESTS_CA_BUNDLE": (_PLURAL, os.path.exists, REQUESTS),
    "CURL_CA_BUNDLE": (_PLURAL, os.path.exists, REQUESTS),
    "NODE_EXTRA_CA_CERTS": (_PLURAL, _certificates, NODE),
}
