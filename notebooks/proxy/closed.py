"""A LangSmith logger for LiteLLM's proxy whose address, key and rate no request decides."""

from litellm.integrations.langsmith import LangsmithLogger


class ClosedLogger(LangsmithLogger):
    async def async_log_success_event(self, kwargs, response_obj, start_time, end_time):
        await super().async_log_success_event(closed(kwargs), response_obj, start_time, end_time)

    async def async_log_failure_event(self, kwargs, response_obj, start_time, end_time):
        await super().async_log_failure_event(closed(kwargs), response_obj, start_time, end_time)


def closed(kwargs):
    # Without these the logger takes what stood in its environment when it was made. The settings
    # of keys and teams come the same way, and no longer count either.
    return {**kwargs, "standard_callback_dynamic_params": None}


logger = ClosedLogger(batch_size=1)
