"""Where each mode leads, with and without keys."""

import pytest

from helpers.session import ModeError, choose

KEYS = {"OPENAI_API_KEY": "real-model-key", "LANGSMITH_API_KEY": "real-trace-key"}
NONE: dict[str, str] = {}


@pytest.mark.parametrize(
    ("mode", "environ", "model", "traces"),
    [
        ("auto", NONE, "recordings", "local"),
        ("auto", KEYS, "provider", "langsmith"),
        ("auto", {"OPENAI_API_KEY": "k"}, "provider", "local"),
        ("auto", {"LANGSMITH_API_KEY": "k"}, "recordings", "langsmith"),
        ("auto", {"LANGCHAIN_API_KEY": "k"}, "recordings", "langsmith"),
        ("replay", KEYS, "recordings", "local"),
        ("live", KEYS, "provider", "langsmith"),
        ("local", NONE, "smollm2", "local"),
        ("local", KEYS, "smollm2", "langsmith"),
        ("record", KEYS, "recorder", "local"),
        ("auto", {"TUTORIAL_MODEL": "ollama/x"}, "translated", "local"),
        (
            "live",
            {"TUTORIAL_MODEL": "ollama/x", "LANGSMITH_API_KEY": "k"},
            "translated",
            "langsmith",
        ),
        ("replay", {"TUTORIAL_MODEL": "ollama/x"}, "recordings", "local"),
    ],
)
def test_each_mode_goes_where_the_readme_says(mode, environ, model, traces):
    choice = choose(mode, environ=environ)
    assert (choice.model, choice.traces) == (model, traces)


@pytest.mark.parametrize(
    ("speakers", "words"),
    [
        ((), "recorded."),
        (("A",), "recorded from A."),
        (("A", "B", "C"), "recorded from A, B and C."),
        (("A", "B", "C", "D"), "recorded from A, B and 2 others."),
    ],
)
def test_the_line_names_who_spoke_in_the_recordings(speakers, words):
    line = choose("replay", environ=NONE).line(speakers)
    assert line == f"Model answers: {words} Traces: a LangSmith on this machine."


def test_who_spoke_in_recordings_is_not_said_where_nobody_listens_to_them():
    assert "A" not in choose("live", environ=KEYS).line(("A",))


def test_a_wrong_mode_lists_the_right_ones():
    with pytest.raises(ModeError, match="'lvie' is not a mode.*auto, replay, live, local, record"):
        choose(environ={"TUTORIAL_MODE": "lvie"})


@pytest.mark.parametrize("missing", list(KEYS))
def test_live_names_the_key_that_is_missing(missing):
    environ = {name: key for name, key in KEYS.items() if name != missing}
    with pytest.raises(ModeError, match=f"{missing} is not set"):
        choose("live", environ=environ)


def test_the_line_names_the_model_of_a_learners_own_provider():
    line = choose("auto", environ={"TUTORIAL_MODEL": "ollama/llama3.2"}).line()
    assert line.startswith("Model answers: live from ollama/llama3.2, asked for under the names")


def test_the_line_names_a_key_that_is_not_used():
    line = choose("auto", environ={"ANTHROPIC_API_KEY": "k"}).line()
    assert "Set and not used: ANTHROPIC_API_KEY. TUTORIAL_MODEL=anthropic/… asks" in line
    line = choose("replay", environ=KEYS).line()
    assert line.endswith("Set and not used: OPENAI_API_KEY, LANGSMITH_API_KEY.")
    assert "not used" not in choose("live", environ=KEYS).line()


def test_a_key_that_is_not_used_makes_it_no_other_choice():
    assert choose("replay", environ=KEYS) == choose("replay", environ=NONE)


def test_the_line_says_of_a_key_in_use_that_it_cannot_be_right():
    swapped = {"OPENAI_API_KEY": "lsv2_x", "LANGSMITH_API_KEY": "'y'"}
    line = str(choose("live", environ=swapped))
    assert "OPENAI_API_KEY holds a key of LangSmith's: the two keys are swapped." in line
    assert "LANGSMITH_API_KEY has quotes in it" in line
    assert "quotes" not in str(choose("replay", environ=swapped))
    assert choose("live", environ=KEYS) == choose("live", environ=swapped)
