"""A model call whose run shows the whole message, tool calls included."""

from langsmith import traceable
from litellm import completion


@traceable(run_type="llm", metadata={"ls_provider": "openai", "ls_model_name": "gpt-4o-mini"})
def ask(messages, **options):
    response = completion("gpt-4o-mini", messages, temperature=0, **options)
    message = response.choices[0].message
    return message.model_dump(include={"role", "content", "tool_calls"})
