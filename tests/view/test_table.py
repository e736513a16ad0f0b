"""helpers.view.table: rows that line up as text and hold as HTML."""

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


def test_html_is_escaped():
    shown = table([["<script>"]], ["a & b"])._repr_html_()
    assert "&lt;script&gt;" in shown and "a &amp; b" in shown and "<script>" not in shown


def test_a_table_without_rows_shows_its_columns():
    assert str(table([], ["a", "bc"])) == "a  bc\n─  ──"


def test_a_row_of_another_length_is_refused():
    with pytest.raises(ValueError, match="a row has 1 cells for 2 columns"):
        table([["alone"]], ["a", "b"])
