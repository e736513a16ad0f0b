"""What lesson 06 asks with, once its first section has shown how: find runs, count what comes."""

from collections import Counter

from langsmith import Client

from helpers.lessons import orders

SELECTS = ["NAME", "STATUS", "LATENCY_SECONDS", "ERROR", "TAGS", "METADATA", "INPUTS"]


async def find(filter, **more):
    """Return the runs of the orders that pass a filter; more are trace_filter and tree_filter."""
    where = await orders.window()
    query = Client().runs.query(**where, selects=SELECTS, filter=filter, **more)
    return [run async for run in query]


def tally(values):
    """Count how often each value comes."""
    return dict(sorted(Counter(values).items()))
