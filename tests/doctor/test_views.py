"""What each layer sees of one environment."""

from types import SimpleNamespace

import pytest

from helpers.doctor import views
from tests.doctor.seeing import HERE


@pytest.mark.parametrize("rate", ["0", "1"])
def test_a_whole_sampling_rate_is_taken(rate):
    seen = views.callback_view({"LANGSMITH_SAMPLING_RATE": rate})
    assert seen.settings["sampling rate"] == {"0": "0 of the runs", "1": "all runs"}[rate]


def test_runs_that_wait_are_counted_once():
    run, other = (SimpleNamespace(item=SimpleNamespace(id=name)) for name in "ab")
    queue = SimpleNamespace(queue=[run, run, other])
    client = SimpleNamespace(
        api_key="k", api_url=HERE, workspace_id=None, tracing_sample_rate=None, tracing_queue=queue
    )
    assert views.sdk_view({}, client=client).waiting == 2
