"""An entry for the glossary out of a sentence, as JSON under a schema."""

import json

from langsmith import traceable
from tools.asking import ask

ENTRY = {
    "type": "object",
    "properties": {"term": {"type": "string"}, "full_name": {"type": "string"}},
    "required": ["term", "full_name"],
    "additionalProperties": False,
}
FORM = {
    "type": "json_schema",
    "json_schema": {"name": "entry", "strict": True, "schema": ENTRY},
}


@traceable(run_type="parser")
def parse(text):
    return json.loads(text)


@traceable
def extract(sentence, **options):
    prompt = "Extract the term and its full name from this sentence: " + sentence
    message = {"role": "user", "content": prompt}
    return parse(ask([message], response_format=FORM, **options)["content"])
