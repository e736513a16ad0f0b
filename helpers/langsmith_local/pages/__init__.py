"""The pages of the local LangSmith, as a browser opens them: HTML by templates, without scripts.

``routes`` answers; ``lists``, ``run``, ``threads`` and ``comparing`` say what each page shows,
``searching`` reads the boxes above a list, ``records``, ``waterfall`` and ``values`` what is shown
of a run; ``addresses`` knows where pages are, ``rendering`` fills the files in ``templates/``, and
``refused`` tells of what is refused.
"""

from __future__ import annotations

from helpers.langsmith_local.pages.routes import ROUTES

__all__ = ["ROUTES"]
