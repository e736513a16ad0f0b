"""The index of full text search: which runs hold three letters that follow each other.

``search("x")`` asks for a part of a text, not for words, whatever its case. So each text is indexed
by its trigrams (FTS5's tokenizer of that name, https://www.sqlite.org/fts5.html), folded as the
search folds. A run that lacks a trigram of what is looked for is no match. The others, and the runs
that are not indexed yet, are candidates, which the search itself then tests: what the index says is
never the answer, and it may be behind. One or two letters are looked up as the beginning of
trigrams. Where one of these is common there is no list: a walk soon finds such a text.

``unsearched`` names the runs that are not indexed as they are now: a trigger puts there each run
that was settled. ``advance`` indexes them, some at a time. A run that changed gets a new document;
the old one leads nowhere, and is gone with the next ``forget``.

Where Python's SQLite has no such tokenizer (older than 3.34, or built without FTS5) there is no
index, and a search reads every text. What another Python left in the file is then emptied by the
next one that can.
"""

from __future__ import annotations

import functools
import sqlite3
from typing import Any

__all__ = ["advance", "available", "candidates", "create", "forget"]

LETTERS = 3
END = "\n" * (LETTERS - 1)  # of a document, so that its last letters begin a trigram too
COMMON = 3_000  # documents of a trigram with which a list of candidates is none
LAST = "\U0010ffff" * LETTERS  # after each trigram that begins so
LONGEST = 1_000_000  # letters of a run that are indexed; one with more is always a candidate
MOST = 64  # trigrams of a text that are looked up
COLUMNS = ("name", "inputs", "outputs", "error", "tags", "metadata")

TABLES = (
    """CREATE TABLE IF NOT EXISTS searched (
        docid  INTEGER PRIMARY KEY AUTOINCREMENT,
        run_id TEXT NOT NULL UNIQUE REFERENCES runs (id) ON DELETE CASCADE,
        long   INTEGER NOT NULL             -- 1 when it is no document of the index
    )""",
    "CREATE INDEX IF NOT EXISTS searched_long ON searched (run_id) WHERE long",
    # A trigger, so that a version of this course that knows no index keeps it true as well.
    """CREATE TRIGGER IF NOT EXISTS settled AFTER DELETE ON unsettled BEGIN
        INSERT OR IGNORE INTO unsearched SELECT id FROM runs WHERE id = old.run_id;
    END""",
)
UNSEARCHED = """CREATE TABLE unsearched (
    run_id TEXT PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE
) WITHOUT ROWID"""
# Neither texts nor places are kept: they are in the rows, which are tested anyway.
INDEX = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS trigrams USING fts5("
    "text, content='', columnsize=0, detail=none, tokenize='trigram case_sensitive 1')"
)
VOCABULARY = "CREATE VIRTUAL TABLE IF NOT EXISTS vocabulary USING fts5vocab(trigrams, row)"
_MATCHES = (
    "SELECT s.run_id FROM trigrams CROSS JOIN searched s ON s.docid = trigrams.rowid "
    "WHERE trigrams MATCH "
)
_RANGE = "FROM vocabulary WHERE term >= ? AND term < ?"
_FOUND = "'\"' || replace(term, '\"', '\"\"') || '\"'"
_BEGINS = (
    f"{_MATCHES} (SELECT CASE WHEN EXISTS (SELECT 1 {_RANGE} AND doc > {COMMON}) THEN '\"\"' "
    f"ELSE (SELECT ifnull(group_concat({_FOUND}, ' OR '), '\"\"') {_RANGE}) END) "
    f"UNION ALL SELECT id FROM runs WHERE EXISTS (SELECT 1 {_RANGE} AND doc > {COMMON})"
)
_OTHERS = (
    " UNION ALL SELECT run_id FROM searched WHERE long UNION ALL SELECT run_id FROM unsearched"
)
_WAITING = (
    "SELECT id, length(name) + ifnull(length(inputs), 0) + ifnull(length(outputs), 0) "
    "+ ifnull(length(error), 0) + ifnull(length(tags), 0) + ifnull(length(metadata), 0) AS letters "
    "FROM unsearched CROSS JOIN runs ON id = run_id LIMIT ?"
)
# The tokenizer ends at NUL, and reads two that are no characters as U+FFFD (READ_UTF8 in SQLite).
_UNREAD = {0: "\1", 0xFFFE: "\ufffd", 0xFFFF: "\ufffd"}
_LEFT = "SELECT 1 FROM trigrams_idx WHERE NOT EXISTS (SELECT 1 FROM searched) LIMIT 1"
_TEXTS = f"SELECT {', '.join(COLUMNS)} FROM runs WHERE id = ?"


