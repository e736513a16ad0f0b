from __future__ import annotations

import pytest

from helpers.langsmith_local.store import Store
from tests.langsmith_local.reading.turns import add_turns


@pytest.fixture
def turns(store: Store) -> None:
    """Three turns of two threads, one of them of last week, in the running service."""
    add_turns(store.connection())
