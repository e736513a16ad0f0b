"""Keys, modes and addresses: what is asked, and what is said of the answer."""

import os

import pytest
from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.routing import Route

from helpers.doctor import addresses
from helpers.environment import variables
from helpers.keys import Keys
from helpers.lessons import faults
from tests.doctor.seeing import HERE, answering, statuses
from tests.serving.opened import serving


def test_a_key_in_quotes_is_red():
    assert addresses.keys({"OPENAI_API_KEY": "'sk-aaaaaaaaaaaaaaaa'"})[0].status == "problem"


def _asked(environ, **allowed):
    return addresses.addresses(environ, **{"ask_model": False, "ask_traces": False} | allowed)


@pytest.mark.parametrize(("status", "verdict"), [(200, "ok"), (404, "ok"), (501, "problem")])
def test_both_addresses_are_asked(status, verdict):
    with serving(answering(status)) as url:
        found = _asked(variables(url, Keys()))
    assert statuses(found) == {"model API": verdict, "LangSmith": verdict}


def test_a_service_that_refuses_the_key_of_this_session_is_red():
    with serving(answering(401)) as url:
        found = _asked(variables(url, Keys()))
    assert {check.detail for check in found} == {
        f"{url}/v1 refuses the key of this session",
        f"{url} refuses the key of this session",
    }


def test_no_key_but_a_session_s_own_is_sent(monkeypatch):
    sent = []
    monkeypatch.setattr(addresses, "_get", lambda url, headers, **_: sent.append(headers) or 200)
    _asked(variables(HERE, Keys()) | {"OPENAI_API_KEY": "real", "LANGSMITH_API_KEY": "real"})
    assert sent == [{}, {}]


def test_an_address_where_nobody_answers_is_red():
    with serving(Starlette()) as gone:
        pass
    assert set(statuses(_asked(variables(gone, Keys()))).values()) == {"problem"}


def test_a_callback_that_posts_elsewhere_is_asked_too():
    environ = variables(HERE, Keys()) | {"LANGSMITH_BASE_URL": "http://127.0.0.1:6"}
    assert "LangSmith (callback)" in statuses(_asked(environ))


@pytest.mark.parametrize("environ", [{}, variables("https://example.com", Keys())])
def test_without_a_key_nothing_beyond_this_machine_is_asked(environ, monkeypatch):
    monkeypatch.setattr(addresses, "_get", lambda *_, **__: pytest.fail("asked"))
    assert set(statuses(_asked(environ)).values()) == {"info"}


def test_a_redirect_is_not_followed():
    async def away(request):
        return RedirectResponse("http://example.com/")

    with serving(Starlette(routes=[Route("/info", away)])) as url:
        found = _asked({"LANGSMITH_ENDPOINT": url})
    assert statuses(found)["LangSmith"] == "ok"


@pytest.mark.parametrize(("bypassed", "count"), [(True, 0), (False, 1)])
def test_an_http_proxy_must_leave_loopback_alone(bypassed, count):
    found = addresses.proxy_bypass({"HTTP_PROXY": "http://campus:1"}, lambda host: bypassed)
    assert len(found) == count


def test_a_wrong_mode_is_red():
    assert addresses.mode({"TUTORIAL_MODE": "lvie"})[0].status == "problem"


@pytest.mark.parametrize(("mode", "asked"), [("replay", (False, False)), ("auto", (True, True))])
def test_real_keys_open_the_way_only_in_a_mode_that_uses_them(mode, asked):
    environ = {"TUTORIAL_MODE": mode, "OPENAI_API_KEY": "k", "LANGSMITH_API_KEY": "k"}
    assert addresses.mode(environ)[1:] == asked


def test_an_address_that_limits_requests_is_red():
    with serving(answering(429)) as url:
        (found,) = [check for check in _asked(variables(url, Keys())) if check.name == "LangSmith"]
    assert found.status == "problem" and "limits requests" in found.detail


def test_an_address_that_keeps_silent_is_told_from_one_where_nobody_is(monkeypatch):
    monkeypatch.setattr(addresses, "SECONDS", 0.5)
    with faults.start("silent") as outage:
        key = os.environ["LANGSMITH_API_KEY"]
        (found,) = _asked({"LANGSMITH_ENDPOINT": outage.url, "LANGSMITH_API_KEY": key})[1:]
    assert found.status == "problem" and "does not answer within 0.5 s" in found.detail
