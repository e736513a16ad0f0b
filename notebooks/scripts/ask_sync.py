"""Define computing terms one after the other, with LiteLLM's synchronous call.

python ask_sync.py HTTP DNS asks for two terms; without any it reads them from standard input.
"""

import sys

import litellm

litellm.callbacks = ["langsmith"]

for term in sys.argv[1:] or map(str.strip, sys.stdin):
    question = f"What is {term}? Answer in one sentence."
    messages = [{"role": "user", "content": question}]
    response = litellm.completion(
        model="gpt-4o-mini",
        messages=messages,
        temperature=0,
    )
    print(response.choices[0].message.content)
