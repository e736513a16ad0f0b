"""A failure of a client is shown in a few lines; what a learner's own code raises, as always."""

from __future__ import annotations

import asyncio
import re
import threading
from http.client import RemoteDisconnected
from urllib.error import URLError

import nbformat
import openai
import pytest
from langsmith.utils import LangSmithAuthError, LangSmithRateLimitError
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from helpers import session
from helpers.errors import TutorialError
from helpers.paths import NOTEBOOKS
from helpers.session import failures
from helpers.session.failures import WHOLE, told

LESSON = {"JPY_SESSION_NAME": "notebooks/03_trace_at_the_proxy.ipynb"}


def refused(status: int, words: str) -> openai.APIStatusError:
    import httpx

    request = httpx.Request("POST", "http://localhost/v1/chat/completions")
    response = httpx.Response(status, request=request)
    return openai.APIStatusError(words, response=response, body=None)


def test_a_refusal_has_its_words_and_what_mends_it():
    lines = told(refused(401, "Incorrect API key provided"), {"OPENAI_API_KEY": "lsv2_x"})
    assert lines[0] == "APIStatusError: Incorrect API key provided"
    assert "the two keys are swapped" in lines[1] and lines[1].endswith(WHOLE) and len(lines) == 2


def test_langsmiths_refusals_are_understood_too():
    error = LangSmithAuthError("Authentication failed for /sessions. HTTPError('401 Client Error')")
    assert any("The key is wrong" in line for line in told(error, {}))


def test_a_connection_that_nobody_takes_is_told_so():
    import httpx

    asked = httpx.Request("GET", "http://localhost")
    for error in (
        openai.APIConnectionError(request=asked),
        httpx.ConnectError("[Errno 111] Connection refused", request=asked),
        URLError("Connection refused"),
        RemoteDisconnected("closed"),
    ):
        assert any("run the cell again that starts" in line for line in told(error, {}))


def test_of_an_answer_the_words_are_shown_without_what_is_around_them():
    error = refused(400, "Error code: 400 - {'error': {'message': 'No such field.'}}")
    error.body = {"message": "No such field.", "type": "invalid_request_error"}
    assert told(error, {})[0] == "APIStatusError: No such field."


def test_a_prompt_without_a_recording_has_the_command_that_records_it():
    said = (
        "No recording answers this request. To record: python -m helpers record notebooks/NN.ipynb"
    )
    lines = told(refused(400, said), {})
    assert "python -m helpers record" in lines[0] and "record this with the command" in lines[-1]


def test_after_the_session_it_is_said_that_there_is_none():
    lines = told(openai.OpenAIError("Missing credentials."), {}, stopped=True)
    assert lines[0] == "OpenAIError: Missing credentials."
    assert "run the lesson's first cell" in lines[1]


@pytest.mark.parametrize("kind", [KeyboardInterrupt, asyncio.CancelledError])
def test_an_interrupt_is_told_in_a_few_lines(kind: type[BaseException]):
    try:
        threading.Event().wait(object())  # type: ignore[arg-type]
    except TypeError as error:
        interrupt = kind().with_traceback(error.__traceback__)
    lines = told(interrupt, {})
    assert lines[0] == f"{kind.__name__}: the cell was interrupted." and len(lines) == 2


def test_a_name_that_a_lessons_cell_makes_is_told_with_the_cell():
    lines = told(NameError("name 'gateway' is not defined", name="gateway"), LESSON)
    assert lines[0] == "NameError: name 'gateway' is not defined"
    assert 'A cell of the section "Ask any provider from any language" makes gateway' in lines[-1]


def test_a_refusal_of_langsmiths_with_whatever_status_is_understood():
    words = "Rate limit exceeded for /runs. HTTPError('429 Client Error: Too Many Requests')"
    assert any("plan's limit" in line for line in told(LangSmithRateLimitError(words), {}))


def test_what_lies_beneath_a_connection_that_fails_is_told():
    import httpx

    error = openai.APIConnectionError(request=httpx.Request("GET", "https://localhost"))
    error.__cause__ = httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed")
    assert any("set SSL_CERT_FILE" in line for line in told(error, {}))


