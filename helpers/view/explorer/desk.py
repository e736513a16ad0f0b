"""What is done for the explorer: reading for a browser before it asks, and what it asks for.

A thread sends the list and the newest traces, since a kernel that runs a cell may answer nobody.
JupyterLab has a thread of the kernel's answer meanwhile (a subshell), as long as the kernel spoke
last from there: ipykernel 7.4 leads what a browser sends to where the last message came from
(``BaseComm._reply_subshell_for``). So ours speaks in the context of the browser's last message.
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from helpers.errors import TutorialError
from helpers.view.explorer.listing import AHEAD, MOST, Listing, Source
from helpers.view.explorer.rows import runs_of

__all__ = ["Desk", "Screen"]

FIRST = 100  # traces that are listed at once; the thread adds the others
SOON = 0.2  # seconds, until it does


class Screen(Protocol):
    """What a browser is shown of: the widget."""

    rows: Any
    runs: Any
    note: Any
    follow: Any
    comm: Any

    def send(self, content: Any) -> None:
        """Send a message to the browser."""
        ...


class Desk:
    """Keeps ``screen`` up to date from ``source``, and does what its browser asks for."""

    def __init__(self, screen: Screen, source: Source) -> None:
        self._screen, self._source, self._listing = screen, source, Listing(source)
        self._opened: str | None = None  # the trace that was asked for last
        self._sent: set[str] = set()  # traces whose runs the browser has
        self._views: int | None = None  # None: no browser has said anything yet
        self._heard = contextvars.copy_context()  # where the browser's last message was handled
        self._busy = threading.RLock()
        if said := self._told(lambda: self._list(FIRST)):
            screen.note = said
        screen.runs = self._whole(row["id"] for row in screen.rows[:1])
        self._sent |= screen.runs.keys()

    def watch(self) -> None:
        """Follow what is sent, while there is a session and somebody who may look."""
        pause = threading.Event()
        # The first paint has the machine for itself; where there is more to list, it comes then.
        seconds = SOON if len(self._screen.rows) == FIRST else self._source.pause
        while not (pause.wait(seconds) or self._screen.comm is None):
            seconds = self._source.pause
            if self._source.over:
                return
            if self._screen.follow and self._views != 0:
                try:
                    if said := self._heard.copy().run(self._told, self._follow):
                        self._screen.note = said
                except Exception:
                    if not self._source.over:  # else it ended while this was reading
                        raise

    def asked(self, content: Mapping[str, Any]) -> None:
        """Do what the browser asks, and say so, since it shows what is not done yet."""
        asked, self._heard = str(content.get("kind")), contextvars.copy_context()
        if asked in ("shown", "gone"):
            self._views = max(0, (self._views or 0) + (1 if asked == "shown" else -1))
            return
        works: dict[str, Callable[[Mapping[str, Any]], str | None]] = {
            "list": self._filter,
            "open": self._open,
            "score": self._score,
            "link": self._link,
        }
        work = works[asked]
        said = self._told(lambda: work(content))
        self._screen.send({"kind": "done", "number": content.get("number"), "said": said})

    def _told(self, work: Callable[[], str | None]) -> str:
        """Do ``work`` alone; return what it says, or what is wrong, which is no traceback."""
        with self._busy:
            try:
                return work() or ""
            except TutorialError as error:
                return str(error)

    def _list(self, most: int = MOST) -> None:
        self._listing.all(most)
        self._give()

    def _follow(self) -> None:
        """Hand over what is new in the list, and the runs of the newest and of the open one."""
        changed = self._listing.news()
        self._give()
        newest = [row["id"] for row in self._screen.rows[:AHEAD]]
        wanted = [each for each in newest if each in changed or each not in self._sent]
        self._send(dict.fromkeys([*wanted, *(changed & {self._opened})]))

    def _filter(self, content: Mapping[str, Any]) -> None:
        before = self._listing.filter, self._listing.search
        self._listing.filter = str(content.get("filter") or "").strip()
        self._listing.search = str(content.get("search") or "").strip()
        try:
            self._list()
        except TutorialError:
            self._listing.filter, self._listing.search = before  # which the list still shows
            raise

    def _open(self, content: Mapping[str, Any]) -> None:
        self._opened = str(content["trace"])
        self._send([self._opened])

    def _score(self, content: Mapping[str, Any]) -> str:
        key, score = str(content["key"]).strip(), float(content["score"])
        if not key:
            raise TutorialError("A score needs a name, such as correct.")
        self._source.score(str(content["run"]), str(content["trace"]), key, score)
        self._open(content)
        return f"Stored: {key} {score:g}."

    def _link(self, content: Mapping[str, Any]) -> None:
        """Say where the page of a run is: in no trait, since those are stored with notebooks."""
        run = str(content["run"])
        link = self._source.link(run, str(content["trace"]))
        self._screen.send({"kind": "link", "run": run, "link": link})

    def _give(self) -> None:
        if (rows := self._listing.rows) != self._screen.rows:
            self._screen.rows = rows
        self._screen.note = "" if rows else _nothing(self._listing)

    def _send(self, traces: Iterable[str]) -> None:
        for each in traces:  # one message each: the first is drawn before the last is read
            self._screen.send({"kind": "runs", "runs": self._whole([each])})
            self._sent.add(each)

    def _whole(self, traces: Iterable[str]) -> dict[str, Any]:
        """Return the runs of traces, by the trace; those of the open one hold all."""
        found = {each: self._source.trace(each) for each in traces}
        return {
            each: runs_of(root, whole=each == self._opened) for each, root in found.items() if root
        }


def _nothing(listing: Listing) -> str:
    if listing.filter or listing.search:
        return "No trace passes. An empty filter and search show all of them."
    return "No trace yet. This list follows what you send."
