"""Another team's service: it says what the letters of a term stand for.

A run of it goes beneath that of whoever calls it with the header langsmith-trace.
"""

from langsmith import traceable
from langsmith.middleware import TracingMiddleware
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.routing import Route

LETTERS = {"DNS": "Domain Name System", "SSH": "Secure Shell", "TLS": "Transport Layer Security"}


@traceable(run_type="tool")
def spell(term):
    return LETTERS.get(term)


async def letters(request):
    return JSONResponse(spell(request.path_params["term"]))


app = Starlette(
    routes=[Route("/letters/{term}", letters)],
    middleware=[Middleware(TracingMiddleware)],
)
