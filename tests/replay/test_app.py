"""The application: what it keeps, and that who is asked first answers."""

from __future__ import annotations

import httpx

from helpers import recording
from helpers.recording import Recording
from helpers.replay import create_app, state_of
from tests.replay.samples import CHAT, DNS, HTTP
from tests.serving.opened import serving


def test_the_state_tells_of_whom_the_recordings_are(tmp_path):
    model = "SmolLM2-135M-Instruct Q4_1 by xllamacpp"
    given = {"status": 200, "headers": {}, "body": {}}
    recording.save(tmp_path, Recording(CHAT, DNS, given, {"model": model}))
    recording.save(tmp_path, Recording(CHAT, HTTP, given, {"model": model}))
    recording.save(tmp_path, Recording(CHAT, DNS | {"seed": 1}, given, {"model": "gpt-4o-mini"}))
    speakers = state_of(create_app(tmp_path, strict=True)).speakers
    assert speakers == ("SmolLM2-135M-Instruct", "gpt-4o-mini")


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
