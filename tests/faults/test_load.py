"""One sender cannot stall the others, nor fill the memory of the service."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import json
import threading
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from helpers.testing.faults import case, fault
from tests.serving.alone import Alone, alone, heard

MEMORY = 200_000_000  # bytes that the service may grow by, through all of it
SENDERS = 4
BATCH, MULTIPART, CHAT = "/runs/batch", "/runs/multipart", "/v1/chat/completions"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alone]:
    """One service for the whole file: its peak is that of all of these attacks together."""
    with alone(tmp_path_factory.mktemp("load")) as service:
        assert service.ask("POST", BATCH, batch())[0] == 202
        yield service


@pytest.fixture(scope="module")
def at_first(service: Alone) -> int:
    """The bytes that the service has when nothing has happened yet."""
    return service.memory


def run(**more: Any) -> dict[str, Any]:
    """Return a complete run as JSON."""
    ident = str(uuid.uuid4())
    order = f"20260101T000000000000Z{ident}"
    times = {"start_time": "2026-01-01T00:00:00Z", "end_time": "2026-01-01T00:00:01Z"}
    run = {"id": ident, "trace_id": ident, "dotted_order": order, "name": "x", "run_type": "llm"}
    return run | times | {"session_name": "load"} | more


def batch(inputs: bytes = b"1", runs: int = 1) -> bytes:
    """Return a batch of runs, each with this JSON among its inputs."""
    sent = json.dumps({"post": [run(inputs={"x": "@"}) for _ in range(runs)]}).encode()
    return sent.replace(b'"@"', inputs)


def part(name: str, content: bytes) -> bytes:
    """Return a part of a multipart body."""
    head = f'Content-Disposition: form-data; name="{name}"\r\nContent-Type: application/json'
    return b"--B\r\n%s; length=%d\r\n\r\n%s\r\n" % (head.encode(), len(content), content)


def multipart(inputs: bytes) -> bytes:
    """Return one run in parts."""
    whole = run()
    name = f"post.{whole['id']}"
    content = b'{"x":%s}' % inputs
    return part(name, json.dumps(whole).encode()) + part(f"{name}.inputs", content) + b"--B--\r\n"


def prompt(content: bytes) -> bytes:
    """Return a request to the model API with this JSON as its prompt."""
    return b'{"model":"gpt-4o-mini","messages":[{"role":"user","content":%s}]}' % content


def late(runs: int, size: int) -> bytes:
    """Return what the SDK sends when its thread comes late: runs, posted and then changed."""
    sent = []
    for _ in range(runs):
        whole = run(outputs=None)
        name = whole["id"]
        held = b'{"x":%s}' % text(size)
        for event, key in (("post", "inputs"), ("patch", "outputs")):
            sent.append(part(f"{event}.{name}", json.dumps(whole).encode()))
            sent.append(part(f"{event}.{name}.{key}", held))
            sent += [part(f"{event}.{name}.{key}", b"{}") for key in ("extra", "serialized")]
    return b"".join(sent) + b"--B--\r\n"


def filled(unit: bytes, size: int) -> bytes:
    """Return a JSON list of about ``size`` bytes."""
    return b"[%s0]" % (unit * (size // len(unit)))


def text(size: int, first: str = "") -> bytes:
    """Return a JSON text of about ``size`` bytes."""
    return b'"%s%s"' % (first.encode(), b"x" * size)


def zipped(content: bytes) -> bytes:
    return gzip.compress(content, 1, mtime=0)


def bomb(unit: bytes, size: int) -> bytes:
    """Return a batch whose inputs are a list of ``size`` bytes, compressed without making it."""
    before, after = batch(b"@").split(b"@")
    mebi = unit * (2**20 // len(unit))
    packed = gzip.compress(mebi, 1)
    return zipped(before + b"[") + packed * (size // len(mebi)) + zipped(b"0]" + after)


def raw(service: Alone, path: str) -> tuple[int, bytes]:
    """Return the status and the body of what is no JSON."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
    with contextlib.closing(connection):
        connection.request("GET", path, headers=service.keys)
        answer = connection.getresponse()
        return answer.status, answer.read()