def test_our_own_errors_teach_by_themselves():
    assert told(TutorialError("Do this."), {}) == ["TutorialError: Do this.", WHOLE]


@pytest.mark.parametrize("error", [NameError("x"), ValueError("y"), KeyError("z")])
def test_what_is_the_learners_own_is_left_to_ipython(error):
    assert told(error, {}) is None


def test_no_key_is_shown():
    key = "sk-" + "a1" * 20
    assert key not in "\n".join(told(refused(401, f"wrong: {key}"), {}))


class Shell:
    """As much of IPython's shell as is asked for a place to show errors."""

    custom_exceptions: tuple[type[BaseException], ...] = ()
    show: object = None

    def set_custom_exc(self, kinds: tuple[type[BaseException], ...], show: object) -> None:
        self.custom_exceptions, self.show = kinds, show


def test_a_session_that_replaces_another_shows_failures_short_too(monkeypatch):
    shell = Shell()
    monkeypatch.setattr(failures, "shell", lambda: shell)
    session.start("replay")
    assert (shell.custom_exceptions, shell.show) == (failures.KINDS, failures._show)
    with session.start("auto"):
        assert (shell.custom_exceptions, shell.show) == (failures.KINDS, failures._show)
    assert shell.show is failures._show_stopped
    with session.start("replay"):
        assert shell.show is failures._show


def test_a_place_that_somebody_else_has_taken_is_theirs(monkeypatch):
    shell = Shell()
    shell.custom_exceptions = (KeyError,)
    monkeypatch.setattr(failures, "shell", lambda: shell)
    with session.start("replay"):
        assert shell.custom_exceptions == (KeyError,)
    assert shell.custom_exceptions == (KeyError,)


@pytest.fixture(scope="module")
def shown() -> list[str]:
    """What a kernel shows: a client's failure, %tb, a learner's own error, one without session."""
    sources = [
        'import sys\nsys.path.insert(0, "..")\nfrom helpers import session\nsession.start()',
        "from openai import OpenAI\n"
        'OpenAI(max_retries=0).chat.completions.create(model="gpt-nope", messages=[])',
        "%tb",
        "def divide():\n    return 1 / 0\ndivide()",
        "deifne('HTTP')",
        "count_since(began)",
        "raise __import__('asyncio').CancelledError",
        'session.stop()\nnowhere = {"base_url": "http://localhost:9", "api_key": "k"}\n'
        "OpenAI(**nowhere, max_retries=0).models.list()",
    ]
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    folder = {"metadata": {"path": str(NOTEBOOKS)}}
    NotebookClient(notebook, allow_errors=True, timeout=60, resources=folder).execute()
    return [text(cell) for cell in notebook.cells[1:]]


def text(cell: nbformat.NotebookNode) -> str:
    (error,) = [output for output in cell.outputs if output.output_type == "error"]
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error.traceback))


def test_a_client_fails_in_a_few_lines(shown: list[str]):
    assert len(shown[0].splitlines()) <= 3
    assert "in line 2 of the cell: OpenAI(" in shown[0] and "%tb" in shown[0]


def test_the_whole_traceback_is_there_on_request(shown: list[str]):
    assert "Traceback (most recent call last)" in shown[1] and len(shown[1].splitlines()) > 20


def test_a_learners_own_error_is_as_it_always_is(shown: list[str]):
    assert "Traceback (most recent call last)" in shown[2] and "return 1 / 0" in shown[2]


def test_a_name_that_nobody_makes_is_the_learners_own(shown: list[str]):
    assert "Traceback (most recent call last)" in shown[3]


def test_a_name_from_a_section_that_was_not_run_is_told_in_three_lines(shown: list[str]):
    lines = shown[4].splitlines()
    assert lines[0].startswith("NameError: name 'count_since' is not defined")
    assert "has not run since the kernel started" in lines[2] and len(lines) == 3


def test_an_interrupt_in_the_cell_itself_is_short_already(shown: list[str]):
    assert "CancelledError" in shown[5] and len(shown[5].splitlines()) <= 8


def test_after_the_session_a_client_fails_with_what_starts_one(shown: list[str]):
    lines = shown[6].splitlines()
    assert "No session is running" in lines[-1] and len(lines) == 3
