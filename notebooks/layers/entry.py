"""A glossary's entry by three layers, each of which puts its runs beneath the caller's.

Lesson 15 joins them. ``connect`` comes first: two of the three ask a proxy.
"""

import asyncio

import litellm
from langsmith import get_current_run_tree, traceable
from openai import OpenAI

from helpers import terminal
from helpers.nesting import child_of

proxy = None
access = {}


def connect(gateway):
    global proxy
    proxy = OpenAI(base_url=gateway.url, api_key=gateway.key, max_retries=0)
    access.update(OPENAI_BASE_URL=gateway.url, OPENAI_API_KEY=gateway.key)


def asking(prompt):
    messages = [{"role": "user", "content": prompt}]
    return {"model": "gpt-4o-mini", "messages": messages, "temperature": 0}


def ask_proxy(prompt, **options):
    return proxy.chat.completions.create(**asking(prompt), **options)


@traceable
async def define(term):
    prompt = f"What is {term}? Answer in one sentence."
    place = child_of(get_current_run_tree())
    response = await litellm.acompletion(**asking(prompt), metadata=place)
    return response.choices[0].message.content


@traceable
def explain(term):
    prompt = f"Explain {term} to a child in one sentence."
    place = child_of(get_current_run_tree())
    response = ask_proxy(prompt, extra_body={"metadata": place})
    return response.choices[0].message.content


def example(term):
    """Run client/nested.mjs, which traces a function of its own and then asks the proxy."""
    prompt = f"Use the word {term} in a sentence."
    run = get_current_run_tree()
    above = [run.to_headers()["langsmith-trace"]] if run else []
    return terminal.run("node", "client/nested.mjs", prompt, *above, environment=access)


@traceable
async def write_entry(term):
    definition = await define(term)
    for_children = await asyncio.to_thread(explain, term)
    sentence = await asyncio.to_thread(example, term)
    return [definition, for_children, sentence.text]
