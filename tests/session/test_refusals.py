"""What LangSmith refuses of what is sent is kept, for who then looks for a trace."""

from __future__ import annotations

import logging

import pytest

from helpers.session.refusals import LOGGERS, Refusals

SDK, CALLBACK = map(logging.getLogger, LOGGERS)
FULL = """HTTPError('429 Client Error: Too Many Requests', '{"error":"usage limit exceeded"}')"""


@pytest.fixture
def refusals():
    kept = Refusals()
    kept.start()
    yield kept
    kept.stop()


def test_a_refusal_by_the_sdk_is_told_once(refusals: Refusals):
    SDK.warning(f"Failed to send compressed multipart ingest: {FULL}")
    assert "usage limit exceeded" in str(refusals.taken())
    assert refusals.taken() is None


def test_a_refusal_by_the_callback_is_told_too(refusals: Refusals):
    CALLBACK.error("Langsmith HTTP Error: %s - %s", 403, '{"error":"Forbidden"}')
    assert "The key is wrong" in str(refusals.taken())


def test_a_certificate_of_a_company_is_told(refusals: Refusals):
    SDK.warning("Failed to multipart ingest runs: SSLError(CERTIFICATE_VERIFY_FAILED)")
    assert "SSL_CERT_FILE" in str(refusals.taken())


@pytest.mark.parametrize(
    "words",
    [
        "Failed to multipart ingest runs: HTTPError('422 Client Error', '{\"error\":\"run\"}')",
        "Failed to multipart ingest runs: [Errno 111] Connection refused",
        f"Something else: {FULL}",
    ],
)
def test_what_is_no_matter_of_the_account_is_left_to_lessons(refusals: Refusals, words: str):
    SDK.warning(words)
    assert refusals.taken() is None


def test_nothing_is_heard_after_the_end(refusals: Refusals):
    refusals.stop()
    SDK.warning(f"Failed to send compressed multipart ingest: {FULL}")
    assert refusals.taken() is None
