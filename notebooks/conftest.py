"""What holds for notebooks under pytest: replay, no keys, no user settings, no unused recording."""

pytest_plugins = ["helpers.pytest_offline", "helpers.pytest_programs", "helpers.pytest_recordings"]

collect_ignore_glob = ["Untitled*"]
