"""The LangSmith callback for LiteLLM's proxy, with a rate for calls that bring none."""

from litellm.integrations.langsmith import LangsmithLogger

logger = LangsmithLogger(batch_size=1)
logger.sampling_rate = 0.25  # no variable of LiteLLM 1.106.2 takes a fraction
