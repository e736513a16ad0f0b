"""Every bound of the services, in one place; the README's table of bounds says the same.

What is above a bound gets a 4xx that names it. A bound that is a time ends a connection, one of a
page ends the page.
"""

from __future__ import annotations

__all__ = ["BACKLOG", "BODY_SECONDS", "CHUNKS", "CONNECTIONS", "DECODED_BYTES"]
__all__ += ["DRAINED_BYTES", "DRAWN_BYTES", "EARLIEST_YEAR"]
__all__ += ["FEEDBACK_BYTES", "FILTER_CALLS", "FILTER_CHARACTERS", "FILTER_DEPTH"]
__all__ += ["GREATEST_INTEGER", "GREATEST_NUMBER", "HEADER_BYTES", "HEADER_SECONDS", "IDLE_SECONDS"]
__all__ += ["JSON_BYTES", "JSON_DEPTH", "LATEST_YEAR", "LISTED", "LOG_BYTES"]
__all__ += ["MODEL_JSON_BYTES", "MULTIPART_BYTES", "MULTIPART_SENT_BYTES", "NAME_CHARACTERS"]
__all__ += ["PAGE_BYTES", "PARTS", "PORTION_BYTES", "QUICK_BYTES"]
__all__ += ["READERS", "RUNS"]
__all__ += ["SENT_BYTES", "SHOWN_CHARACTERS", "SMALL_BYTES", "STALL_SECONDS", "WHOLE_BYTES"]

#: Bytes of a request's body as it is sent; GET /info announces it as size_limit_bytes.
SENT_BYTES = 20 * 1024 * 1024
#: Bytes of a body without its compression that is read as a whole, and of one part of a multipart
#: body, which is read a portion at a time.
DECODED_BYTES = 24 * 1024 * 1024
#: Bytes of a multipart body as it is sent, and without its compression. LangSmith's SDK closes a
#: compressed batch at 20 MiB or a hundred runs only once a thread of its own gets to it, and until
#: then adds to it, up to 1 GiB (langsmith 0.15, ``_tracing_thread_drain_compressed_buffer``). Seen
#: were 33 MiB from eight threads with runs of 1 MB, and 10,000 small runs at once: 34 MB. What is
#: above these bounds would not be stored in the ten seconds that the SDK waits for an answer.
MULTIPART_SENT_BYTES = 64 * 1024 * 1024
MULTIPART_BYTES = 256 * 1024 * 1024
#: Bytes of contents of a multipart body that are worked on at a time, at least those of one run.
PORTION_BYTES = 512 * 1024
#: Bytes of memory that a body may take once it is read, as ``weight`` estimates them.
JSON_BYTES = 96 * 1024 * 1024
#: The same for a request to the model API, beside its texts. It is read by the thread that serves.
MODEL_JSON_BYTES = 16 * 1024 * 1024
#: Runs of a batch of JSON. LiteLLM's callback sends 512, the SDK a hundred.
RUNS = 5_000
#: Parts of a multipart body. 10,000 small runs, each posted and changed, are 100,000.
PARTS = 500_000
#: Bytes up to which a body waits in memory, above in a temporary file.
SMALL_BYTES = 256 * 1024
#: Bytes up to which a body without its compression is stored before larger ones.
QUICK_BYTES = 1 * 1024 * 1024
#: Bytes up to which a multipart body without its compression is read as a whole: a larger one is
#: read twice. Of a program that makes runs as fast as it can, two fifths came in batches of 1 to
#: 2.4 MiB (bench_ingest.py on a slow machine).
WHOLE_BYTES = 4 * 1024 * 1024
#: Chunks of a body that is sent in chunks.
CHUNKS = 100_000
#: Bytes of a body that is refused which are read and thrown away, so that its sender hears why.
DRAINED_BYTES = 10 * SENT_BYTES
#: Connections at a time; at the bound the one that waits longest for its sender gives way.
CONNECTIONS = 200
#: Connections that wait to be accepted.
BACKLOG = 128
#: Bytes of a request's line and headers.
HEADER_BYTES = 64 * 1024
#: Seconds for a request's line and headers to arrive, once its connection is open.
HEADER_SECONDS = 10.0
#: Seconds without a byte of a body that has begun, or of an answer that is fetched.
STALL_SECONDS = 30.0
#: Seconds for a whole body to arrive.
BODY_SECONDS = 120.0
#: Seconds that a connection is kept open between two requests.
IDLE_SECONDS = 75
#: Bytes of the log of failures; then it begins anew.
LOG_BYTES = 1024 * 1024

#: The first and the last year of a time, in UTC. LangSmith answers from ClickHouse (``ch_query`` in
#: its /info), whose DateTime64 holds these years.
EARLIEST_YEAR = 1900
LATEST_YEAR = 2299
#: A whole number is at most this, and at least its negative: 64 bits, as in the database.
GREATEST_INTEGER = 2**63 - 1
#: Tokens, US dollars and scores: sums over nine million runs still fit in 64 bits.
GREATEST_NUMBER = 10**12
#: Levels of a JSON value. orjson, with which the SDK writes, stops at 254, and an answer wraps
#: a value in some of its own.
JSON_DEPTH = 200
#: Characters of the name of a run, a project or an attachment.
NAME_CHARACTERS = 1_000
#: Bytes of the runs of one page, as they are stored. A page with more ends early, and its cursor
#: goes on; one run above it is a page.
PAGE_BYTES = 16 * 1024 * 1024
#: Bytes of a run's inputs, outputs, error or metadata, as they are stored, that its page lays out;
#: of more it shows the beginning, and where all of it is.
DRAWN_BYTES = 512 * 1024
#: Characters of each of them on that page.
SHOWN_CHARACTERS = 100_000
#: Bytes of the texts of one feedback, and of those that a statistic of feedback lists.
FEEDBACK_BYTES = 128 * 1024
#: Reads that are worked on at a time. Each has a connection, with a cache of its own.
READERS = 2
#: Ids in one list of a query; comments, sources and values in one of an answer.
LISTED = 10_000
#: Characters, nested calls and calls of a filter.
FILTER_CHARACTERS = 20_000
FILTER_DEPTH = 20
FILTER_CALLS = 200
