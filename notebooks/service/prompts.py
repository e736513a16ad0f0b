"""What the glossary asks a model, in one place. Answers say which version their question had."""

DEFINITIONS = {
    "1": "In computing, what is {term}? Answer in one sentence.",
    "2": "What is {term}? Answer in one sentence.",
}
CURRENT = "2"


def definition(term, version="1"):
    return DEFINITIONS[version].format(term=term)


def explanation(term):
    return f"Explain {term} to a child in one sentence."


def example(term):
    return f"Use the word {term} in a sentence."
