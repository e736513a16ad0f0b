"""Which model a learner wants, from two variables."""

from helpers.translator import Wanted, wanted


def test_without_the_variable_nothing_is_wanted():
    assert (
        wanted({"TUTORIAL_MODEL": " ", "TUTORIAL_EMBEDDING_MODEL": "mistral/mistral-embed"}) is None
    )


def test_a_model_and_one_for_vectors_survive_the_way_to_a_process():
    both = {"TUTORIAL_MODEL": "gemini/a", "TUTORIAL_EMBEDDING_MODEL": "gemini/b"}
    asked = wanted(both)
    assert asked == Wanted("gemini/a", "gemini/b")
    assert Wanted.of_json(asked.json) == asked
