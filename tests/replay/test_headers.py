"""The headers that are added to an answer."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders

from helpers.replay.headers import PROCESSING, add
from tests.replay.samples import HTTP


def test_what_is_there_stays():
    headers = MutableHeaders({PROCESSING: "1500", "x-request-id": "req_1"})
    add(headers, HTTP, seconds=0)
    assert (headers[PROCESSING], headers["x-request-id"]) == ("1500", "req_1")


def test_the_time_is_in_milliseconds():
    headers = MutableHeaders({})
    add(headers, HTTP, seconds=1.25)
    assert headers[PROCESSING] == "1250"


def test_a_longer_question_leaves_fewer_tokens():
    left = []
    for text in ("HTTP", "HTTP " * 1000):
        headers = MutableHeaders({})
        add(headers, {"messages": [{"role": "user", "content": text}]}, seconds=0)
        left.append(int(headers["x-ratelimit-remaining-tokens"]))
    assert 200_000 > left[0] > left[1] > 0


def test_what_was_refused_unread_has_an_id_and_no_limits():
    headers = MutableHeaders({})
    add(headers, None, seconds=0)
    assert headers["x-request-id"] and not any(name.startswith("x-ratelimit") for name in headers)


def test_a_wrong_number_of_tokens_does_not_break_the_refusal():
    headers = MutableHeaders({})
    add(headers, {"max_tokens": "ten"}, seconds=0)
    assert headers["x-ratelimit-remaining-tokens"]
