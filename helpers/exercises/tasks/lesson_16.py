"""Lesson 16: eight promises of a service, each to be kept by mending it.

One file, as for each lesson: most of it is code of learners.
"""

from __future__ import annotations

from helpers.exercises.declaration import Exercise, Wrong
from helpers.exercises.evidence import Evidence, Lacking
from helpers.view import Run

__all__ = ["EXERCISES"]

PROJECT = "glossary-service"  # as helpers.lessons.glossary has it
STARTER = """\
from helpers.lessons import glossary

prompts, asking, through = glossary.undo()
"""


def models(run: Run) -> list[Run]:
    """Return the runs of model calls beneath ``run``, at all levels."""
    return [each for each in run.walk() if each.run_type == "llm"]


def called(runs: list[Run]) -> str:
    """Return how runs are called and how they ended, in words."""
    return ", ".join(f"{run.name}: {run.status}" for run in runs) or "no run of a model call"


def question(run: Run) -> str:
    """Return what a model call asked."""
    messages = run.inputs.get("messages") or [{}]
    return str(messages[-1].get("content"))


def chatted(seen: Evidence) -> None:
    """Two model calls beneath ``chat``, with its thread."""
    root = seen.trace("chat")
    seen.success(root)
    calls = models(root)
    seen.holds(len(calls) == 2, "two model calls beneath chat", called(calls))
    every = [root] if root.metadata.get("thread_id") else calls
    for run in every:
        stored = run.metadata | (run.metadata.get("requester_metadata") or {})
        there = stored.get("thread_id")
        seen.holds(there == "chat-42", f"the thread_id chat-42 on {run.name}", f"{there}")


CHAT = Exercise(
    lesson="16",
    number=1,
    title="Keep every call",
    task="""\
Promise: *each question of a chat is a model call beneath `chat`, and the chat's `thread_id` is on
the calls or on the root.* Mend what breaks it, and end with `await glossary.serve("chat")`.
""",
    starter=STARTER,
    judge=chatted,
    projects=(PROJECT,),
    right=(
        """\
def about(chat_id):
    return {"metadata": {"thread_id": chat_id}}

asking.about = about
await glossary.serve("chat")
""",
        """\
from langsmith import get_current_run_tree

def about(chat_id):
    get_current_run_tree().add_metadata({"thread_id": chat_id})

asking.about = about
await glossary.serve("chat")
""",
    ),
    wrong=(
        Wrong(
            """\
import litellm

def setup():
    litellm.langsmith_batch_size = 1
    litellm.callbacks = ["langsmith"]

asking.setup = setup
await glossary.serve("chat")
""",
            "Found: no run of a model call",
        ),
        Wrong(
            """\
def about(chat_id):
    return {"thread_id": chat_id}

asking.about = about
await glossary.serve("chat")
""",
            "Expected: the thread_id chat-42 on LLMRun",
        ),
    ),
    hints=(
        "`served.log` of the morning has a line about it, and `doctor.ask(metadata=…)` judges what "
        "a call sends along. What does LiteLLM take `session_id` for? Lessons 05 and 13 say it.",
        "A project. A conversation goes one level deeper, under a second `metadata`: let "
        "`asking.about` return that.",
    ),
    section="Hear of every call",
    also="the `thread_id` on the root, by `get_current_run_tree().add_metadata(…)`.",
    minutes=5,
)


def attempted(seen: Evidence) -> None:
    """Beneath ``define`` the attempt that failed, and the one that was answered."""
    root = seen.trace("define")
    seen.holds(not root.error, "define to have its answer", str(root.error))
    beneath = list(root.walk())[1:]
    failed = [run for run in beneath if run.error]
    seen.holds(bool(failed), "the failed attempt beneath define, with its error", called(beneath))
    answered = [run for run in models(root) if not run.error and run.total_tokens]
    seen.holds(bool(answered), "the answered attempt beneath define, with tokens", called(beneath))


