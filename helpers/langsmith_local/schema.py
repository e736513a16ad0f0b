"""The tables of the local LangSmith.

Times are integers, microseconds since 1970 in UTC; durations are seconds; JSON values are text.
A run has a row in ``runs`` only once its post has come; patches that came first wait in
``early_patches``. The side tables (``run_tags``, ``run_metadata``, ``run_values``) hold what the
filter language compares, one row a pair; they are filled by ``Store.settle()`` before a query,
for the runs that ``unsettled`` names. The tables of full text search are in ``trigrams``.

A file of ours says so in its header (``APPLICATION``), and which ``VERSION`` of these tables it
holds. Tables and indexes may be added here as they are. Who changes or adds a column raises
``VERSION`` and adds to ``STEPS`` what brings an older file there.
"""

from __future__ import annotations

import re

__all__ = ["APPLICATION", "RUN_TYPES", "SCHEMA", "STEPS", "TABLES", "VERSION"]

APPLICATION = 0x7472_6163  # "trac", the application_id of our files
VERSION = 2  # their user_version; files that were written before they had one hold 0
#: What brings a file from one version to the next: the statements for each version before ours.
STEPS: dict[int, tuple[str, ...]] = {
    # A file of version 0 has all tables or, when it is new, none.
    0: (
        "CREATE TABLE IF NOT EXISTS projects (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, "
        "start_time INTEGER NOT NULL, description TEXT, extra TEXT)",
    ),
    1: ("ALTER TABLE projects ADD COLUMN end_time INTEGER",),
}

RUN_TYPES = ("tool", "chain", "llm", "retriever", "embedding", "prompt", "parser")

SCHEMA = """
CREATE TABLE IF NOT EXISTS projects (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    start_time  INTEGER NOT NULL,          -- never later than the earliest run
    description TEXT,
    extra       TEXT,                       -- JSON object
    end_time    INTEGER
);

CREATE TABLE IF NOT EXISTS runs (
    id                TEXT PRIMARY KEY,
    trace_id          TEXT NOT NULL,
    parent_run_id     TEXT,
    project_id        TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    dotted_order      TEXT NOT NULL,
    is_root           INTEGER NOT NULL,     -- 1 when parent_run_id is null
    name              TEXT NOT NULL,
    run_type          TEXT NOT NULL,        -- tool chain llm retriever embedding prompt parser
    status            TEXT NOT NULL,        -- pending success error
    start_time        INTEGER NOT NULL,
    end_time          INTEGER,
    first_token_time  INTEGER,
    latency           REAL,                 -- seconds; null while pending
    error             TEXT,
    thread_id         TEXT,
    execution_order   INTEGER,
    reference_example_id TEXT,
    prompt_tokens     INTEGER,              -- the run's own, or the sum beneath it
    completion_tokens INTEGER,
    total_tokens      INTEGER,
    prompt_cost       REAL,                 -- US dollars
    completion_cost   REAL,
    total_cost        REAL,
    own_usage         TEXT,                 -- JSON usage_metadata as the run itself reported it
    inputs            TEXT,                 -- JSON
    outputs           TEXT,                 -- JSON
    events            TEXT,                 -- JSON list
    extra             TEXT,                 -- JSON object, as sent
    metadata          TEXT,                 -- JSON object, what LangSmith shows as metadata
    serialized        TEXT,                 -- JSON
    tags              TEXT                  -- JSON list
);
-- One index answers whatever compares a run's own short columns, in order of time, without a look
-- at the rows, which are long; see query.py.
CREATE INDEX IF NOT EXISTS runs_scan ON runs (
    project_id, start_time, id, trace_id, is_root, run_type, status, name, latency, total_tokens,
    total_cost, prompt_tokens, completion_tokens, prompt_cost, completion_cost, end_time,
    first_token_time, thread_id, parent_run_id, execution_order, reference_example_id
);
CREATE INDEX IF NOT EXISTS runs_by_trace   ON runs (trace_id, dotted_order);
CREATE INDEX IF NOT EXISTS runs_by_thread  ON runs (thread_id) WHERE thread_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS runs_by_error   ON runs (id) WHERE error IS NOT NULL;

CREATE TABLE IF NOT EXISTS early_patches (
    run_id TEXT NOT NULL,
    body   TEXT NOT NULL                     -- JSON, applied in rowid order when the post comes
);
CREATE INDEX IF NOT EXISTS early_patches_by_run ON early_patches (run_id);

CREATE TABLE IF NOT EXISTS changed_runs (   -- runs of which a change has come, which PATCH refuses
    run_id TEXT PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS run_tags (
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    tag    TEXT NOT NULL,
    PRIMARY KEY (tag, run_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS run_tags_by_run ON run_tags (run_id);

CREATE TABLE IF NOT EXISTS run_metadata (
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    key    TEXT NOT NULL,                    -- nested keys joined by "."
    value  TEXT NOT NULL,                    -- strings bare, the rest as JSON
    PRIMARY KEY (key, value, run_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS run_metadata_by_run ON run_metadata (run_id, key, value);

CREATE TABLE IF NOT EXISTS run_values (
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    side   TEXT NOT NULL,                    -- input | output
    key    TEXT NOT NULL,                    -- nested keys joined by "."; list items by index
    value  TEXT NOT NULL,                    -- at most the first 250 characters
    PRIMARY KEY (side, key, value, run_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS run_values_by_run ON run_values (run_id, side, key, value);

CREATE TABLE IF NOT EXISTS unsettled (
    run_id TEXT PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS attachments (
    run_id    TEXT NOT NULL,
    name      TEXT NOT NULL,
    mime_type TEXT NOT NULL,
    body      BLOB NOT NULL,
    PRIMARY KEY (run_id, name)
);

CREATE TABLE IF NOT EXISTS feedback (
    id          TEXT PRIMARY KEY,
    run_id      TEXT,
    trace_id    TEXT,
    project_id  TEXT,
    key         TEXT NOT NULL,
    score       REAL,
    value       TEXT,                        -- JSON
    comment     TEXT,
    correction  TEXT,                        -- JSON
    source      TEXT,                        -- JSON feedback_source
    extra       TEXT,                        -- JSON
    created_at  INTEGER NOT NULL,
    modified_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS feedback_by_run ON feedback (run_id, key, score);
CREATE INDEX IF NOT EXISTS feedback_by_key ON feedback (key, score, run_id);
"""

#: The names of the tables that each file of ours has; the one that is left out came later.
TABLES = frozenset(re.findall(r"CREATE TABLE IF NOT EXISTS (\w+)", SCHEMA)) - {"changed_runs"}
