"""A morning of the glossary: eight requests, one after the other."""

import asyncio
import inspect

from service import asking, through

READER = {"name": "Ada", "token": "marigold-4821"}
REQUESTS = (
    (asking, "chat", "chat-42", ["TCP", "UDP"]),
    (asking, "define", "TLS"),
    (through, "explain", "a cache"),
    (asking, "stream", "JSON"),
    (through, "look_up", "SSH", READER),
    (asking, "renew", ["XML"]),
    (through, "example", "a cookie"),
    (through, "entry", "encryption"),
)


async def serve(url, key, names):
    """Answer the requests for ``names``, with the proxy at ``url``; return the answers by name."""
    asking.setup()
    through.connect(url, key)
    answers = {}
    for module, name, *arguments in REQUESTS:
        if name not in names:
            continue
        function = getattr(module, name)
        if inspect.iscoroutinefunction(function):
            answers[name] = await function(*arguments)
        else:
            answers[name] = await asyncio.to_thread(function, *arguments)
        await asking.finish()
    return answers
