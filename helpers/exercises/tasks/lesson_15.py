"""Lesson 15: a call at the gateway and one at a service in the caller's tree, and a public edge.

One file, as for each lesson: most of it is code of learners.
"""

from __future__ import annotations

from helpers.exercises.declaration import Exercise, Wrong
from helpers.exercises.evidence import Evidence

__all__ = ["EXERCISES"]

GATEWAY = """\
import os
from helpers import proxy
from layers import entry

os.environ["LANGSMITH_TRACING"] = "true"
entry.connect(proxy.start())
prompt = "What is JSON? Answer in one sentence."
"""


def carried(seen: Evidence) -> None:
    """One trace of ``entry``, with the gateway's run right beneath it."""
    root = seen.root("entry")
    seen.success(root)
    seen.tokens(seen.beneath(root, kind="llm", deep=False))


CARRY = Exercise(
    lesson="15",
    number=1,
    title="Join a call at the gateway",
    task="""\
Within a run called `entry`, ask the gateway about JSON by `entry.ask_proxy(prompt, …)`, so that the
gateway's run stands right beneath `entry`.
""",
    starter=GATEWAY,
    judge=carried,
    right=(
        """\
from helpers.nesting import child_of
from langsmith import trace
with trace("entry") as run:
    entry.ask_proxy(prompt, extra_body={"metadata": child_of(run)})
""",
        """\
from helpers.nesting import child_of
from langsmith import get_current_run_tree as here, traceable
ask = lambda: entry.ask_proxy(prompt, metadata=child_of(here()))
traceable(ask, name="entry")()
""",
    ),
    wrong=(
        Wrong(
            """\
from langsmith import trace
with trace("entry") as run:
    entry.ask_proxy(prompt, extra_headers=run.to_headers())
""",
            "Found: 2 traces",
        ),
        Wrong(
            """\
from helpers.nesting import child_of
from langsmith import get_current_run_tree, trace
place = {"metadata": child_of(get_current_run_tree())}
with trace("entry") as run:
    entry.ask_proxy(prompt, extra_body=place)
""",
            "Found: 2 traces",
        ),
    ),
    hints=(
        "The gateway takes no notice of headers. What does it read, and where has the current run "
        "to be asked for?",
        'The place is made within `with trace("entry") as run:`, and goes to the body\'s '
        "`metadata`.",
    ),
    section="Carry the tree through the proxy",
    also="the client's own argument `metadata=`.",
    minutes=2,
)

NEIGHBOUR = """\
import os
import httpx
from helpers import session
from helpers.lessons import neighbour

os.environ["LANGSMITH_TRACING"] = "true"
service = neighbour.start({"LANGSMITH_PROJECT": session.project("letters")})
url = f"{service.url}/letters/SSH"
"""


def received(seen: Evidence) -> None:
    """One trace of ``page`` with the service's run beneath it, and none of the service's own."""
    root = seen.root("page")
    seen.success(root)
    spelled = seen.beneath(root, name="spell")
    seen.holds(spelled.inputs.get("term") == "SSH", "the letters of SSH", spelled.inputs)


RECEIVE = Exercise(
    lesson="15",
    number=2,
    title="Take a service into your trace",
    task="""\
Within a run called `page`, ask the service at `url`, so that its run `spell` stands beneath `page`,
in your project. The service has to know you, too: its key is in `service.headers`.
""",
    starter=NEIGHBOUR,
    judge=received,
    right=(
        """\
from langsmith import trace
with trace("page") as run:
    httpx.get(url, headers={**service.headers, **run.to_headers()})
""",
        """\
from langsmith import get_current_run_tree, traceable
@traceable
def page():
    place = get_current_run_tree().to_headers()
    return httpx.get(url, headers=service.headers | place).json()
page()
""",
    ),
    wrong=(
        Wrong(
            """\
from langsmith import trace
with trace("page") as run:
    httpx.get(url, headers=service.headers)
""",
            "Expected: a run called spell beneath page",
        ),
        Wrong(
            """\
from langsmith import trace
with trace("page") as run:
    httpx.get(url, headers=run.to_headers())
""",
            "Expected: a run called spell beneath page",
        ),
    ),
    hints=(
        "The service reads two headers of LangSmith's, and asks for its key in a third. Who makes "
        "which?",
        "`run.to_headers()` and `service.headers`, joined, within the run.",
    ),
    section="Receive a tree in a service",
    also="`get_current_run_tree().to_headers()` in a function with `@traceable`.",
    minutes=3,
)

EDGE = """\
import os
from service_b.app import app
from service_b.stranger import Stranger

os.environ["LANGSMITH_TRACING"] = "true"
stranger = Stranger()


async def edge(scope, receive, send):
    await app(scope, receive, send)
"""


def stripped(seen: Evidence) -> None:
    """One run of the service, in its own project and without a parent."""
    expected = "a run spell in your project, where the service is set to send"
    seen.holds(bool(seen.runs), expected, "none: the stranger chose another")
    root = seen.root("spell")
    seen.holds(root.parent_id is None, "a run that begins a trace", "a parent of the stranger's")


STRIP = Exercise(
    lesson="15",
    number=3,
    title="Strip at the edge",
    task="""\
`await stranger.knock(edge)` asks the service as a stranger would, here in this process, and its run
goes where he says. `edge` hands each request on to the service as it is: `scope["headers"]` is a
list of pairs of bytes, the names in small letters. Write `edge` anew, so that it drops what he may
not choose, and let him knock. The run should begin a trace in your project.
""",
    starter=EDGE,
    judge=stripped,
    right=(
        """\
THEIRS = (b"langsmith-trace", b"baggage")
async def edge(scope, receive, send):
    kept = [each for each in scope["headers"] if each[0] not in THEIRS]
    await app({**scope, "headers": kept}, receive, send)
await stranger.knock(edge)
""",
        """\
from starlette.applications import Starlette
await stranger.knock(Starlette(routes=app.routes))
""",
    ),
    wrong=(
        Wrong(
            """\
await stranger.knock(edge)
""",
            "Found: none: the stranger chose another",
        ),
        Wrong(
            """\
async def edge(scope, receive, send):
    kept = [each for each in scope["headers"] if each[0] != b"baggage"]
    await app({**scope, "headers": kept}, receive, send)
await stranger.knock(edge)
""",
            "Found: a parent of the stranger's",
        ),
    ),
    hints=(
        "Which two headers does LangSmith's middleware read?",
        '`await app({**scope, "headers": kept}, receive, send)`, where `kept` has all pairs but '
        'those with the name `b"langsmith-trace"` or `b"baggage"`.',
    ),
    section="Receive a tree in a service",
    also="the same routes without `TracingMiddleware`, if nobody else calls the service.",
    minutes=3,
)

EXERCISES = (CARRY, RECEIVE, STRIP)