DEFINE = Exercise(
    lesson="16",
    number=2,
    title="Account for the time",
    task="""\
Promise: *each attempt at an address is a run beneath `define`, also the one that fails.* Both
addresses stay until Friday. Mend what breaks the promise, and end with
`await glossary.serve("define")`.
""",
    starter=STARTER,
    judge=attempted,
    projects=(PROJECT,),
    right=(
        """\
import litellm

def setup():
    litellm.callbacks = ["langsmith"]

asking.setup = setup
await glossary.serve("define")
""",
        """\
from langsmith import traceable

asking.ask = traceable(asking.ask, name="attempt")
await glossary.serve("define")
""",
    ),
    wrong=(
        Wrong(
            """\
asking.ADDRESSES = (None,)
await glossary.serve("define")
""",
            "Expected: the failed attempt beneath define, with its error",
        ),
        Wrong(
            """\
import litellm

def setup():
    litellm.failure_callback = ["langsmith"]

asking.setup = setup
await glossary.serve("define")
""",
            "Expected: the answered attempt beneath define, with tokens",
        ),
    ),
    hints=(
        "`define` takes half a second more than the call beneath it. What does it do in that time, "
        "and who was told? Lesson 02 logs failures too.",
        "The first address fails, and LiteLLM's callback is in the list of successes alone. Let "
        "`asking.setup` put it where both are heard.",
    ),
    section="Hear of every call",
    also="`failure_callback` beside `success_callback`, or a traced function for one attempt.",
    minutes=5,
)


def counted_once(seen: Evidence) -> None:
    """One model call for the question of ``explain``, beneath it."""
    root = seen.trace("explain")
    seen.success(root)
    asked = {question(run) for run in models(root)}
    calls = [run for run in seen.since(root).runs if run.run_type == "llm"]
    calls = [run for run in calls if question(run) in asked]
    seen.holds(len(calls) == 1, "one model call for the question of explain", called(calls))
    seen.tokens(root)


EXPLAIN = Exercise(
    lesson="16",
    number=3,
    title="Count it once",
    task="""\
Promise: *an answer's tokens are counted once: `explain` has one model call, with tokens, beneath
it.* Mend what breaks it, and end with `await glossary.serve("explain")`.
""",
    starter=STARTER,
    judge=counted_once,
    projects=(PROJECT,),
    right=(
        """\
from openai import OpenAI

def connect(url, key):
    through.client = OpenAI(base_url=url, api_key=key, max_retries=0)

through.connect = connect
await glossary.serve("explain")
""",
        """\
def ask(prompt, model="gpt-4o-mini", **options):
    messages = [{"role": "user", "content": prompt}]
    quiet = {"langsmith_sampling_rate": 0}
    return through.client.chat.completions.create(
        model=model, messages=messages, temperature=0, extra_body=quiet, **options
    )

through.ask = ask
await glossary.serve("explain")
""",
    ),
    wrong=(
        Wrong(
            """\
asking.setup = lambda: None
await glossary.serve("explain")
""",
            "Found: ChatOpenAI: success, LLMRun: success",
        ),
        Wrong(
            """\
through.child_of = lambda run: {}
await glossary.serve("explain")
""",
            "Expected: one model call for the question of explain",
        ),
    ),
    hints=(
        "Two runs beneath `explain` tell of one call. Who sent which? Lesson 04 has such a call.",
        "The wrapper around OpenAI's client sent `ChatOpenAI`, the proxy `LLMRun`. Leave one of "
        "them out: `through.connect` makes the client.",
    ),
    section="Count once, and all of it",
    also="`langsmith_sampling_rate` of 0 in the body, which silences the proxy instead.",
    minutes=5,
)


def asking(seen: Evidence, name: str) -> tuple[Run, list[Run]]:
    """Return the root called ``name``, which went well, and the model calls beneath it."""
    root = seen.trace(name)
    seen.success(root)
    calls = models(root)
    seen.holds(bool(calls), f"a model call beneath {name}", called(calls))
    return root, calls


def priced(seen: Evidence) -> None:
    """A model call with tokens and a cost beneath ``stream``."""
    _, calls = asking(seen, "stream")
    for run in calls:
        seen.tokens(run)
        seen.holds(bool(run.total_cost), f"a cost on {run.name}", f"{run.total_cost or 0} dollars")


