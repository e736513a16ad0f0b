"""Where a link under a cell leads: to the page of a trace, if a browser can open it from there."""

from __future__ import annotations

import os
from collections.abc import Mapping

from helpers import session
from helpers.serving import hub
from helpers.serving.loopback import leads_here

__all__ = ["link_to"]

# Set where the browser is on another machine than the kernel, which no loopback address reaches.
ELSEWHERE = (hub.PREFIX, "COLAB_RELEASE_TAG", "KAGGLE_KERNEL_RUN_TYPE")


def link_to(url: str | None, environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the link that opens ``url``, the page of a run, from beneath a cell; or None.

    LangSmith's own page opens from everywhere. One on this machine opens while the session that
    serves it runs, and gets the token of its pages. It is left out of outputs that are stored: by
    tests and by ``python -m helpers refresh``, whose outputs are the same each time and would hold
    an address of nobody's; and where the browser is elsewhere, but on a hub with a proxy, through
    which it leads then (``helpers.serving.hub``).
    """
    if url is None or not leads_here(url):
        return url
    stored = environ.get("TUTORIAL_STRICT") == "1" or "PYTEST_VERSION" in environ
    running = session.current()
    if stored or running is None or running.app is None or not url.startswith(f"{running.url}/"):
        return None
    if any(map(environ.get, ELSEWHERE)):
        if (through := hub.through(url, environ)) is None:
            return None
        url = through
    from helpers.services import state_of

    return state_of(running.app).traces_door.link(url)
