"""Let LiteLLM's callback send some calls as one batch, and say what it complains of."""

import asyncio
import logging
import logging.handlers
import re

import litellm
from layers.entry import asking
from litellm.integrations.langsmith import LangsmithLogger
from litellm.litellm_core_utils.logging_worker import GLOBAL_LOGGING_WORKER

from helpers.lessons import callback


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
    kept, log = logging.handlers.BufferingHandler(100), logging.getLogger("LiteLLM")
    log.handlers, usual = [kept], log.handlers
    await logger.flush_queue()
    log.handlers = usual
    said = [each.getMessage().partition(" for run_id")[0] for each in kept.buffer]
    return re.sub("[0-9a-f-]{36}", "…", said[0]) if said else None
