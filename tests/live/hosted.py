"""A LangSmith that is not the session's own: another process, a key, a workspace, strangers.

``python -m tests.live.hosted FOLDER`` serves one until it is ended, and prints its variables as one
line of JSON. What is written is readable a second later, as with LangSmith, and nothing announces
that. Its key reaches several workspaces, so a request must name one, as is reported of such keys
(langsmith-sdk issue 2112). Projects of others are in it, under names that lessons use as well.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from helpers.langsmith_local.door import TracesDoor
from helpers.langsmith_local.errors import detail
from helpers.paths import ROOT
from helpers.serving.guard import Objection

__all__ = ["STRANGERS", "WORKSPACE", "WorkspaceDoor", "hosted", "silent"]

LAG = 1.0
WORKSPACE = str(uuid4())
# Projects of others whose names look like those of lessons. No lesson may touch them.
STRANGERS = ("litellm-integration-prod", "glossary", "team-a", "acme-sampled", "lesson-09-prod")
NEEDED = "org_scoped_key_requires_workspace"  # the SDK knows this word (langsmith/client.py)


class WorkspaceDoor(TracesDoor):
    """Asks for a workspace beside the key."""

    def opens(self, request: HTTPConnection) -> bool:
        """Whether key and workspace are those of this service."""
        named = request.headers.get("x-tenant-id") == WORKSPACE
        return super().opens(request) and (named or self.is_page(request.scope["path"]))

    def refuse(self, request: HTTPConnection, why: Objection) -> Response:
        """Say that the workspace is missing where the key is right."""
        if why.status == 401 and why.key == self.key:
            return detail(403, NEEDED, key="error")
        return super().refuse(request, why)


@contextlib.contextmanager
def hosted(folder: Path) -> Iterator[dict[str, str]]:
    """Serve one in a process of its own; gives the variables that point clients there."""
    command = [sys.executable, "-m", "tests.live.hosted", str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(20)


def silent(app: ASGIApp) -> ASGIApp:
    """Return ``app`` without the word of how late it is, which LangSmith does not give."""
    from helpers.langsmith_local.app import INFO

    async def silent(scope: Scope, receive: Receive, send: Send) -> None:
        told = scope["type"] == "http" and scope["path"].endswith("/info")
        await (JSONResponse(INFO) if told else app)(scope, receive, send)

    return silent


def _populate(variables: dict[str, str]) -> None:
    """Give each stranger a project with a trace, which looks as one of a lesson's does."""
    from langsmith import Client

    address, key, workspace = variables.values()
    client = Client(api_url=address, api_key=key, workspace_id=workspace)
    for project in STRANGERS:
        client.create_run("define", {"term": "theirs"}, "chain", project_name=project)
    client.flush()
    client.close()


def main(folder: Path) -> None:
    from helpers import langsmith_local
    from helpers.serving.guard import Guard
    from helpers.serving.server import Server

    key = f"lsv2_pt_{secrets.token_hex(16)}_{secrets.token_hex(5)}"
    door = WorkspaceDoor(key)
    app = langsmith_local.create_app(folder / "hosted.sqlite", door=door, lag=LAG)
    guard = Guard(silent(app), lambda path: door, log=folder / "failures.log")
    with Server(guard, name="hosted") as server:
        variables = {"LANGSMITH_ENDPOINT": server.url, "LANGSMITH_API_KEY": key}
        variables |= {"LANGSMITH_WORKSPACE_ID": WORKSPACE}
        _populate(variables)
        print(json.dumps(variables), flush=True)
        while True:
            time.sleep(3600)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