@functools.cache
def available() -> bool:
    """Whether this Python's SQLite can make the index."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute(INDEX)
    except sqlite3.OperationalError:
        return False
    finally:
        connection.close()
    return True


def create(connection: sqlite3.Connection) -> None:
    """Make the tables that are missing, within a transaction; then all stored runs wait."""
    if not _exists(connection, "unsearched"):
        connection.execute(UNSEARCHED)
        connection.execute("INSERT INTO unsearched SELECT id FROM runs")
    for statement in TABLES:
        connection.execute(statement)
    if available():
        connection.execute(INDEX)
        # Without it, documents had no end that is known.
        old = not _exists(connection, "vocabulary")
        connection.execute(VOCABULARY)
        # The other case is what a Python left there that cannot write it.
        if old or connection.execute(_LEFT).fetchone():
            forget(connection)


def candidates(*texts: str) -> tuple[str, tuple[Any, ...]] | None:
    """Return a select of the ``run_id`` of each run that may hold one of ``texts``, folded.

    None when any run may.
    """
    if not all(texts) or not available():
        return None
    selects: list[str] = []
    params: list[str] = []
    for text in dict.fromkeys(texts):
        short = len(text) < LETTERS
        selects.append(_BEGINS if short else f"{_MATCHES} ?")
        params += [_plain(text), _plain(text) + LAST] * 3 if short else [_all_of(text)]
    return " UNION ALL ".join(selects) + _OTHERS, tuple(params)


def advance(connection: sqlite3.Connection, *, limit: int) -> bool:
    """Index up to ``limit`` runs, within a transaction; return whether more of them wait."""
    waiting = connection.execute(_WAITING, (limit,)).fetchall()
    if not waiting or not available():
        return False
    for row in waiting:
        _index(connection, row["id"], long=row["letters"] > LONGEST)
    return len(waiting) == limit


def forget(connection: sqlite3.Connection) -> None:
    """Take all out of the index, within a transaction, and let all stored runs wait."""
    if available():
        connection.execute("INSERT INTO trigrams (trigrams) VALUES ('delete-all')")
    connection.execute("DELETE FROM searched")
    connection.execute("INSERT OR IGNORE INTO unsearched SELECT id FROM runs")


def _index(connection: sqlite3.Connection, run_id: str, *, long: bool) -> None:
    connection.execute("DELETE FROM searched WHERE run_id = ?", (run_id,))
    made = connection.execute("INSERT INTO searched (run_id, long) VALUES (?, ?)", (run_id, long))
    if not long:
        texts = connection.execute(_TEXTS, (run_id,)).fetchone()
        document = "\n".join(_plain(text.casefold()) for text in texts if text is not None)
        connection.execute(
            "INSERT INTO trigrams (rowid, text) VALUES (?, ?)", (made.lastrowid, document + END)
        )
    connection.execute("DELETE FROM unsearched WHERE run_id = ?", (run_id,))


def _all_of(text: str) -> str:
    """Return FTS5's expression for the documents that hold each trigram of ``text``."""
    plain = _plain(text)
    found = dict.fromkeys(plain[at : at + LETTERS] for at in range(len(plain) - LETTERS + 1))
    quoted = ('"' + one.replace('"', '""') + '"' for one in list(found)[:MOST])
    return " AND ".join(quoted)


def _plain(text: str) -> str:
    return text.translate(_UNREAD)


def _exists(connection: sqlite3.Connection, table: str) -> bool:
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,))
    return found.fetchone() is not None
