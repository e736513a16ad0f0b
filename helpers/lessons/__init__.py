"""Props of single lessons: what one lesson needs and no service of the learner's does.

A module each: ``delivery`` (lesson 07) sends at once what LiteLLM has for a logger, ``faults`` (09)
lets LangSmith be down, ``hunt`` (07) searches for a text in all that was sent, ``wire`` (04) tells
how many bytes a run was, ``orders`` (06) is something to search.
"""

from __future__ import annotations

# Modules, not names out of them: a lesson imports the one that it is about, and that alone.
__all__ = ["delivery", "faults", "hunt", "orders", "wire"]
