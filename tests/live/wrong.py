"""What can be had wrong, served: other regions, full accounts, proxies of a company in between."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from langsmith import Client
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from helpers import langsmith_local
from helpers.langsmith_local.received import INGESTION
from helpers.serving.guard import Door, Guard
from helpers.serving.server import Server
from tests.live import hosted, scripted, shaped

__all__ = ["FULL", "LANGSMITH", "World", "world"]

LANGSMITH = "lsv2_pt_" + "0a1b2c3d" * 4 + "_0123456789"
PAGE = b"<!doctype html><html><title>Access denied</title>Ask your administrator.</html>"
# An account whose month is used up. No issue at hand has LangSmith's words for it, so these are
# ours in its form; the cause is found by the status.
FULL = {
    "error": "Too many requests: tenant exceeded usage limits: "
    "Monthly unique traces usage limit exceeded"
}
LATE = 60.0  # seconds, more than anybody waits


@dataclass(frozen=True)
class World:
    """The addresses of services that run: each but the first two has something wrong."""

    provider: str
    langsmith: str
    america: str  # a LangSmith of another region, which knows no key of this one
    full: str  # one whose account has used up its month
    late: str  # one that shows nothing for a minute
    chat_only: str  # a provider without a route for vectors
    blocking: str  # a company's proxy that lets nothing through
    asking: str  # one that wants to know who asks
    opening: str  # https behind a certificate that only the company knows
    other: str  # a provider of Anthropic's kind

    def anthropic(self, model: str) -> dict[str, str | None]:
        """Return the variables of a learner who asks ``model`` there."""
        own: dict[str, str | None] = {"TUTORIAL_MODEL": f"anthropic/{model}"}
        own |= {"ANTHROPIC_API_KEY": shaped.KEY, "ANTHROPIC_API_BASE": self.other}
        return own | {"OPENAI_API_KEY": None, "OPENAI_BASE_URL": None}


@contextlib.contextmanager
def world(folder: Path) -> Iterator[World]:
    """Serve all of it on this machine until the block ends."""
    with contextlib.ExitStack() as opened:

        def langsmith(name: str, key: str, lag: float = 0.0) -> str:
            door = hosted.WorkspaceDoor(key)
            app = langsmith_local.create_app(folder / f"{name}.sqlite", door=door, lag=lag)
            full = _full(app) if name == "full" else app
            return served(hosted.silent(full), door)

        def served(app: ASGIApp, door: Door) -> str:
            return opened.enter_context(Server(Guard(app, door))).url

        provider = scripted.create_app()
        here = langsmith("here", LANGSMITH)
        Client(here, api_key=LANGSMITH, workspace_id=hosted.WORKSPACE).create_project("glossary")
        yield World(
            provider=f"{served(provider, Door(None))}/v1",
            langsmith=here,
            america=langsmith("america", LANGSMITH[::-1]),
            full=langsmith("full", LANGSMITH),
            late=langsmith("late", LANGSMITH, LATE),
            chat_only=f"{served(_chat_only(provider), Door(None))}/v1",
            blocking=opened.enter_context(_between(403)),
            asking=opened.enter_context(_between(407)),
            opening=opened.enter_context(_opening(folder)),
            other=served(shaped.create_app(), Door(None)),
        )


def _full(app: ASGIApp) -> ASGIApp:
    async def full(scope: Scope, receive: Receive, send: Send) -> None:
        takes_in = scope["type"] == "http" and scope["path"].endswith(INGESTION)
        await (JSONResponse(FULL, 429) if takes_in else app)(scope, receive, send)

    return full


def _chat_only(app: ASGIApp) -> ASGIApp:
    async def chat_only(scope: Scope, receive: Receive, send: Send) -> None:
        lacking = scope["type"] == "http" and scope["path"].endswith("/embeddings")
        await (Response("404 page not found", 404) if lacking else app)(scope, receive, send)

    return chat_only


@contextlib.contextmanager
def _between(status: int) -> Iterator[str]:
    """Serve a proxy that answers all by itself, as those of companies do."""

    class Proxy(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(PAGE)))
            self.end_headers()
            self.wfile.write(PAGE)

        do_GET = do_PATCH = do_CONNECT = do_POST

        def log_message(self, *_: object) -> None:
            pass

    with _in_a_thread(ThreadingHTTPServer(("127.0.0.1", 0), Proxy)) as port:
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def _opening(folder: Path) -> Iterator[str]:
    """Serve https with a certificate that nobody has signed whom Python knows."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(folder / "company.pem"))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client hangs up
    with _in_a_thread(server) as port:
        yield f"https://127.0.0.1:{port}"


@contextlib.contextmanager
def _in_a_thread(server: ThreadingHTTPServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def _certificate(path: Path) -> Path:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "The company")])
    now = datetime.datetime.now(datetime.UTC)
    built = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    built = built.not_valid_before(now - datetime.timedelta(days=1))
    built = built.not_valid_after(now + datetime.timedelta(days=1))
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    signed = built.add_extension(here, critical=False).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    kept = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(signed.public_bytes(pem) + key.private_bytes(pem, *kept))
    return path
