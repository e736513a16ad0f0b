"""What is told of an attempt, as text and as HTML."""

from helpers.exercises.verdict import Note, Verdict


def test_it_is_true_when_the_attempt_was_right():
    assert Verdict("q1", "right")
    assert not Verdict("q1", "wrong") and not Verdict("q1", "untried")


def test_text_and_html_have_the_same_lines():
    shown = Verdict("q1", "wrong", ("Expected: one trace.", "Found: none."))._repr_mimebundle_()
    assert shown["text/plain"] == "q1: not yet\nExpected: one trace.\nFound: none."
    for line in shown["text/plain"].splitlines():
        assert line in shown["text/html"]


def test_what_a_trace_holds_is_no_markup():
    for each in (Verdict("q1", "wrong", ("<b>",)), Note("<script>\n<i>")):
        drawn = each._repr_mimebundle_()["text/html"]
        assert "<script>" not in drawn and "<b>&lt;b" not in drawn and "<i>" not in drawn


def test_code_within_a_line_looks_like_code():
    drawn = Verdict("q1", "wrong", ("Read: “Wrap in `@traceable`”.",))._repr_mimebundle_()
    assert "<code>@traceable</code>" in drawn["text/html"]
    assert "`@traceable`" in drawn["text/plain"]


def test_code_keeps_its_indentation():
    drawn = Note("One solution\ndef f():\n    pass")._repr_mimebundle_()["text/html"]
    assert "white-space:pre-wrap" in drawn and "    pass" in drawn
