"""A program of ours that serves says where it does, in one step."""

from pathlib import Path

from helpers.processes.served import ADDRESS, tell_address


def test_an_address_is_told_whole_or_not_at_all(tmp_path: Path):
    tell_address(tmp_path, "http://localhost:1")
    assert [path.name for path in tmp_path.iterdir()] == [ADDRESS]
    assert (tmp_path / ADDRESS).read_text("ascii") == "http://localhost:1"
