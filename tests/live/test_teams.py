"""What a gateway for several teams does with their settings, and with those of a request (12)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from helpers import traces
from helpers.proxy import launch as proxy
from tests.lessons.calls import CALL, lesson

ACME = "glossary-acme"


@pytest.fixture(scope="module", params=["teams", "closed"])
def gateway(request: pytest.FixtureRequest) -> Iterator[proxy.Proxy]:
    """The lesson's gateway, open and closed."""
    with lesson("teams"):
        config, own = (
            f"proxy/{request.param}.yaml",
            {"LANGSMITH_PROJECT": request.param, "ACME_PROJECT": ACME},
        )
        with proxy.start(config, port=0, environment=own) as running:
            yield running
        proxy.stop()


def ask(gateway: proxy.Proxy, key: str, name: str, **body: Any) -> int:
    label = {"run_name": name, **body.pop("metadata", {})}
    headers = {"Authorization": f"Bearer {key}"}
    body = CALL | body | {"metadata": label}
    url = f"{gateway.url}/chat/completions"
    return httpx.post(url, json=body, headers=headers, timeout=60).status_code


def arrived(gateway: proxy.Proxy, *projects: str) -> dict[str, set[str]]:
    """Return the names of the runs in each project; a later call was seen by then."""
    own = gateway.environment["LANGSMITH_PROJECT"]
    assert ask(gateway, gateway.key, "later") == 200
    asyncio.run(traces.wait(name="later", project=own, timeout=30))
    return {each: {run.name for run in traces.query(project=each)} for each in (own, *projects)}


def test_a_team_has_a_project_and_a_rate_of_its_own(gateway):
    assert ask(gateway, "sk-acme", "by acme") == 200
    assert ask(gateway, "sk-quiet", "by quiet") == 200
    assert ask(gateway, "sk-quiet", "by quiet, all the same", langsmith_sampling_rate=1) == 200
    own, acme = arrived(gateway, ACME).values()
    assert "by acme" in acme
    assert not {"by quiet", "by quiet, all the same"} & (own | acme)


def test_a_client_leaves_its_calls_out_unless_the_gateway_is_closed(gateway):
    assert ask(gateway, "sk-acme", "left out", langsmith_sampling_rate=0) == 200
    closed = gateway.environment["LANGSMITH_PROJECT"] == "closed"
    assert ("left out" in arrived(gateway, ACME)[ACME]) is closed


def test_a_client_chooses_a_project_whatever_that_of_its_team(gateway):
    choice = {"project_name": "of-the-client"}
    assert ask(gateway, "sk-acme", "moved", metadata=choice) == 200
    found = arrived(gateway, ACME, "of-the-client")
    assert "moved" in found["of-the-client"] and "moved" not in found[ACME]


def test_a_key_of_nobody_is_refused(gateway):
    assert ask(gateway, "sk-unknown", "by nobody") == 401
