"""Who is asked, and in which order."""

from __future__ import annotations

import pytest

from helpers import smollm2
from helpers.replay import Provider
from helpers.replay.answerers import Recordings
from helpers.replay.order import in_order

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
        ({"strict": False, "translated": PROVIDER}, "Translated"),
    ],
)
def test_those_who_may_answer_are_asked_in_order(tmp_path, options, names):
    answerers = in_order(Recordings(tmp_path), **options)
    assert " ".join(type(one).__name__ for one in answerers) == names


def test_only_a_model_that_steps_in_is_a_surprise(tmp_path):
    asked_for = in_order(Recordings(tmp_path), strict=False, model=FakeModel())
    stepping_in = in_order(Recordings(tmp_path), strict=False)
    assert [one.surprise for one in asked_for] == [None]
    assert [bool(one.surprise) for one in stepping_in] == [False, True, True]
