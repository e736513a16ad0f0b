"""Whose key is it? The proxy asks this when its config names it as ``custom_auth``."""

import os

from fastapi import HTTPException, Request
from litellm.proxy._types import UserAPIKeyAuth

TEAMS = {"sk-acme": "acme", "sk-quiet": "quiet"}  # yours come from where you keep your users


async def check(request: Request, api_key: str) -> UserAPIKeyAuth:
    if api_key == os.environ["LITELLM_MASTER_KEY"]:
        return UserAPIKeyAuth(api_key=api_key)
    if api_key in TEAMS:
        return UserAPIKeyAuth(api_key=api_key, team_id=TEAMS[api_key])
    raise HTTPException(401, "This key is unknown here.")
