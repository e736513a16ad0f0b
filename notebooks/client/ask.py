"""Ask the proxy by a plain OpenAI client, which knows nothing of LangSmith.

python client/ask.py "What is HTTP? Answer in one sentence."

OPENAI_BASE_URL is the proxy's address and OPENAI_API_KEY the proxy's key; the proxy does the
tracing. A second argument names another model than gpt-4o-mini.
"""

import sys

from openai import OpenAI

prompt = sys.argv[1]
model = sys.argv[2] if sys.argv[2:] else "gpt-4o-mini"

client = OpenAI()
response = client.chat.completions.create(
    model=model,
    messages=[{"role": "user", "content": prompt}],
    temperature=0,
)
print(response.choices[0].message.content)
