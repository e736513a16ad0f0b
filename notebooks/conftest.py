"""What holds for every notebook under pytest: replay, no keys, isolated settings, no unused recording."""

pytest_plugins = ["helpers.pytest_offline", "helpers.pytest_recordings"]

collect_ignore_glob = ["Untitled*"]
