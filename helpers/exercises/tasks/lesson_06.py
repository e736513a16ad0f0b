"""Lesson 06: find the orders, and the steps of orders, that a question is about.

One file, as for each lesson: most of it is code of learners.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from helpers.exercises.declaration import Exercise, Wrong
from helpers.exercises.evidence import Evidence
from helpers.lessons.orders import ORDERS, Order

__all__ = ["EXERCISES"]

STARTER = """\
from helpers.lessons import orders

everything = await orders.find("eq(is_root, true)")
"""


def found(seen: Evidence, name: str, chosen: Callable[[Order], bool], what: str) -> None:
    """The newest answer holds the runs called ``name`` of the ``chosen`` orders, and no other."""
    answer = (seen.trace("find").outputs or {}).get("found")
    there = {str(each) for each in answer} if isinstance(answer, list) else set()
    wanted = {f"{name} {order.number}" for order in ORDERS if chosen(order)}
    lines = [f"{len(there)} runs"]
    if more := sorted(there - wanted):
        lines.append(f"among them {_some(more)}, not asked for")
    if less := sorted(wanted - there):
        lines.append(f"without {len(less)} that were")
    seen.holds(there == wanted, f"the {len(wanted)} {what}", ", ".join(lines))


def _some(names: Iterable[str]) -> str:
    return " and ".join(list(names)[:2])


def slow(seen: Evidence) -> None:
    """The orders that took more than two seconds and did not fail."""
    found(
        seen,
        "order",
        lambda order: order.seconds > 2 and not order.failed,
        "orders (roots) slower than 2 s that did not fail",
    )


SLOW = Exercise(
    lesson="06",
    number=1,
    title="Find what was slow and did not fail",
    task="""\
`await orders.find(filter)` queries the orders as `find` does above, and leaves its answer as a
trace. Which orders took longer than two seconds, and did not fail? The steps are not asked for.
""",
    starter=STARTER,
    judge=slow,
    right=(
        """\
passed = 'neq(status, "error")'
await orders.find(f'and(eq(is_root, true), gt(latency, "2s"), {passed})')
""",
        """\
await orders.find('and(eq(name, "order"), eq(status, "success"), gte(latency, 2.01))')
""",
    ),
    wrong=(
        Wrong(
            """\
await orders.find('and(gt(latency, "2s"), neq(status, "error"))')
""",
            "among them pack 15 and pack 20, not asked for",
        ),
        Wrong(
            """\
await orders.find('and(eq(is_root, true), gt(latency, "2s"))')
""",
            "among them order 65 and order 9, not asked for",
        ),
        Wrong(
            """\
await orders.find('and(eq(is_root, true), gt(latency, 2000), neq(status, "error"))')
""",
            "Found: 0 runs, without 6 that were",
        ),
    ),
    hints=(
        "Three comparisons in one `and`: which run, how long, and how it ended.",
        "`is_root` leaves the steps out, a latency is in seconds, a status has small letters.",
    ),
    section="Compare one field",
    also='any filter that finds them, such as `eq(name, "order")` in place of `is_root`.',
    minutes=2,
)


def labelled(seen: Evidence) -> None:
    """The orders of ada in the shop in the south."""
    found(
        seen,
        "order",
        lambda order: (order.customer, order.shop) == ("ada", "south"),
        "orders (roots) of ada in the shop south",
    )


LABELLED = Exercise(
    lesson="06",
    number=2,
    title="Find by two labels",
    task="""\
Each order has a `customer` and a `shop` in its metadata, and its steps inherited them. Find the
orders, and not their steps, of the customer `ada` in the shop `south`.
""",
    starter=STARTER,
    judge=labelled,
    right=(
        """\
def pair(key, value):
    return f'and(eq(metadata_key, "{key}"), eq(metadata_value, "{value}"))'

both = f'{pair("customer", "ada")}, {pair("shop", "south")}'
await orders.find(f"and(eq(is_root, true), {both})")
""",
        """\
labels = '{"customer": "ada", "shop": "south"}'
await orders.find(f"and(eq(name, 'order'), has(metadata, '{labels}'))")
""",
    ),
    wrong=(
        Wrong(
            """\
ada = 'and(eq(metadata_key, "customer"), eq(metadata_value, "ada"))'
south = 'and(eq(metadata_key, "shop"), eq(metadata_value, "south"))'
await orders.find(f"and({ada}, {south})")
""",
            "not asked for",
        ),
        Wrong(
            """\
await orders.find('and(eq(is_root, true), has(tags, "ada"), has(tags, "south"))')
""",
            "Found: 0 runs",
        ),
        Wrong(
            """\
await orders.find('and(eq(is_root, true), eq(customer, "ada"), eq(shop, "south"))')
""",
            "Your cell ended with BadRequestError",
        ),
    ),
    hints=(
        "A label is an entry with a key and a value. How many comparisons does each take?",
        "An `and` of its own for each pair, and both within another `and`, beside `is_root`.",
    ),
    section="Filter by labels and text",
    also="`has(metadata, …)` with both labels as JSON.",
    minutes=2,
)


def packed(seen: Evidence) -> None:
    """The runs ``pack`` of the orders that were paid for a second time."""
    found(
        seen,
        "pack",
        lambda order: order.again,
        "runs pack of orders that have a run pay again",
    )


PACKED = Exercise(
    lesson="06",
    number=3,
    title="Ask about what stands beside",
    task="""\
Some orders were paid at the second attempt, in a run `pay again`. Find the runs `pack` of those
orders, and nothing else. `orders.find` takes `trace_filter` and `tree_filter` too.
""",
    starter=STARTER,
    judge=packed,
    right=(
        """\
await orders.find('eq(name, "pack")', tree_filter='eq(name, "pay again")')
""",
        """\
again = await orders.find('eq(name, "pay again")')
numbers = [run.split()[-1] for run in again]
same = [f'and(eq(input_key, "number"), eq(input_value, {n}))' for n in numbers]
await orders.find(f'and(eq(name, "pack"), or({", ".join(same)}))')
""",
    ),
    wrong=(
        Wrong(
            """\
await orders.find('eq(name, "pack")', trace_filter='eq(name, "pay again")')
""",
            "Found: 0 runs",
        ),
        Wrong(
            """\
await orders.find('and(eq(name, "pack"), eq(name, "pay again"))')
""",
            "Found: 0 runs",
        ),
        Wrong(
            """\
await orders.find('eq(name, "pack")', tree_filter='eq(status, "error")')
await orders.find('eq(name, "pay again")')
""",
            "among them pay again 12",
        ),
    ),
    hints=(
        "A filter judges one run by itself. Which argument judges the runs beside it?",
        "`trace_filter` judges the root, which is called `order`; `tree_filter` any run.",
    ),
    section="Ask about the whole trace",
    also="a query for `pay again` first, and a second one that uses what it found.",
    minutes=3,
)

EXERCISES = (SLOW, LABELLED, PACKED)
