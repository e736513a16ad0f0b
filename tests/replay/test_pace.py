"""How fast recorded answers come."""

from __future__ import annotations

import pytest

from helpers.replay.pace import PaceError, pace


@pytest.mark.parametrize(
    ("value", "expected"), [(None, 1), ("", 1), ("1", 1), ("0", 0), ("0.5", 0.5), ("100", 100)]
)
def test_a_number_multiplies_the_recorded_times(value, expected):
    assert pace({} if value is None else {"TUTORIAL_PACE": value}) == expected


@pytest.mark.parametrize("value", ["fast", "-1", "nan", "inf", "101", "1 s"])
def test_a_wrong_pace_is_an_error_that_lists_the_right_ones(value):
    with pytest.raises(PaceError, match="is not a pace. Set TUTORIAL_PACE to 1 .* 0 .* number"):
        pace({"TUTORIAL_PACE": value})
