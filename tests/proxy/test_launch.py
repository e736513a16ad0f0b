"""A real LiteLLM proxy that a notebook starts, calls, and cannot leave behind."""

import contextlib
import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import psutil
import pytest
from jupyter_client.manager import KernelManager
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

from helpers import session, terminal
from helpers.environment import variables
from helpers.keys import Keys
from helpers.proxy import launch as proxy
from helpers.proxy.launch import ProxyError
from helpers.serving.loopback import listening
from tests.serving.opened import serving

ROOT = Path(proxy.__file__).parents[2]
NOTEBOOKS = ROOT / "notebooks"
LIMIT = 5  # seconds that a proxy may outlive its kernel
ANSWER = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1760000000,
    "model": "gpt-4o-mini",
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": "A protocol."},
        }
    ],
    "usage": {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12},
}


def both_services(bodies: list[Any]) -> Starlette:
    """Return a model API with one answer, and a LangSmith that keeps what it is sent."""

    async def chat(request: Request) -> JSONResponse | StreamingResponse:
        if not (await request.json()).get("stream"):
            return JSONResponse(ANSWER)
        chunk = ANSWER | {"object": "chat.completion.chunk"}
        chunk["choices"] = [{"index": 0, "delta": {"content": "A stream."}, "finish_reason": None}]
        lines = [f"data: {json.dumps(chunk)}\n\n", "data: [DONE]\n\n"]
        return StreamingResponse(iter(lines), media_type="text/event-stream")

    async def batch(request: Request) -> JSONResponse:
        bodies.append(await request.json())
        return JSONResponse({}, 202)

    post = ["POST"]
    return Starlette(
        routes=[
            Route("/v1/chat/completions", chat, methods=post),
            Route("/api/v1/runs/batch", batch, methods=post),
        ]
    )


@pytest.fixture(scope="module")
def bodies() -> list[Any]:
    """What the scratch LangSmith was sent."""
    return []


@pytest.fixture(scope="module")
def service(bodies: list[Any]) -> Iterator[str]:
    """The address of the scratch services."""
    with serving(both_services(bodies), name="scratch services") as url:
        yield url


@pytest.fixture(scope="module", autouse=True)
def _environment(service: str) -> Iterator[None]:
    """The environment that a session makes, and a DATABASE_URL that was meant for others."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables(service, Keys()).items():
            patch.setenv(name, value)
        patch.setenv("LANGSMITH_PROJECT", "proxy-tests")
        patch.setenv("DATABASE_URL", "postgresql://somebody@127.0.0.1:1/precious")
        patch.setenv("LITELLM_MASTER_KEY", "sk-of-another-proxy-of-the-learner")
        patch.chdir(NOTEBOOKS)
        yield


@pytest.fixture(scope="module")
def taken() -> Iterator[int]:
    """A port that another program listens on."""
    with contextlib.ExitStack() as taken:
        yield [taken.enter_context(each).getsockname()[1] for each in listening()][0]


@pytest.fixture(scope="module")
def running(taken: int) -> Iterator[proxy.Proxy]:
    """The notebooks' own proxy, asked to listen on a port that is taken."""
    with proxy.start(port=taken) as started:
        yield started
    proxy.stop()


def client(running: proxy.Proxy, key: str | None = None) -> openai.OpenAI:
    return openai.OpenAI(base_url=running.url, api_key=key or running.key, max_retries=0)


def ask(client: openai.OpenAI, prompt: str) -> str | None:
    message = {"role": "user", "content": prompt}
    answer = client.chat.completions.create(model="gpt-4o-mini", messages=[message])
    return answer.choices[0].message.content