STREAM = Exercise(
    lesson="16",
    number=4,
    title="Count all of it",
    task="""\
Promise: *each answer has its tokens and its cost, also one that `stream` gives in pieces.* Mend
what breaks it, and end with `await glossary.serve("stream")`.
""",
    starter=STARTER,
    judge=priced,
    projects=(PROJECT,),
    right=(
        """\
ask = asking.ask

async def counted(prompt, **options):
    if options.get("stream"):
        options["stream_options"] = {"include_usage": True}
    return await ask(prompt, **options)

asking.ask = counted
await glossary.serve("stream")
""",
        """\
from langsmith import traceable

@traceable
async def stream(term):
    prompt = prompts.definition(term, prompts.CURRENT)
    usage = {"include_usage": True}
    chunks = await asking.ask(prompt, stream=True, stream_options=usage)
    choices = [chunk.choices[0] async for chunk in chunks if chunk.choices]
    return "".join(choice.delta.content or "" for choice in choices)

asking.stream = stream
await glossary.serve("stream")
""",
    ),
    wrong=(
        Wrong(
            """\
ask = asking.ask

async def counted(prompt, **options):
    usage = {"stream_options": {"include_usage": True}}
    return await ask(prompt, metadata=usage, **options)

asking.ask = counted
await glossary.serve("stream")
""",
            "Expected: a count of tokens on LLMRun",
        ),
        Wrong(
            """\
from langsmith import get_current_run_tree

ask = asking.ask

async def counted(prompt, **options):
    get_current_run_tree().add_metadata({"total_tokens": len(prompt.split())})
    return await ask(prompt, **options)

asking.ask = counted
await glossary.serve("stream")
""",
            "Expected: a count of tokens on LLMRun",
        ),
    ),
    hints=(
        "Who counts the tokens of an answer, and when does a stream carry the count? Lessons 07 "
        "and 10 have streams.",
        "The provider, in a last chunk, if the request asks for it: `stream_options` with "
        "`include_usage`, as an option of `asking.ask` where `stream` calls it.",
    ),
    section="Count once, and all of it",
    also="the option in `asking.stream`, or in `asking.ask` for all streams.",
    minutes=5,
)


def kept_secret(seen: Evidence) -> None:
    """``look_up`` answered, and the reader's token nowhere."""
    root = seen.trace("look_up")
    seen.success(root)
    seen.holds(bool(root.outputs), "the answer as the output of look_up", root.outputs)
    seen.since(root).nowhere("marigold-4821")


LOOK_UP = Exercise(
    lesson="16",
    number=5,
    title="Keep the token",
    task="""\
Promise: *a reader's token is in no trace.* A name is enough for the proxy. Mend what breaks the
promise, and end with `await glossary.serve("look_up")`.
""",
    starter=STARTER,
    judge=kept_secret,
    projects=(PROJECT,),
    right=(
        """\
from langsmith import traceable

@traceable(process_inputs=lambda inputs: {"term": inputs["term"]})
def look_up(term, reader):
    prompt = prompts.definition(term, prompts.CURRENT)
    answer = through.ask(prompt, extra_headers={"x-reader": reader["name"]})
    return answer.choices[0].message.content

through.look_up = look_up
await glossary.serve("look_up")
""",
        """\
from langsmith import traceable

@traceable(name="look_up")
def of_reader(term, name):
    prompt = prompts.definition(term, prompts.CURRENT)
    answer = through.ask(prompt, extra_headers={"x-reader": name})
    return answer.choices[0].message.content

through.look_up = lambda term, reader: of_reader(term, reader["name"])
await glossary.serve("look_up")
""",
    ),
    wrong=(
        Wrong(
            """\
from langsmith import traceable

@traceable(process_inputs=lambda inputs: {"term": inputs["term"]})
def look_up(term, reader):
    prompt = prompts.definition(term, prompts.CURRENT)
    answer = through.ask(prompt, extra_headers={"x-reader": reader["token"]})
    return answer.choices[0].message.content

through.look_up = look_up
await glossary.serve("look_up")
""",
            "in ChatOpenAI, in its inputs",
        ),
        Wrong(
            """\
from langsmith import traceable

@traceable
def look_up(term, reader):
    answer = through.ask(prompts.definition(term, prompts.CURRENT))
    return answer.choices[0].message.content

through.look_up = look_up
await glossary.serve("look_up")
""",
            "in look_up, in its inputs",
        ),
    ),
    hints=(
        "`hunt.search` names each place. There are two ways out of `look_up`: what it was given, "
        "and what it sends. Lesson 09 has both.",
        "`process_inputs` decides what the run of `look_up` gets of its arguments, and the proxy "
        'writes its clients\' headers down: send `reader["name"]` there.',
    ),
    section="Keep secrets",
    also="an untraced function that takes the reader, and calls a traced one with the name.",
    minutes=6,
)


