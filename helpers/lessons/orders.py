"""Two dozen orders of a shop, as runs to be searched: the exercises of lesson 06.

An order is a trace: a run ``order`` with a run ``pay`` and a run ``pack`` beneath it, now and then
``pay again`` between them. The input ``number`` of each run says of which order it is.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from langsmith import Client, trace, tracing_context
from langsmith.run_trees import RunTree

from helpers import traces

__all__ = ["ORDERS", "PROJECT", "Order", "find"]

PROJECT = "lesson-06-orders"
SLOW, DECLINED, AGAIN = {4, 9, 15, 20}, {9, 17}, {5, 12, 20}


@dataclass(frozen=True)
class Order:
    """What there is to know about an order; ``seconds`` is how long it took."""

    number: int
    customer: str
    shop: str
    seconds: float
    failed: bool
    again: bool


ORDERS = tuple(
    Order(
        number,
        customer=("ada", "grace", "linus")[number % 3],
        shop="north" if number % 2 else "south",
        seconds=3.0 if number in SLOW else 0.5,
        failed=number in DECLINED,
        again=number in AGAIN,
    )
    for number in range(1, 25)
)
_made: dict[str, datetime] = {}  # where they have been sent to, and when the first one began


async def find(
    filter: str, *, trace_filter: str | None = None, tree_filter: str | None = None
) -> list[str]:
    """Return which runs of the orders pass the filters, such as ``pack 3``, in their order.

    The orders are made when they are first asked for. The answer is traced itself, as a run
    ``find`` in the project of the session. A filter that is refused is a ``BadRequestError``.
    """
    began = await asyncio.to_thread(_orders)
    client = Client()
    project = await asyncio.to_thread(client.read_project, project_name=PROJECT)
    given = {"filter": filter, "trace_filter": trace_filter, "tree_filter": tree_filter}
    given = {name: text for name, text in given.items() if text is not None}
    asked: dict[str, Any] = {"selects": ["NAME", "INPUTS"], "min_start_time": began, **given}
    query = client.runs.query(project_ids=[str(project.id)], **asked)
    runs = [((run.inputs or {})["number"], run.name) async for run in query]
    found = [f"{name} {number}" for number, name in sorted(runs)]
    with tracing_context(enabled=True, client=client), trace("find", inputs=given) as run:
        run.end(outputs={"found": found})
    await asyncio.to_thread(client.flush)
    return found


def _orders() -> datetime:
    """Make the orders unless they are there; return when the first one began."""
    address = os.environ.get("LANGSMITH_ENDPOINT", "")
    if address not in _made:
        began = datetime.now(UTC) - timedelta(minutes=10)
        client = Client()
        runs = [run for order in ORDERS for run in _runs(order, began, client)]
        for run in runs:
            run.post()
        client.flush()
        traces.query(project=PROJECT, limit=1000, count=len(runs))
        _made[address] = began
    return _made[address]


def _runs(order: Order, began: datetime, client: Client) -> list[RunTree]:
    start = began + timedelta(seconds=10 * order.number)
    given = {"number": order.number}
    about = {"metadata": {"customer": order.customer, "shop": order.shop}}
    root = RunTree(
        name="order",
        inputs=given,
        start_time=start,
        extra=about,
        project_name=PROJECT,
        ls_client=client,
    )
    declined = "CardDeclined('no funds')"
    steps = [("pay", 0.1, declined if order.failed or order.again else None)]
    steps += [("pay again", 0.1, None)] if order.again else []
    steps += [] if order.failed else [("pack", order.seconds - 0.2 * len(steps), None)]
    runs = [root]
    for name, seconds, error in steps:
        step = root.create_child(name, "tool", inputs=given, start_time=start)
        start += timedelta(seconds=seconds)
        step.end(outputs=None if error else {"done": True}, error=error, end_time=start)
        runs.append(step)
    end = root.start_time + timedelta(seconds=order.seconds)
    error = declined if order.failed else None
    root.end(outputs=None if error else {"done": True}, error=error, end_time=end)
    return runs
