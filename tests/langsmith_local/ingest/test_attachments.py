"""Attachments: which names and types are taken, and that what is taken is given back."""

from __future__ import annotations

from urllib.parse import quote

import pytest
import requests

from helpers.langsmith_local.errors import Refusal
from helpers.langsmith_local.ingest.attachments import check
from helpers.serving.bounds import NAME_CHARACTERS

RUN = "aaaaaaaa-0000-4000-8000-000000000001"


@pytest.mark.parametrize("title", [".", "..", "a\0b", "a\nb", "\x7f", "n" * 1_001])
def test_a_name_that_is_no_part_of_an_address_is_refused(title):
    with pytest.raises(Refusal, match="attachment .* its name") as refusal:
        check(title, "image/png")
    assert (refusal.value.status, refusal.value.key) == (422, "error")


@pytest.mark.parametrize("kind", ["", "image/\0png", "a b", "bild/größe", "x" * 128, "a\x01/b"])
def test_a_type_that_is_no_part_of_a_header_is_refused(kind):
    with pytest.raises(Refusal, match="its type must be like image/png"):
        check("cat.png", kind)


@pytest.mark.parametrize(
    "title", ["a/b.png", "../a", "ü 💡?#%2F.png", "%", "a//b", "n" * NAME_CHARACTERS]
)
def test_an_attachment_comes_back_whatever_its_name(service, title):
    head = f'Content-Disposition: form-data; name="attachment.{RUN}.{title}"'
    body = f"--b\r\n{head}\r\nContent-Type: image/png; length=3\r\n\r\nabc\r\n--b--\r\n".encode()
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    sent = requests.post(f"{service}/runs/multipart", data=body, headers=kind, timeout=30)
    assert sent.status_code == 202, sent.text
    got = requests.get(f"{service}/attachments/{RUN}/{quote(title, safe='')}", timeout=30)
    assert (got.status_code, got.content, got.headers["Content-Type"]) == (200, b"abc", "image/png")


def test_an_id_that_is_none_is_named(service):
    got = requests.get(f"{service}/attachments/me/a.png", timeout=30)
    assert got.status_code == 422 and "run_id" in got.text