def renewed(seen: Evidence) -> None:
    """``renew`` asks with the second version of the prompt, and says so."""
    root, calls = asking(seen, "renew")
    for run in calls:
        wanted = "What is XML? Answer in one sentence."
        seen.holds(question(run) == wanted, f"the question “{wanted}”", f"“{question(run)}”")
    seen.metadata(root, "prompt_version", "2")


RENEW = Exercise(
    lesson="16",
    number=6,
    title="Ask the current question",
    task="""\
Promise: *`renew` asks with the prompt of version 2, which is the current one, and its
`prompt_version` says so.* Mend what breaks it, and end with `await glossary.serve("renew")`.
""",
    starter=STARTER,
    judge=renewed,
    projects=(PROJECT,),
    right=(
        """\
def definition(term, version=prompts.CURRENT):
    return prompts.DEFINITIONS[version].format(term=term)

prompts.definition = definition
await glossary.serve("renew")
""",
        """\
from langsmith import traceable

@traceable(metadata={"prompt_version": prompts.CURRENT})
async def renew(terms):
    asked = [prompts.definition(term, prompts.CURRENT) for term in terms]
    answers = [await asking.ask(prompt) for prompt in asked]
    return [answer.choices[0].message.content for answer in answers]

asking.renew = renew
await glossary.serve("renew")
""",
    ),
    wrong=(
        Wrong(
            """\
from langsmith import traceable

@traceable(metadata={"prompt_version": "1"})
async def renew(terms):
    answers = [await asking.ask(prompts.definition(term)) for term in terms]
    return [answer.choices[0].message.content for answer in answers]

asking.renew = renew
await glossary.serve("renew")
""",
            "Found: “In computing, what is XML? Answer in one sentence.”",
        ),
        Wrong(
            """\
del prompts.DEFINITIONS["1"]
await glossary.serve("renew")
""",
            "Expected: renew without an error",
        ),
    ),
    hints=(
        "Compare what `renew` asked with what `define` asked, and with what its label says.",
        "`renew` leaves the version to `prompts.definition`. Which one does that take when nobody "
        "says? Lesson 05 has labels that a decorator writes.",
    ),
    section="Say what was asked, and who answered",
    also="the version in the call within `asking.renew`.",
    minutes=5,
)


def named(seen: Evidence) -> None:
    """``example`` answered, and its label names the model of the call that was answered."""
    root = seen.trace("example")
    seen.holds(not root.error and bool(root.outputs), "an answer of example", str(root.error))
    said = str(seen.metadata(root, "answered_by")).rpartition("/")[2]
    calls = [run for run in models(root) if run.total_tokens and run.outputs]
    # The proxy's own run knows; a wrapper's knows what was asked for.
    told = [run for run in calls if run.name != "ChatOpenAI"] or calls
    if not told:
        raise Lacking("a model call beneath example", called(calls))
    spoke = str(told[-1].inputs.get("model")).rpartition("/")[2]
    # A provider may date the name in its answer, as OpenAI does: gpt-4o-mini-2024-07-18.
    names = {spoke, str((told[-1].outputs or {}).get("model")).rpartition("/")[2]}
    seen.holds(said in names, f"answered_by to be {spoke}, which gave the answer", said)


