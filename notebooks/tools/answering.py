"""Let the model ask for the tool, run it, and let the model answer."""

import json

from langsmith import traceable
from tools.asking import ask
from tools.glossary import CHOSEN, LOOK_UP, look_up


def result_of(call):
    arguments = json.loads(call["function"]["arguments"])
    try:
        found = look_up(**arguments)
    except KeyError:
        found = f"{arguments['term']} is not in the glossary."
    return {"role": "tool", "tool_call_id": call["id"], "content": found}


@traceable
def answer(question):
    messages = [{"role": "user", "content": question}]
    message = ask(messages, tools=[LOOK_UP], tool_choice=CHOSEN)
    while message["tool_calls"]:
        results = [result_of(call) for call in message["tool_calls"]]
        messages = [*messages, message, *results]
        message = ask(messages, tools=[LOOK_UP])
    return message["content"]
