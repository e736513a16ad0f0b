"""How long a filtered query takes over 100,000 stored runs.

    python tests/benchmarks/bench_query.py [runs]

Each line is one page of 100 runs, or statistics: the first try and the median of several in
milliseconds, and its ratio to the floor, which is to fetch 100 runs by primary key in the same
database. The budget is 50 ms. Then come the questions that look at each run whatever is prepared
(the README says why), beside a walk that counts them, and what the database and this process hold.
"""

from __future__ import annotations

import datetime
import json
import random
import sqlite3
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[2]))

from helpers.langsmith_local import keysets
from helpers.langsmith_local.filtering import compile as filters
from helpers.langsmith_local.reading import query
from helpers.langsmith_local.reading.kept import kept_statistics, prepare
from helpers.langsmith_local.reading.stats import statistics as run_statistics
from helpers.langsmith_local.store import Store

PROJECT = "11111111-1111-4111-8111-111111111111"
RUNS_PER_TRACE = 5
START = 1_760_000_000_000_000
WORDS = (
    "cache index thread socket kernel packet buffer cursor lambda tensor token prompt vector "
    "stream branch commit parser lexer shader driver daemon cipher digest router switch"
).split()
KINDS = ("chain", "llm", "tool", "retriever", "llm")

FILTERS = {
    "everything": "",
    "common: run_type llm": 'eq(run_type, "llm")',
    "common: latency > 1s": 'gt(latency, "1s")',
    "common: tag beta": 'has(tags, "beta")',
    "common: metadata pair": 'and(eq(metadata_key, "env"), eq(metadata_value, "prod"))',
    "common: word in the text": 'search("cursor")',
    "rare: name": 'eq(name, "step-77778")',
    "rare: latency > 9.999s": "gt(latency, 9.999)",
    "rare: three columns": 'and(eq(run_type,"chain"), gt(latency,9), gt(total_tokens,5900))',
    "rare: metadata pair": 'and(eq(metadata_key, "user_id"), eq(metadata_value, "u-4242"))',
    "rare: error or type": 'and(neq(error, null), eq(run_type, "tool"))',
    "rare: feedback": 'and(eq(feedback_key, "correctness"), eq(feedback_score, 0.0))',
    "rare: output value": 'and(eq(output_key, "verdict"), eq(output_value, "seldom"))',
    "rare: word in the text": 'search("xylophone-77777")',
    "none: two common tags": 'and(has(tags, "beta"), has(tags, "alpha"))',
    "none: name": 'eq(name, "nothing is called so")',
    "none: word in the text": 'search("no such word")',
    "none: two letters": 'search("zz")',
    "absent key": 'neq(metadata_key, "env")',
}
TRACE_FILTERS = {
    "root: rare feedback": 'and(eq(feedback_key, "correctness"), eq(feedback_score, 0.0))',
    "root: common type": 'eq(run_type, "chain")',
}
STATISTICS = {
    "statistics: rare name": 'eq(name, "step-77778")',
    "statistics: none": 'eq(name, "nothing is called so")',
}
EACH = 'search("cursor lambda cursor lambda cursor")'  # common words, in an order that is nowhere
STATISTICS_OF_EACH = {
    "statistics: everything, not beforehand": "",
    "statistics: common type": 'eq(run_type, "llm")',
}
BUDGET = 50.0
TREE_FILTERS = {"tree: rare error": "neq(error, null)", "tree: common": 'eq(run_type, "tool")'}


def text(rng: random.Random, words: int) -> str:
    return " ".join(rng.choices(WORDS, k=words))


