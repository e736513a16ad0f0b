"""The explorer in JupyterLab, by mouse and by keyboard, while a cell runs and in both themes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.axe import faults
from tests.browser.lab import Lab, Opened

NOTEBOOK = "notebooks/Untitled_explorer.ipynb"
# Without the variables of tests, so that runs have links as under a learner's cell.
START = """import os, sys
for name in ("PYTEST_VERSION", "TUTORIAL_STRICT"):
    os.environ.pop(name, None)
sys.path.insert(0, "..")
from helpers import session
session.start()"""
CALLS = """import os, time
from langsmith import traceable
os.environ["LANGSMITH_TRACING"] = "true"

@traceable(run_type="llm")
def answer(messages):
    return {"role": "assistant", "content": "An answer to " + messages[-1]["content"]}

@traceable(metadata={"user": "ada"})
def define(term):
    return answer([{"role": "user", "content": f"What is {term}?"}])["content"]

@traceable
def glossary(terms):
    return {term: define(term) for term in terms}

@traceable(run_type="tool")
def broken(text):
    raise ValueError(text)

glossary(["DNS", "recursion"])
try:
    broken("<b id=bad>no</b> \\u202e abc")
except ValueError:
    pass
define("HTTP")"""
SHOW = "from helpers import traces\n\nexplorer = traces.explore()\nexplorer"
RENAME = """root = traces.show("broken").root
runs = explorer._desk._whole([root.trace_id])
runs[root.trace_id][0]["name"] = "renamed"
explorer.send({"kind": "runs", "runs": runs})"""
MANY = """from langsmith import trace
for n in range(1000):
    with trace("many", inputs={"n": n}):
        pass"""
TOO_WIDE = "() => { const e = document.querySelector('.xp'); return e.scrollWidth - e.clientWidth }"


@pytest.fixture(scope="module")
def opened(jupyter: Lab, page: Any, complaints: list[str]) -> Iterator[Opened]:
    opened = jupyter.open(page, jupyter.write(Path(NOTEBOOK).name, [START, CALLS, SHOW]))
    opened.run_all()
    page.wait_for_selector(".xp-row")
    yield opened
    jupyter.end_kernels()


@pytest.fixture(autouse=True)
def fresh(opened: Opened, page: Any) -> Iterator[None]:
    """Leave filter, search and selection as they were."""
    yield
    for field in (".xp-filter", ".xp-search"):
        if page.locator(field).input_value():
            page.locator(field).fill("")
    until(page, lambda: page.locator(".xp-row").count() >= 3)


def until(page: Any, there: Callable[[], bool], seconds: float = 30) -> bool:
    for _ in range(int(seconds * 20)):
        if there():
            return True
        page.wait_for_timeout(50)
    return there()


def rows(page: Any) -> list[str]:
    return [text.strip() for text in page.locator(".xp-row .xp-name").all_text_contents()]


def choose(page: Any, name: str) -> None:
    page.locator(".xp-row", has_text=name).first.click()
    page.wait_for_selector(f".xp-run:has-text('{name}')")


def panel(page: Any) -> str:
    text: str = page.locator(".xp-panel").inner_text()
    return text


def test_traces_are_listed_newest_first_and_hostile_text_is_text(page: Any, opened: Opened):
    assert rows(page)[-3:] == ["define", "broken", "glossary"]
    choose(page, "broken")
    assert (
        page.locator("#bad").count() == 0 and "<b id=bad>" in page.locator(".xp-list").inner_text()
    )
    page.get_by_role("tab", name="error").click()
    assert "ValueError" in panel(page)


def test_the_static_view_beside_it_is_hidden_while_it_lives(page: Any, opened: Opened):
    bundles = [set(each.get("data", {})) for each in opened.cells()[2]["outputs"]]
    assert bundles == [{"application/vnd.jupyter.widget-view+json"}, {"text/html", "text/plain"}]
    assert [page.locator(each).is_visible() for each in (".xp", ".trace")] == [True, False]


def test_a_filter_of_langsmith_and_a_search_leave_what_passes(page: Any):
    page.locator(".xp-filter").fill('eq(status, "error")')
    assert until(page, lambda: rows(page) == ["broken"])
    page.locator(".xp-filter").fill("eq(status")
    assert until(page, lambda: "Filter, line 1" in page.locator(".xp-status").inner_text())
    assert rows(page) == ["broken"]
    page.locator(".xp-filter").fill("")
    page.locator(".xp-search").fill("recursion")
    assert until(page, lambda: rows(page) == ["glossary"])


def test_the_tree_folds_and_every_tab_shows_what_the_run_holds(page: Any):
    choose(page, "glossary")
    assert page.locator(".xp-run").count() == 5
    page.locator(".xp-fold").first.click()
    assert page.locator(".xp-run").count() == 1
    page.locator(".xp-fold").first.click()
    page.locator(".xp-run", has_text="define").first.click()
    for tab, text in {"inputs": "DNS", "outputs": "An answer to", "metadata": "ada"}.items():
        page.get_by_role("tab", name=tab).click()
        assert text in panel(page)
    page.get_by_role("tab", name="json").click()
    assert '"name": "define"' in panel(page)
    page.locator(".xp").get_by_role("button", name="copy").click()
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert '"inputs": {' in copied and copied == panel(page)


def test_two_runs_stand_side_by_side_with_what_differs(page: Any):
    choose(page, "glossary")
    page.locator(".xp-run", has_text="define").first.click()
    page.locator(".xp").get_by_role("button", name="compare with").click()
    page.locator(".xp-run", has_text="define").nth(1).click()
    table = page.locator(".xp-table")
    differing = table.locator("tr.xp-differs").all_inner_texts()
    assert any("inputs.term\tDNS\trecursion" in line for line in differing)
    assert any("metadata.user" in line for line in table.locator("tr.xp-same").all_inner_texts())
    page.locator(".xp").get_by_role("button", name="end comparing").click()
    assert table.count() == 0


def test_a_click_scores_a_run_and_the_feedback_is_in_the_trace(page: Any, opened: Opened):
    choose(page, "broken")
    page.get_by_label("Name of the score").fill("helpful")
    page.locator(".xp").get_by_role("button", name="Score 1").click()
    assert until(page, lambda: "Stored: helpful 1." in page.locator(".xp-status").inner_text())
    page.get_by_role("tab", name="feedback").click()
    assert "helpful" in panel(page)
    told = opened.run("traces.show('broken').root.feedback['helpful']['avg']")
    assert told == "1.0"


def test_what_is_said_of_a_score_stays_when_the_trace_was_read(page: Any):
    page.evaluate("() => document.querySelector('.xp-row').click()")
    page.evaluate("() => document.querySelector('[aria-label=\"Score 0\"]').click()")
    assert until(page, lambda: "Stored: helpful 0." in page.locator(".xp-status").inner_text())
    # What is asked for later is answered later: by then it was said that the trace was read.
    page.locator(".xp-search").fill("answer to")
    assert until(page, lambda: rows(page) == ["define", "glossary"])
    assert "Stored: helpful 0." in page.locator(".xp-status").inner_text()
    choose(page, "glossary")
    assert page.locator(".xp-status").text_content() == ""


def test_a_click_is_one_also_when_its_trace_changes_meanwhile(page: Any, opened: Opened):
    choose(page, "broken")
    page.locator(".xp-search").focus()  # which loses the focus when the tab is pressed
    page.get_by_role("tab", name="inputs").hover()
    page.mouse.down()
    opened.execute(RENAME)
    page.mouse.up()
    assert page.get_by_role("tab", name="inputs").get_attribute("aria-selected") == "true"
    page.wait_for_selector(".xp-run:has-text('renamed')")


def test_the_chosen_run_has_a_link_to_its_page(page: Any):
    choose(page, "glossary")
    page.locator(".xp-run", has_text="define").first.click()
    with page.context.expect_page() as opening:
        page.locator(".xp-open").click()
    there = opening.value
    assert there.locator("h1").inner_text() == "define" and "token" not in there.url
    there.close()


def test_a_keyboard_is_enough(page: Any):
    page.locator(".xp-list").focus()
    page.keyboard.press("End")
    page.wait_for_selector(".xp-run:has-text('glossary')")
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.className") == "xp-tree"
    page.keyboard.press("ArrowLeft")
    assert until(page, lambda: page.locator(".xp-run").count() == 1)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert page.locator(".xp-run[aria-selected=true]").inner_text().strip().startswith("▾define")
    page.keyboard.press("Enter")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("tab", name="outputs").get_attribute("aria-selected") == "true"
    assert "An answer to" in panel(page)
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.getAttribute('role')") == "tabpanel"


def test_keys_of_the_explorer_do_nothing_to_the_notebook(page: Any, opened: Opened):
    cells = len(opened.cells())
    page.locator(".xp-list").focus()
    for key in ("d", "d", "a", "b", "x", "z", "ArrowDown", "Shift+Enter"):
        page.keyboard.press(key)
    assert len(opened.cells()) == cells and page.locator(".xp").count() == 1


def test_it_follows_and_answers_while_a_cell_runs(page: Any, opened: Opened):
    before = page.locator(".xp-row").count()
    opened.begin("define('TLS')\nwhile not os.path.exists('go-on'):\n    time.sleep(0.05)")
    assert until(page, lambda: page.locator(".xp-row").count() == before + 1)
    choose(page, "glossary")
    page.locator(".xp-search").fill("TLS")
    assert until(page, lambda: page.locator(".xp-row").count() == 1)
    page.locator(".xp-search").fill("")
    assert until(page, lambda: page.locator(".xp-row").count() == before + 1)
    assert opened.busy()
    (opened.folder / "notebooks" / "go-on").touch()
    assert until(page, lambda: not opened.busy())


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_axe_finds_no_grave_fault(page: Any, opened: Opened, theme: str):
    opened.theme(theme)
    page.locator(".xp-search").fill("recursion")
    assert until(page, lambda: rows(page) == ["glossary"])
    assert faults(page, ".xp") == []


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_it_looks_as_it_did(
    page: Any, opened: Opened, theme: str, looks: Callable[[Any, str], None]
):
    opened.theme(theme)
    page.locator(".xp-search").fill("recursion")
    assert until(page, lambda: rows(page) == ["glossary"])
    page.get_by_role("tab", name="inputs").click()
    looks(page.locator(".xp"), f"explorer-{theme.lower()}")


def test_on_a_phone_list_and_run_stand_below_each_other(
    page: Any, opened: Opened, looks: Callable[[Any, str], None]
):
    page.set_viewport_size({"width": 390, "height": 844})
    try:
        assert until(page, lambda: page.locator(".xp").bounding_box()["width"] < 330)
        assert page.evaluate(TOO_WIDE) <= 1
        looks(page.locator(".xp"), "explorer-phone")
        boxes = [
            page.locator(each).bounding_box() for each in (".xp-list", ".xp-tree", ".xp-detail")
        ]
        assert boxes[0]["y"] + boxes[0]["height"] <= boxes[1]["y"] + 1
        assert boxes[1]["y"] + boxes[1]["height"] <= boxes[2]["y"] + 1
    finally:
        page.set_viewport_size({"width": 1280, "height": 1000})


def test_after_a_reload_it_is_there_again(page: Any, opened: Opened, jupyter: Lab):
    opened.save()
    # Not page.reload(): which notebooks are open is written down a while later.
    jupyter.open(page, NOTEBOOK)
    page.wait_for_selector(".xp-row", timeout=60_000)
    choose(page, "broken")


def test_a_thousand_traces_are_all_listed(page: Any, opened: Opened):
    opened.run(MANY)
    assert until(page, lambda: page.locator(".xp-row").count() == 1000)
    assert "1,000 traces" in page.locator(".xp-bar").inner_text()


def test_its_script_complains_of_nothing(complaints: list[str]):
    assert complaints == []
