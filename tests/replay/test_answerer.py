"""One request, as those who may answer it are given it."""

from __future__ import annotations

import pytest

from helpers.replay.answerer import Asked


@pytest.mark.parametrize(
    ("body", "streamed"), [({"stream": True}, True), ({"stream": False}, False), ({}, False)]
)
def test_whether_a_stream_is_wanted_stands_in_the_body(body, streamed):
    assert Asked("/chat/completions", body, "key").streamed is streamed
