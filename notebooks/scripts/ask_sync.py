"""Define computing terms one after the other, with the synchronous call.

python ask_sync.py HTTP DNS asks for HTTP and for DNS.
"""

import sys
import time

import litellm

litellm.callbacks = ["langsmith"]

for term in sys.argv[1:]:
    question = f"What is {term}? Answer in one sentence."
    messages = [{"role": "user", "content": question}]
    response = litellm.completion(
        model="gpt-4o-mini", messages=messages, temperature=0
    )
    print(response.choices[0].message.content)
    time.sleep(1)  # the program has other work to do
