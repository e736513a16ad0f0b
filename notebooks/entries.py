"""The glossary's calls in lessons 05 and 07: one question by LiteLLM, logged by its callback."""

import litellm


def setup():
    """Let LiteLLM's callback report each call, and send each run at once (lesson 02)."""
    litellm.callbacks = ["langsmith"]
    litellm.langsmith_batch_size = 1


async def ask(term, model="gpt-4o-mini", **options):
    """Ask a model for a definition; LiteLLM gets all further options."""
    question = {"role": "user", "content": f"What is {term}? Answer in one sentence."}
    return await litellm.acompletion(model, [question], temperature=0, **options)