def eventually(condition: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 30
    while not (value := condition()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return value


def run_about(bodies: list[Any], prompt: str) -> dict[str, Any]:
    def find() -> dict[str, Any] | None:
        runs = [run for body in list(bodies) for run in body["post"]]
        return next((run for run in runs if prompt in json.dumps(run["inputs"])), None)

    return eventually(find)


def test_a_client_of_openai_is_answered(running):
    assert ask(client(running), "What is HTTP?") == "A protocol."


def test_another_port_than_asked_for_is_said(running, taken):
    said = (
        rf"ready at http://127\.0\.0\.1:{running.port}/v1 instead of port {taken}, which is taken"
    )
    assert running.port != taken
    assert re.search(said, repr(running))


def test_the_proxy_listens_on_loopback_only(running):
    family = psutil.Process(running.pid)
    listeners = [c for c in family.net_connections("inet") if c.status == psutil.CONN_LISTEN]
    assert [c.laddr for c in listeners] == [("127.0.0.1", running.port)]


def test_each_call_arrives_as_one_run_without_the_keys(running, bodies):
    ask(client(running), "What is a port?")
    run = run_about(bodies, "What is a port?")
    assert (run["name"], run["session_name"]) == ("LLMRun", "proxy-tests")
    assert run["outputs"]["choices"][0]["message"]["content"] == "A protocol."
    assert running.key not in json.dumps(bodies)


def test_a_wrong_key_is_refused_and_logged_as_a_failed_run(running, bodies):
    wrong = "sk-wrong-key-of-a-client-0123456789"
    with pytest.raises(openai.BadRequestError, match="No connected db"):
        ask(client(running, wrong), "What is a key?")
    assert run_about(bodies, "What is a key?")["error"] == "No connected db."
    assert wrong not in json.dumps(bodies)


def test_a_wrong_key_that_does_not_start_with_sk_is_stored_as_it_is(running, bodies):
    with pytest.raises(openai.BadRequestError, match="No connected db"):
        ask(client(running, "a-password-by-mistake"), "What is a password?")
    run = run_about(bodies, "What is a password?")
    assert run["extra"]["user_api_key_hash"] == "a-password-by-mistake"


def test_the_key_is_made_for_the_session(running):
    assert re.fullmatch("sk-[0-9a-f]{32}", running.key)
    assert running.key not in repr(running) + running.command + str(running.environment)


def test_the_environment_shows_where_calls_go_and_no_key(running, service):
    shown = running.environment
    assert shown["OPENAI_BASE_URL"] == f"{service}/v1"
    assert shown["LANGSMITH_BASE_URL"] == service
    assert shown["OPENAI_API_KEY"] == "********"
    assert shown["LITELLM_MASTER_KEY"] == "********"


def test_a_database_of_another_program_is_not_touched(running):
    assert "DATABASE_URL" not in psutil.Process(running.pid).environ()
    assert os.environ["DATABASE_URL"].endswith("precious")


def test_the_log_has_the_requests_and_not_the_key(running):
    url = running.url.replace("/v1", f"/?{running.key}")
    httpx.get(url)
    assert eventually(lambda: "GET /?" in running.log(200))
    assert running.key not in running.log(200)
    assert len(running.log(tail=3).splitlines()) == 3


def test_starting_it_again_returns_the_running_one(running, taken):
    assert proxy.start(port=taken) is running


@pytest.fixture
def node() -> str:
    """Node, with the packages of notebooks/client."""
    if lack := terminal.missing("node"):
        pytest.skip(lack.splitlines()[0])
    return terminal.node.found().program


@pytest.mark.parametrize(
    ("script", "answer"), [("ask.mjs", "A protocol."), ("stream.mjs", "A stream.")]
)
def test_the_javascript_client_prints_the_answer(node, service, script, answer):
    environment = os.environ | {"OPENAI_BASE_URL": f"{service}/v1", "OPENAI_API_KEY": "any"}
    command = [node, f"client/{script}", "What is HTTP?"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == (f"{answer}\n", "")


def test_the_javascript_lock_names_no_address():
    lock = json.loads((NOTEBOOKS / "client/package-lock.json").read_text(encoding="utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    assert all("integrity" in p and "resolved" not in p for p in packages.values())


def test_the_javascript_client_needs_openai_and_no_langsmith():
    package = json.loads((NOTEBOOKS / "client/package.json").read_text(encoding="utf-8"))
    assert list(package["dependencies"]) == ["openai"]


def test_a_missing_config_names_the_nearest():
    with pytest.raises(ProxyError, match=re.escape("The nearest is proxy/config.yaml.")):
        proxy.start("proxy/confg.yml")


@pytest.fixture(scope="module")
def second(
    running: proxy.Proxy, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[KernelManager, Any, str]]:
    """A second notebook's kernel, its client, and what its proxy says, asked for a taken port.

    Its config also keeps what is known of a key out of the traces.
    """
    config = tmp_path_factory.mktemp("second") / "config.yaml"
    setting = "litellm_settings:\n  redact_user_api_key_info: true"
    text = (NOTEBOOKS / "proxy/config.yaml").read_text(encoding="utf-8")
    config.write_text(text.replace("litellm_settings:", setting), encoding="utf-8")
    with a_kernel() as (manager, channel):
        started = f"proxy.start({str(config)!r}, port={running.port})"
        said = execute(channel, f"from helpers import proxy; p = {started}; print(p.key, p.url, p)")
        yield manager, channel, said


def test_the_proxy_of_a_second_notebook_does_not_collide(running, second):
    key, url, said = second[2].split(" ", 2)
    assert f"ready at {url} instead of port {running.port}, which is taken" in said
    assert url != running.url and key != running.key
    other = openai.OpenAI(base_url=url, api_key=key, max_retries=0)
    assert ask(other, "What is a second?") == ask(client(running), "What is a first?")


def test_a_wrong_key_is_kept_out_of_the_traces_by_the_setting_for_that(second, bodies):
    url = second[2].split(" ", 2)[1]
    with pytest.raises(openai.BadRequestError, match="No connected db"):
        wrong = openai.OpenAI(base_url=url, api_key="a-secret-by-mistake", max_retries=0)
        ask(wrong, "What is a secret?")
    assert run_about(bodies, "What is a secret?")["error"] == "No connected db."
    assert "a-secret-by-mistake" not in json.dumps(bodies)


def test_a_proxy_survives_an_interrupted_cell(second):
    manager, channel, _ = second
    message = channel.execute("import time; time.sleep(60)")
    time.sleep(1)
    manager.interrupt_kernel()
    assert channel.get_shell_msg(timeout=60)["parent_header"]["msg_id"] == message
    assert execute(channel, "print(p.running, proxy.current() is p)") == "True True\n"


def test_a_proxy_ends_when_its_kernel_is_killed_and_another_s_does_not(running, second):
    manager = second[0]
    (process,) = proxies_of(manager)
    manager.restart_kernel(now=True)
    assert psutil.wait_procs([process], timeout=LIMIT)[1] == []
    assert ask(client(running), "What is a survivor?") == "A protocol."


def test_a_cell_interrupted_while_it_starts_a_proxy_leaves_none(second):
    manager, channel, _ = second
    channel.wait_for_ready(timeout=60)  # it was killed a test ago, and started again
    execute(channel, f"import sys; sys.path.insert(0, {str(ROOT)!r})")
    channel.execute("from helpers import proxy; p = proxy.start(port=0)")
    (process,) = eventually(lambda: proxies_of(manager))
    assert "$ LITELLM_MASTER_KEY" in shown(channel)["text/plain"]
    assert "<progress" in shown(channel)["text/html"]
    manager.interrupt_kernel()
    assert channel.get_shell_msg(timeout=60)["content"]["ename"] == "KeyboardInterrupt"
    assert psutil.wait_procs([process], timeout=LIMIT)[1] == []


def test_a_config_that_is_no_yaml_is_told_at_once_and_leaves_the_running_one(running, tmp_path):
    broken = tmp_path / "config.yaml"
    broken.write_text("model_list:\n  - model_name: [\n")
    with pytest.raises(ProxyError, match=r"not valid YAML.*line 3") as raised:
        proxy.start(broken)
    assert len(raised.value._render_traceback_()[0].splitlines()) <= 3
    assert running.running


def test_another_config_replaces_the_running_one(running, tmp_path, monkeypatch):
    def fail(config: str, *_: object) -> None:
        raise ProxyError(config)

    monkeypatch.setattr(proxy, "_start", fail)
    other = tmp_path / "config.yaml"
    other.write_text("model_list: []\n")
    with pytest.raises(ProxyError, match=re.escape(other.as_posix())):
        proxy.start(other)
    assert not running.running
    assert repr(running) == "LiteLLM proxy, stopped (config proxy/config.yaml)"


@contextlib.contextmanager
def a_kernel() -> Iterator[tuple[KernelManager, Any]]:
    manager = KernelManager()
    manager.start_kernel(cwd=str(NOTEBOOKS))
    channel = manager.blocking_client()
    try:
        channel.start_channels()
        channel.wait_for_ready(timeout=60)
        execute(channel, f"import sys; sys.path.insert(0, {str(ROOT)!r})")
        yield manager, channel
    finally:
        channel.stop_channels()
        manager.shutdown_kernel(now=True)


def execute(channel: Any, code: str, status: str = "ok") -> str:
    texts: list[str] = []
    while True:
        reply = channel.execute_interactive(
            code, timeout=300, output_hook=lambda m: texts.append(m["content"].get("text", ""))
        )
        # For a moment after an interrupt a kernel still drops what was behind that cell.
        if reply["content"]["status"] != "aborted":
            break
        time.sleep(0.2)
    assert reply["content"]["status"] == status, reply["content"]
    return "".join(texts)


def shown(channel: Any) -> dict[str, str]:
    """Return the next output, or update of one, that a cell displays."""
    while True:
        message = channel.get_iopub_msg(timeout=60)
        if message["msg_type"] in ("display_data", "update_display_data"):
            return message["content"]["data"]


def proxies_of(manager: KernelManager) -> list[psutil.Process]:
    return psutil.Process(manager.provisioner.pid).children()


def test_its_project_is_the_learners_own_in_langsmith(monkeypatch, tmp_path):
    given = []

    def start(config, port, child, environment, timeout):
        given.append(environment)
        raise ProxyError("It is not to be started.")

    monkeypatch.setattr(proxy, "_start", start)
    monkeypatch.setattr(session, "project", lambda name: f"{name}-of-ada")
    (tmp_path / "config.yaml").write_text("model_list: []")
    own = {"ACME_PROJECT": "acme"}
    with pytest.raises(ProxyError):
        proxy.start(tmp_path / "config.yaml", project="gateway", environment=own)
    assert given == [{"LANGSMITH_PROJECT": "gateway-of-ada", "ACME_PROJECT": "acme"}]
