"""What holds for notebooks under pytest: replay, no keys, no user settings, no unused recording."""

from __future__ import annotations

import pytest

collect_ignore_glob = ["Untitled*"]

PLUGINS = ("counting", "offline", "programs", "recordings", "sanitizing", "leftovers")


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
