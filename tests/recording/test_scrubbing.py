"""What is kept of an exchange, and what stops its recording."""

from __future__ import annotations

import pytest

from helpers.recording import Recording, SecretFound, save, scrub
from tests.recording.samples import BODY, CHAT, asked


@pytest.mark.parametrize(
    "secret",
    [
        "sk-proj-" + "a1B2" * 8,
        "lsv2_pt_" + "0f" * 16,
        "Bearer abc123def456",
        "AKIA" + "ABCDEFGH12345678",
        "ghp_" + "a1" * 18,
        "hf_" + "Ab" * 17,
        "org-" + "a1B2c3D4" * 3,
        "mail ada.lovelace@some-company.co.uk now",
        "root@example.company",
    ],
)
def test_a_secret_stops_the_recording_and_is_not_repeated(tmp_path, secret):
    with pytest.raises(SecretFound, match=r"request\.messages\[0\]\.content") as caught:
        save(tmp_path, asked(f"Say {secret}."))
    assert secret not in str(caught.value) and not list(tmp_path.iterdir())


@pytest.mark.parametrize("place", ["body", "chunks"])
def test_a_secret_in_the_answer_is_found_too(place):
    value = {"body": {"a": "Bearer abc123def456"}, "chunks": [[1, "Bearer abc123def456"]]}[place]
    with pytest.raises(SecretFound, match=rf"response\.{place}"):
        scrub(Recording(CHAT, BODY, {"status": 200, place: value}))


@pytest.mark.parametrize(
    "text",
    ["ada@example.com", "bob@mail.example", "task-force-alpha-and-omega", "a Bearer token", "sk-…"],
)
def test_what_only_resembles_a_secret_is_recorded(text):
    assert scrub(asked(text)).request["messages"][0]["content"] == text


def test_headers_are_kept_by_an_allow_list():
    headers = {"Retry-After": "3", "Set-Cookie": "a=b", "openai-organization": "us"}
    scrubbed = scrub(Recording(CHAT, BODY, {"status": 429, "headers": headers, "body": {}}))
    assert scrubbed.response["headers"] == {"retry-after": "3"}
