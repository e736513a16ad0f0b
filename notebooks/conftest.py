"""What holds for notebooks under pytest: replay, no keys, no user settings, no unused recording."""

pytest_plugins = ["helpers.testing.offline", "helpers.testing.programs", "helpers.testing.recordings"]

collect_ignore_glob = ["Untitled*"]
