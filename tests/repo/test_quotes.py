"""What prose reads aloud from an output stands in that output, so that no re-recording leaves it
behind; and what a model said there is said to be of the recorded run.

Looked at is the prose right beneath a cell with an output, up to the next heading, and each
summary. Its quoted phrases, its numbers in digits and in words, and its words set as code have to
be in the code or the stored outputs above: in its section, for a summary in the lesson. A number
may also be the length of an output: its lines, its runs, the things in a list, or how often
something stands there. Left out are the questions that a lesson asks, and names of lessons,
issues and versions.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest
from nbformat import NotebookNode

from helpers import recording
from helpers.paths import NOTEBOOKS, RECORDINGS
from helpers.testing.files import lessons, parse, text_of
from helpers.testing.placing import is_place

LESSONS = [path for path in lessons() if path.parent == NOTEBOOKS]
WORDS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
WORDS += " fifteen sixteen seventeen eighteen nineteen twenty"
NUMBERS = {word: str(number) for number, word in enumerate(WORDS.split()) if number > 1}

LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
FENCE = re.compile(r"```.*?```", re.DOTALL)
CODE = re.compile(r"`([^`]+)`")
PHRASE = re.compile(r'"([^"\n]{2,})"|“([^”\n]+)”')
DIGITS = re.compile(r"(?<![\w.#/-])\d[\d,]*(?:\.\d+)?(?!\w)")
WORD = re.compile(rf"(?i)\b({'|'.join(NUMBERS)})\b")
PLAIN = re.compile(r"[A-Za-z][A-Za-z']*(?: [A-Za-z']+)+")  # words set as code that are no code
# Numbers that count nothing: lessons, issues, versions, and what a question offers to choose from.
NAMES = re.compile(
    r"(?i)\blessons? \d\d(?:(?:,| and| or| to) \d\d)*|\bissue \d+|\b(?:LiteLLM|Python) [\d.]+"
    r"|\b[Nn]ot \d|neither \d nor \d|so not \d|</summary>\s*\d[.,]|^\d+\. .*$|^- \([a-z]\).*$",
    re.MULTILINE,
)
RECORDED = re.compile(r"(?i)\brecorded\b")

# Sentences that tell what is documented or reported elsewhere, or what to do next.
ELSEWHERE = re.compile(
    r"\bdocumented\b|\breported\b|users report|^(Set|Change|Put|We allow|We let)\b"
)

# What else prose says that no output above can hold, by a part of it; and why it is true.
EXCEPTIONS = {
    "LiteLLM's and the SDK's own numbers: they hold whatever an answer is": (
        ("01", "every mock has 10 and 20"),
        ("02", "at 512 runs or after 5 seconds"),
        ("09", "goes ten levels deep"),
        ("13", "with 512 runs, or by a clock, every five seconds"),
        ("13", "waits for 511 others"),
        ("14", "tries four times at a 503 and at a 429"),
        ("14", "A 413 says"),
        ("14", "with 50,000 runs"),
        ("14", "The SDK holds 10,000 operations"),
        ("15", "is answered with 500"),
    ),
    "measured once, with nothing shortened, and said to be so": (
        ("13", "on two machines 1 and 4 of 4 runs arrived"),
        ("14", "given up on all after 41 s"),
        ("14", "ended after 10 min 27 s"),
    ),
    "said of what comes, is given, or is of live runs": (
        ("03", "Before September 2026"),
        ("04", "live it says `not seen`"),
        ("08", "Three clients make 20 calls each"),
        ("09", "`not seen`"),
        ("12", '["closed.logger"]'),
        ("14", "We end the silence with a 503"),
        ("16", "lets the three modules be"),
    ),
    "a meaning in quotation marks, not a quotation": (("03", 'That means "wrong key"'),),
    "added up or divided from what stands there, or of the orders that helpers.lessons makes": (
        ("06", "are sixteen"),
        ("06", "five orders caught the exception"),
        ("06", "release 2.0 loses their address"),
        ("06", "Seven of the eight slow orders"),
        ("06", "The eighth is number 9"),
        ("07", "cost seventeen times as much"),
    ),
}


@dataclass(frozen=True)
class Prose:
    """What prose reads aloud: ``text``, and the ``outputs`` and the ``code`` above it."""

    lesson: str
    cell: int
    text: str
    outputs: tuple[str, ...]
    code: str

    @property
    def above(self) -> str:
        """All that stands above it."""
        return "\n".join([self.code, *self.outputs])


def told(cell: NotebookNode) -> list[str]:
    """Return the stored outputs of a cell, as text."""
    outputs = cell.get("outputs", [])
    texts = [
        o.get("text") or o.get("data", {}).get("text/plain") or o.get("evalue") for o in outputs
    ]
    return [text for text in texts if text]


def read_aloud(path: Path) -> Iterator[Prose]:
    """Yield the prose of a lesson that reads outputs aloud."""
    lesson = path.name[:2]
    every: list[str] = []
    section: list[str] = []
    codes: list[str] = []
    before: list[str] = []  # the outputs of the cell above, if it is one of code
    for number, cell in enumerate(parse(text_of(path)).cells):
        if cell.cell_type == "code":
            before = told(cell)
            section += before
            every += before
            codes.append(cell.source)
            continue
        beneath, heading, _ = re.split(
            r"(^#{1,2} |\Z)", cell.source, maxsplit=1, flags=re.MULTILINE
        )
        code = "\n".join(codes)
        if before and not is_place(cell.id):
            yield Prose(lesson, number, beneath, tuple(section), code)
        if found := re.search(
            r"^## Summary$(.*?)(?=^## |\Z)", cell.source, re.MULTILINE | re.DOTALL
        ):
            yield Prose(lesson, number, found[1], tuple(every), code)
        section = [] if heading else section
        before = []


def sentences(prose: Prose) -> Iterator[str]:
    """Yield what is looked at, sentence by sentence and row by row."""
    text = NAMES.sub(" ", LINK.sub(r"\1", FENCE.sub(" ", prose.text)))
    excepted = [
        part for each in EXCEPTIONS.values() for lesson, part in each if lesson == prose.lesson
    ]
    for sentence in re.split(r"(?<=[.:?;)])\s+|\n", text):
        if not (ELSEWHERE.search(sentence) or any(part in sentence for part in excepted)):
            yield sentence


def numbers(sentence: str) -> Iterator[str]:
    """Yield the numbers of a sentence, in digits and without commas."""
    bare = CODE.sub(" ", sentence)
    yield from (found[0].replace(",", "") for found in DIGITS.finditer(bare))
    yield from (NUMBERS[found[1].lower()] for found in WORD.finditer(bare))


def quotes(sentence: str) -> Iterator[str]:
    """Yield its quoted phrases, and its words set as code that are no code."""
    for found in PHRASE.finditer(CODE.sub(" ", sentence)):
        yield (found[1] or found[2]).strip(" .,…")
    yield from (f[1] for f in CODE.finditer(sentence) if PLAIN.fullmatch(f[1]))


def lengths(output: str) -> Iterator[int]:
    """Yield what may be counted in an output."""
    lines = output.splitlines()
    yield len(lines)
    yield sum(bool(re.search(r"  (ok|error|pending)(  |$)", line)) for line in lines)
    yield from Counter(re.findall(r"'[^']*'|\w+", output)).values()
    try:
        value = ast.literal_eval(output)
    except (ValueError, SyntaxError):
        return
    yield from (len(each) for each in (value, *_within(value)) if isinstance(each, (list, tuple)))
    if isinstance(value, dict):
        yield sum(each for each in value.values() if isinstance(each, int))


def _within(value: object) -> tuple[object, ...]:
    return tuple(value) if isinstance(value, (list, tuple)) else ()


def stands(number: str, prose: Prose) -> bool:
    """Whether a number is in the code or the outputs above, or counts something in the latter."""
    whole = re.compile(rf"(?<![\d.]){re.escape(number)}(?!\d|\.\d)")
    if whole.search(re.sub(r"(?<=\d)[,_](?=\d)", "", prose.above)):
        return True
    return number in {str(length) for output in prose.outputs for length in lengths(output)}


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.name[:2])
def test_what_is_read_aloud_stands_above(path: Path):
    missing = []
    for prose in read_aloud(path):
        for sentence in sentences(prose):
            missing += [
                (prose.cell, n, sentence) for n in numbers(sentence) if not stands(n, prose)
            ]
            missing += [(prose.cell, q, sentence) for q in quotes(sentence) if q not in prose.above]
    assert missing == []


@cache
def answers() -> str:
    """Return all that the models of the recordings have said."""
    return "\n".join(str(one.response) for one in recording.load(RECORDINGS).values())


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.name[:2])
def test_what_a_model_said_is_said_to_be_of_the_recorded_run(path: Path):
    unsaid = []
    for prose in read_aloud(path):
        for paragraph in re.split(r"\n\n", prose.text):
            of_a_model = [
                quote
                for sentence in sentences(replace(prose, text=paragraph))
                for quote in quotes(sentence)
                if quote in answers() and quote not in prose.code
            ]
            if of_a_model and not RECORDED.search(paragraph):
                unsaid.append((prose.cell, of_a_model, paragraph))
    assert unsaid == []


def test_every_exception_is_needed():
    everything = {path.name[:2]: "\n".join(p.text for p in read_aloud(path)) for path in LESSONS}
    left = [
        (n, part) for each in EXCEPTIONS.values() for n, part in each if part not in everything[n]
    ]
    assert left == []


def prose(text: str, *outputs: str, code: str = "") -> Prose:
    return Prose("00", 1, text, outputs, code)


@pytest.mark.parametrize(
    ("number", "there"),
    [("63", True), ("64", False), ("6", False), ("0.00002", True), ("2", True), ("3", False)],
)
def test_a_number_is_in_the_output_or_counts_it(number: str, there: bool):
    shown = "define  llm  ok  63 tokens  $0.00002\n   in   term"
    assert stands(number, prose("", shown)) is there


@pytest.mark.parametrize(
    ("number", "output"), [("3", "[1, 5, 8]"), ("11", "{'a': 2, 'b': 9}"), ("1000", "1,000 runs")]
)
def test_what_is_listed_or_summed_up_is_counted(number: str, output: str):
    assert stands(number, prose("", output))


def test_numbers_are_found_in_digits_and_in_words():
    assert list(numbers("Seven of 1,200 runs took `3 s`.")) == ["1200", "7"]


def test_names_are_no_numbers():
    text = "Not 3: see lesson 05, lessons 05 and 12, LiteLLM 1.106.2, issue 18385.\n- (a) 4 runs."
    assert [n for each in sentences(prose(text)) for n in numbers(each)] == []


def test_phrases_are_found_in_quotes_and_as_code():
    said = 'It says “no card” and "too late", and `two words`, and `a_name`.'
    assert list(quotes(said)) == ["no card", "too late", "two words"]


def test_what_a_question_offers_and_what_is_documented_is_left_out():
    text = "1. Five runs.\nLangSmith keeps 25 (*documented*: there). Set it to 10."
    assert [n for each in sentences(prose(text)) for n in numbers(each)] == []
