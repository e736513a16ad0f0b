"""What a client of the proxy decides of its traces, as lesson 12 says, and what it cannot then."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import yaml

from helpers import traces
from helpers.lessons.stranger import Stranger
from helpers.proxy import launch as proxy
from tests.lessons.calls import CALL, NOTEBOOKS, lesson

PROJECT = "closed"


@pytest.fixture(scope="module", autouse=True)
def _environment() -> Iterator[None]:
    with lesson(PROJECT):
        yield


@pytest.fixture(scope="module", params=["langsmith", "closed.logger"])
def gateway(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[proxy.Proxy]:
    """The lesson's proxy; and with the closed logger, which does not ask streams for a count."""
    folder = tmp_path_factory.mktemp("closed") / "proxy"
    shutil.copytree(NOTEBOOKS / "proxy", folder)
    path = folder / "config.yaml"
    config = yaml.safe_load(path.read_text())
    config["litellm_settings"]["callbacks"] = [request.param]
    if request.param == "closed.logger":
        config["general_settings"] = {"always_include_stream_usage": False}
    path.write_text(yaml.safe_dump(config))
    with proxy.start(path, port=0, environment={"LANGSMITH_PROJECT": request.param}) as running:
        yield running
    proxy.stop()


def ask(gateway: proxy.Proxy, *, key: str | None = None, **body: Any) -> int:
    headers = {"Authorization": f"Bearer {key or gateway.key}"}
    url = f"{gateway.url}/chat/completions"
    return httpx.post(url, json=CALL | body, headers=headers, timeout=60).status_code


def is_closed(gateway: proxy.Proxy) -> bool:
    return gateway.environment["LANGSMITH_PROJECT"] == "closed.logger"


def arrived(gateway: proxy.Proxy, name: str) -> bool:
    """Whether a run called ``name`` is in the proxy's project; a later call was seen there."""
    project = gateway.environment["LANGSMITH_PROJECT"]
    ask(gateway, metadata={"run_name": f"after {name}"})
    asyncio.run(traces.wait(name=f"after {name}", project=project, timeout=30))
    return bool(traces.query(f'eq(name, "{name}")', project=project))


@pytest.mark.parametrize("key", [None, "anything"], ids=["a client", "a stranger"])
@pytest.mark.parametrize("where", ["body", "metadata"])
def test_the_report_of_a_refusal_goes_where_the_request_says(gateway, key, where):
    with Stranger() as stranger:
        wish = {"langsmith_base_url": stranger.url, "langsmith_api_key": "theirs"}
        body = wish if where == "body" else {"metadata": wish}
        assert ask(gateway, key=key, **body) >= 400
        heard = stranger.heard(timeout=1 if is_closed(gateway) else 10)
    assert bool(heard) is not is_closed(gateway)
    if heard:
        assert heard[0]["inputs"]["messages"] == CALL["messages"]
        assert heard[0]["error"].startswith("Rejected Request: langsmith_")


def test_a_refused_project_is_made_all_the_same(gateway):
    project = f"theirs-{is_closed(gateway)}".lower()
    assert ask(gateway, langsmith_project=project) >= 400
    assert not arrived(gateway, "no such run")
    assert bool(traces.query(project=project)) is not is_closed(gateway)


def test_a_client_may_leave_its_call_out(gateway):
    body = {"langsmith_sampling_rate": 0, "metadata": {"run_name": "left out"}}
    assert ask(gateway, **body) == 200
    assert arrived(gateway, "left out") is is_closed(gateway)


def test_a_client_may_choose_a_project_by_its_metadata_in_either_case(gateway):
    project = f"team-a-{is_closed(gateway)}".lower()
    body = {"metadata": {"project_name": project, "run_name": "moved"}}
    assert ask(gateway, **body) == 200
    assert asyncio.run(traces.wait(name="moved", project=project, timeout=30))


def test_a_stream_is_counted_unless_the_proxy_is_told_not_to_ask(gateway):
    assert ask(gateway, stream=True, metadata={"run_name": "streamed"}) == 200
    project = gateway.environment["LANGSMITH_PROJECT"]
    run = asyncio.run(traces.wait(name="streamed", project=project, timeout=30)).root
    assert bool(run.total_tokens) is not is_closed(gateway)


def test_the_proxy_knows_the_key_that_many_examples_have():
    from litellm.proxy.auth import master_key_boot_check as check

    digest = hashlib.sha256(b"sk-1234").hexdigest()
    assert digest in check.PUBLICLY_KNOWN_MASTER_KEY_SHA256_DIGESTS
    override = "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY"
    assert override == check.WEAK_OR_UNSET_MASTER_KEY_OVERRIDE_ENV_VAR
