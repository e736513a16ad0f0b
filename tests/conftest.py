"""What holds for every test: replay, no keys, no network (see helpers/pytest_offline.py)."""

pytest_plugins = ["helpers.pytest_offline", "helpers.pytest_recordings"]
