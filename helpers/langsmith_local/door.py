"""The doors of the local LangSmith: the key of its API, and the link that opens its pages.

Clients send the key in ``x-api-key``. A browser opens a page by a link that carries a token; the
answer is a cookie and the same address without it, as Jupyter does. The token and the cookie open
pages and nothing else; at a hub they are for our place behind its proxy. An attachment's address
carries a signature of its own, as a presigned one of LangSmith does: the SDKs fetch it without a
key.
"""

from __future__ import annotations

import hashlib
import hmac
import html
from urllib.parse import parse_qsl, unquote, urlencode

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, RedirectResponse, Response

from helpers.langsmith_local.errors import V2_PREFIXES, detail, ingests, problem_details
from helpers.langsmith_local.parameters import asked_path
from helpers.serving import hub
from helpers.serving.guard import Door, Objection, same

__all__ = ["TracesDoor"]

TOKEN, SIGNATURE = "token", "signature"
ATTACHMENTS = "/attachments/"


class TracesDoor(Door):
    """Takes the key where LangSmith's SDKs and LiteLLM's callback put it."""

    def __init__(self, key: str | None) -> None:
        super().__init__(key)
        self._token = self._signed("pages")
        self._cookie = f"tutorial-pages-{self._signed('cookie')[:8]}"

    def link(self, address: str) -> str:
        """Return ``address``, that of a page here, with the token that opens it."""
        if self.key is None:
            return address
        return f"{address}{'&' if '?' in address else '?'}{TOKEN}={self._token}"

    def page(self, url: str) -> str:
        """Return the link that opens the pages of the service at ``url``.

        On a hub with a proxy it is a path, to be opened at the hub's own address.
        """
        top = f"{url}/"
        return self.link(hub.through(top) or top)

    def signed(self, path: str) -> str:
        """Return ``path``, that of an attachment, with the signature that opens it."""
        return path if self.key is None else f"{path}?{SIGNATURE}={self._signed(unquote(path))}"

    def given(self, headers: Headers) -> str | None:
        """Return the key that a request brings, or None."""
        return headers.get("x-api-key") or super().given(headers)

    def is_page(self, path: str) -> bool:
        """Whether ``path`` is that of a page."""
        return path == "/" or path.startswith("/o/")

    def opens(self, request: HTTPConnection) -> bool:
        """Whether key, cookie or signature lets the request in."""
        if super().opens(request):
            return True
        return request.scope["method"] in ("GET", "HEAD") and self._shows(request)

    def by_another_name(self, request: HTTPConnection) -> bool:
        """Whether it is a page or an attachment that is asked for through the hub's proxy.

        DNS rebinding gets none: a browser gives the cookie of the hub's host to no other name, and
        the signature of an attachment stands on a page alone. The key does not count here.
        """
        looks = self.key is not None and request.scope["method"] in ("GET", "HEAD")
        return looks and hub.forwarded(request) is not None and self._shows(request)

    def welcome(self, request: HTTPConnection) -> Response | None:
        """Give who comes by the link a cookie, and send them on to the address without token."""
        given = request.query_params.get(TOKEN)
        path = request.scope["path"]
        if self.key is None or not self.is_page(path) or not same(given, self._token):
            return None
        query = request.scope["query_string"].decode("latin-1")
        rest = [pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] != TOKEN]
        # Seen from where the browser is: a Host of the sender's choice must not lead it away, and a
        # hub has a prefix before our paths.
        name = asked_path(request).rpartition("/")[2]
        there = f"./{name}" + (f"?{urlencode(rest)}" if rest else "")
        answer = RedirectResponse(there, 303)
        # On a hub others have their servers at other paths of the same host.
        place = f"{hub.forwarded(request) or ''}/"
        answer.set_cookie(self._cookie, self._token, httponly=True, samesite="lax", path=place)
        return answer

    def refuse(self, request: HTTPConnection, why: Objection) -> Response:
        """Answer as LangSmith is reported to (langsmith-sdk issues 1412 and 2492)."""
        path = request.scope["path"]
        if self.is_page(path):
            words = "Open this page by the link that has its token."
            words = words if why.status == 401 else html.escape(why.why)
            return HTMLResponse(f"<!doctype html><title>{why.status}</title><p>{words}", why.status)
        if path.startswith(V2_PREFIXES):
            return problem_details(why.status, "Invalid token" if why.status == 401 else why.why)
        if why.status != 401:
            return detail(why.status, why.why)
        if ingests(request.scope["method"], path):
            return detail(403, "Forbidden", key="error")
        return detail(401, "Invalid token")

    def _shows(self, request: HTTPConnection) -> bool:
        """Whether a page is asked for with the cookie, or an attachment with its signature."""
        path = request.scope["path"]
        if self.is_page(path):
            return same(request.cookies.get(self._cookie), self._token)
        path = path.removeprefix("/api/v1")
        if path.startswith(ATTACHMENTS):
            return same(request.query_params.get(SIGNATURE), self._signed(path))
        return False

    def _signed(self, what: str) -> str:
        return hmac.new((self.key or "").encode(), what.encode(), hashlib.sha256).hexdigest()
