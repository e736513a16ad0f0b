"""Requests to the model, with a tool and without."""

__all__ = ["FORCED", "OTHER", "QUESTION", "TOOL", "TOOLS"]

TOOL = {"name": "look_up", "description": "Look up a term.", "parameters": {"type": "object"}}
TOOLS = [{"type": "function", "function": TOOL}]
OTHER = {"type": "function", "function": {"name": "other"}}
QUESTION = [{"role": "user", "content": "What does HTTP mean?"}]
FORCED = {"model": "m", "messages": QUESTION, "tools": TOOLS, "tool_choice": "required"}
