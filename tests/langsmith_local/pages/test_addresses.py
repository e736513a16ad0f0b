"""Where pages are, and that each address which LangSmith's SDK makes opens the right one."""

from __future__ import annotations

import asyncio
import html
import warnings
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from langsmith import Client
from langsmith.run_trees import RunTree
from langsmith.schemas import InsightsReport

from helpers.langsmith_local.pages.addresses import Links
from helpers.langsmith_local.store import Store

PROJECT = "glossary of terms"


@pytest.fixture
def web(service: str) -> Iterator[Client]:
    """A client that knows where the pages are: for an address on this machine the SDK cannot."""
    made = Client(api_url=service, api_key="lsv2_pt_not_a_key", web_url=service)
    yield made
    made.cleanup()


@pytest.fixture
def sent(web: Client) -> dict[str, RunTree]:
    """A root and the run beneath it, in a thread."""
    more = {"metadata": {"thread_id": "a/b c?"}}
    root = RunTree(name="define", client=web, project_name=PROJECT, extra=more, inputs={"t": 1})
    child = root.create_child(name="ask <HTTP>", run_type="llm")
    for run in (root, child):
        run.post()
    for run in (child, root):
        run.end(outputs={"text": "A protocol."})
        run.patch()
    web.flush()
    return {"root": root, "child": child}


def old(call: Callable[[], Any]) -> Any:
    """Call what the SDK is about to take away."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return call()


def asked(web: Client, run: RunTree) -> str:
    project = web.read_project(project_name=PROJECT).id
    found = web.runs.get_url(str(run.id), project_id=str(project), trace_id=str(run.trace_id))
    return str(asyncio.run(_of(found)))


async def _of(found: Any) -> Any:
    return (await found).url


def report(web: Client) -> str:
    project = web.read_project(project_name=PROJECT)
    ids = {"id": project.id, "project_id": project.id, "tenant_id": project.tenant_id}
    return InsightsReport(name="x", status="x", host_url=web._host_url, **ids).link


MADE: dict[str, tuple[Callable[[Client, dict[str, RunTree]], Any], str]] = {
    "RunTree.get_url": (lambda web, sent: sent["root"].get_url(), "define"),
    "RunTree.get_url of a child": (lambda web, sent: sent["child"].get_url(), "ask <HTTP>"),
    "client.runs.get_url": (lambda web, sent: asked(web, sent["child"]), "ask <HTTP>"),
    "client.get_run_url": (
        lambda web, sent: old(lambda: web.get_run_url(run=sent["child"])),
        "ask <HTTP>",
    ),
    "client.read_run(…).url": (
        lambda web, sent: old(lambda: web.read_run(sent["child"].id)).url,
        "ask <HTTP>",
    ),
    "client.read_project(…).url": (
        lambda web, sent: web.read_project(project_name=PROJECT).url,
        PROJECT,
    ),
    "InsightsReport.link": (lambda web, sent: report(web), PROJECT),
    "a thread, as LangSmith's pages have it": (
        lambda web, sent: f"{web.read_project(project_name=PROJECT).url}/t/a%2Fb%20c%3F",
        "Thread a/b c?",
    ),
}


@pytest.mark.parametrize("made", MADE)
def test_an_address_of_the_sdk_opens_the_right_page(
    web: Client, service: str, sent: dict[str, RunTree], made: str
) -> None:
    address, heading = MADE[made][0](web, sent), MADE[made][1]
    assert address.startswith(service)
    answer = httpx.get(address)
    assert answer.status_code == 200
    shown = answer.text.partition("<h1>")[2].partition("</h1>")[0]
    assert html.unescape(shown.replace("<bdi>", "").replace("</bdi>", "")) == heading


def test_the_sdk_leaves_the_port_out_unless_it_is_told_where_the_pages_are(
    client: Client, sent: dict[str, RunTree]
) -> None:
    address = old(lambda: client.get_run_url(run=sent["root"]))
    assert urlsplit(address).netloc == "localhost"
    # What asks the service is right anyway.
    assert urlsplit(asked(client, sent["root"])).port


@pytest.mark.parametrize("spelled", [str.upper, lambda text: text.replace("-", "")])
def test_an_id_may_be_spelled_otherwise(
    web: Client, sent: dict[str, RunTree], spelled: Callable[[str], str]
) -> None:
    before, run_id = sent["child"].get_url().partition("?")[0].rsplit("/", 1)
    assert "ask" in httpx.get(f"{before}/{spelled(run_id)}").text


def test_links_lead_to_the_same_pages_behind_a_hub(store: Store) -> None:
    """A hub puts a prefix before the paths of a service, and takes it away again."""
    hub = "https://hub.example/user/ada/proxy/8123"
    for path in ("/", "/o/x/projects/p/y", "/o/x/projects/p/y/t/a%2Fb", "/o/x/projects/p/y/r/z"):
        links = Links(path, "T")
        there = {
            "project": links.project("P", filter='eq(a, "b")', cursor=None),
            "run": links.run("P", "R"),
            "style": links.style,
            "top": links.top,
            "thread": links.thread("P", "a/b ?") or "",
        }
        assert {name: urljoin(hub + path, link) for name, link in there.items()} == {
            "project": f"{hub}/o/T/projects/p/P?filter=eq%28a%2C+%22b%22%29",
            "run": f"{hub}/o/T/projects/p/P/r/R",
            "style": f"{hub}/o/style.css",
            "top": f"{hub}/",
            "thread": f"{hub}/o/T/projects/p/P/t/a%2Fb%20%3F",
        }


@pytest.mark.parametrize("thread", ["", ".", "..", "a\0b"])
def test_a_thread_that_no_address_can_name_has_none(thread: str) -> None:
    assert Links("/", "T").thread("P", thread) is None
