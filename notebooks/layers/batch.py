"""Let LiteLLM's callback send some calls as one batch, and say what it complains of."""

import asyncio

import litellm
from layers.entry import asking
from litellm.integrations.langsmith import LangsmithLogger
from litellm.litellm_core_utils.logging_worker import GLOBAL_LOGGING_WORKER

from helpers.lessons import callback, log


async def send(*labels):
    """Ask the model once for each metadata in ``labels``; return the log's complaint, or None.

    It has a … for each id.
    """
    callback.forget()
    # Neither its size nor its clock sends the batch before it is whole.
    logger = LangsmithLogger(batch_size=len(labels) + 1, flush_interval=600)
    litellm.callbacks = [logger]
    for metadata in labels:
        call = asking("What is TLS? Answer in one sentence.")
        await litellm.acompletion(**call, metadata=metadata)
    await asyncio.sleep(0)  # the calls' reports are handed to LiteLLM's worker
    await GLOBAL_LOGGING_WORKER.flush()
    with log.keep("LiteLLM") as kept:
        await logger.flush_queue()
    return kept.lines[0] if kept.lines else None
