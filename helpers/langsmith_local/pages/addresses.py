"""Where the pages are: LangSmith's own paths, written from the page that links to them.

A link is relative, so that it also holds behind a hub that puts a prefix before our paths.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

__all__ = ["COMPARE", "PROJECT", "RAW", "RUN", "STYLE", "THREAD", "THREADS", "Links"]

#: The paths of LangSmith's pages of a project, a run and a thread; the other four are ours.
PROJECT = "/o/{tenant}/projects/p/{project_id}"
RUN = PROJECT + "/r/{run_id}"
THREAD = PROJECT + "/t/{thread_id:anything}"  # a kind of part that reading.v2 has registered
RAW = RUN + "/raw"
THREADS = PROJECT + "/threads"
COMPARE = PROJECT + "/compare"
STYLE = "/o/style.css"


class Links:
    """The addresses of pages, relative to the page at ``path``, percent-encoded as it was asked."""

    def __init__(self, path: str, tenant: str) -> None:
        self.top = "../" * (path.count("/") - 1) or "./"
        self._projects = f"{self.top}o/{tenant}/projects/p"

    @property
    def style(self) -> str:
        """The stylesheet."""
        return self.top + STYLE.lstrip("/")

    def project(self, project_id: str, **query: str | None) -> str:
        """The list of a project's traces; what is None or empty is left out of the query."""
        given = {name: value for name, value in query.items() if value}
        return f"{self._projects}/{project_id}" + (f"?{urlencode(given)}" if given else "")

    def threads(self, project_id: str, cursor: str | None = None) -> str:
        """The list of a project's threads."""
        there = f"{self._projects}/{project_id}/threads"
        return f"{there}?{urlencode({'cursor': cursor})}" if cursor else there

    def thread(self, project_id: str, thread_id: str, cursor: str | None = None) -> str | None:
        """A thread; None where no address can hold its id: a browser resolves dots away."""
        if thread_id in ("", ".", "..") or "\0" in thread_id:
            return None
        there = f"{self._projects}/{project_id}/t/{quote(thread_id, safe='')}"
        return f"{there}?{urlencode({'cursor': cursor})}" if cursor else there

    def run(self, project_id: str, run_id: str) -> str:
        """A run in its trace."""
        return f"{self._projects}/{project_id}/r/{run_id}"

    def raw(self, project_id: str, run_id: str) -> str:
        """All of a run as JSON."""
        return f"{self.run(project_id, run_id)}/raw"

    def compare(self, project_id: str) -> str:
        """Two runs side by side, each given as ``run`` in the query."""
        return f"{self._projects}/{project_id}/compare"

    def attachment(self, path: str) -> str:
        """An attachment, by the signed path that the service gives."""
        return self.top + path.lstrip("/")
