"""A stranger who calls a service, and chooses its trace and its project."""

import httpx

from helpers import session

PLACE = "20260101T000000000000Z01a21482-950a-70a3-9de6-a82a63b0dc2f"


class Stranger:
    async def knock(self, application):
        """Ask an ASGI application of this process for the letters of TLS."""
        # What he says is his, what he makes in your LangSmith is yours to delete.
        baggage = f"langsmith-project={session.project('stranger')}"
        forged = {"langsmith-trace": PLACE, "baggage": baggage}
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://letters") as client:
            return await client.get("/letters/TLS", headers=forged)