def attack(service: Alone, path: str, body: bytes, **headers: str) -> set[int]:
    """Send one body from several senders, and others' runs meanwhile; return what was answered.

    The others are all served while the attack lasts, or this fails.
    """
    statuses: list[int] = []

    def send() -> None:
        with contextlib.suppress(ConnectionError):
            statuses.append(service.ask("POST", path, body, **headers)[0])

    senders = [threading.Thread(target=send) for _ in range(SENDERS)]
    for sender in senders:
        sender.start()
    while any(sender.is_alive() for sender in senders):
        assert service.ask("POST", BATCH, batch())[0] == 202
    return set(statuses)


GZIP = {"Content-Encoding": "gzip"}
PARTS = {"Content-Type": "multipart/form-data; boundary=B"}
REFUSED = "413, and the service stays within 200 MB"
STORED = "it is stored, and the service stays within 200 MB"


@pytest.mark.parametrize(
    ("path", "headers", "make", "status"),
    [
        case(
            BATCH,
            GZIP,
            lambda: bomb(b"[],", 180 * 2**20),
            413,
            broken="four small gzip bodies become 180 MB of lists each",
            holds=REFUSED,
        ),
        case(
            BATCH,
            GZIP,
            lambda: bomb(b"1,", 19 * 10**6),
            413,
            broken="a run has 9.5 million numbers",
            holds=REFUSED,
        ),
        case(
            BATCH,
            GZIP,
            lambda: zipped(batch(filled(b"1,", 3_000_000))),
            202,
            broken="a run has 1.5 million numbers",
            holds=STORED,
        ),
        case(
            BATCH,
            {},
            lambda: batch(filled(b"[],", 6_000_000)),
            413,
            broken="a run has two million lists",
            holds=REFUSED,
        ),
        case(
            BATCH,
            {},
            lambda: batch(filled(b'{"a":1},', 6_000_000)),
            413,
            broken="a run has 750,000 objects",
            holds=REFUSED,
        ),
        case(
            BATCH,
            {},
            lambda: batch(filled(b'"a",', 3_000_000)),
            202,
            broken="a run has 750,000 texts",
            holds=STORED,
        ),
        case(
            BATCH,
            GZIP,
            lambda: zipped(batch(text(23 * 2**20))),
            202,
            broken="a run has a text of 23 MB",
            holds=STORED,
        ),
        case(
            BATCH,
            GZIP,
            lambda: zipped(batch(text(7 * 2**20, first="\U0001f600"))),
            202,
            broken="a run has a text of 7 MB with an emoji, four bytes a letter in memory",
            holds=STORED,
        ),
        case(
            MULTIPART,
            GZIP | PARTS,
            lambda: zipped(multipart(text(9 * 2**20, first="\U0001f600"))),
            413,
            broken="a part has a text of 9 MB with an emoji",
            holds=REFUSED,
        ),
        case(
            MULTIPART,
            PARTS,
            lambda: part("attachment.x", b"") * 10_001 + b"--B--\r\n",
            422,
            broken="a body has 10,001 parts that are not what they should be",
            holds="422 for the first of them",
        ),
        case(
            MULTIPART,
            GZIP | PARTS,
            lambda: zipped(late(runs=4_000, size=2)),
            202,
            broken="a sender's own thread comes late, and 4,000 runs are a body of 32,000 parts",
            holds=STORED,
        ),
        case(
            MULTIPART,
            GZIP | PARTS,
            lambda: zipped(late(runs=17, size=1_000_000)),
            202,
            broken="it comes late, and a body has 34 MB of runs",
            holds=STORED,
        ),
        case(
            MULTIPART,
            GZIP | PARTS,
            lambda: b"".join(
                zipped(part(f"attachment.{uuid.uuid4()}.x", bytes(2**20))) for _ in range(257)
            ),
            413,
            broken="a small body becomes 257 MB of attachments",
            holds=REFUSED,
        ),
        case(
            BATCH,
            {},
            lambda: batch(runs=5_001),
            413,
            broken="a batch has 5,001 runs",
            holds=REFUSED,
        ),
        case(
            BATCH,
            {},
            lambda: b" " * (20 * 2**20 + 1),
            413,
            broken="a body is a byte above what is announced",
            holds=REFUSED,
        ),
        case(
            CHAT,
            {},
            lambda: prompt(filled(b"[],", 3_000_000)),
            400,
            broken="a prompt has a million lists",
            holds="400, and the service stays within 200 MB",
        ),
        case(
            CHAT,
            {},
            lambda: prompt(text(19 * 2**20)),
            400,
            broken="a prompt has 19 MB of text",
            holds="400, as without a recording, and the service stays within 200 MB",
        ),
        case(
            BATCH,
            GZIP,
            lambda: zipped(batch(b'{"%s":%s}' % (b"k" * 2**23, filled(b"1,", 400)))),
            202,
            broken="hundreds of values stand beneath a key of 8 MB",
            holds="it is stored once, and the service stays within 200 MB",
        ),
    ],
)
def test_a_body_that_costs(service, at_first, path, headers, make, status):
    assert attack(service, path, make(), **headers) == {status}
    assert service.peak - at_first < MEMORY


