"""LangSmith's filter language: from text to SQL conditions."""
