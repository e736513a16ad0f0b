"""Somebody else's server."""

from __future__ import annotations

import httpx
import pytest

from helpers.lessons.stranger import Stranger


def test_what_is_posted_to_it_is_heard_once():
    with Stranger() as stranger:
        sent = {"post": [{"name": "LLMRun"}]}
        assert httpx.post(f"{stranger.url}/api/v1/runs/batch", json=sent).status_code == 202
        assert stranger.heard() == [{"name": "LLMRun"}]
        assert stranger.heard(timeout=0.01) == []


def test_once_stopped_nobody_is_there():
    with Stranger() as stranger:
        url = stranger.url
    with pytest.raises(httpx.ConnectError):
        httpx.post(url, json={})
