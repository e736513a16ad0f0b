"""The model API and LangSmith behind one address."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette

from helpers import services
from helpers.serving import serving


@pytest.fixture
def app(tmp_path):
    return services.create_app(tmp_path / "traces.sqlite", recordings=tmp_path, strict=True)


def test_each_route_leads_to_its_service(app):
    with serving(app) as url:
        assert httpx.get(f"{url}/v1/models").json() == {"object": "list", "data": []}
        assert httpx.get(f"{url}/ok").json() == {"ok": True}


def test_the_state_tells_of_both(app):
    with serving(app) as url:
        httpx.get(f"{url}/info")
    state = services.state_of(app)
    assert [request.path for request in state.langsmith.requests] == ["/info"]
    assert state.model.used == set()


def test_another_application_has_no_such_state():
    with pytest.raises(TypeError):
        services.state_of(Starlette())


def test_both_end_with_the_address(app):
    with serving(app):
        assert services.state_of(app).langsmith.writer is not None
    assert services.state_of(app).langsmith.writer is None
