"""Answer one request and stop at once, as a function in the cloud does.

python answer_and_stop.py HTTP stops with the answer; with the word flush it sends its trace first.
"""

import os
import sys

from langsmith import Client, traceable

client = Client()


@traceable(client=client, enabled=True)
def handler(term):
    return f"{term} is in the glossary"


print(handler(sys.argv[1]), flush=True)
if "flush" in sys.argv:
    client.flush(timeout=5)
os._exit(0)  # the platform freezes the process: no clean-up runs
