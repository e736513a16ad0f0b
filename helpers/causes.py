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

__all__ = ["NOBODY", "Cause", "of_langsmith", "of_model", "one_line", "words_of"]

EUROPE = "https://eu.api.smith.langchain.com"
LONGEST = 200  # characters of a service's own words
WORKSPACE = "org_scoped_key_requires_workspace"


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


def of_model(status: int, body: str, environ: Mapping[str, str]) -> Cause | None:
    """Return why the model API answered with ``status`` and ``body``; None for a success."""
    if status < 400:
        return None
    said, key = words_of(body), environ.get("OPENAI_API_KEY", "").strip()
    what = f"The model's provider refuses (HTTP {status}): {said}"
    if _html(body) or status == 407:
        return Cause(what, _between())
    if status in (401, 403):
        return Cause(what, _wrong_key("OPENAI_API_KEY", key, other="lsv2_", whose="LangSmith's"))
    if status == 404:
        if "model" in said.lower():
            mend = (
                "Name a model that your account has; `client.models.list()` of openai lists them."
            )
        else:
            mend = "Look at OPENAI_BASE_URL: the address has no such route. It ends in /v1."
        return Cause(what, mend)
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
        mend = "LiteLLM does not know whose model that is: put the provider before its name, as in "
        return Cause(what, f"{mend}anthropic/claude-haiku-4-5. OpenAI's models go without.")
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
    if WORKSPACE in body:
        return Cause(
            what,
            "The key reaches several workspaces: set LANGSMITH_WORKSPACE_ID to one, and for the "
            "callback LANGSMITH_TENANT_ID too; Settings, Workspaces, shows the id.",
        )
    if status in (401, 403):
        if key[:1] in ("'", '"') or key.startswith("sk-"):
            return Cause(what, _wrong_key("LANGSMITH_API_KEY", key, other="sk-", whose="OpenAI's"))
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
        return Cause(what, "The plan's limit is reached: send less, or wait.")
    if status >= 500:
        return Cause(what, "The service is at fault: run the cell again in a while.")
    return Cause(what, "The request is at fault: its words above name the field.")


def _wrong_key(name: str, key: str, *, other: str, whose: str) -> str:
    if not key:
        return f"Set {name} before you start JupyterLab."
    if key[0] in "'\"" or key[-1] in "'\"":
        return f"{name} has quotes in it: export it again without them."
    if key.startswith(other):
        return f"{name} holds a key of {whose}: the two keys are swapped."
    return f"Set {name} to a key that is valid: copy it anew, whole, without spaces."


def _html(body: str) -> bool:
    return "<html" in body.lower() or "<!doctype" in body.lower()


def _between() -> str:
    return (
        "Something in between answers, such as a company's proxy: look at HTTPS_PROXY and NO_PROXY "
        "and at what it lets through."
    )
