"""Plants a word in all that lesson 09 sends, in projects that are yours alone."""

from contextlib import suppress

import litellm
from langsmith import Client, traceable, tracing_context
from openai import BadRequestError, OpenAI

from helpers import session
from helpers.lessons import delivery

SECRET = "marigold-0000"  # noqa: S105 (no real secret)
PRIVATE = f"What is HTTP? My password is {SECRET}."
KINDS = "plain", "hidden", "masked", "callback", "switch", "logger", "open", "sealed"


def named(kind):
    # In a class all learners may share one LangSmith: nobody empties the project of another.
    return session.project(f"lesson-09-{kind}")


def fresh(kind):
    """Return the name of a project of yours that has no runs."""
    forget(kind)
    return named(kind)


def forget(*kinds):
    """Delete projects of yours, found by their whole names: these, or all of the lesson."""
    client = Client()
    for kind in kinds or KINDS:
        if client.has_project(named(kind)):
            client.delete_project(project_name=named(kind))


@traceable
def define(question, fail=False):
    if fail:
        raise ValueError(f"no term in: {question}")
    return f"You asked: {question}"


def plant_runs(client, project):
    """Trace a call that works and one that fails, through this client of the SDK."""
    about = {"project_name": project, "metadata": {"note": SECRET}}
    with tracing_context(enabled=True, client=client, **about):
        define(PRIVATE)
        with suppress(ValueError):
            define(PRIVATE, fail=True)
    client.flush()


async def plant_calls(make, project, **options):
    """Make a call with await, one that fails, one without await, and a stream, for one logger."""
    logger = make(flush_interval=3600, **options)  # so that all go in one batch, at the end
    about = {"run_name": f"ask {SECRET}", "metadata": {"note": SECRET}, "project_name": project}
    question = {"role": "user", "content": PRIVATE}

    def call(reply):
        # With mock_response LiteLLM answers itself, and logs the call like any other.
        given = {"messages": [question], "metadata": dict(about), "mock_response": reply}
        return {"model": "gpt-4o-mini", "extra_headers": {"x-note": SECRET}, **given}

    litellm.suppress_debug_info = True  # no hint about debugging at each failure
    async with delivery.reporting(logger, 4):
        await litellm.acompletion(**call(PRIVATE))
        with suppress(litellm.InternalServerError):
            await litellm.acompletion(**call(Exception(PRIVATE)))
        litellm.completion(**call(PRIVATE))
        for _ in litellm.completion(**call(PRIVATE), stream=True):
            pass


def plant_request(gateway, project):
    """Ask a proxy for a model that there is not."""
    client = OpenAI(base_url=gateway.url, api_key=gateway.key)
    with suppress(BadRequestError):
        client.chat.completions.create(
            model=f"gpt-{SECRET}",
            messages=[{"role": "user", "content": PRIVATE}],
            extra_headers={"x-note": SECRET},
            extra_body={"metadata": {"note": SECRET, "project_name": project}},
        )
