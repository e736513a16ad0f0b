"""helpers.view.table: rows that line up as text and hold as HTML."""

import re

import pytest

from helpers.view.table import table


def test_columns_line_up_and_rows_end_without_spaces():
    shown = str(table([["name", "chat", "x"], ["kind", None, "llm"]], ["", "SDK", "callback"]))
    assert shown == "\n".join(
        [
            "      SDK   callback",
            "────  ────  ────────",
            "name  chat  x",
            "kind        llm",
        ]
    )


def test_a_mapping_fills_the_columns_it_names():
    shown = table([{"b": 2, "z": 9}, {"a": 1}], ["a", "b"])
    assert shown.rows == (("", "2"), ("1", ""))


def test_a_cell_stays_on_its_line():
    assert table([["two\nlines"]], ["a"]).rows == (("two lines",),)


def test_numbers_stand_at_the_right_of_their_column():
    rows = [["a", 7, "$0.00002", "1"], ["b", "1,058", None, "b"]]
    shown = table(rows, ["name", "tokens", "cost", "x"])
    assert str(shown).splitlines()[2:] == [
        "a          7  $0.00002  1",
        "b      1,058            b",
    ]
    assert "tokens      cost  x" in str(shown)
    cells = re.findall(r"text-align:(\w+)[^>]*>(\w+|)", shown._repr_html_())
    assert [text for side, text in cells if side == "right"] == [
        *("tokens", "cost"),
        *("7", ""),  # of $0.00002, whose dollar stands in a span
        *("1", ""),
    ]


@pytest.mark.parametrize("text", ["12", "-0.5", "1,058", "13.7 kB", "40 %", "<$0.000001", "1.20 s"])
def test_what_is_a_number(text: str):
    assert "text-align:right" in table([[text]], ["n"])._repr_html_()


@pytest.mark.parametrize("text", ["", "nowhere", "v1", "1.2.3", "12 of 40", "2026-11-26"])
def test_what_is_none(text: str):
    assert "text-align:right" not in table([[text]], ["n"])._repr_html_()


def test_html_is_escaped():
    shown = table([["<script>"]], ["a & b"])._repr_html_()
    assert "&lt;script&gt;" in shown and "a &amp; b" in shown and "<script>" not in shown


def test_a_table_without_rows_shows_its_columns():
    assert str(table([], ["a", "bc"])) == "a  bc\n─  ──"


def test_a_row_of_another_length_is_refused():
    with pytest.raises(ValueError, match="a row has 1 cells for 2 columns"):
        table([["alone"]], ["a", "b"])
