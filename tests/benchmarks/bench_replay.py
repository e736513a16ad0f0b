"""A replayed litellm.completion against the same call to a bare Starlette app.

    python tests/benchmarks/bench_replay.py

Prints both medians and their ratio; the budget is 1.2.
"""

from __future__ import annotations

import gc
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm  # noqa: E402
from starlette.applications import Starlette  # noqa: E402
from starlette.requests import Request  # noqa: E402
from starlette.responses import Response  # noqa: E402
from starlette.routing import Route  # noqa: E402

from helpers import services  # noqa: E402
from helpers.keys import Keys  # noqa: E402
from helpers.recording import Recording, save  # noqa: E402
from helpers.serving.guard import Door, Guard  # noqa: E402
from helpers.serving.server import serving  # noqa: E402

KEYS = Keys()
BUDGET = 1.2
ROUNDS = 300
ASKED = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "What is HTTP?"}]}
CHOICE = {"index": 0, "finish_reason": "stop"}
CHOICE["message"] = {"role": "assistant", "content": "HTTP is a protocol." * 5}
USAGE = {"prompt_tokens": 39, "completion_tokens": 24, "total_tokens": 63}
ANSWER = {"id": "c", "object": "chat.completion", "created": 1, "model": "gpt-4o-mini"}
ANSWER |= {"choices": [CHOICE], "usage": USAGE}


def bare(content: bytes) -> Starlette:
    """Return an application that reads the request and gives one answer."""

    async def answer(request: Request) -> Response:
        await request.body()
        return Response(content, media_type="application/json")

    return Starlette(routes=[Route("/v1/chat/completions", answer, methods=["POST"])])


@contextmanager
def replaying() -> Iterator[tuple[str, bytes]]:
    """Serve one recording among a hundred; yield the address and the answer's bytes."""
    headers = {"content-type": "application/json"}
    response = {"status": 200, "headers": headers, "body": ANSWER}
    with tempfile.TemporaryDirectory() as folder:
        save(Path(folder), Recording("/chat/completions", ASKED, response))
        for seed in range(99):
            save(Path(folder), Recording("/chat/completions", ASKED | {"seed": seed}, response))
        app = services.create_app(
            Path(folder) / "traces.sqlite", recordings=Path(folder), strict=True, keys=KEYS
        )
        with serving(services.guarded(app)) as url:
            import httpx

            key = {"authorization": f"Bearer {KEYS.model}"}
            content = httpx.post(
                f"{url}/v1/chat/completions", json=ASKED, headers=key, trust_env=False
            ).content
            yield url, content


def measure(urls: list[str]) -> list[float]:
    """Return the median seconds of a call to each address, taken in turns."""
    times: list[list[float]] = [[] for _ in urls]
    for turn in range(ROUNDS + 20):
        for place, url in enumerate(urls):
            start = time.perf_counter()
            litellm.completion(**ASKED, api_base=f"{url}/v1", api_key=KEYS.model)
            if turn >= 20:
                times[place].append(time.perf_counter() - start)
    return [statistics.median(series) for series in times]


def main() -> None:
    """Measure and print."""
    gc.disable()
    with replaying() as (replay, content), serving(Guard(bare(content), Door(None))) as floor:
        ours, theirs = measure([replay, floor])
    print(f"replayed completion {ours * 1000:.2f} ms, bare Starlette {theirs * 1000:.2f} ms")
    print(f"ratio {ours / theirs:.2f} (budget {BUDGET})")


if __name__ == "__main__":
    main()
