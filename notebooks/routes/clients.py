"""A client of the gateway, which has a key of its team."""

import httpx
from routes.asking import about


def ask(gateway, key, term, **body):
    """Ask the gateway about a term; return the status of its answer."""
    url, headers = f"{gateway.url}/chat/completions", {"Authorization": f"Bearer {key}"}
    return httpx.post(url, json=about(term) | body, headers=headers, timeout=60).status_code
