"""Who is asked, and in which order."""

from __future__ import annotations

import httpx
import pytest

from helpers import recording, smollm2
from helpers.recording import Recording
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


def test_the_state_tells_of_whom_the_recordings_are(tmp_path):
    model = "SmolLM2-135M-Instruct Q4_1 by xllamacpp"
    given = {"status": 200, "headers": {}, "body": {}}
    recording.save(tmp_path, Recording(CHAT, DNS, given, {"model": model}))
    recording.save(tmp_path, Recording(CHAT, HTTP, given, {"model": model}))
    recording.save(tmp_path, Recording(CHAT, DNS | {"seed": 1}, given, {"model": "gpt-4o-mini"}))
    speakers = state_of(create_app(tmp_path, strict=True)).speakers
    assert speakers == ("SmolLM2-135M-Instruct", "gpt-4o-mini")


def test_only_a_model_that_steps_in_is_a_surprise(tmp_path):
    asked_for = state_of(create_app(tmp_path, strict=False, model=FakeModel())).answerers
    stepping_in = state_of(create_app(tmp_path, strict=False)).answerers
    assert [one.surprise for one in asked_for] == [None]
    assert [bool(one.surprise) for one in stepping_in] == [False, True, True]


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