def fill(connection: sqlite3.Connection, runs: int) -> None:
    """Write traces of five runs each, with texts, metadata, tags and feedback."""
    rng = random.Random(7)
    connection.execute(
        "INSERT INTO projects (id, name, start_time) VALUES (?, 'bench', ?)", (PROJECT, START)
    )
    tables: dict[str, list[tuple]] = {name: [] for name in ("runs", "tags", "meta", "vals", "fb")}
    trace = root_order = ""
    for n in range(runs):
        run_id = str(uuid.UUID(int=(START // 1000 + n * 10) << 80 | rng.getrandbits(80)))
        began = START + n * 10_000
        stamp = datetime.datetime.fromtimestamp(began / 1e6, datetime.UTC)
        order = f"{stamp:%Y%m%dT%H%M%S%f}Z{run_id}"
        place = n % RUNS_PER_TRACE
        if place == 0:
            trace, root_order = run_id, order
        inputs = {"messages": [{"role": "user", "content": text(rng, 90)}]}
        outputs = {"content": text(rng, 120), "verdict": "seldom" if n % 9_973 == 0 else "often"}
        if n == 77_777:
            outputs["content"] += " xylophone-77777"
        metadata = {"env": "prod" if n % 3 else "test", "user_id": f"u-{rng.randrange(9_000)}"}
        tags = [
            tag for tag, every in (("beta", 3), ("alpha", 3)) if (n + (tag == "beta")) % every == 0
        ]
        error = "ValueError('bad')" if n % 499 == 0 else None
        latency = rng.random() * 10
        tokens = rng.randrange(6000)
        tables["runs"].append(
            (run_id, trace, None if place == 0 else trace, PROJECT,
             order if place == 0 else f"{root_order}.{order}", int(place == 0),
             f"step-{n}" if n % 7 else "define", KINDS[place], "error" if error else "success",
             began, began + int(latency * 1e6), latency, error, f"t-{n // 50}",
             tokens // 3, tokens - tokens // 3, tokens, tokens * 1e-6,
             json.dumps(inputs), json.dumps(outputs), json.dumps({"metadata": metadata}),
             json.dumps(metadata), json.dumps(tags))
        )  # fmt: skip
        tables["tags"] += [(run_id, tag) for tag in tags]
        tables["meta"] += [(run_id, key, value) for key, value in metadata.items()]
        tables["vals"].append((run_id, "output", "verdict", outputs["verdict"]))
        if n % 50 == 0:
            score = float(n % 1000 != 0)
            tables["fb"].append(
                (str(uuid.UUID(int=n)), run_id, trace, PROJECT, score, began, began)
            )
    write(connection, tables)


def write(connection: sqlite3.Connection, tables: dict[str, list[tuple]]) -> None:
    many = connection.executemany
    many(
        "INSERT INTO runs (id, trace_id, parent_run_id, project_id, dotted_order, is_root, name, "
        "run_type, status, start_time, end_time, latency, error, thread_id, prompt_tokens, "
        "completion_tokens, total_tokens, total_cost, inputs, outputs, extra, metadata, tags) "
        f"VALUES ({', '.join('?' * 23)})",
        tables["runs"],
    )
    many("INSERT INTO run_tags VALUES (?, ?)", tables["tags"])
    many("INSERT INTO run_metadata VALUES (?, ?, ?)", tables["meta"])
    keys: dict[str, list[str]] = {}
    for run_id, key, _ in tables["meta"]:
        keys.setdefault(run_id, []).append(key)
    keysets.keep(connection, keys)
    many("INSERT INTO run_values VALUES (?, ?, ?, ?)", tables["vals"])
    many(
        "INSERT INTO feedback (id, run_id, trace_id, project_id, key, score, created_at, "
        "modified_at) VALUES (?, ?, ?, ?, 'correctness', ?, ?, ?)",
        tables["fb"],
    )


def median_ms(call: Callable[[], object], times: int = 7) -> float:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


def floor(connection: sqlite3.Connection, runs: int) -> float:
    """Fetch 100 runs spread over the table, by primary key."""
    rows = connection.execute("SELECT id FROM runs WHERE rowid % ? = 1 LIMIT 100", (runs // 100,))
    ids = [row[0] for row in rows]
    marks = ", ".join("?" * len(ids))
    return median_ms(
        lambda: connection.execute(f"SELECT * FROM runs WHERE id IN ({marks})", ids).fetchall()
    )


def selections() -> dict[str, query.Selection]:
    cases = {}
    for name, source in FILTERS.items():
        where = (filters.compile_filter(source),) if source else ()
        cases[name] = query.Selection(projects=(PROJECT,), where=where)
    for name, source in TRACE_FILTERS.items():
        cases[name] = query.Selection(projects=(PROJECT,), trace_filter=source)
    for name, source in TREE_FILTERS.items():
        cases[name] = query.Selection(projects=(PROJECT,), tree_filter=source)
    return cases


def tended(store: Store) -> tuple[float, float]:
    """Let the indexes catch up, as the service does while nobody waits; all of it, the longest."""
    took = [0.0]
    more = True
    while more:
        began = time.perf_counter()
        more = store.tend()
        took.append(time.perf_counter() - began)
    return sum(took), max(took)


def resident() -> float:
    """Return the megabytes that this process has resident."""
    return psutil.Process().memory_info().rss / 1e6


def show(name: str, call: Callable[[], object], least: float) -> None:
    began = time.perf_counter()
    call()
    first = (time.perf_counter() - began) * 1000
    took = median_ms(call)
    late = "  above 50 ms" if max(first, took) > BUDGET else ""
    print(f"{name:40}  {first:8.2f} ms  {took:8.2f} ms  {took / least:7.1f} x floor{late}")


def show_of_each(connection: sqlite3.Connection) -> None:
    """Print what looks at each run, and a walk over the index that counts them."""

    def selection(source: str) -> query.Selection:
        return query.Selection((PROJECT,), (filters.compile_filter(source),) if source else ())

    everything = selection("")
    least = median_ms(lambda: query.select(connection, everything, "count(*)"))
    print(f"each run is looked at; floor: a walk that counts them {least:.2f} ms")
    words = selection(EACH)
    show(
        "search: common words, nowhere so", lambda: query.page(connection, words, limit=100), least
    )
    for name, source in STATISTICS_OF_EACH.items():
        chosen = selection(source)
        show(name, lambda: run_statistics(connection, chosen), least)  # noqa: B023


def main(runs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "bench.sqlite")
        connection = store.connection()
        with store.writing():
            fill(connection, runs)
            connection.execute("INSERT INTO unsearched SELECT id FROM runs")
        size = store.path.stat().st_size / 1e6
        took, longest = tended(store)
        more = store.path.stat().st_size / 1e6 - size
        print(
            f"{runs} runs, {size:.0f} MB; put off: {took:.1f} s, at most {longest * 1000:.0f} ms at"
        )
        print(f"a time, {more:.0f} MB more; this process has {resident():.0f} MB")
        store.disconnect()
        connection = store.connection()
        least = floor(connection, runs)
        print(f"floor: 100 runs by primary key {least:.2f} ms")
        for name, selection in selections().items():
            page = lambda: query.page(connection, selection, limit=100)  # noqa: B023, E731
            show(f"{name} ({len(page().rows)} runs)", page, least)
        for name, source in STATISTICS.items():
            where = (filters.compile_filter(source),) if source else ()
            chosen = query.Selection((PROJECT,), where)
            show(name, lambda: run_statistics(connection, chosen), least)  # noqa: B023
        show_of_each(connection)
        began = time.perf_counter()
        prepare(store)
        print(f"statistics of the whole project beforehand: {time.perf_counter() - began:.2f} s")
        whole = query.Selection((PROJECT,))
        show("statistics: everything, then", lambda: kept_statistics(store, whole), least)
        print(f"this process has {resident():.0f} MB")
        store.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
