"""Who is asked, and in which order."""

from __future__ import annotations

import httpx
import pytest

from helpers import smollm2
from helpers.replay import Provider, create_app, state_of
from tests.replay.samples import CHAT, DNS, HTTP
from tests.serving.opened import serving

PROVIDER = Provider(base_url="http://127.0.0.1:9/v1", api_key="", name="test")


class FakeModel(smollm2.Model):
    def __init__(self) -> None:
        pass


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"strict": True}, "Recordings"),
        ({"strict": False}, "Recordings LocalModel StandIn"),
        ({"strict": False, "use_local_model": False}, "Recordings StandIn"),
        ({"strict": True, "provider": PROVIDER}, "Recordings Recorder"),
        ({"strict": False, "provider": PROVIDER}, "Recordings Recorder"),
        ({"strict": False, "model": FakeModel()}, "LocalModel"),
    ],
)
def test_those_who_may_answer_are_asked_in_order(tmp_path, options, names):
    answerers = state_of(create_app(tmp_path, **options)).answerers
    assert " ".join(type(one).__name__ for one in answerers) == names


def test_the_first_to_answer_is_the_last_to_be_asked(folder):
    app = create_app(folder, strict=False, use_local_model=False)
    with serving(app) as url:
        recorded, invented = (httpx.post(url + CHAT, json=body).json() for body in (HTTP, DNS))
    assert (recorded["id"], invented["id"]) == ("chatcmpl-1", "chatcmpl-stand-in")


def test_routes_are_found_with_the_version_and_without(folder):
    with serving(create_app(folder, strict=True)) as url:
        assert (
            httpx.post(url + "/v1" + CHAT, json=HTTP).json()
            == httpx.post(url + CHAT, json=HTTP).json()
        )
