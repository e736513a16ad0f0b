"""``python -m helpers serve``: the services on their own, for a script of anybody's."""

import re
import signal
import socket
import subprocess

import httpx
import pytest

from helpers.__main__ import _stop_signals
from tests.served import exported_by_serving, serve


@pytest.fixture(scope="module")
def exported():
    """The variables that a serving process printed, while it serves."""
    with exported_by_serving() as variables:
        yield variables


def test_it_prints_the_variables_of_both_services(exported):
    assert set(exported) == {
        "LITELLM_LOCAL_MODEL_COST_MAP",
        "OPENAI_BASE_URL",
        "OPENAI_API_KEY",
        "LANGSMITH_ENDPOINT",
        "LANGSMITH_BASE_URL",
        "LANGSMITH_API_KEY",
        "LANGSMITH_TRACING",
        "LANGSMITH_PROJECT",
    }
    assert exported["LANGSMITH_TRACING"] == "true"


def test_powershell_gets_lines_of_its_own(tmp_path):
    process = serve("--shell", "powershell", stderr=subprocess.DEVNULL)
    lines = [process.stdout.readline() for _ in range(8)]
    process.terminate()
    process.wait(10)
    assert all(re.fullmatch(r"\$env:\w+ = '[^']+'\n", line) for line in lines), lines


def test_the_link_that_it_prints_opens_its_pages():
    process = serve(stderr=subprocess.PIPE)
    try:
        said = [process.stderr.readline() for _ in range(2)]
        [link] = re.findall(r"^Its pages: (http://localhost:\d+/\?token=\w+)$", "".join(said), re.M)
        with httpx.Client(follow_redirects=True) as browser:
            page = browser.get(link)
            assert (page.status_code, page.url.query) == (200, b"")
            assert "Projects on this machine" in page.text
            assert browser.get(page.url.join("/o/style.css")).status_code == 200
        assert httpx.get(link.partition("?")[0]).status_code == 401
    finally:
        process.terminate()
        process.communicate(timeout=60)


def test_a_busy_port_is_told_in_one_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = serve("--port", str(taken.getsockname()[1]), stderr=subprocess.PIPE)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "cannot be used" in said and "Traceback" not in said


def test_a_wrong_lag_is_told_in_one_sentence():
    process = serve("--lag", "soon", stderr=subprocess.PIPE)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "serve: The lag is 'soon', and must be a number" in said and "Traceback" not in said


def test_traces_can_be_kept_in_a_file(tmp_path):
    database = tmp_path / "kept.sqlite"
    process = serve("--database", str(database), stderr=subprocess.DEVNULL)
    process.stdout.readline()
    process.terminate()
    process.wait(10)
    assert database.read_bytes().startswith(b"SQLite format 3")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_stop_is_noted_without_a_lock(number):
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        came = _stop_signals()
        assert came == [] and isinstance(came, list)
        signal.raise_signal(number)
        assert came == [number]
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
