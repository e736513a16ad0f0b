"""The orders that lesson 06 has its learner search."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from langsmith import BadRequestError

from helpers import traces
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
    assert found == ["order 9", "order 17"]
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


def test_a_root_s_filter_does_not_see_what_is_beneath_it():
    assert find('eq(name, "pack")', trace_filter='eq(name, "pay again")') == []


def test_a_refused_filter_is_an_error_and_leaves_no_answer():
    before = len(traces.query('eq(name, "find")', project="asked"))
    with pytest.raises(BadRequestError):
        find("eq(name)")
    assert len(traces.query('eq(name, "find")', project="asked")) == before
