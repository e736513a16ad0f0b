"""Whether the programs beside Python are here: Node, curl, a local model, free ports."""

from __future__ import annotations

import re

from helpers.doctor.report import Check
from helpers.serving.loopback import HOST

__all__ = ["ports", "smollm2", "tools"]


def tools(node: str | None, client: str | None, curl: bool) -> list[Check]:
    """Judge Node (``v20.1.2`` or None), the client's npm package and curl."""
    return [
        _node(node),
        Check("JavaScript client", "ok", f"openai v{client}")
        if client
        else Check(
            "JavaScript client",
            "warning",
            "its package is not installed; lesson 03 has Python and curl as well",
            "python -m helpers.terminal",
        ),
        Check("curl", "ok", "is here")
        if curl
        else Check("curl", "warning", "not found", "install curl, or leave out its cell"),
    ]


def _node(version: str | None) -> Check:
    mend = "install Node.js 20 or newer, or leave out the JavaScript cells of lessons 03 and 15"
    if version is None:
        return Check("Node", "warning", "not found", mend)
    number = re.match(r"v?(\d+)", version)
    if number is None or int(number[1]) < 20:
        return Check("Node", "warning", f"{version} is too old", mend)
    return Check("Node", "ok", version)


def smollm2(installed: bool) -> Check:
    """Say whether prompts without a recording get an answer from a model on this machine."""
    text = "is installed" if installed else "is not installed, which TUTORIAL_MODE=local needs"
    return Check("SmolLM2", "info", text)


def ports(*, loopback: bool, free: bool) -> list[Check]:
    """Judge whether servers can listen, and whether 4000, the guide's port, is free."""
    if not loopback:
        mend = f"look for a firewall or a sandbox that forbids listening on {HOST}"
        return [Check("loopback", "problem", f"a server cannot listen on {HOST}", mend)]
    state = "is free" if free else "is in use: the proxy will take another"
    return [
        Check("loopback", "ok", f"servers can listen on {HOST}"),
        Check("port 4000", "info", state),
    ]
