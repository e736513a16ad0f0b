"""The doctor reads the proxy of this process; other files may have left one running."""

import pytest

from helpers.doctor import views


@pytest.fixture(autouse=True)
def _no_proxy_of_another_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "current", lambda: None)
