"""The door of the model API: its key, and OpenAI's words for those who come without."""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.responses import Response

from helpers.replay.request import RequestError
from helpers.replay.responses import error_response
from helpers.serving.guard import Door, Objection

__all__ = ["ModelDoor"]

WHERE = "https://platform.openai.com/account/api-keys"
# As in openai/openai-python issues 1434 (no key) and 1296 (a wrong one).
MISSING = (
    "You didn't provide an API key. You need to provide your API key in an Authorization header "
    "using Bearer auth (i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank "
    "username) if you're accessing the API from your browser and are prompted for a username and "
    f"password. You can obtain an API key from {WHERE}."
)


class ModelDoor(Door):
    """Takes the key where OpenAI's clients put it."""

    def refuse(self, request: HTTPConnection, why: Objection) -> Response:
        """Answer 401 as OpenAI does, and what OpenAI never has to say in its form."""
        if why.status != 401:
            return error_response(RequestError(f"{why.why}.", status=why.status))
        if why.key is None:
            return error_response(RequestError(MISSING, status=401))
        wrong = (
            f"Incorrect API key provided: {_shown(why.key)}. You can find your API key at {WHERE}."
        )
        return error_response(RequestError(wrong, status=401, code="invalid_api_key"))


def _shown(key: str) -> str:
    """Return a key as OpenAI repeats it: its ends, at most four characters each."""
    key = key if key.isascii() and key.isprintable() else "?" * len(key)
    shown = 4 if len(key) >= 16 else 0
    return key[:shown] + "*" * min(len(key) - 2 * shown, 40) + (key[-shown:] if shown else "")
