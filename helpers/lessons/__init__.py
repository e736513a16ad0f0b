"""Props of single lessons: what one lesson needs and no service of the learner's does.

A module each: ``faults`` (lesson 09) lets LangSmith be down, ``hunt`` (07) searches for a text in
all that was sent, ``planted`` (09) has programs to be mended, ``wire`` (04) tells how many bytes a
run was.
"""

from __future__ import annotations

# Modules, not names out of them: a lesson imports the one that it is about, and that alone.
__all__ = ["faults", "hunt", "planted", "wire"]
