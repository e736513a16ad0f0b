"""Taking in: the routes that clients send runs to, and what becomes of a run until it is stored.

``routes`` has the routes; ``parts`` takes multipart bodies apart, ``portions`` a few runs at a
time; ``batch`` reads what a request brings, ``together`` a run with its change, ``rules`` refuses
what LangSmith refuses, ``attachments`` has theirs, ``columns`` and ``usage`` make a row of a run,
``write`` stores it, ``early`` keeps what comes before its run.
"""

from __future__ import annotations

from helpers.langsmith_local.ingest.batch import Batch, batch_json, multipart
from helpers.langsmith_local.ingest.routes import ROUTES, ingest
from helpers.langsmith_local.ingest.rules import check_order, check_schema, dotted_order

__all__ = [
    "ROUTES",
    "Batch",
    "batch_json",
    "check_order",
    "check_schema",
    "dotted_order",
    "ingest",
    "multipart",
]
