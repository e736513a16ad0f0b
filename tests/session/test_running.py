"""helpers.session: where model calls and traces go, in every mode."""

import asyncio
import gc
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from helpers import services, session
from helpers.errors import TutorialError
from helpers.keys import is_ours
from helpers.lessons import hunt, wire
from helpers.session import ModeError, clients, preparation, running
from helpers.view import Run
from tests.lessons.calls import CALL
from tests.said import speakers
from tests.serving.opened import serving

KEYS = {"OPENAI_API_KEY": "real-model-key", "LANGSMITH_API_KEY": "real-trace-key"}


@pytest.fixture(autouse=True)
def _clean(monkeypatch):
    monkeypatch.setenv("TUTORIAL_MODE", "auto")
    yield
    session.stop()


def answers(started: session.Session) -> bool:
    """Whether the services of a session take the key that its clients are given."""
    key = {"x-api-key": os.environ["LANGSMITH_API_KEY"]}
    return httpx.get(f"{started.url}/info", headers=key).status_code == 200


def test_without_keys_every_client_is_sent_to_this_machine():
    started = session.start("replay")
    for name in ("OPENAI_BASE_URL", "LANGSMITH_ENDPOINT", "LANGSMITH_BASE_URL"):
        assert os.environ[name].startswith(started.url)
    assert answers(started)
    bearer = {"authorization": f"Bearer {os.environ['OPENAI_API_KEY']}"}
    assert httpx.get(f"{started.url}/v1/models", headers=bearer).status_code == 200


def test_real_keys_are_hidden_in_replay_and_given_back(monkeypatch):
    for name, key in KEYS.items():
        monkeypatch.setenv(name, key)
    session.start("replay")
    assert all(is_ours(os.environ[name]) for name in KEYS)
    session.stop()
    assert {name: os.environ[name] for name in KEYS} == KEYS


def test_starting_again_keeps_the_running_session():
    assert session.start("replay") is session.start()


def test_another_mode_replaces_the_session():
    first = session.start("replay")
    second = session.start("auto")
    assert second is not first
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{first.url}/info")


def test_live_starts_nothing_and_leaves_the_keys(monkeypatch):
    for name, key in KEYS.items():
        monkeypatch.setenv(name, key)
    started = session.start("live")
    assert started.url is None
    assert os.environ["OPENAI_API_KEY"] == KEYS["OPENAI_API_KEY"]


def test_live_gives_one_region_to_both_readers(monkeypatch):
    for name, key in KEYS.items():
        monkeypatch.setenv(name, key)
    monkeypatch.setenv("LANGSMITH_ENDPOINT", "https://eu.api.smith.langchain.com")
    session.start("live")
    assert os.environ["LANGSMITH_BASE_URL"] == os.environ["LANGSMITH_ENDPOINT"]


@pytest.mark.parametrize("given", ["LANGSMITH_WORKSPACE_ID", "LANGSMITH_TENANT_ID"])
def test_live_gives_one_workspace_to_both_readers(monkeypatch, given):
    for name in ("LANGSMITH_WORKSPACE_ID", "LANGSMITH_TENANT_ID"):
        monkeypatch.delenv(name, raising=False)
    for name, key in KEYS.items():
        monkeypatch.setenv(name, key)
    monkeypatch.setenv(given, "11111111-1111-4111-8111-111111111111")
    session.start("live")
    assert os.environ["LANGSMITH_TENANT_ID"] == os.environ["LANGSMITH_WORKSPACE_ID"]


def test_a_session_that_fails_to_start_gives_the_environment_back(monkeypatch, tmp_path):
    (tmp_path / "broken.json").write_text("{")
    monkeypatch.setenv("TUTORIAL_RECORDINGS", str(tmp_path))
    before = dict(os.environ)
    with pytest.raises(Exception, match="broken.json"):
        session.start("replay")
    assert dict(os.environ) == before


def test_the_decision_is_one_line_that_never_changes():
    said = repr(session.start("replay"))
    assert said.startswith("Model answers: recorded from ")
    assert said.endswith(". Traces: a LangSmith on this machine.")
    assert all(name in said for name in speakers())


