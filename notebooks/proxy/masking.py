"""A LangSmith logger for LiteLLM, and its proxy, that masks every text before it is sent."""

import json
import re

from litellm.integrations.langsmith import LangsmithLogger

PATTERN = r"marigold-\d+"
IDS = {"id", "trace_id", "parent_run_id", "session_id", "dotted_order"}  # a mask would break them


class MaskedLogger(LangsmithLogger):
    # What every run is made by: after an answer and a failure, by calls with and without await.
    # It is private: a release without it ends in an error here, rather than in a leak.
    _unmasked = LangsmithLogger._prepare_log_data

    def __init__(self, pattern=PATTERN, **options):
        super().__init__(**options)
        self.pattern = re.compile(pattern)

    def _prepare_log_data(self, *args, **kwargs):
        # As JSON, which is what is sent: so an object that becomes a text on the way is one here,
        # and what LiteLLM and other callbacks hold stays as it is.
        run = json.loads(json.dumps(self._unmasked(*args, **kwargs), default=str))
        return {key: run[key] if key in IDS else self.masked(run[key]) for key in run}

    def masked(self, value):
        if isinstance(value, str):
            return self.pattern.sub("[removed]", value)
        if isinstance(value, list):
            return [self.masked(each) for each in value]
        if isinstance(value, dict):
            return {self.masked(key): self.masked(each) for key, each in value.items()}
        return value


logger = MaskedLogger(batch_size=1)
