"""The orders that lesson 06 has its learner search."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from langsmith import BadRequestError

from helpers import session, traces
from helpers.lessons import orders
from tests.lessons.calls import lesson


@pytest.fixture(scope="module", autouse=True)
def _environment() -> Iterator[None]:
    with lesson("asked"):
        yield


def find(filter: str, **others: str) -> list[str]:
    return asyncio.run(orders.find(filter, **others))


def test_what_is_found_is_returned_and_traced():
    found = find('and(eq(is_root, true), eq(status, "error"))')
    assert found == [f"order {order.number}" for order in orders.ORDERS if order.failed]
    newest = traces.query('eq(name, "find")', project="asked")[0]
    assert newest.outputs == {"found": found}
    assert newest.inputs == {"filter": 'and(eq(is_root, true), eq(status, "error"))'}


def test_the_orders_are_made_once():
    assert len(find("eq(is_root, true)")) == len(find("eq(is_root, true)")) == len(orders.ORDERS)


def test_they_hold_what_is_known_of_them():
    slow = find('and(eq(is_root, true), gt(latency, "2s"))')
    assert slow == [f"order {order.number}" for order in orders.ORDERS if order.seconds > 2]
    packed = find('eq(name, "pack")', tree_filter='eq(name, "pay again")')
    assert packed == [f"pack {order.number}" for order in orders.ORDERS if order.again]
    ada = find('and(eq(name, "order"), eq(metadata_key, "customer"), eq(metadata_value, "ada"))')
    assert ada == [f"order {o.number}" for o in orders.ORDERS if o.customer == "ada"]
    lost = find('and(eq(name, "send"), eq(status, "error"))')
    assert lost == [f"send {order.number}" for order in orders.ORDERS if order.lost]
    app = find('and(eq(name, "pay"), has(tags, "app"))')
    assert app == [f"pay {order.number}" for order in orders.ORDERS if order.channel == "app"]


def test_the_second_release_fails_where_the_app_orders_and_the_first_does_not():
    lost = [order for order in orders.ORDERS if order.lost]
    assert len(lost) == 7 and {(each.release, each.channel) for each in lost} == {("2.0", "app")}
    assert {order.release for order in orders.ORDERS if order.declined} == {"1.0", "2.0"}


def test_the_window_holds_the_orders_and_takes_them_as_the_api_wants_it():
    from langsmith import Client

    async def count() -> int:
        query = Client().runs.query(**await orders.window(), page_size=1000)
        return len([run async for run in query])

    steps = sum(1 if o.declined else 4 if o.again else 3 for o in orders.ORDERS)
    assert asyncio.run(count()) == len(orders.ORDERS) + steps == 285


def test_a_root_s_filter_does_not_see_what_is_beneath_it():
    assert find('eq(name, "pack")', trace_filter='eq(name, "pay again")') == []


def test_a_refused_filter_is_an_error_and_leaves_no_answer():
    before = len(traces.query('eq(name, "find")', project="asked"))
    with pytest.raises(BadRequestError):
        find("eq(name)")
    assert len(traces.query('eq(name, "find")', project="asked")) == before


def test_their_project_is_the_learners_own_in_langsmith(monkeypatch):
    monkeypatch.setattr(session, "project", lambda name: f"{name}-of-ada")
    monkeypatch.setattr(orders, "_made", {})
    assert len(find("eq(is_root, true)")) == len(orders.ORDERS)
    assert len(traces.query("eq(is_root, true)", project="lesson-06-orders-of-ada")) == 72
