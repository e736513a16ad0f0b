from __future__ import annotations

import httpx
import pytest

from helpers.langsmith_local.pages.comparing import Piece, marked, of_two
from helpers.langsmith_local.pages.lists import Missing
from helpers.langsmith_local.store import Store
from tests.langsmith_local.pages.browsing import text_of
from tests.langsmith_local.stored import PROJECT, add_project, add_run, run_id

PAGE = f"/o/{Store.tenant_id}/projects/p/{PROJECT}/compare"
ANSWER = "HTTP is a protocol by which machines on the internet talk."


@pytest.fixture(autouse=True)
def runs(store: Store) -> None:
    connection = store.connection()
    add_project(connection)
    asked = {"messages": [{"role": "user", "content": "HTTP?"}], "temperature": 0}
    add_run(connection, "a", inputs=asked, outputs={"text": ANSWER}, total_tokens=10)
    add_run(connection, "beneath", parent="a", second=1)
    asked = {**asked, "temperature": 1}
    longer = ANSWER.replace("machines", "browsers")
    add_run(connection, "b", second=5, inputs=asked, outputs={"text": longer}, total_tokens=12)


def compared(store: Store, *names: str) -> dict[str, dict[str, tuple[str | None, str | None]]]:
    runs = " ".join(map(run_id, names))
    found = of_two(store, {"project_id": PROJECT, "runs": runs})
    return {
        part: {
            one.label: tuple(
                side and "".join(piece.text for piece in side) for side in (one.left, one.right)
            )
            for one in differences
        }
        for part, differences in found["differing"].items()
    }


def test_what_differs_stands_side_by_side(store: Store) -> None:
    assert compared(store, "a", "b") == {
        "Facts": {"name": ("a", "b"), "tokens": ("10 tokens", "12 tokens")},
        "Inputs": {"temperature": ("0", "1")},
        "Outputs": {"text": (ANSWER, ANSWER.replace("machines", "browsers"))},
        "Runs beneath": {"in their order": ("beneath (chain, ok)", None)},
    }


def test_a_run_does_not_differ_from_itself(store: Store) -> None:
    assert compared(store, "a", "a") == {}


def test_the_page_shows_both_and_marks_the_words_that_differ(service: str) -> None:
    asked = {"run": [run_id("a"), run_id("b")]}
    page = httpx.get(service + PAGE, params=asked).text
    assert "<mark>machines </mark>" in page and "<mark>browsers </mark>" in page
    assert "messages.0.content" in text_of(page).partition("What is the same")[2]


@pytest.mark.parametrize("names", [(), ("a",), ("a", "b", "a")])
def test_another_number_than_two_says_how_to_choose(service: str, names: tuple[str, ...]) -> None:
    answer = httpx.get(service + PAGE, params={"run": [run_id(name) for name in names]})
    assert answer.status_code == 400
    assert f"{len(names)} {'is' if len(names) == 1 else 'are'} chosen" in text_of(answer.text)


def test_a_run_that_is_not_there_is_missing(store: Store) -> None:
    with pytest.raises(Missing):
        compared(store, "a", "none")


def test_texts_with_much_in_common_are_marked_where_they_differ() -> None:
    left, right = marked("one two three four five", "one two 3 four five")
    assert left == (Piece("one two ", False), Piece("three ", True), Piece("four five", False))
    assert right == (Piece("one two ", False), Piece("3 ", True), Piece("four five", False))


@pytest.mark.parametrize(
    ("left", "right"),
    [("1.20 s", "1.30 s"), ("a b c d e f g", "1 2 3 4 5 6 7"), ("a " * 900, "a " * 901)],
)
def test_texts_that_are_short_long_or_unlike_are_one_piece_each(left: str, right: str) -> None:
    assert marked(left, right) == ((Piece(left, False),), (Piece(right, False),))


def test_large_and_deep_values_are_compared_within_bounds(store: Store) -> None:
    deep = "[" * 150 + "1" + "]" * 150
    wide = "[" + ",".join("1" for _ in range(50_000)) + "]"
    for name, value in (("a", deep), ("b", wide)):
        inputs = f'{{"v": {value}, "w": "{"x" * 300_000}"}}'
        store.connection().execute("UPDATE runs SET inputs = ? WHERE name = ?", (inputs, name))
    found = compared(store, "a", "b")["Inputs"]
    assert len(found) < 1_000
    assert all(len(text or "") < 5_000 for pair in found.values() for text in pair)
