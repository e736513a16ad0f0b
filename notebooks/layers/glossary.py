"""Two programs of a glossary, for which lesson 04 chooses layers."""

import litellm
from langsmith import traceable

OFF = {"api_base": "http://localhost:9", "max_retries": 0}  # nobody is there


def asking(term):
    prompt = {"role": "user", "content": f"What is {term}? Answer in one sentence."}
    return {"model": "gpt-4o-mini", "messages": [prompt], "temperature": 0}


def look_up(term, **options):
    return litellm.completion(**asking(term), **options)


def work():
    look_up("JSON")
    try:
        look_up("XML", **OFF)
    except litellm.InternalServerError:
        print("XML failed")


@traceable(run_type="llm")
async def chat(term):
    answer = await litellm.acompletion(**asking(term))
    names = {"input": "prompt", "output": "completion", "total": "total"}
    usage = {f"{ours}_tokens": answer.usage[f"{its}_tokens"] for ours, its in names.items()}
    return {"messages": [answer.choices[0].message], "usage_metadata": usage}
