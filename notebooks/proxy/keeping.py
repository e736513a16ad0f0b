"""A LangSmith logger for LiteLLM, and its proxy, that keeps what it could not send."""

import json

import httpx
from litellm.integrations.langsmith import LangsmithLogger


class KeepingLogger(LangsmithLogger):
    # LiteLLM's own swallows every error, and then the queue is emptied. After an error that leaves
    # this method, LiteLLM keeps the queue for the next time, up to max_queue_size runs.
    async def _log_batch_on_langsmith(self, credentials, queue_objects):
        runs = json.dumps({"post": [each["data"] for each in queue_objects]}, default=str)
        url = self._add_endpoint_to_url(credentials["LANGSMITH_BASE_URL"], "runs/batch")
        headers = {"x-api-key": credentials["LANGSMITH_API_KEY"]}
        headers |= {"Content-Type": "application/json"}
        try:
            await self.async_httpx_client.post(url=url, content=runs, headers=headers, timeout=10)
        except httpx.HTTPStatusError as error:
            if error.response.status_code == 429 or error.response.status_code >= 500:
                raise
            # Refused for what it is, and no better the next time: LiteLLM's way logs and drops it.
            await super()._log_batch_on_langsmith(credentials, queue_objects)


logger = KeepingLogger(batch_size=1, max_queue_size=5000)
