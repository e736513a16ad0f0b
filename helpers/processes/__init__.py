"""Programs that this process starts, and that end with it, however it ends."""

from __future__ import annotations

from helpers.processes.child import Child, ChildError

__all__ = ["Child", "ChildError"]