@fault("all of these runs wait for the first query", "it answers, within the same memory")
def test_the_first_query(service, at_first):
    project = service.ask("GET", "/sessions?name=load")[1][0]["id"]
    query = {"session": [project], "filter": 'eq(metadata_key, "a")', "select": ["id"]}
    assert service.ask("POST", "/runs/query", json.dumps(query).encode())[0] == 200
    assert service.peak - at_first < MEMORY


@fault(
    "a project has forty runs of 6 MB, which one query asks for",
    "they come on several pages, none is lost, and the service stays within 200 MB",
)
def test_large_runs_are_read_page_by_page(service, at_first):
    large = batch(text(6_000_000)).replace(b'"load"', b'"large"')
    for number in range(40):
        sent = large.replace(
            json.loads(large)["post"][0]["id"].encode(), str(uuid.uuid4()).encode()
        )
        assert service.ask("POST", BATCH, zipped(sent), **GZIP)[0] == 202, number
    project = service.ask("GET", "/sessions?name=large")[1][0]["id"]
    query, found = {"session": [project], "select": ["inputs"], "limit": 100}, []
    while query.get("cursor", "first"):
        status, answer = service.ask("POST", "/runs/query", json.dumps(query).encode())
        assert status == 200 and all(len(run["inputs"]["x"]) == 6_000_000 for run in answer["runs"])
        found.append([run["id"] for run in answer["runs"]])
        query["cursor"] = answer["cursors"]["next"]
    assert len(found) > 1 and len({ident for page in found for ident in page}) == 40
    assert service.peak - at_first < MEMORY


LARGE, MANY = 6_000_000, 20


@pytest.fixture(scope="module")
def tree(service: Alone) -> dict[str, Any]:
    """The root of a trace of twenty runs of 6 MB each, in a thread of twenty such roots."""
    thread = {"metadata": {"thread_id": "long"}}
    first = run(inputs={"x": "@"}, session_name="tree", extra=thread)
    for number in range(2 * MANY - 1):
        one = run(inputs={"x": "@"}, session_name="tree", extra=thread)
        if number % 2 == 0:
            one |= {"parent_run_id": first["id"], "trace_id": first["id"]}
            one["dotted_order"] = f"{first['dotted_order']}.{one['dotted_order']}"
        sent = json.dumps({"post": [one] if number else [first, one]}).encode()
        sent = zipped(sent.replace(b'"@"', text(LARGE), 1).replace(b'"@"', b"1"))
        assert service.ask("POST", BATCH, sent, **GZIP)[0] == 202, number
    (project,) = service.ask("GET", "/sessions?name=tree")[1]
    return first | {"project": project["id"], "tenant": project["tenant_id"]}


@fault(
    "a trace has twenty runs of 6 MB, and its runs are asked for at once",
    "all of them come, and the service stays within 200 MB",
)
def test_a_large_trace_is_read_whole(service, at_first, tree):
    path = f"/v2/traces/{tree['id']}/runs?project_id={tree['project']}"
    status, answer = service.ask("GET", f"{path}&selects=ID&selects=INPUTS")
    sizes = [len(run["inputs"]["x"]) for run in answer["items"] if run["inputs"]["x"] != 1]
    assert (status, sizes) == (200, [LARGE] * MANY)
    assert service.peak - at_first < MEMORY


@fault(
    "a trace has twenty runs of 6 MB, and somebody opens its page",
    "the page shows how they begin and where all of it is, and the service stays within 200 MB",
)
def test_the_page_of_a_large_trace(service, at_first, tree):
    path = f"/o/{tree['tenant']}/projects/p/{tree['project']}/r/{tree['id']}"
    status, page = raw(service, path)
    assert status == 200 and b"This is 6.0 MB of JSON" in page and len(page) < 200_000, page[:2_000]
    assert service.peak - at_first < MEMORY


