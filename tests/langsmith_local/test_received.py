"""The log of requests: bounded in number and in bytes."""

from __future__ import annotations

import gzip
import tempfile

import pytest
from starlette.testclient import TestClient

from helpers.langsmith_local import create_app
from helpers.langsmith_local.received import Log, Received
from helpers.serving.bounds import SMALL_BYTES


def received(raw: bytes, encoding: str = "") -> Received:
    return Received("POST", "/runs/batch", len(raw), 202, encoding, raw)


def test_the_oldest_requests_are_forgotten():
    log = Log(records=2)
    for number in range(3):
        log.append(received(b"%d" % number))
    assert [one.body for one in log] == [b"1", b"2"]


def test_old_bodies_give_way_and_their_records_stay():
    log = Log(kept=10)
    for number in range(4):
        log.append(received(b"%d" % number * 5))
    assert log.bodies() == [b"22222", b"33333"]
    assert [one.size for one in log] == [5] * 4


def test_a_body_above_the_bound_is_not_kept():
    log = Log(kept=10)
    log.append(received(b"x" * 11))
    assert (len(log), log.bodies()) == (1, [])


def test_a_body_is_read_without_its_compression():
    assert received(gzip.compress(b"text"), "gzip").body == b"text"
    assert received(b"broken", "gzip").body == b""


@pytest.mark.parametrize("path", ["/runs/query", "/runs/batch", "/v2/runs/query", "/sessions"])
def test_the_file_of_a_large_body_is_closed_once_it_is_answered(monkeypatch, tmp_path, path):
    made, make = [], tempfile.TemporaryFile
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda: made.append(make()) or made[-1])
    with TestClient(create_app(tmp_path / "langsmith.db")) as client:
        assert client.post(path, content=b'{"x":"%s"}' % (b"x" * 2 * SMALL_BYTES)).status_code < 500
    assert [file.closed for file in made] == [True]


def test_a_log_can_be_cleared():
    log = Log()
    log.append(received(b"x"))
    log.clear()
    assert list(log) == []


def test_bodies_can_be_dropped_and_the_records_stay():
    log = Log()
    log.append(received(b"secret"))
    log.drop_bodies()
    assert (log.bodies(), [one.size for one in log]) == ([], [6])
