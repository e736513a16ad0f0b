"""Points in time as clients send them."""

from __future__ import annotations

import pytest

from helpers.langsmith_local.times import iso, microseconds

MOMENT = 1_767_225_600_250_000


@pytest.mark.parametrize(
    "sent",
    [
        "2026-01-01T00:00:00.250Z",
        "2026-01-01T00:00:00.250000",
        "2026-01-01T02:00:00.250+02:00",
        1_767_225_600.25,
        1_767_225_600_250,
    ],
    ids=["Z", "naive", "offset", "LiteLLM's seconds", "JavaScript's milliseconds"],
)
def test_every_spelling_is_the_same_moment(sent):
    assert microseconds(sent) == MOMENT


@pytest.mark.parametrize("sent", ["soon", "", None, True, [], 1e300, -1e300])
def test_what_is_no_time_is_an_error(sent):
    with pytest.raises(ValueError):
        microseconds(sent)


def test_a_moment_reads_as_iso_in_utc():
    assert iso(MOMENT) == "2026-01-01T00:00:00.250000+00:00"
