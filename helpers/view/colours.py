"""The colours of runs and marks: one stored output is shown in light and in dark themes alike.

The explorer and the pages know which theme they are in, and have colours of their own, in
``explorer/explorer.css`` and in ``langsmith_local/pages/templates/style.css``.

No colour has a contrast of 4.5 with white and with JupyterLab's dark background at once, as text
needs (WCAG 2.2, 1.4.3). So text has the theme's own colour, paled no further than ``MUTED``, or
stands as ``ON_MARK`` on a mark of ours; and bars, marks and lines have tones in the middle, whose
contrast is 3 and more on each background (1.4.11).
"""

from __future__ import annotations

__all__ = ["ERROR", "LINE", "MARKS", "MODEL", "MUTED", "ON_MARK", "REST"]

ERROR = "#cf3e36"  # of a failed run: its bar, the mark of its status, the line beside its message
MODEL = "#2f74d0"  # the bar of a run that is a model's time
REST = "#74827f"  # the bars of all others
LINE = "#808080"  # axes, and around the bar of a pending run
MUTED = 0.75  # opacity of the theme's own text colour where words step back
ON_MARK = "#ffffff"  # text on a mark
MARKS = {  # behind the doctor's signs, by status; beside what is said of an exercise
    "ok": "#24804a",
    "info": "#757575",
    "warning": "#a06a00",
    "problem": ERROR,
}
