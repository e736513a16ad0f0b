"""What holds for every test: replay, no keys, no network (see ``helpers.testing.offline``)."""

import signal
import sys
from collections.abc import Iterator

import pytest

PLUGINS = ("counting", "faults", "offline", "recordings", "sanitizing", "sharing")

LISTS = ("callbacks", "success_callback", "failure_callback", "input_callback", "service_callback")
LISTS += ("_async_success_callback", "_async_failure_callback")


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    """Load our options, and then nbval, for which ``helpers.testing`` prepares."""
    pluginmanager.import_plugin("helpers.testing")
    pluginmanager.import_plugin("helpers.testing.options")
    if not pluginmanager.hasplugin("nbval"):
        pluginmanager.import_plugin("nbval.plugin")


def pytest_configure(config: pytest.Config) -> None:
    """Load our plugins. ``pytest_plugins`` would do so only where pytest is given this folder."""
    for name in PLUGINS:
        config.pluginmanager.import_plugin(f"helpers.testing.{name}")


@pytest.fixture(autouse=True)
def _no_callback_of_another_test() -> None:
    """LiteLLM keeps its loggers for the process, in seven lists, and makes no second of a kind."""
    litellm = sys.modules.get("litellm")
    if litellm is None:
        return
    for name in LISTS:
        callbacks = getattr(litellm, name)
        callbacks[:] = [one for one in callbacks if not _is_langsmith(one)]
    litellm.langsmith_batch_size = None


@pytest.fixture
def interruptible() -> Iterator[None]:
    """SIGINT raises KeyboardInterrupt here, also where a shell started this run in the background.

    Such a shell has its children ignore the signal, and theirs in turn.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def _is_langsmith(callback: object) -> bool:
    return callback == "langsmith" or type(callback).__name__ == "LangsmithLogger"
