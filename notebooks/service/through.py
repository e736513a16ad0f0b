"""What the glossary asks through its proxy, by OpenAI's client; the proxy reports each call."""

from concurrent.futures import ThreadPoolExecutor

from langsmith import get_current_run_tree, traceable
from langsmith.wrappers import wrap_openai
from openai import OpenAI
from service import prompts

from helpers.nesting import child_of

client = None


def connect(url, key):
    global client
    client = wrap_openai(OpenAI(base_url=url, api_key=key, max_retries=0))


def ask(prompt, model="gpt-4o-mini", **options):
    """Ask the proxy; its run goes beneath the run that we are in."""
    return client.chat.completions.create(
        model=model,
        messages=[{"role": "user", "content": prompt}],
        temperature=0,
        extra_body={"metadata": child_of(get_current_run_tree())},
        **options,
    )


@traceable
def explain(term):
    answer = ask(prompts.explanation(term))
    return answer.choices[0].message.content


@traceable
def look_up(term, reader):
    prompt = prompts.definition(term, prompts.CURRENT)
    answer = ask(prompt, extra_headers={"x-reader": reader["token"]})
    return answer.choices[0].message.content


@traceable(metadata={"answered_by": "gpt-4o"})
def example(term):
    answer = ask(prompts.example(term), model="gpt-4o")
    return answer.choices[0].message.content


@traceable
def entry(term):
    with ThreadPoolExecutor() as pool:
        parts = [pool.submit(part, term) for part in (explain, example)]
        return [part.result() for part in parts]
