"""When a proxy that was started is ready, and what to say when it does not become so."""

from __future__ import annotations

import contextlib
import http.client
from collections.abc import Callable, Iterator

from helpers.processes import ChildError
from helpers.proxy import log
from helpers.proxy.running import Proxy, ProxyError
from helpers.serving.loopback import HOST

__all__ = ["ROUTE", "wait"]

ROUTE = "/health/liveliness"
SECONDS = 5.0  # for one answer of that route


def wait(proxy: Proxy, timeout: float, tick: Callable[[], None]) -> None:
    """Return when the proxy's own process listens and answers, and note its port.

    The process is asked, not the port, for that may be another's: ``litellm --port 4000`` takes a
    random port without a word when 4000 is in use (litellm/proxy/proxy_cli.py, 1.106.2). Raises
    ``ProxyError`` with the likely cause when it ends, or is not ready after ``timeout`` seconds.
    """

    def ready() -> int | None:
        port = next(_ports(proxy), None)
        return port if port is not None and _alive(port) else None

    try:
        proxy.port = proxy.child.wait(ready, seconds=timeout, tick=tick)
    except ChildError as error:
        raise ProxyError(_diagnosis(proxy, str(error))) from None


def _ports(proxy: Proxy) -> Iterator[int]:
    """Yield the ports that the proxy's process, or a child of it, listens on."""
    import psutil

    with contextlib.suppress(psutil.NoSuchProcess):
        family = psutil.Process(proxy.pid)
        for process in (family, *family.children(recursive=True)):
            try:
                connections = process.net_connections(kind="tcp")
            except psutil.AccessDenied:
                yield proxy.port
                return
            yield from (c.laddr.port for c in connections if c.status == psutil.CONN_LISTEN)


def _alive(port: int) -> bool:
    """Ask LiteLLM's liveness route; ``http.client`` heeds no HTTP_PROXY."""
    connection = http.client.HTTPConnection(HOST, port, timeout=SECONDS)
    try:
        connection.request("GET", ROUTE)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _diagnosis(proxy: Proxy, what: str) -> str:
    said = proxy.log(tail=500)
    cause, verdict = log.cause(said), log.verdict(said)
    if verdict:
        return f"{what} {cause}\nIts log says: {verdict}"
    tail = proxy.log(tail=15) or "(it is empty)"
    return f"{what} {cause}\nThe end of its log, {proxy.log_path}:\n{tail}"
