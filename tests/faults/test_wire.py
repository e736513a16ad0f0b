"""What is no HTTP, half of it, or too slow: an answer or an end, and not a line on a cell."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from helpers.testing.faults import case, fault
from tests.serving.alone import LANGSMITH, MODEL, Alone, alone, heard

WAIT = 60.0
KEYS = b"Host: 127.0.0.1\r\nX-Api-Key: %s\r\nAuthorization: Bearer %s\r\n" % (
    LANGSMITH.encode(),
    MODEL.encode(),
)
END = b"Connection: close\r\n\r\n"
POST = b"POST /runs/batch HTTP/1.1\r\n" + KEYS
PROMPT = b"POST /v1/chat/completions HTTP/1.1\r\n" + KEYS
HELLO = bytes.fromhex("16030100c8010000c40303") + bytes(range(200))  # as a TLS client begins


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alone]:
    folder = tmp_path_factory.mktemp("wire")
    bounds = {"HEADER_SECONDS": 1, "STALL_SECONDS": 1, "BODY_SECONDS": 3, "CONNECTIONS": 40}
    with alone(folder, **bounds) as service:
        yield service


@pytest.fixture(autouse=True)
def _unharmed(service: Alone) -> Iterator[None]:
    """After each of these the service answers at once, and nothing stands on its stderr."""
    yield
    assert service.ask("GET", "/ok") == (200, {"ok": True})
    assert service.stderr == ""


def told(service: Alone) -> int:
    """Return how many failures the log has."""
    return len(service.log.splitlines())


REFUSED = "it is refused by a 4xx or the connection ends; no failure is logged"


@pytest.mark.parametrize(
    "said",
    [
        case(
            POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n" + END + b"0\r\n\r\n",
            broken="a request has both Content-Length and Transfer-Encoding",
            holds=REFUSED,
        ),
        case(
            POST + b"Content-Length: 2\r\nContent-Length: 7\r\n" + END + b"{}",
            broken="a request has two lengths",
            holds=REFUSED,
        ),
        case(
            POST + b"Content-Length: -1\r\n" + END,
            broken="a body's length is negative",
            holds=REFUSED,
        ),
        case(
            POST + b"Content-Length: 99999999999999999999\r\n" + END,
            broken="a body's length has twenty digits",
            holds=REFUSED,
        ),
        case(
            PROMPT + b"Content-Length: 99999999999\r\n" + END,
            broken="a request to the model API announces a hundred gigabytes",
            holds=REFUSED,
        ),
        case(
            POST + b"Transfer-Encoding: chunked\r\n" + END + b"zz\r\n{}\r\n",
            broken="a chunk's length is no number",
            holds=REFUSED,
        ),
        case(
            POST + b"Transfer-Encoding: gzip\r\n" + END,
            broken="a transfer encoding is unknown",
            holds=REFUSED,
        ),
        case(POST + b"no colon here\r\n" + END, broken="a header has no colon", holds=REFUSED),
        case(b"GET /o\x00k HTTP/1.1\r\n" + KEYS + END, broken="a path has a NUL", holds=REFUSED),
        case(
            b"GET /runs/%00 HTTP/1.1\r\n" + KEYS + END,
            broken="a path has a NUL, in percents",
            holds=REFUSED,
        ),
        case(
            b"GET /ok HTTP/1.1\r\n" + KEYS + b"X: " + b"x" * 200_000 + END,
            broken="a header has 200,000 letters",
            holds=REFUSED,
        ),
        case(b"GET /ok\r\n\r\n", broken="somebody speaks HTTP/0.9", holds=REFUSED),
        case(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", broken="somebody speaks HTTP/2", holds=REFUSED),
        case(HELLO, broken="somebody speaks TLS", holds=REFUSED),
        case(b"\x00" * 1000, broken="somebody sends zeros", holds=REFUSED),
        case(b"\r\n" * 1000, broken="somebody sends empty lines", holds=REFUSED),
        case(b"GET * HTTP/1.1\r\n" + KEYS + END, broken="the target is a star", holds=REFUSED),
        case(
            POST + b"Transfer-Encoding: chunked\r\n" + END + b"1\r\n \r\n" * 150_000,
            broken="a body comes in 150,000 crumbs",
            holds=REFUSED,
        ),
    ],
)
def test_what_is_no_http_of_ours(service, said):
    before = told(service)
    answer = service.say(said)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 4"), answer[:200]
    assert told(service) == before


@pytest.mark.parametrize(
    "said",
    [
        case(
            b"GET /ok HTT", broken="a request's line is never finished", holds="the connection ends"
        ),
        case(
            b"GET /ok HTTP/1.1\r\n" + KEYS,
            broken="a request's headers are never finished",
            holds="the connection ends",
        ),
        case(b"", broken="a connection says nothing", holds="the connection ends"),
        case(
            POST + b"Content-Length: 100\r\n\r\n{",
            broken="a body is never finished",
            holds="the connection ends",
        ),
        case(
            PROMPT + b"Content-Length: 100\r\n\r\n{",
            broken="a prompt is never finished",
            holds="the connection ends",
        ),
        case(
            b"POST /runs/batch HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
            broken="a body that is refused for want of a key is never finished",
            holds="the refusal comes and the connection ends",
        ),
    ],
)
def test_what_is_never_finished(service, said):
    before = told(service)
    service.say(said)  # it returns when the service has closed
    assert told(service) == before


@pytest.mark.parametrize(
    "head",
    [
        case(b"GET /ok HTTP/1.1\r\nX: ", broken="headers trickle for ever", holds="it is ended"),
        case(
            POST + b"Content-Length: 100000\r\n\r\n",
            broken="a body trickles for ever",
            holds="it is ended",
        ),
    ],
)
def test_what_trickles(service, head):
    deadline = time.monotonic() + WAIT
    with service.dial() as line:
        line.sendall(head)
        with pytest.raises(ConnectionError):
            while time.monotonic() < deadline:
                line.sendall(b"x")
                time.sleep(0.05)


@fault("a query string has 100,000 letters", "it is refused or answered, as anything else")
def test_a_long_query(service):
    answer = service.say(b"GET /info?" + b"q" * 100_000 + b" HTTP/1.1\r\n" + KEYS + END)
    assert answer[:12] in (b"HTTP/1.1 200", b"HTTP/1.1 400")


@fault("an answer is asked for ever so often and never fetched", "its connection is ended")
def test_an_answer_that_nobody_fetches(service):
    ask = b"GET /nothing HTTP/1.1\r\n" + KEYS + b"\r\n"
    deadline = time.monotonic() + WAIT
    with service.dial() as line, pytest.raises((ConnectionError, TimeoutError)):
        line.settimeout(20)
        while time.monotonic() < deadline:
            line.sendall(ask * 100)


@fault("200 connections are opened and say nothing", "the next one is served at once")
def test_connections_that_say_nothing(service):
    lines = [service.dial() for _ in range(200)]
    assert service.ask("GET", "/ok")[0] == 200
    for line in lines:
        line.close()


@pytest.mark.parametrize(
    ("path", "words"),
    [
        case(
            b"/fails",
            b'"detail":"The local LangSmith failed',
            broken="a handler of LangSmith raises",
            holds="500 in LangSmith's words, one line in the log, the connection goes on",
        ),
        case(
            b"/v1/fails",
            b'"type":"server_error"',
            broken="a handler of the model API raises",
            holds="500 in OpenAI's words, one line in the log, the connection goes on",
        ),
    ],
)
def test_a_handler_that_raises(service, path, words):
    before = told(service)
    ask = b"GET %s?secret=1 HTTP/1.1\r\n" + KEYS
    answers = service.say(ask % path + b"\r\n" + ask % b"/ok" + END)
    first, _, second = answers.partition(b"HTTP/1.1 200")
    assert first.startswith(b"HTTP/1.1 500") and words in first and b'{"ok":true}' in second
    line = service.log.splitlines()[-1]
    assert told(service) == before + 1
    assert f"GET {path.decode()} KeyError at alone.py:" in line
    assert "secret" not in line and "sender" not in line


@fault("a request follows in the same breath as one that is no HTTP", "it is not answered")
def test_pipelining_after_an_error(service):
    bad = b"GET /ok HTTP/1.1\r\nbad\r\n\r\n"
    assert service.say(bad + b"GET /ok HTTP/1.1\r\n" + KEYS + END).count(b"HTTP/1.1") == 1


@fault("what is no HTTP follows a request that is at work", "its answer comes or the end does")
def test_rubbish_behind_a_request(service):
    answer = service.say(POST + b"Content-Length: 2\r\n\r\n{}" + HELLO)
    assert answer.count(b"HTTP/1.1 5") == 0


@fault("1,000 senders leave in the midst of a body, 50 speak TLS", "nothing on stderr, no failure")
def test_a_thousand_who_leave(service):
    before = told(service)
    for number in range(1_000):
        with service.dial() as line:
            line.sendall((PROMPT if number % 2 else POST) + b"Content-Length: 100\r\n\r\n{")
    for _ in range(50):
        with service.dial() as line:
            line.sendall(HELLO)
            heard(line)
    assert told(service) == before
