"""One question of the doctor's over HTTP, with the standard library alone."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from helpers.serving.loopback import leads_here

__all__ = ["Question"]


@dataclass(frozen=True)
class Question:
    """A request: a POST where it has a ``body``, else a GET."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None

    def ask(self, *, seconds: float, longest: int = 0) -> tuple[int, str]:
        """Return the status of the answer and at most ``longest`` bytes of it.

        A redirect is an answer: following it could lead away from this machine, and a key with it.
        Raises ``TimeoutError`` where somebody listens and keeps silent, another ``OSError`` where
        nobody does, ``ValueError`` for what is no address.
        """
        if urlsplit(self.url).scheme not in ("http", "https"):
            raise ValueError("the address does not begin with http:// or https://")
        handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
        if leads_here(self.url):
            handlers.append(urllib.request.ProxyHandler({}))
        request = urllib.request.Request(  # noqa: S310 (asked above)
            self.url, data=self.body, headers=dict(self.headers)
        )
        try:
            with urllib.request.build_opener(*handlers).open(request, timeout=seconds) as answer:
                return int(answer.status), answer.read(longest).decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read(longest).decode("utf-8", "replace")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None
