"""The glossary as a tool for a model: the function, and what the model is told of it."""

from langsmith import traceable

GLOSSARY = {
    "HTTP": "HTTP is how browsers ask servers for pages.",
    "DNS": "DNS translates names such as example.com into addresses.",
    "latency": "Latency is the time between a request and its answer.",
    "recursion": "Recursion means that a function calls itself.",
    "encryption": "Encryption makes a text unreadable for all who lack the key.",
}


@traceable(run_type="tool")
def look_up(term):
    return GLOSSARY[term]


LOOK_UP = {
    "type": "function",
    "function": {
        "name": "look_up",
        "description": "Look up a computing term in the glossary.",
        "parameters": {
            "type": "object",
            "properties": {"term": {"type": "string"}},
            "required": ["term"],
            "additionalProperties": False,
        },
    },
}
CHOSEN = {"type": "function", "function": {"name": "look_up"}}  # no other, and no answer yet
