"""How long the LangSmith client takes to hand 10,000 runs to the local LangSmith.

The peer is the same client before a server that throws bodies away; ours asks for its key. Both
servers run in a thread of this process, as in a notebook.
Run: ``python tests/benchmarks/bench_ingest.py [runs]``.
"""

from __future__ import annotations

import operator
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from langsmith import Client
from langsmith.run_trees import RunTree
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from helpers import services
from helpers.keys import Keys
from helpers.langsmith_local.app import INFO
from helpers.serving.guard import Door, Guard
from helpers.serving.server import serving

KEYS = Keys()
RUNS = 10_000
CHILDREN = 9
ROUNDS = 7


def discarding() -> Starlette:
    """Return an application that answers GET /info as ours does and drops what is posted."""

    async def info(request: Request) -> JSONResponse:
        return JSONResponse(INFO)

    async def drop(request: Request) -> JSONResponse:
        async for _ in request.stream():
            pass
        return JSONResponse({}, 202)

    return Starlette(
        routes=[Route("/info", info), Route("/runs/multipart", drop, methods=["POST"])]
    )


def seconds(guard: Guard, runs: int) -> float:
    """Return the time to send ``runs`` runs in traces of ten and to flush them."""
    with serving(guard) as url:
        client = Client(api_url=url, api_key=KEYS.langsmith)
        warm_up(client)
        start = time.perf_counter()
        for number in range(runs // (CHILDREN + 1)):
            send_trace(client, number)
        client.flush()
        return time.perf_counter() - start


def warm_up(client: Client) -> None:
    """Let the client read GET /info and turn compression on, which is not part of the time."""
    while client.compressed_traces is None:
        time.sleep(0.01)


def send_trace(client: Client, number: int) -> None:
    """Send one root with its children, each posted and then patched."""
    root = RunTree(name="glossary", inputs={"term": f"term {number}"}, client=client)
    root.post()
    for child_number in range(CHILDREN):
        child = root.create_child("define", "llm", inputs={"prompt": f"Define {child_number}."})
        child.post()
        usage = {"input_tokens": 7, "output_tokens": 21, "total_tokens": 28}
        child.end(outputs={"text": "A sentence.", "usage_metadata": usage})
        child.patch()
    root.end(outputs={"sentences": CHILDREN})
    root.patch()


def main() -> None:
    """Print the two times of each round, and the median of their ratios.

    What else the machine does slows both of a round."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    ours, peer = [], []
    for number in range(ROUNDS):
        peer.append(seconds(Guard(discarding(), Door(None)), runs))
        with tempfile.TemporaryDirectory() as folder:
            app = services.create_app(Path(folder) / "langsmith.db", keys=KEYS)
            ours.append(seconds(services.guarded(app), runs))
            store = services.state_of(app).langsmith.store
            stored = store.connection().execute("SELECT count(*) FROM runs").fetchone()
            assert stored[0] == runs, f"{stored[0]} of {runs} runs are stored"
            start = time.perf_counter()
            store.settle()
            settled = time.perf_counter() - start
            store.close()
        print(
            f"round {number + 1}: local LangSmith {ours[-1]:.2f} s, discarding {peer[-1]:.2f} s, "
            f"then settling {settled:.2f} s"
        )
    ratio = statistics.median(map(operator.truediv, ours, peer))
    print(f"{runs} runs: {ratio:.2f} x the discarding server (budget 1.5)")


if __name__ == "__main__":
    main()
