"""The glossary's calls in lessons 05 and 07: one question by LiteLLM, logged by its callback."""

import asyncio

import litellm


def setup():
    """Let LiteLLM's callback report each call, and send each run at once (lesson 02)."""
    litellm.callbacks = ["langsmith"]
    litellm.langsmith_batch_size = 1


async def ask(term, model="gpt-4o-mini", **options):
    """Ask a model for a definition; LiteLLM gets all further options."""
    question = {"role": "user", "content": f"What is {term}? Answer in one sentence."}
    return await litellm.acompletion(model, [question], temperature=0, **options)


async def serve(release, model, seconds):
    """Answer for a release without asking the model, after so many seconds."""
    labels = {"run_name": "serve", "metadata": {"release": release}}
    answer = {"mock_response": "A protocol.", "mock_delay": seconds}
    await ask("HTTP", model, metadata=labels, **answer)


async def serve_releases():
    """Answer twenty times for each of two releases; the second asks a better model (lesson 07)."""
    first = [serve("1.0", "gpt-4o-mini", 0.1) for _ in range(20)]
    second = [serve("2.0", "gpt-4o", 3 if number < 2 else 0.1) for number in range(20)]
    await asyncio.gather(*first, *second)
