"""Props of single lessons: what one lesson needs and no service of the learner's does.

A module each:

- ``callback`` (lessons 02, 13) makes LiteLLM forget its loggers
- ``delivery`` (08, 09) sends at once what LiteLLM has for a logger
- ``faults`` (14) lets LangSmith be down
- ``glossary`` (16) runs a service that has to be mended
- ``hunt`` (09) searches for a text in all that was sent
- ``log`` (05, 14, 15, 16) keeps what libraries log
- ``neighbour`` (15) runs a service of another team
- ``orders`` (06) is something to search
- ``planted`` (13) has programs to be mended
- ``script`` (02) runs a function as a program that ends
- ``stranger`` (12) is a server of somebody else
- ``wire`` (04) tells how many bytes a run was
"""

from __future__ import annotations

# Modules, not names out of them: a lesson imports the one that it is about, and that alone.
__all__ = [
    "callback",
    "delivery",
    "faults",
    "glossary",
    "hunt",
    "log",
    "neighbour",
    "orders",
    "planted",
    "script",
    "stranger",
    "wire",
]
