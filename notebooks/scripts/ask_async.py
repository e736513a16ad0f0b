"""Define a computing term, and let LiteLLM log the call to LangSmith.

python ask_async.py HTTP 1 asks for HTTP and then stays for one more second.
"""

import asyncio
import sys

import litellm

litellm.callbacks = ["langsmith"]


async def main(term, seconds):
    question = f"What is {term}? Answer in one sentence."
    messages = [{"role": "user", "content": question}]
    response = await litellm.acompletion(
        model="gpt-4o-mini",
        messages=messages,
        temperature=0,
    )
    print(response.choices[0].message.content)
    await asyncio.sleep(seconds)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2])))