def test_an_sdk_that_was_used_before_is_sent_here_too(monkeypatch):
    from langsmith import utils
    from langsmith.run_trees import get_cached_client

    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    utils.get_env_var("PROJECT")
    started = session.start("replay")
    assert utils.get_env_var("PROJECT") == os.environ["LANGSMITH_PROJECT"]
    assert get_cached_client().api_url == started.url


@pytest.fixture
def keys(monkeypatch):
    """Real-looking keys in the environment of a learner."""
    for name, key in KEYS.items():
        monkeypatch.setenv(name, key)


def test_a_session_that_was_stopped_by_its_own_method_is_over(keys):
    session.start("replay").stop()
    assert session.current() is None
    again = session.start("replay")
    assert all(is_ours(os.environ[name]) for name in KEYS)
    assert answers(again)


def test_a_stopped_session_says_so():
    started = session.start("replay")
    started.stop()
    assert str(started).startswith("Stopped. It was: Model answers: recorded")


def test_a_typo_in_the_mode_leaves_the_running_session_alone(keys):
    now = session.start("replay")
    with pytest.raises(ModeError, match="lvie"):
        session.start("lvie")
    assert session.current() is now
    assert is_ours(os.environ["OPENAI_API_KEY"])
    assert answers(now)


def test_a_mode_without_its_key_leaves_the_running_session_alone():
    now = session.start("replay")
    with pytest.raises(ModeError, match="OPENAI_API_KEY is not set"):
        session.start("live")
    assert session.current() is now


def test_services_that_fail_leave_the_running_session_alone(keys, monkeypatch, tmp_path):
    now = session.start("replay")
    (tmp_path / "broken.json").write_text("{")
    monkeypatch.setenv("TUTORIAL_RECORDINGS", str(tmp_path))
    with pytest.raises(TutorialError, match="broken.json"):
        session.start("record")
    assert session.current() is now
    assert is_ours(os.environ["OPENAI_API_KEY"])
    assert answers(now)


def test_from_recorded_to_live_the_learners_own_keys_are_asked_for(keys):
    session.start("replay")
    live = session.start("live")
    assert live.running
    assert {name: os.environ[name] for name in KEYS} == KEYS


def test_a_mode_that_was_given_stays_when_start_is_called_without_one(keys):
    now = session.start("replay")
    assert session.start() is now


def test_keys_that_were_set_since_make_start_choose_anew():
    recorded = session.start()
    os.environ.update(KEYS)
    try:
        live = session.start()
        assert (recorded.choice.model, live.choice.model) == ("recordings", "provider")
        assert {name: os.environ[name] for name in KEYS} == KEYS
    finally:
        session.stop()
        for name in KEYS:  # after the session, which gives back what it found
            os.environ.pop(name, None)


def test_reading_the_current_session_starts_none():
    assert session.current() is None
    run = Run("id", "id", "define", None)
    assert wire.size(run) == "not seen"
    assert hunt.requests_with([run], "secret") == "not seen"
    assert session.current() is None