@pytest.mark.parametrize(
    "there",
    [
        case(there, broken=f"{what} shows runs of 6 MB", holds="it is small, and so is the memory")
        for what, there in {
            "the list of all runs": "?of=runs",
            "the list of threads": "/threads",
            "a thread of twenty turns": "/t/long",
            "a page that compares two": "/compare?run={id}&run={id}",
        }.items()
    ],
)
def test_other_pages_of_large_runs(service, at_first, tree, there):
    path = f"/o/{tree['tenant']}/projects/p/{tree['project']}{there.format(**tree)}"
    status, page = raw(service, path)
    assert status == 200 and len(page) < 500_000, page[:2_000]
    assert service.peak - at_first < MEMORY


@fault(
    "a thread has twenty turns of 6 MB, of which statistics and a list are asked",
    "they come, and the service stays within 200 MB",
)
def test_a_large_thread(service, at_first, tree):
    asked = f"session_id={tree['project']}&selects=TURNS&selects=TOTAL_TOKENS"
    assert service.ask("GET", f"/v2/threads/long/stats?{asked}")[1]["turns"] == MANY
    window = {"project_id": tree["project"], "min_start_time": "2026-01-01T00:00:00Z"}
    status, answer = service.ask("POST", "/v2/threads/query", json.dumps(window).encode())
    assert (status, answer["items"][0]["count"]) == (200, MANY)
    assert service.peak - at_first < MEMORY


@fault(
    "forty readers ask for a page of large runs at the same time, and fetch none of it for a while",
    "others are served, each reader gets its page, and the service stays within 200 MB",
)
def test_many_read_much_at_a_time(service, at_first, tree):
    asked = json.dumps({"session": [tree["project"]], "select": ["inputs"]}).encode()
    head = "POST /runs/query HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
    head += f"Content-Length: {len(asked)}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in service.keys.items()) + "\r\n"
    with contextlib.ExitStack() as lines:
        readers = [lines.enter_context(service.dial()) for _ in range(40)]
        for line in readers:
            line.sendall(head.encode() + asked)
        begun = [line.recv(12) for line in readers]
        assert begun == [b"HTTP/1.1 200"] * 40
        assert service.ask("GET", "/sessions?name=load")[0] == 200
        assert len(heard(readers[0])) > 2 * LARGE
    assert service.peak - at_first < MEMORY


@fault(
    "a run has 300 feedbacks of 100 kB, of which a page and statistics are asked",
    "the page has a hundred, the statistics count all and list some, within 200 MB",
)
def test_much_feedback(service, at_first, tree):
    about = {"run_id": tree["id"], "trace_id": tree["id"], "key": "long", "score": 1}
    given = [about | {"id": str(uuid.uuid4()), "comment": "x" * 100_000} for _ in range(300)]
    parts = [part(f"feedback.{each['id']}", json.dumps(each).encode()) for each in given]
    sent = zipped(b"".join(parts) + b"--B--\r\n")
    assert service.ask("POST", MULTIPART, sent, **GZIP, **PARTS)[0] == 202
    status, page = service.ask("GET", f"/feedback?run={tree['id']}")
    assert (status, len(page)) == (200, 100)
    status, read = service.ask("GET", f"/runs/{tree['id']}")
    found = read["feedback_stats"]["long"]
    assert (status, found["n"], found["avg"], len(found["comments"])) == (200, 300, 1, 1)
    assert service.peak - at_first < MEMORY


@fault("60 senders each send half of 19 MB at the same time", "the bodies wait outside the memory")
def test_many_large_bodies_at_a_time(service, at_first):
    head = f"POST {BATCH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {19 * 2**20}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in service.keys.items()) + "\r\n"
    with contextlib.ExitStack() as lines:
        for _ in range(60):
            line = lines.enter_context(service.dial())
            line.sendall(head.encode() + b" " * (9 * 2**20))
        assert service.ask("POST", BATCH, batch())[0] == 202
        assert service.peak - at_first < MEMORY


@fault("none of these attacks was meant for a learner", "nothing on stderr, no failure in the log")
def test_nothing_was_said(service):
    assert (service.stderr, service.log) == ("", "")
