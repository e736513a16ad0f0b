"""Points in time as clients send them."""

from __future__ import annotations

import pytest

from helpers.langsmith_local.times import iso, microseconds, naive

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


@pytest.mark.parametrize(
    "sent",
    [
        *("soon", "", None, True, [], 1e300, -1e300, 10**400, float("nan"), float("inf")),
        *("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "0000-01-01", "1899-12-31"),
        *("1900-01-01T00:00:00+00:01", "2300-01-01", "2299-12-31T23:59:59-00:01", -3e9),
    ],
)
def test_what_is_no_time_is_an_error(sent):
    with pytest.raises(ValueError):
        microseconds(sent)


def test_a_moment_reads_as_iso_in_utc():
    assert iso(MOMENT) == "2026-01-01T00:00:00.250000+00:00"


def test_the_first_generation_shows_it_without_the_offset():
    assert naive(MOMENT) == "2026-01-01T00:00:00.250000"
    assert naive(None) is None


@pytest.mark.parametrize(
    "sent", ["1900-01-01T00:00:00", "2299-12-31T23:59:59.999999", "1970-01-01"]
)
def test_a_time_at_either_end_is_read_and_shown(sent):
    assert (iso(microseconds(sent)) or "").startswith(sent)


def test_what_is_out_of_range_is_refused_with_the_years():
    with pytest.raises(ValueError, match="1900 to 2299"):
        microseconds("0001-01-01T00:00:00+23:59")


@pytest.mark.parametrize("stored", [-(2**63), 2**63 - 1, -62_135_683_140_000_000])
def test_a_stored_time_that_no_calendar_holds_is_shown_as_the_nearest(stored):
    assert (iso(stored) or "")[:4] in ("1900", "2299")
