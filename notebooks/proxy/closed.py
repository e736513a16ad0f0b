"""A LangSmith logger for LiteLLM's proxy whose address, key and rate no request decides."""

import litellm
from litellm.integrations.langsmith import LangsmithLogger


class ClosedLogger(LangsmithLogger):
    async def async_log_success_event(self, kwargs, response_obj, start_time, end_time):
        await super().async_log_success_event(closed(kwargs), response_obj, start_time, end_time)

    async def async_log_failure_event(self, kwargs, response_obj, start_time, end_time):
        await super().async_log_failure_event(closed(kwargs), response_obj, start_time, end_time)


def closed(kwargs):
    # LiteLLM mixes what a request says with what the config says of its team. Only the latter
    # counts here; without it, the logger takes what stood in its environment when it was made.
    metadata = (kwargs.get("litellm_params") or {}).get("metadata") or {}
    team = metadata.get("user_api_key_team_id")
    settings = {each["team_id"]: each for each in litellm.default_team_settings or []}
    return {**kwargs, "standard_callback_dynamic_params": settings.get(team)}


logger = ClosedLogger(batch_size=1)
