"""What users report as hard where LiteLLM and LangSmith meet, and the cell that shows each of it.

The numbers are those of the list that the course was planned by. A cell that goes away, or that is
no longer run, fails here.
"""

from functools import cache

import nbformat
import pytest

from helpers.testing.notebooks import ROOT

# Number, what users report, lesson, and a piece of the cell's source.
STRUGGLES = [
    (1, "a sync call logs nothing with the default batch", "02", 'run_script("ask_sync.py"'),
    (2, "a short async script ends before its log is sent", "02", "script-default"),
    (3, "the sync path sends its whole queue again", "02", "len(logger.log_queue)"),
    (4, "failures are missing", "02", '"run_name": "misspelt, sync"'),
    (5, "logged calls have no tokens and no cost", "02", 'run.outputs["usage_metadata"]'),
    (6, "traced functions have no tokens and no cost", "01", '@traceable(run_type="llm"'),
    (7, "token counts get lost between two vocabularies", "05", 'usage_metadata={"prompt_tokens"'),
    (8, "parent_run_id alone is refused", "04", '{"parent_run_id": root.id}'),
    (9, "one bad run drops the whole batch", "04", "an innocent run"),
    (10, "the documented metadata contradicts itself", "04", 'sample["dotted_order"]'),
    (11, "the proxy ignores langsmith-trace", "03", '"langsmith-trace" in headers'),
    (12, "session_id means a project", "05", '"session_id": chat}'),
    (13, "the SDK caches its environment", "01", 'os.environ["LANGSMITH_TRACING"] = "false"'),
    (14, "traces go to the wrong region", "02", 'get_credentials_from_env()["LANGSMITH_BASE_URL"]'),
    (15, "redaction leaks", "07", "LangsmithLogger(turn_off_message_logging=True)"),
    (16, "a project and a rate for each team", "07", "team = OpenAI(base_url=gateway.url"),
    (17, "a streamed answer becomes a list of chunks", "08", "reduce_fn=whole"),
    (18, "tool calls do not render", "08", 'while message["tool_calls"]'),
    (19, "a process is frozen before it has flushed", "09", "answer_and_stop.py"),
    (20, "payloads are too large", "04", "wire.size(run)"),
]


@cache
def cells_that_run(number: str) -> list[str]:
    (path,) = (ROOT / "notebooks").glob(f"{number}_*.ipynb")
    cells = nbformat.read(path, as_version=4).cells
    run = [cell for cell in cells if cell.cell_type == "code" and cell.execution_count]
    return [cell.source for cell in run if "nbval-skip" not in cell.metadata.get("tags", [])]


@pytest.mark.parametrize(
    ("number", "struggle", "lesson", "piece"), STRUGGLES, ids=[row[1] for row in STRUGGLES]
)
def test_a_cell_meets_the_struggle(number, struggle, lesson, piece):
    assert any(piece in source for source in cells_that_run(lesson))


def test_none_of_the_twenty_is_left_out():
    assert [row[0] for row in STRUGGLES] == list(range(1, 21))
