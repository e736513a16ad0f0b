"""Serve on this machine and to this machine alone: addresses, a server in a thread, the guard.

Importing it needs the standard library alone. ``guard``, which keeps pages of other sites away, and
``state``, by which an application's state has a type, are imported by those who make applications.
"""

from __future__ import annotations

from helpers.serving.loopback import (
    HOST,
    NAMES,
    bound,
    can_listen,
    is_loopback,
    leads_here,
    listening,
    name,
)
from helpers.serving.server import Server, serving

__all__ = [
    "HOST",
    "NAMES",
    "Server",
    "bound",
    "can_listen",
    "is_loopback",
    "leads_here",
    "listening",
    "name",
    "serving",
]
