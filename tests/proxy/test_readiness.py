"""When a proxy is ready, and what is said of one that does not become so."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from helpers.processes import Child
from helpers.proxy import readiness
from helpers.proxy.running import Proxy, ProxyError
from helpers.serving import listening
from tests.processes.programs import MODULE, environment

# Listens on a port of its own choosing, as LiteLLM does when the one it was told is in use.
ANSWERS = """
    import http.server
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/health/liveliness" else 404)
            self.end_headers()
    def main():
        http.server.HTTPServer(("127.0.0.1", 0), Handler).serve_forever()
"""
Start = Callable[[str, int], Proxy]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts a program in the place of LiteLLM's."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    started = []

    def start(source: str, port: int) -> Proxy:
        given = environment(tmp_path, source)
        child = Child(f"{MODULE}:main", name="proxy", prefix="tests-", environment=given)
        started.append(child)
        return Proxy("c.yaml", port, "opaque", port, given, {}, child)

    yield start
    for child in started:
        child.stop()


def wait(proxy: Proxy, seconds: float = 30) -> None:
    readiness.wait(proxy, seconds, lambda: None)


def test_the_port_is_the_one_that_its_own_process_listens_on(start):
    with contextlib.ExitStack() as taken:
        port = [taken.enter_context(each).getsockname()[1] for each in listening()][0]
        proxy = start(ANSWERS, port)
        wait(proxy)
    assert proxy.port != port and proxy.running


def test_a_proxy_that_ends_is_told_with_its_likely_cause_and_the_mend(start):
    with pytest.raises(ProxyError) as error:
        wait(start("def main(): raise ImportError('No module named fastapi')", 4000))
    assert "ended while it was starting. A package that the proxy needs is missing." in str(
        error.value
    )
    assert 'pip install "litellm[proxy]"' in str(error.value)


def test_a_proxy_that_listens_nowhere_has_a_deadline(start):
    with pytest.raises(ProxyError, match=r"did not answer within 0\.3 seconds"):
        wait(start("import time\ndef main(): time.sleep(60)", 4000), 0.3)
