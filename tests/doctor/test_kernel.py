"""What the SDK and LiteLLM hold in a process, seen without touching it."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from helpers.paths import ROOT
from tests.doctor.seeing import HERE
from tests.forks import FORKS, Forks


def _python(code, *, environ):
    """Run ``code`` in a fresh Python and return how it ended."""
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env=environ, timeout=60
    )


@pytest.fixture(scope="module")
def run() -> Iterator[Callable[..., subprocess.CompletedProcess[str]]]:
    """Run a program that may have langsmith, and nothing of ours, loaded at its start."""
    if not FORKS:
        yield _python
        return
    with Forks() as forks:
        yield forks.run


def _said(run, code, **environ):
    """Run ``code`` where the services are nowhere, and return what it printed."""
    here = {"LANGSMITH_ENDPOINT": HERE, "LANGSMITH_BASE_URL": HERE}
    done = run(code, environ=os.environ | here | environ)
    assert done.returncode == 0, done.stderr
    return done.stdout


STALE = """
import os
from langsmith import utils
from helpers import doctor
assert utils.tracing_is_enabled()
os.environ["LANGSMITH_TRACING"] = "false"
os.environ["LANGSMITH_PROJECT"] = "new"
before = utils.get_env_var.cache_info(), utils.get_tracer_project.cache_info()
print(doctor.layers())
assert (utils.get_env_var.cache_info(), utils.get_tracer_project.cache_info()) == before
assert utils.tracing_is_enabled()
assert utils.get_tracer_project() == "new"
"""


def test_a_stale_switch_is_found_and_nothing_is_cached_by_looking(run):
    printed = _said(run, STALE, LANGSMITH_TRACING="true", LANGSMITH_PROJECT="old")
    assert "os.environ says off, the SDK has cached on" in printed
    assert "get_env_var.cache_clear()" in printed
    assert "SDK project" not in printed


CLIENT = """
import os
import langsmith
from langsmith import utils, run_trees
from helpers import doctor
utils.get_tracer_project()
run_trees.get_cached_client(info={}, auto_batch_tracing=False)
os.environ.update(LANGSMITH_ENDPOINT="http://127.0.0.1:6", LANGSMITH_PROJECT="new")
print(doctor.layers())
langsmith.configure(enabled=True)
print(doctor.layers().findings[-1], flush=True)
os._exit(0)
"""


def test_a_client_and_a_project_from_before_are_found(run):
    printed = _said(run, CLIENT, LANGSMITH_PROJECT="old")
    assert "os.environ says new, the SDK has cached old" in printed
    assert f"os.environ says http://127.0.0.1:6, the SDK's client was made with {HERE}" in printed


def test_configured_tracing_is_no_fault(run):
    code = "import langsmith; langsmith.configure(enabled=True, project_name='mine')\n"
    code += "from helpers import doctor; print(doctor.layers())"
    printed = _said(run, code)
    assert "on, by tracing_context or configure" in printed
    assert "mine, by tracing_context or configure" in printed
    assert "✗" not in printed


CALLBACK = """
import asyncio, os, sys
from helpers import doctor
print("litellm" in sys.modules, "langsmith" in sys.modules)
import litellm
litellm.success_callback = ["langsmith"]
asyncio.run(litellm.acompletion("gpt-4o-mini", [{"role": "user", "content": "x"}],
                                mock_response="y"))
print(doctor.layers(), flush=True)
os._exit(0)  # not waiting until what is queued has been refused
"""


def test_litellm_is_looked_at_and_never_imported():
    printed = _said(
        _python, CALLBACK, LANGSMITH_API_KEY="k", LANGSMITH_BATCH_SIZE="7", LANGSMITH_BASE_URL=HERE
    )
    assert printed.startswith("False False")
    assert "LiteLLM callback: success\n" in printed
    assert "LiteLLM callback: has a logger" in printed
    assert "failures are not logged" in printed
