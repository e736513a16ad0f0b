"""UUIDs come in one spelling."""

from __future__ import annotations

import pytest

from helpers.langsmith_local.ids import uuid_text

ID = "aaaaaaaa-0000-4000-8000-000000000001"


@pytest.mark.parametrize("given", [ID, ID.upper(), ID.replace("-", ""), f"{{{ID}}}"])
def test_every_spelling_becomes_the_one(given):
    assert uuid_text(given) == ID


@pytest.mark.parametrize(
    "given",
    ["me", "", ID + "0", None, 7, ID.encode()]
    + [ID.replace("a", "_", 1), ID + "\n", " " + ID, "٣" * 32, "9" * 5_000],
)
def test_what_is_no_uuid_is_refused(given):
    with pytest.raises(ValueError):
        uuid_text(given)
