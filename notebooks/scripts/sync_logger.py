"""A logger for synchronous calls: it sends each run once, failures too, from a thread of its own.

litellm.callbacks = [Synchronous(batch_size=1)] registers it, before the first call. _send_batch is
no public name of LiteLLM's: pin its version where you use this, and keep a test.
"""

import asyncio
import threading

from litellm.integrations.langsmith import LangsmithLogger


class Synchronous(LangsmithLogger):
    lock = threading.Lock()

    def _send_batch(self):
        threading.Thread(target=self.send_once).start()

    def send_once(self):
        with self.lock:
            count = len(self.log_queue)
            asyncio.run(self.async_send_batch())
            del self.log_queue[:count]

    def log_failure_event(self, kwargs, **event):
        if kwargs["call_type"] == "completion":  # some asynchronous failures come here as well
            self.log_success_event(kwargs, **event)
