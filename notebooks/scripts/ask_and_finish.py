"""Define a computing term, let LiteLLM log the call, and end when nothing is pending.

python ask_and_finish.py HTTP asks for HTTP.
"""

import asyncio
import sys

import litellm
from litellm.integrations.langsmith import LangsmithLogger
from litellm.litellm_core_utils.logging_worker import GLOBAL_LOGGING_WORKER


async def define(term, model="gpt-4o-mini", **options):
    question = f"What is {term}? Answer in one sentence."
    messages = [{"role": "user", "content": question}]
    response = await litellm.acompletion(
        model=model, messages=messages, temperature=0, **options
    )
    return response.choices[0].message.content


async def finish(logger):
    await asyncio.sleep(0)  # calls that have ended hand their reports to LiteLLM's worker
    await GLOBAL_LOGGING_WORKER.flush()  # the worker has handed all of them to the logger
    await logger.flush_queue()  # the logger has sent what it held


async def main(term):
    logger = LangsmithLogger()
    litellm.callbacks = [logger]
    try:
        print(await define(term))
    finally:
        await finish(logger)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
