"""Why a provider or LangSmith refuses: the cause in a sentence, and what mends it.

The words of the services are those that users report: of OpenAI (openai-python issues 1296 and
1434, community threads on ``insufficient_quota``), of LangSmith (langsmith-sdk issues 721, 1412,
2112, 2184 and 2492; the SDK itself knows ``org_scoped_key_requires_workspace``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helpers.keys import mask

__all__ = ["NOBODY", "Cause", "of_connection", "of_key", "of_langsmith", "of_model"]
__all__ += ["one_line", "refusal_in", "words_of"]

EUROPE = "https://eu.api.smith.langchain.com"
LONGEST = 200  # characters of a service's own words
# LangSmith's word for it, and the SDK's own, which hides that one (langsmith/client.py).
WORKSPACE = ("org_scoped_key_requires_workspace", "API key is org-scoped")
SERVED = {  # whose key begins how, by the variable that it is for
    "OPENAI_API_KEY": ("lsv2_", "LangSmith's"),
    "LANGSMITH_API_KEY": ("sk-", "OpenAI's"),
}
MODEL = "TUTORIAL_MODEL"  # a learner's own, which is asked in the place of those named
VECTORS = "TUTORIAL_EMBEDDING_MODEL"
SWAPPED = "are OPENAI_BASE_URL and LANGSMITH_ENDPOINT swapped?"


@dataclass(frozen=True)
class Cause:
    """What is wrong, and what mends it: a sentence each."""

    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.what}\n{self.mend}"


NOBODY = Cause(
    "Nobody answers at that address.",
    "What was started there has been stopped, or the network does not lead there: run the cell "
    "again that starts the session or the proxy.",
)

UNKNOWN = Cause(
    "The certificate at that address is signed by nobody whom Python trusts.",
    "A company's proxy opens what is sent: set SSL_CERT_FILE and REQUESTS_CA_BUNDLE to the file of "
    "the company's certificates, and start JupyterLab again.",
)


def of_connection(words: str) -> Cause:
    """Return why no answer came, from the ``words`` of a client's error and of those beneath it."""
    if "CERTIFICATE_VERIFY_FAILED" in words:
        return UNKNOWN
    if found := re.search(r"Tunnel connection failed: [\w ]+|\b407 Proxy Auth\w+ \w+", words):
        return Cause(f"A proxy in between lets nothing through: {found[0]}.", _between())
    return NOBODY


def of_key(name: str, value: str) -> str | None:
    """Return what mends a key that cannot be right by its look alone, None for any other.

    ``name`` is the variable that holds it.
    """
    begins, whose = SERVED.get(name, ("no key begins so", ""))
    if value[:1] in ("'", '"') or value[-1:] in ("'", '"'):
        return f"{name} has quotes in it: export it again without them."
    if value.startswith(begins):
        return f"{name} holds a key of {whose}: the two keys are swapped."
    return None


def refusal_in(words: str) -> tuple[int, str]:
    """Return the status and the body of LangSmith's answer, which its SDK has in its messages.

    The status is 0 where there is none in them, and the body then all that they say.
    """
    if any(said in words for said in WORKSPACE):
        return 403, WORKSPACE[0]
    status = re.search(
        r"\b([45]\d\d) (?:Client|Server) Error|Langsmith HTTP Error: (\d+) - ", words
    )
    if status is None:
        return 0, words
    body = re.search(r"""(?:, |Error: \d+ - )['"]?(\{.*\}|<.*>)""", words, re.DOTALL)
    return int(status[1] or status[2]), body[1] if body else words


def words_of(body: str) -> str:
    """Return the service's own words out of the body of its answer, without keys, in one line."""
    text = body
    try:
        text = _said(json.loads(body)) or body
    except ValueError:
        if "<html" in body.lower() or "<!doctype" in body.lower():
            title = re.search(r"<title>(.*?)</title>", body, re.IGNORECASE | re.DOTALL)
            text = f"a page of HTML{f': {title[1]}' if title else ''}"
    return one_line(text, LONGEST)


