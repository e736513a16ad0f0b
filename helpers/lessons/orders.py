"""Six dozen orders of a shop, as runs to be searched: lesson 06.

An order is a trace: a run ``order`` with the runs ``pay``, ``pack`` and ``send`` beneath it, now
and then ``pay again`` after the first. The input ``number`` of each says of which order it is.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from langsmith import Client, trace, tracing_context
from langsmith.run_trees import RunTree

from helpers import session, traces

__all__ = ["ORDERS", "Order", "find", "project", "window"]

_PROJECT = "lesson-06-orders"
SLOW, DECLINED = {4, 9, 15, 20, 33, 47, 58, 65}, {9, 17, 44, 61}
AGAIN, NOTED = {12, 23, 28, 51, 66}, {7, 30, 52}
NOTE = "Leave it at the back door, please."


@dataclass(frozen=True)
class Order:
    """What there is to know about an order; ``seconds`` is how long it took.

    It failed where the card was ``declined``, or where the parcel had no address (``lost``).
    """

    number: int
    customer: str
    shop: str
    release: str
    channel: str
    seconds: float
    declined: bool
    again: bool

    @property
    def lost(self) -> bool:
        """Whether the second release has lost the address, which the app alone leaves to it."""
        return self.release == "2.0" and self.channel == "app" and not self.declined

    @property
    def failed(self) -> bool:
        """Whether it ended with an error."""
        return self.declined or self.lost


ORDERS = tuple(
    Order(
        number,
        customer=("ada", "grace", "linus")[number % 3],
        shop="north" if number % 2 else "south",
        release="1.0" if number <= 36 else "2.0",
        channel="web" if number % 5 else "app",
        seconds=3.0 if number in SLOW else 0.5,
        declined=number in DECLINED,
        again=number in AGAIN,
    )
    for number in range(1, 73)
)
_made: dict[str, datetime] = {}  # where they have been sent to, and when the first one began


async def find(
    filter: str, *, trace_filter: str | None = None, tree_filter: str | None = None
) -> list[str]:
    """Return which runs of the orders pass the filters, such as ``pack 3``, in their order.

    The orders are made when they are first asked for. The answer is traced itself, as a run
    ``find`` in the project of the session. A filter that is refused is a ``BadRequestError``.
    """
    client = Client()
    given = {"filter": filter, "trace_filter": trace_filter, "tree_filter": tree_filter}
    given = {name: text for name, text in given.items() if text is not None}
    asked: dict[str, Any] = {"selects": ["NAME", "INPUTS"], **given}
    query = client.runs.query(**await window(), **asked)
    runs = [((run.inputs or {})["number"], run.name) async for run in query]
    found = [f"{name} {number}" for number, name in sorted(runs)]
    with tracing_context(enabled=True, client=client), trace("find", inputs=given) as run:
        run.end(outputs={"found": found})
    await asyncio.to_thread(client.flush)
    return found


def project() -> str:
    """Return the name of the project with the orders, which is the learner's own."""
    return session.project(_PROJECT)


async def window() -> dict[str, Any]:
    """Return where the orders are, for ``client.runs.query``: their project, and between when.

    They are made when they are first asked for.
    """
    began = await asyncio.to_thread(_orders)
    there = await asyncio.to_thread(Client().read_project, project_name=project())
    end = began + timedelta(hours=1)
    # The id has to be text, a ``UUID`` cannot be sent.
    times = {"min_start_time": began, "max_start_time": end}
    return {"project_ids": [str(there.id)], **times}


def _orders() -> datetime:
    """Make the orders unless they are there; return when the first one began."""
    address = os.environ.get("LANGSMITH_ENDPOINT", "")
    if address not in _made:
        began = datetime.now(UTC) - timedelta(minutes=30)
        client = Client()
        runs = [run for order in ORDERS for run in _runs(order, began, client)]
        for run in runs:
            run.post()
        client.flush()
        traces.query(project=project(), limit=1000, count=len(runs))
        _made[address] = began
    return _made[address]


def _runs(order: Order, began: datetime, client: Client) -> list[RunTree]:
    start = began + timedelta(seconds=10 * order.number)
    given: dict[str, Any] = {"number": order.number}
    labels = {"customer": order.customer, "shop": order.shop, "release": order.release}
    root = RunTree(
        name="order",
        inputs=given | ({"note": NOTE} if order.number in NOTED else {}),
        start_time=start,
        extra={"metadata": labels},
        tags=[order.channel],
        project_name=project(),
        ls_client=client,
    )
    runs = [root]
    for name, seconds, error in _steps(order):
        step = root.create_child(name, "tool", inputs=given, start_time=start, tags=[order.channel])
        start += timedelta(seconds=seconds)
        step.end(outputs=None if error else {"done": True}, error=error, end_time=start)
        runs.append(step)
    end = root.start_time + timedelta(seconds=order.seconds)
    error = runs[-1].error
    root.end(outputs=None if error else {"done": True}, error=error, end_time=end)
    return runs


def _steps(order: Order) -> list[tuple[str, float, str | None]]:
    """Return the name, the seconds and the error of each step."""
    declined = "CardDeclined('no funds')"
    if order.declined:
        return [("pay", 0.1, declined)]
    paid: list[tuple[str, float, str | None]] = [("pay", 0.1, None)]
    if order.again:
        paid = [("pay", 0.1, declined), ("pay again", 0.1, None)]
    packed = ("pack", order.seconds - 0.1 * len(paid) - 0.1, None)
    return [*paid, packed, ("send", 0.1, "NoAddress('where to?')" if order.lost else None)]