@pytest.mark.usefixtures("interruptible")
@pytest.mark.skipif(os.name == "nt", reason="signals are sent to processes otherwise there")
@pytest.mark.parametrize("moment", ["create_app", "_point", "forget"])
def test_an_interrupt_at_any_moment_of_start_leaves_a_whole_session_or_none(
    keys, monkeypatch, moment
):
    owner = {"create_app": services, "forget": clients}.get(moment, running)
    original = getattr(owner, moment)

    def interrupted(*arguments, **options):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)
        return original(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(owner, moment, interrupted)
        with pytest.raises(KeyboardInterrupt):
            session.start("replay")
    now = session.current()
    hidden = is_ours(os.environ["OPENAI_API_KEY"])
    assert hidden == (now is not None)
    if now:
        assert answers(now)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_while_one_session_replaces_another_ends_one_of_the_two(keys, monkeypatch):
    first = session.start("replay")
    original = running._point

    def interrupted(new):
        os.kill(os.getpid(), signal.SIGINT)
        original(new)

    with monkeypatch.context() as patch:
        patch.setattr(running, "_point", interrupted)
        with pytest.raises(KeyboardInterrupt):
            session.start("record")
    now = session.current()
    assert now is not first
    assert now.mode == "record"
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{first.url}/info")


def test_a_disk_that_hangs_is_named_after_the_deadline(monkeypatch):
    released = threading.Event()
    monkeypatch.setattr(preparation, "SECONDS", 0.05)
    monkeypatch.setattr(services, "create_app", lambda *_, **__: released.wait(10))
    with pytest.raises(TutorialError, match=r"reading .*recordings and making a database in .* "):
        session.start("replay")
    released.set()
    assert session.current() is None


def test_sessions_leave_nothing_behind(monkeypatch):
    registered = []
    monkeypatch.setattr(running.atexit, "register", registered.append)
    monkeypatch.setattr(running, "_at_exit", False)
    process = psutil.Process()

    def held():
        gc.collect()
        folders = list(Path(tempfile.gettempdir()).glob(f"{preparation.FOLDER}{os.getpid()}-*"))
        return threading.active_count(), process.num_fds(), len(folders)

    session.start("replay").stop()
    before = held()
    for _ in range(10):
        session.start("replay").stop()
    assert held() <= before
    assert len(registered) == 1


def test_what_reads_traces_goes_with_the_session_it_read_from(monkeypatch):
    from helpers import traces
    from helpers.traces import connection

    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    started = session.start("replay")
    assert not traces.show()
    assert [key for key in connection._clients if key[0] == started.url]
    session.stop()
    assert not [key for key in connection._clients if key[0] == started.url]
    open_ones = [each.raddr for each in psutil.Process().net_connections("tcp") if each.raddr]
    assert urlsplit(started.url).port not in {address.port for address in open_ones}


async def _report_after(ending: Callable[[], object]) -> None:
    """Call ``ending`` when a call is over and LiteLLM has not reported it yet; then let it."""
    import litellm
    from litellm.litellm_core_utils.logging_worker import GLOBAL_LOGGING_WORKER

    litellm.callbacks, litellm.langsmith_batch_size = ["langsmith"], 1
    for ended in (False, True):
        await litellm.acompletion(**CALL)  # the second, since the first makes the logger
        if ended:
            ending()
        await asyncio.sleep(0)
        await GLOBAL_LOGGING_WORKER.flush()


@pytest.mark.parametrize("ending", [session.stop, lambda: session.start("live")])
def test_what_litellm_has_still_to_report_goes_to_no_langsmith_of_the_learners(monkeypatch, ending):
    asked: list[str] = []

    async def note(request: Request) -> Response:
        asked.append(request.url.path)
        return JSONResponse({})

    app = Starlette(routes=[Route("/{path:path}", note, methods=["GET", "POST"])])
    with serving(app) as own:
        for name in ("LANGSMITH_ENDPOINT", "LANGSMITH_BASE_URL"):
            monkeypatch.setenv(name, own)
        for name, value in KEYS.items():
            monkeypatch.setenv(name, value)
        session.start("replay")
        asyncio.run(_report_after(ending))
        session.stop()
        assert os.environ["LANGSMITH_BASE_URL"] == own and asked == []


def test_each_session_has_keys_of_its_own():
    first = session.start("replay").keys
    session.stop()
    second = session.start("replay").keys
    assert len({first.model, first.langsmith, second.model, second.langsmith}) == 4


def test_the_keys_stand_in_nothing_that_is_shown_of_a_session():
    started = session.start("replay")
    shown = f"{started!r} {started} {started._repr_html_()} {started.keys!r}"
    assert not any(key in shown for key in (started.keys.model, started.keys.langsmith))


def test_the_link_to_the_pages_opens_them():
    started = session.start("replay")
    with httpx.Client(follow_redirects=True) as browser:
        assert browser.get(started.page or "").status_code == 200
        assert browser.get(f"{started.url}/").status_code == 200
