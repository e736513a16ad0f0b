"""The colours of runs and marks, for light and dark themes alike."""

from __future__ import annotations

__all__ = ["AXIS", "ERROR", "KINDS", "MARKS", "OTHER_KIND", "PENDING"]

ERROR = "rgb(220,75,70)"  # of a failed run: its bar, its status, its message
PENDING = "rgba(128,128,128,0.35)"
AXIS = "rgba(128,128,128,0.15)"  # behind a bar
KINDS = {  # the bars, by run type
    "llm": "rgba(56,132,255,0.75)",
    "tool": "rgba(226,140,40,0.8)",
    "retriever": "rgba(150,100,220,0.75)",
    "embedding": "rgba(150,100,220,0.75)",
}
OTHER_KIND = "rgba(110,150,140,0.75)"
MARKS = {  # of the doctor's checks, by status
    "ok": "#2e9e5b",
    "info": "#888888",
    "warning": "#c98a00",
    "problem": "#e05252",
}
