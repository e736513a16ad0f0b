"""What LangSmith would refuse of a call's metadata."""

import pytest
from langsmith import RunTree

from helpers import doctor
from helpers.nesting import child_of

ROOT_ID = "3fa85f64-5717-4562-b3fc-2c963f66afa6"


@pytest.mark.parametrize(
    ("metadata", "says"),
    [
        ({"parent_run_id": ROOT_ID}, "at least two parts"),
        ({"session_id": "chat-7"}, "post.0.session_id"),
        ({"session_id": ROOT_ID}, "id of a project"),
        ({"dotted_order": "today", "run_id": ROOT_ID}, "invalid timestamp"),
    ],
)
def test_metadata_that_langsmith_refuses_is_found_before_the_call(metadata, says):
    (found,) = doctor.ask(metadata=metadata).checks
    assert says in found.detail and ROOT_ID not in found.detail


@pytest.mark.parametrize(
    ("metadata", "mend"),
    [
        ({"session_id": "chat-7"}, '"thread_id"'),
        ({"run_id": "order-7"}, 'metadata={"metadata": {"order": "..."}}, or in tags'),
        ({"parent_run_id": ROOT_ID}, "child_of"),
    ],
)
def test_the_mend_is_that_of_the_field_which_is_refused(metadata, mend):
    (found,) = doctor.ask(metadata=metadata).checks
    assert mend in found.mend


def test_a_trace_id_of_another_tree_is_found():
    place = child_of(RunTree(name="above"))
    (found,) = doctor.ask(metadata=place | {"trace_id": ROOT_ID}).checks
    assert "does not match first part" in found.detail


@pytest.mark.parametrize(
    "metadata",
    [{}, {"run_name": "define"}, {"trace_id": ROOT_ID}, {"metadata": {"session_id": "chat-7"}}],
)
def test_metadata_that_langsmith_takes_is_no_finding(metadata):
    assert doctor.ask(metadata=metadata).checks == ()


def test_ids_that_belong_together_are_no_finding():
    assert doctor.ask(metadata=child_of(RunTree(name="above"))).checks == ()
