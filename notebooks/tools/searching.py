"""The entries of the glossary that are nearest to a question, and an answer from the best."""

from langsmith import traceable
from litellm import embedding
from tools.asking import ask
from tools.glossary import GLOSSARY
from tools.vectors import similarity


def shape(vectors):
    return {"vectors": len(vectors), "numbers in each": len(vectors[0])}


@traceable(run_type="embedding", process_outputs=shape)
def embed(texts):
    response = embedding(model="text-embedding-3-small", input=texts)
    return [item["embedding"] for item in response.data]


@traceable(run_type="retriever")
def retrieve(query, count=2):
    [wanted], vectors = embed([query]), embed(list(GLOSSARY.values()))
    scores = [round(similarity(wanted, vector), 2) for vector in vectors]
    ranked = sorted(zip(scores, GLOSSARY, strict=True), reverse=True)
    return [
        {
            "page_content": GLOSSARY[term],
            "type": "Document",
            "metadata": {"term": term, "score": score},
        }
        for score, term in ranked[:count]
    ]


@traceable
def consult(question):
    found = retrieve(question)[0]["page_content"]
    order = f"Question: {question} Answer from the context in one sentence."
    message = {"role": "user", "content": f"Context: {found}\n\n{order}"}
    return ask([message])["content"]
