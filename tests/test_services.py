"""The model API and LangSmith behind one address."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette

from helpers import services
from helpers.keys import Keys
from helpers.serving.server import serving

KEYS = Keys()
MODEL, LANGSMITH = {"authorization": f"Bearer {KEYS.model}"}, {"x-api-key": KEYS.langsmith}


@pytest.fixture
def app(tmp_path):
    return services.create_app(
        tmp_path / "traces.sqlite", recordings=tmp_path, strict=True, keys=KEYS
    )


def test_each_route_leads_to_its_service(app):
    with serving(services.guarded(app)) as url:
        assert httpx.get(f"{url}/v1/models", headers=MODEL).json() == {"object": "list", "data": []}
        assert httpx.get(f"{url}/ok", headers=LANGSMITH).json() == {"ok": True}


def test_the_state_tells_of_both(app):
    with serving(services.guarded(app)) as url:
        httpx.get(f"{url}/info", headers=LANGSMITH)
    state = services.state_of(app)
    assert [request.path for request in state.langsmith.requests] == ["/info"]
    assert state.model.used == set()


def test_another_application_has_no_such_state():
    with pytest.raises(TypeError):
        services.state_of(Starlette())


def test_both_end_with_the_address(app):
    with serving(services.guarded(app)):
        assert services.state_of(app).langsmith.writer is not None
    assert services.state_of(app).langsmith.writer is None


def test_the_key_of_one_service_does_not_open_the_other(app):
    swapped = {"x-api-key": KEYS.model, "authorization": f"Bearer {KEYS.langsmith}"}
    with serving(services.guarded(app)) as url:
        statuses = [httpx.get(url + path, headers=swapped).status_code for path in ("/v1/models",)]
        assert statuses == [401]
        assert httpx.get(f"{url}/info", headers={"x-api-key": KEYS.model}).status_code == 401


@pytest.mark.parametrize("path", ["/v1", "/v1/models", "/v1x", "/info", "/api/v1/sessions"])
def test_neither_answers_without_a_key(app, path):
    with serving(services.guarded(app)) as url:
        assert httpx.get(url + path).status_code == 401
