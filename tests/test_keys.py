"""What looks like a key. The samples are put together here: the source holds none."""

from __future__ import annotations

import pytest

from helpers.keys import MASK, is_secret, kind_of, mask

MANY = "a1B2" * 10
SAMPLES = [
    *("sk-" + MANY, "sk-proj-" + MANY, "lsv2_pt_" + MANY, "AKIA" + "A1B2" * 4, "ghp_" + MANY),
    *("github_pat_" + MANY, "hf_" + MANY, "AIza" + MANY, "xoxb-" + MANY),
]
PLAIN = ["", "a task-list", "risk-averse", "the key is under the mat", "hf_", "lsv2_pt_not", "eyJ"]


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_key_is_known_by_its_beginning(sample):
    text = f"use {sample} here"
    assert kind_of(text) == "an API key"
    assert mask(text) == f"use {MASK} here"


@pytest.mark.parametrize("text", PLAIN)
def test_plain_text_holds_nothing_private(text):
    assert kind_of(text) is None


def test_a_mask_needs_less_certainty_than_a_refusal():
    short = "sk-" + "a1b2c3"
    assert kind_of(short) is None and mask(short) == MASK


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Bearer " + "abc123def456", "a token"),
        ("eyJ" + MANY + "." + MANY, "a token"),
        ("org-" + MANY, "an organisation or project id"),
        ("ada" + "@" + "mail.org", "an e-mail address"),
        ("ada" + "@" + "example.com", None),
        ("-----BEGIN " + "RSA PRIVATE KEY", "a token"),
    ],
)
def test_other_private_things_are_told_by_their_kind(text, kind):
    assert kind_of(text) == kind


@pytest.mark.parametrize(
    ("name", "secret"),
    [("OPENAI_API_KEY", True), ("hf_token", True), ("PGPASSWORD", True), ("HOME", False)],
)
def test_a_variable_is_secret_by_its_name(name, secret):
    assert is_secret(name) is secret
