"""Whatever is sent, LangSmith's document allows the answer (where the document is there)."""

from tests.langsmith_local.document import answers_of_the_document

__all__ = ["answers_of_the_document"]
