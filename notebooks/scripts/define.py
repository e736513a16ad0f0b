"""Define a computing term, in a function that is traced.

python define.py HTTP asks for HTTP.
"""

import os
import sys

from langsmith import traceable
from litellm import completion

os.environ.setdefault("LANGSMITH_TRACING", "true")


def question(term):
    text = f"What is {term}? Answer in one sentence."
    return [{"role": "user", "content": text}]


@traceable
def define(term):
    response = completion(model="gpt-4o-mini", messages=question(term), temperature=0)
    return response.choices[0].message.content


if __name__ == "__main__":
    print(define(sys.argv[1]))
