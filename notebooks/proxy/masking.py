"""A LangSmith logger for LiteLLM, and its proxy, that masks every text before it is sent."""

import copy

from langsmith.anonymizer import create_anonymizer
from litellm.integrations.langsmith import LangsmithLogger

mask = create_anonymizer([{"pattern": r"marigold-\d+", "replace": "[removed]"}])


class MaskedLogger(LangsmithLogger):
    async def async_log_success_event(self, kwargs, response_obj, start_time, end_time):
        await super().async_log_success_event(masked(kwargs), response_obj, start_time, end_time)

    async def async_log_failure_event(self, kwargs, response_obj, start_time, end_time):
        await super().async_log_failure_event(masked(kwargs), response_obj, start_time, end_time)


def masked(kwargs):
    # A copy: the mask works in place, and other callbacks may want the original.
    payload = copy.deepcopy(kwargs["standard_logging_object"])
    return {**kwargs, "standard_logging_object": mask(payload)}


logger = MaskedLogger(batch_size=1)
