"""The report as text and as a table, and what it shows of keys and addresses."""

import re

import pytest
from nbval.plugin import get_sanitize_patterns

from helpers import doctor
from helpers.doctor import packages, report, tools
from helpers.keys import Keys
from helpers.paths import SANITIZERS

LOOKS_LIKE_KEYS = ["sk-" + "abcdefghijklmnopqrst", "short", "lsv2_pt_" + "0123456789abcdef_ff"]


@pytest.mark.parametrize("key", LOOKS_LIKE_KEYS)
def test_at_most_two_characters_of_a_key_are_shown(key):
    shown = report.masked(key)
    assert not any(key[at : at + 3] in shown for at in range(len(key) - 2))


def test_the_key_of_a_session_is_called_one_and_not_shown():
    assert report.masked(Keys().model) == "made for this session"


def test_an_address_is_shown_without_password_and_query():
    assert report.address("https://me:secret@host:1/x/?key=secret") == "https://host:1/x"


def test_only_red_is_unhealthy():
    names = ("ok", "info", "warning", "problem")
    reports = [doctor.Report((doctor.Check("x", name, "y"),)) for name in names]
    assert [each.healthy for each in reports] == [True, True, True, False]


def test_the_table_survives_an_untrusted_notebook_and_escapes():
    shown = doctor.Report((doctor.Check("x", "problem", "<img src=x>", "a & b"),)).html()
    assert "<img" not in shown and "a &amp; b" in shown
    assert not re.search(r"<(script|style|svg|iframe)|\b(class|id|on\w+)=", shown)


def _sanitised(shown):
    rules = get_sanitize_patterns(SANITIZERS.read_text(encoding="utf-8"))
    texts = dict(shown._repr_mimebundle_())
    for pattern, replacement in rules:
        texts = {mime: re.sub(pattern, replacement, text) for mime, text in texts.items()}
    return texts


def _on_a_machine(number, *, broken=False):
    name = ("a virtual environment", "no virtual environment", "a conda environment")[number]
    node, client = (None, None) if number else ("v20.1.0", "6.0.0")
    model = "problem" if broken else "ok"
    return doctor.Report(
        (
            packages.python((3, 11 + number, number), name),
            *tools.tools(node, client, not number),
            tools.smollm2(bool(number)),
            *tools.ports(loopback=True, free=bool(number)),
            doctor.Check("model API", model, f"answers at http://127.0.0.1:{4000 + number * 9999}"),
        )
    )


@pytest.mark.parametrize("number", [1, 2])
def test_healthy_machines_have_the_same_stored_output(number):
    assert _sanitised(_on_a_machine(0)) == _sanitised(_on_a_machine(number))


def test_what_is_red_differs_in_the_stored_output():
    well, ill = _sanitised(_on_a_machine(0)), _sanitised(_on_a_machine(0, broken=True))
    assert well["text/plain"] != ill["text/plain"] and well["text/html"] != ill["text/html"]
