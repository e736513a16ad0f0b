"""What one hostile sender costs a polite one, and the service in memory.

The service runs in a process of its own behind its doors. The polite sender posts one run at a
time; the hostile one keeps four bodies under way, of each kind in turn. Prints for each kind the
polite sender's median and longest time, the ratio of the median to that without the hostile one,
and by how much the service grew at most. The budgets are 2 s and 200 MB.

Run: ``python tests/benchmarks/bench_load.py [seconds a kind]``.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.faults import test_load as bodies
from tests.serving.alone import Alone, alone

SECONDS = 5.0
LONGEST, MEMORY = 2.0, 200
SENDERS = 4
HALF = b"POST /runs/batch HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{"

Attack = Callable[[Alone], object]


def attacks() -> dict[str, Attack]:
    """Return what the hostile sender does, by its name."""
    zipped = {
        "180 MB of lists": bodies.bomb(b"[],", 180 * 2**20),
        "1.5 million numbers": bodies.zipped(bodies.batch(bodies.filled(b"1,", 3_000_000))),
        "23 MB of text": bodies.zipped(bodies.batch(bodies.text(23 * 2**20))),
    }
    runs = bodies.batch(runs=5_000)
    prompt = bodies.prompt(bodies.text(19 * 2**20))
    found: dict[str, Attack] = {
        name: lambda service, body=body: service.ask("POST", bodies.BATCH, body, **bodies.GZIP)
        for name, body in zipped.items()
    }
    found["5,000 runs"] = lambda service: service.ask("POST", bodies.BATCH, runs)
    late, form = bodies.zipped(bodies.late(runs=4_000, size=2)), bodies.GZIP | bodies.PARTS
    found["a late batch of 32,000 parts"] = lambda service: service.ask(
        "POST", bodies.MULTIPART, late, **form
    )
    found["a prompt of 19 MB"] = lambda service: service.ask("POST", bodies.CHAT, prompt)
    found["bodies never finished"] = _leave_half
    return found


def _leave_half(service: Alone) -> None:
    line = service.dial()
    line.sendall(HALF)
    _left.append(line)
    time.sleep(0.01)


_left: list[object] = []  # connections that stay open, as a hostile sender would have them


def polite(service: Alone, seconds: float) -> list[float]:
    """Post a run again and again for so long; return the seconds that each took."""
    times: list[float] = []
    deadline = time.perf_counter() + seconds
    while time.perf_counter() < deadline:
        body = bodies.batch()
        start = time.perf_counter()
        status, _ = service.ask("POST", bodies.BATCH, body)
        times.append(time.perf_counter() - start)
        assert status == 202
    return times


def under(attack: Attack, service: Alone, seconds: float) -> list[float]:
    """Return the polite sender's seconds while the other attacks."""
    ended = threading.Event()

    def send() -> None:
        while not ended.is_set():
            attack(service)

    senders = [threading.Thread(target=send) for _ in range(SENDERS)]
    for sender in senders:
        sender.start()
    try:
        return polite(service, seconds)
    finally:
        ended.set()
        for sender in senders:
            sender.join()


def main() -> None:
    """Measure and print."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    for name, attack in attacks().items():
        with tempfile.TemporaryDirectory() as folder, alone(Path(folder)) as service:
            alone_times = polite(service, seconds / 2)
            before = service.memory
            times = under(attack, service, seconds)
            grown = (service.peak - before) / 1e6
            median, floor = statistics.median(times), statistics.median(alone_times)
            print(
                f"{name}: median {median * 1000:.1f} ms,"
                f" {median / floor:.1f} x the {floor * 1000:.1f} ms without;"
                f" longest {max(times):.2f} s (budget {LONGEST:g});"
                f" +{grown:.0f} MB (budget {MEMORY})"
            )
            _left.clear()


if __name__ == "__main__":
    main()