def one_line(text: str, longest: int) -> str:
    """Return ``text`` without keys, in one line of at most so many characters."""
    line = " ".join(mask(text).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def _said(answer: Any) -> str:
    while isinstance(answer, dict):
        found = next((answer[key] for key in ("error", "detail", "message") if key in answer), "")
        answer = found
    return answer if isinstance(answer, str) else ""


def of_model(
    status: int, body: str, environ: Mapping[str, str], *, route: str = ""
) -> Cause | None:
    """Return why the model API answered with ``status`` and ``body``; None for a success.

    ``route`` is the path that was asked, where that is known.
    """
    if status < 400:
        return None
    said, named = words_of(body), environ.get(MODEL, "").strip()
    name = f"{named.partition('/')[0].upper()}_API_KEY" if named else "OPENAI_API_KEY"
    what = f"The model's provider refuses (HTTP {status}): {said}"
    if _html(body) or status == 407:
        return Cause(what, _between())
    if status in (401, 403, 404) and _of_langsmith(body, environ):
        return Cause(what, f"The answer reads as one of LangSmith: {SWAPPED}")
    if status in (401, 403):
        return Cause(what, _wrong_key(name, environ.get(name, "").strip()))
    if status == 404:
        return Cause(what, _not_there(said, route, named))
    if status == 429 and re.search(r"insufficient_quota|quota|billing", body):
        return Cause(what, "The account has no credit left: add some, or take another key.")
    if status == 429:
        return Cause(what, "Too many calls in a short time: wait a minute, and run the cell again.")
    if status >= 500:
        return Cause(what, "The service is at fault: run the cell again in a while.")
    if "No recording answers" in body:
        mend = "Ask what the lesson asks, or record this with the command in the words above."
        return Cause(what, mend)
    if "LLM Provider NOT provided" in said:
        mend = "LiteLLM does not know whose model that is: look for a slip in its name, or put the "
        return Cause(what, f"{mend}provider before it, as in anthropic/claude-haiku-4-5.")
    if VECTORS in said:
        return Cause(
            what, f"Set {VECTORS} to a model that does, or leave the search by meaning out."
        )
    return Cause(what, "The request is at fault: its words above name the argument.")


def of_langsmith(status: int, body: str, environ: Mapping[str, str]) -> Cause | None:
    """Return why LangSmith answered with ``status`` and ``body``; None for a success."""
    if status < 400:
        return None
    said, key = words_of(body), environ.get("LANGSMITH_API_KEY", "").strip()
    address = environ.get("LANGSMITH_ENDPOINT", "")
    what = f"LangSmith refuses (HTTP {status}): {said}"
    if _html(body) or status == 407:
        return Cause(what, _between())
    if any(word in body for word in WORKSPACE):
        return Cause(
            what,
            "The key reaches several workspaces: set LANGSMITH_WORKSPACE_ID to one, and for the "
            "callback LANGSMITH_TENANT_ID too; Settings, Workspaces, shows the id.",
        )
    if status in (401, 403, 404) and _of_a_provider(body, address):
        return Cause(what, f"The answer reads as one of a model's provider: {SWAPPED}")
    if status in (401, 403):
        if mend := of_key("LANGSMITH_API_KEY", key):
            return Cause(what, mend)
        region = (
            "the region of this address"
            if address
            else f"the United States; for an account in Europe set LANGSMITH_ENDPOINT={EUROPE}"
        )
        also = "A workspace that is not the key's is refused alike."
        return Cause(what, f"The key is wrong, or not of {region}. {also}")
    if status == 404:
        return Cause(what, "Look at LANGSMITH_ENDPOINT: nothing of LangSmith is at that address.")
    if status == 429:
        mend = "The plan's limit is reached, so that runs are refused: wait, send less, or look at "
        return Cause(what, f"{mend}Settings, Usage and billing, in LangSmith.")
    if status >= 500:
        return Cause(what, "The service is at fault: run the cell again in a while.")
    return Cause(what, "The request is at fault: its words above name the field.")


def _wrong_key(name: str, key: str) -> str:
    if not key:
        return f"Set {name} before you start JupyterLab."
    return of_key(name, key) or (
        f"Set {name} to a key that is valid: copy it anew, whole, without spaces."
    )


def _not_there(said: str, route: str, named: str) -> str:
    if "model" in said.lower() and named:
        return f"Name in {MODEL} a model that your account has, and start the kernel again."
    if "model" in said.lower():
        return "Name a model that your account has; `client.models.list()` of openai lists them."
    if route.endswith("/embeddings"):
        return (
            "This provider makes no vectors: give OPENAI_BASE_URL to one that does, or name a "
            f"model in {MODEL} and one for vectors in {VECTORS}."
        )
    return "Look at OPENAI_BASE_URL: the address has no such route. It ends in /v1."


def _of_langsmith(body: str, environ: Mapping[str, str]) -> bool:
    """Whether LangSmith answers where a provider should."""
    return "Invalid token" in body or ".langchain.com" in environ.get("OPENAI_BASE_URL", "")


def _of_a_provider(body: str, address: str) -> bool:
    """Whether a provider answers where LangSmith should: OpenAI's errors are objects."""
    return '"invalid_request_error"' in body or "api.openai.com" in address


def _html(body: str) -> bool:
    return "<html" in body.lower() or "<!doctype" in body.lower()


def _between() -> str:
    return (
        "Something in between answers, such as a company's proxy: look at HTTPS_PROXY and NO_PROXY "
        "and at what it lets through."
    )
