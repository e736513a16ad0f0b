"""What the glossary asks by LiteLLM in its own process; the callback reports each call."""

import asyncio

import litellm
from langsmith import get_current_run_tree, traceable
from litellm.integrations.langsmith import LangsmithLogger
from litellm.litellm_core_utils.logging_worker import GLOBAL_LOGGING_WORKER
from service import prompts
from service.addresses import ADDRESSES

from helpers.nesting import child_of


def setup():
    litellm.success_callback = ["langsmith"]


async def finish():
    """Return when the callback has sent what it knows of the calls so far."""
    await asyncio.sleep(0)
    await GLOBAL_LOGGING_WORKER.flush()
    for each in set(litellm.logging_callback_manager.get_all_callbacks()):
        if isinstance(each, LangsmithLogger):
            await each.flush_queue()


async def ask(prompt, metadata=None, **options):
    """Ask the model; LiteLLM's run goes beneath the run that we are in."""
    metadata = {**child_of(get_current_run_tree()), **(metadata or {})}
    messages = [{"role": "user", "content": prompt}]
    return await litellm.acompletion(
        "gpt-4o-mini", messages, temperature=0, metadata=metadata, **options
    )


def about(chat_id):
    return {"session_id": chat_id}


@traceable
async def chat(chat_id, terms):
    answers = []
    for term in terms:
        prompt = prompts.definition(term, prompts.CURRENT)
        answers.append(await ask(prompt, metadata=about(chat_id)))
    return [answer.choices[0].message.content for answer in answers]


@traceable
async def define(term):
    prompt = prompts.definition(term, prompts.CURRENT)
    for address in ADDRESSES:
        try:
            answer = await ask(prompt, api_base=address, max_retries=0)
            return answer.choices[0].message.content
        except litellm.InternalServerError:
            await asyncio.sleep(0.5)
    raise LookupError(f"nobody defines {term}")


@traceable
async def stream(term):
    prompt = prompts.definition(term, prompts.CURRENT)
    pieces = []
    async for chunk in await ask(prompt, stream=True):
        if chunk.choices:
            pieces.append(chunk.choices[0].delta.content or "")
    return "".join(pieces)


@traceable(metadata={"prompt_version": prompts.CURRENT})
async def renew(terms):
    answers = [await ask(prompts.definition(term)) for term in terms]
    return [answer.choices[0].message.content for answer in answers]
