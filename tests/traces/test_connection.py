from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import langsmith
import pytest
from langsmith import run_trees
from starlette.applications import Starlette

from helpers import traces
from helpers.paths import ROOT
from helpers.traces import ReadError, Trace, Traces
from helpers.traces.connection import flush
from tests.serving.opened import serving
from tests.traces.calls import define


def test_importing_it_imports_no_langsmith():
    code = "import sys; from helpers import traces; sys.exit('langsmith' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_show_works_inside_a_running_loop():
    async def cell() -> Trace | Traces:
        define("HTTP")
        return traces.show()

    assert asyncio.run(cell()).root.name == "define"


def test_show_makes_no_sdk_client():
    traces.show()
    assert run_trees._CLIENT is None


def test_the_queue_of_a_client_of_ones_own_is_sent_too():
    own = langsmith.Client()
    define("HTTP", langsmith_extra={"client": own})
    assert traces.show(client=own).root.name == "define"


def test_a_flush_that_hangs_does_not_hang_show(monkeypatch: pytest.MonkeyPatch):
    class Stuck:
        def flush(self, timeout: float | None = None) -> None:
            threading.Event().wait()

    monkeypatch.setattr(run_trees, "_CLIENT", Stuck())
    thread = threading.Thread(target=flush, kwargs={"timeout": 0.05}, daemon=True)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()


def test_an_address_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch):
    with serving(Starlette()) as gone:
        pass
    monkeypatch.setenv("LANGSMITH_ENDPOINT", gone)
    with pytest.raises(ReadError, match="could not be read from the service on this machine"):
        traces.show()


def test_without_a_session_and_a_key_nothing_is_asked(monkeypatch: pytest.MonkeyPatch):
    for name in ("LANGSMITH_ENDPOINT", "LANGSMITH_API_KEY", "LANGCHAIN_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(traces.ReadError, match="Run the notebook's first cell"):
        traces.show()
