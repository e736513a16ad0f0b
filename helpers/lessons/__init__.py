"""Props of single lessons: what one lesson needs and no service of the learner's does.

A module each: ``callback`` (lesson 02) makes LiteLLM forget its loggers, ``script`` (02) runs a
function as a program that ends, ``faults`` (09) lets LangSmith be down, ``glossary`` (10) serves a
morning of a service that is to be mended, ``hunt`` (07) searches for a text in all that was sent,
``wire`` (04) tells how many bytes a run was.
"""

from __future__ import annotations

# Modules, not names out of them: a lesson imports the one that it is about, and that alone.
__all__ = ["callback", "faults", "glossary", "hunt", "script", "wire"]