EXAMPLE = Exercise(
    lesson="16",
    number=7,
    title="Name who answered",
    task="""\
Promise: *`answered_by` of `example` is the model that gave the answer.* Mend what breaks it, and
end with `await glossary.serve("example")`.
""",
    starter=STARTER,
    judge=named,
    projects=(PROJECT,),
    right=(
        """\
from langsmith import get_current_run_tree, traceable

@traceable
def example(term):
    answer = through.ask(prompts.example(term), model="gpt-4o")
    get_current_run_tree().add_metadata({"answered_by": answer.model})
    return answer.choices[0].message.content

through.example = example
await glossary.serve("example")
""",
        """\
from langsmith import traceable

@traceable(metadata={"answered_by": "gpt-4o-mini"})
def example(term):
    answer = through.ask(prompts.example(term), model="gpt-4o-mini")
    return answer.choices[0].message.content

through.example = example
await glossary.serve("example")
""",
    ),
    wrong=(
        Wrong(
            """\
from langsmith import traceable

@traceable
def example(term):
    answer = through.ask(prompts.example(term), model="gpt-4o")
    return answer.choices[0].message.content

through.example = example
await glossary.serve("example")
""",
            "Expected: answered_by in the metadata of example",
        ),
        Wrong(
            """\
from langsmith import traceable

@traceable
def example(term, model="gpt-4o"):
    answer = through.ask(prompts.example(term), model=model)
    return answer.choices[0].message.content

labels = {"metadata": {"answered_by": "gpt-4o"}}
through.example = lambda term: example(term, langsmith_extra=labels)
await glossary.serve("example")
""",
            "Expected: answered_by to be gpt-4o-mini",
        ),
    ),
    hints=(
        "Look at the input `model` of the run that the proxy sent, and at its error. Then read "
        "what `service/config.yaml` does about a model that is off. Lesson 12 has fallbacks.",
        "The answer says who gave it: put `answer.model` into the metadata of the current run, "
        "in the place of the fixed label.",
    ),
    section="Say what was asked, and who answered",
    also="the proxy's header `x-litellm-model-group`, or to ask for `gpt-4o-mini` and say so.",
    minutes=6,
)


def whole(seen: Evidence) -> None:
    """One tree: ``explain`` and ``example`` right beneath ``entry``."""
    root = seen.trace("entry")
    seen.holds(not root.error, "entry to have its answers", str(root.error))
    for name in ("explain", "example"):
        seen.beneath(root, name=name, deep=False)


ENTRY = Exercise(
    lesson="16",
    number=8,
    title="Keep the tree whole",
    task="""\
Promise: *a request is one trace: `explain` and `example` stand beneath the `entry` that they are
for.* They go on being asked at the same time. Mend what breaks the promise, and end with
`await glossary.serve("entry")`.
""",
    starter=STARTER,
    judge=whole,
    projects=(PROJECT,),
    right=(
        """\
from langsmith.utils import ContextThreadPoolExecutor

through.ThreadPoolExecutor = ContextThreadPoolExecutor
await glossary.serve("entry")
""",
        """\
from langsmith import get_current_run_tree, traceable

@traceable
def entry(term):
    above = {"parent": get_current_run_tree()}
    both = through.explain, through.example
    with through.ThreadPoolExecutor() as pool:
        parts = [pool.submit(part, term, langsmith_extra=above) for part in both]
    return [part.result() for part in parts]

through.entry = entry
await glossary.serve("entry")
""",
    ),
    wrong=(
        Wrong(
            """\
from functools import partial

through.ThreadPoolExecutor = partial(through.ThreadPoolExecutor, max_workers=1)
await glossary.serve("entry")
""",
            "Expected: a run called explain right beneath entry",
        ),
        Wrong(
            """\
from langsmith import get_current_run_tree, traceable, tracing_context

submit = through.entry.__wrapped__

@traceable
def entry(term):
    with tracing_context(parent=get_current_run_tree()):
        return submit(term)

through.entry = entry
await glossary.serve("entry")
""",
            "Expected: a run called explain right beneath entry",
        ),
    ),
    hints=(
        "Three roots for one request. How does a run know what is above it, and what does a new "
        "thread know of that? In lesson 15 a parent is handed over where no context reaches.",
        "It stands in a context, and a thread of a pool begins with an empty one. "
        "`langsmith.utils` has a `ContextThreadPoolExecutor`.",
    ),
    section="Keep a request together",
    also='`langsmith_extra={"parent": …}` for each part, or `asyncio.to_thread`.',
    minutes=5,
)

EXERCISES = (CHAT, DEFINE, EXPLAIN, STREAM, LOOK_UP, RENEW, EXAMPLE, ENTRY)
