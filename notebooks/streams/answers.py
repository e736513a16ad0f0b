"""A streamed answer of the glossary, traced as one run (lesson 10)."""

from langsmith import traceable
from litellm import completion, stream_chunk_builder

MODEL = {"ls_provider": "openai", "ls_model_name": "gpt-4o-mini"}


def about(term):
    question = {"role": "user", "content": f"What is {term}? Answer in one sentence."}
    return {"model": "gpt-4o-mini", "messages": [question], "temperature": 0}


def whole(chunks):
    """Make one message of the chunks, with their tokens if the last chunk has the count."""
    response = stream_chunk_builder(chunks)
    logged = {"messages": [response.choices[0].message]}
    if usage := getattr(chunks[-1], "usage", None):
        logged["usage_metadata"] = {
            "input_tokens": usage.prompt_tokens,
            "output_tokens": usage.completion_tokens,
            "total_tokens": usage.total_tokens,
        }
    return logged


@traceable(run_type="llm", reduce_fn=whole, metadata=MODEL)
def stream(**asked):
    yield from completion(stream=True, **asked)
