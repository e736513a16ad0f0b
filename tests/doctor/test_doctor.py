"""helpers.doctor: what is wrong with a machine, and what each layer sees, without touching it."""

import functools
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from langsmith import RunTree
from nbval.plugin import get_sanitize_patterns
from starlette.applications import Starlette
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from helpers import doctor
from helpers.doctor import cached, checks, findings, layering, proxies, report
from helpers.environment import PLACEHOLDER_KEY, variables
from helpers.errors import TutorialError
from helpers.lessons import faults
from helpers.nesting import child_of
from helpers.serving.server import Server, serving

ROOT = Path(__file__).resolve().parents[2]
HERE = "http://127.0.0.1:5"
CLOUD = "https://api.smith.langchain.com"
PINS = {"litellm": "1.106.2", "langsmith": "0.15.0"}


def _statuses(found):
    return {check.name: check.status for check in found}


# ---- the machine


@pytest.mark.parametrize(
    ("version", "status"),
    [((3, 10, 9), "problem"), ((3, 11, 0), "ok"), ((3, 14, 2), "ok"), ((3, 15, 0), "problem")],
)
def test_python_must_be_one_that_litellm_supports(version, status):
    assert checks.python(version, "a virtual environment").status == status


def test_pins_are_read_from_the_requirements():
    text = "# a==1\n-c .refused.txt\nlitellm[proxy]==1.106.2\nlangsmith==0.15.0  # why\nhttpx>=1\n"
    assert checks.parse_pins(text) == PINS


def test_packages_as_pinned_take_one_line():
    assert _statuses(checks.packages(PINS, PINS)) == {"packages": "ok"}


@pytest.mark.parametrize(("version", "status"), [(None, "problem"), ("0.14.1", "warning")])
def test_a_package_that_differs_gets_its_own_line(version, status):
    found = checks.packages(PINS, PINS | {"langsmith": version})
    assert _statuses(found)["langsmith"] == status
    assert "requirements.txt" in found[-1].mend


@pytest.mark.parametrize("version", checks.STOLEN)
def test_a_stolen_release_is_refused_even_when_it_is_pinned(version):
    (found,) = checks.packages({"litellm": version}, {"litellm": version})
    assert found.status == "problem" and "credential" in found.detail
    assert "Do not run pip" in found.mend


def test_the_stolen_releases_are_those_that_installation_refuses():
    refused = (ROOT / ".refused.txt").read_text(encoding="utf-8")
    assert set(re.findall(r"!=([\d.]+)", refused)) == set(checks.STOLEN)


@pytest.mark.parametrize("name", checks.IMPLANTS)
def test_an_implant_is_found(tmp_path, name):
    assert checks.implants([tmp_path]) == []
    (tmp_path / name).touch()
    assert _statuses(checks.implants([tmp_path])) == {name: "problem"}


def test_what_the_proxy_lacks_is_named():
    assert "fastapi" in checks.proxy_extra(["fastapi"]).detail
    assert checks.proxy_extra([]).status == "ok"


@pytest.mark.parametrize(
    ("node", "status"),
    [(None, "warning"), ("v18.1.0", "warning"), ("v20.0.0", "ok"), ("what?", "warning")],
)
def test_node_must_be_18_or_newer(node, status):
    assert checks.tools(node, "6.0.0", True)[0].status == status


def test_a_missing_npm_package_comes_with_its_line():
    assert checks.tools("v20.0.0", None, True)[1].mend == "npm --prefix notebooks/client ci"


@pytest.mark.parametrize("free", [True, False])
def test_a_port_in_use_is_not_red(free):
    assert "problem" not in _statuses(checks.ports(loopback=True, free=free)).values()


def test_no_loopback_is_red():
    assert _statuses(checks.ports(loopback=False, free=True)) == {"loopback": "problem"}


def test_a_port_that_somebody_holds_is_not_free():
    with Server(Starlette()) as server:
        assert not checks.can_listen(server.port)


# ---- keys


# Put together here, so that a search of the repository for keys finds none.
LOOKS_LIKE_KEYS = ["sk-" + "abcdefghijklmnopqrst", "short", "lsv2_pt_" + "0123456789abcdef_ff"]


@pytest.mark.parametrize("key", LOOKS_LIKE_KEYS)
def test_at_most_two_characters_of_a_key_are_shown(key):
    shown = report.masked(key)
    assert not any(key[at : at + 3] in shown for at in range(len(key) - 2))


def test_a_placeholder_is_called_one():
    assert report.masked(PLACEHOLDER_KEY) == "placeholder of this session"


def test_a_key_in_quotes_is_red():
    assert checks.keys({"OPENAI_API_KEY": "'sk-aaaaaaaaaaaaaaaa'"})[0].status == "problem"


def test_no_key_reaches_the_report_from_any_variable():
    secret = "sk-" + "0123456789abcdefghij"
    names = [name for each in layering.SETTINGS.values() for name in each if name]
    environ = dict.fromkeys(names, secret) | {"LANGSMITH_BASE_URL": f"https://u:{secret}@host/x"}
    shown = layering.read(environ)
    assert secret[:8] not in str(shown) + shown.html()


def test_an_address_is_shown_without_password_and_query():
    assert report.address("https://me:secret@host:1/x/?key=secret") == "https://host:1/x"


# ---- addresses


def _asked(environ, **allowed):
    return checks.addresses(environ, **{"ask_model": False, "ask_traces": False} | allowed)


def _answering(status):
    async def answer(request):
        return Response(status_code=status)

    return Starlette(routes=[Route("/v1/models", answer), Route("/info", answer)])


@pytest.mark.parametrize(("status", "verdict"), [(200, "ok"), (401, "ok"), (501, "problem")])
def test_both_addresses_are_asked(status, verdict):
    with serving(_answering(status)) as url:
        found = _asked(variables(url))
    assert _statuses(found) == {"model API": verdict, "LangSmith": verdict}


def test_an_address_where_nobody_answers_is_red():
    with serving(Starlette()) as gone:
        pass
    assert set(_statuses(_asked(variables(gone))).values()) == {"problem"}


def test_a_callback_that_posts_elsewhere_is_asked_too():
    environ = variables(HERE) | {"LANGSMITH_BASE_URL": "http://127.0.0.1:6"}
    assert "LangSmith (callback)" in _statuses(_asked(environ))


@pytest.mark.parametrize("environ", [{}, variables("https://example.com")])
def test_without_a_key_nothing_beyond_this_machine_is_asked(environ, monkeypatch):
    monkeypatch.setattr(checks, "_get", lambda *_, **__: pytest.fail("asked"))
    assert set(_statuses(_asked(environ)).values()) == {"info"}


def test_a_redirect_is_not_followed():
    async def away(request):
        return RedirectResponse("http://example.com/")

    with serving(Starlette(routes=[Route("/info", away)])) as url:
        found = _asked({"LANGSMITH_ENDPOINT": url})
    assert _statuses(found)["LangSmith"] == "ok"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1.example.com", "http://me@example.com", "http://[", "", "//127.0.0.1x"]
)
def test_what_only_looks_like_loopback_is_not(url):
    assert not checks.is_loopback(url)


@pytest.mark.parametrize("url", [HERE, "http://localhost:1", "http://[::1]:1/v1"])
def test_loopback_is_recognised(url):
    assert checks.is_loopback(url)


@pytest.mark.parametrize(("bypassed", "count"), [(True, 0), (False, 1)])
def test_an_http_proxy_must_leave_loopback_alone(bypassed, count):
    found = checks.proxy_bypass({"HTTP_PROXY": "http://campus:1"}, lambda host: bypassed)
    assert len(found) == count


def test_a_wrong_mode_is_red():
    assert checks.mode({"TUTORIAL_MODE": "lvie"})[0].status == "problem"


@pytest.mark.parametrize(("mode", "asked"), [("replay", (False, False)), ("auto", (True, True))])
def test_real_keys_open_the_way_only_in_a_mode_that_uses_them(mode, asked):
    environ = {"TUTORIAL_MODE": mode, "OPENAI_API_KEY": "k", "LANGSMITH_API_KEY": "k"}
    assert checks.mode(environ)[1:] == asked


# ---- the layers, as functions of what was found


def _found(environ):
    return {check.name: check for check in layering.read(environ).findings}


def test_a_session_has_no_findings():
    assert not _found(variables(HERE) | {"LANGSMITH_PROJECT": "p", "LANGSMITH_TRACING": "true"})


@pytest.mark.parametrize(
    ("environ", "name", "says"),
    [
        ({"LANGSMITH_ENDPOINT": HERE}, "address", "the callback and the proxy post to api.smith"),
        ({"LANGSMITH_BASE_URL": HERE}, "address", f"the SDK posts to {CLOUD}"),
        ({"LANGSMITH_BASE_URL": f"{HERE}/api"}, "LANGSMITH_BASE_URL", "/api/api/v1/runs/batch"),
        ({"LANGSMITH_TRACING": "True"}, "LANGSMITH_TRACING", "exactly true; it is 'True'"),
        (
            {"LANGSMITH_TRACING": "true", "LANGCHAIN_TRACING_V2": "false"},
            "LANGSMITH_TRACING",
            "LANGCHAIN_TRACING_V2 says false and comes first",
        ),
        ({"LANGSMITH_SAMPLING_RATE": "0.5"}, "LANGSMITH_SAMPLING_RATE", "0.5 is ignored"),
        (
            {"LANGSMITH_TRACING_SAMPLING_RATE": "2"},
            "LANGSMITH_TRACING_SAMPLING_RATE",
            "not a number from 0 to 1",
        ),
        ({"LANGCHAIN_PROJECT": "p"}, "LANGSMITH_PROJECT", "of the callback litellm-completion"),
        ({"LANGCHAIN_API_KEY": "k"}, "LANGSMITH_API_KEY", "of the callback not set"),
        ({"LANGSMITH_WORKSPACE_ID": "w"}, "workspace", "LANGSMITH_TENANT_ID"),
        ({"LANGSMITH_RUNS_ENDPOINTS": "{}"}, "LANGSMITH_RUNS_ENDPOINTS", "ignores"),
        ({"LANGSMITH_BATCH_SIZE": "one"}, "LANGSMITH_BATCH_SIZE", "no whole number"),
        ({"LANGSMITH_MOCK": "true"}, "LANGSMITH_MOCK", "thrown away"),
        ({"LANGSMITH_API_KEY": PLACEHOLDER_KEY}, "key", "placeholder"),
    ],
)
def test_a_difference_is_explained(environ, name, says):
    assert says in _found(environ)[name].detail


@pytest.mark.parametrize("rate", ["0", "1"])
def test_a_whole_sampling_rate_is_taken(rate):
    seen = layering.callback_view({"LANGSMITH_SAMPLING_RATE": rate})
    assert seen.settings["sampling rate"] == {"0": "0 of the runs", "1": "all runs"}[rate]


def test_a_callback_for_successes_only_is_named():
    events = frozenset({"success"})
    seen = layering.callback_view({}, events=events)
    found = _statuses(findings.callback({"LANGSMITH_API_KEY": "k"}, seen, seen, events))
    assert found == {"langsmith callback": "warning"}


def test_a_callback_without_a_key_is_red():
    events = frozenset({"success", "failure"})
    seen = layering.callback_view({}, events=events)
    found = _statuses(findings.callback({}, seen, seen, events))
    assert found == {"LANGSMITH_API_KEY": "problem"}


def test_a_logger_shows_what_it_was_made_with_and_what_waits():
    logger = SimpleNamespace(batch_size=9, flush_interval=5, sampling_rate=0.0, log_queue=[1, 2])
    environ = {"LANGSMITH_BATCH_SIZE": "1", "LANGSMITH_API_KEY": "k"}
    events = frozenset({"success", "failure"})
    seen = layering.callback_view(environ, logger=logger, events=events)
    fresh = layering.callback_view(environ)
    assert seen.settings["batch size"] == "9, or what came in 5 seconds" and seen.waiting == 2
    found = _statuses(findings.callback(environ, seen, fresh, events))
    assert set(found) == {"callback batch size", "callback sampling rate", "callback queue"}


def test_a_config_tells_what_the_proxy_logs():
    text = "litellm_settings:\n  success_callback: [langsmith]\n  langsmith_batch_size: 1\n"
    assert proxies.parse(text) == proxies.Config(frozenset({"success"}), 1)


def test_our_config_logs_both():
    assert proxies.settings().events == {"success", "failure"}


@pytest.mark.parametrize("text", ["", "[", "- a", "litellm_settings: 3"])
def test_a_config_that_says_nothing_does_no_harm(tmp_path, text):
    (tmp_path / "c.yaml").write_text(text, encoding="utf-8")
    assert proxies.settings(tmp_path / "c.yaml") == proxies.Config()


def test_a_proxy_started_before_a_change_is_named():
    before, after = (layering.callback_view({"LANGSMITH_PROJECT": name}) for name in "ab")
    (found,) = findings.proxy(before, after)
    assert "project" in found.detail


def test_a_running_proxy_is_read_and_what_it_was_given_is_no_fault(monkeypatch):
    given = {"LANGSMITH_PROJECT": "given", "LANGSMITH_API_KEY": "********"}
    running = SimpleNamespace(environment=given, config=None, _given=frozenset(given))
    monkeypatch.setattr(proxies, "running", lambda: running)
    found = layering.read({"LANGSMITH_PROJECT": "other", "LANGSMITH_API_KEY": "k"})
    assert found.seen[2].settings["project"] == "given" and found.seen[2].state == "is running"
    assert "proxy" not in _statuses(found.findings)


# ---- looking changes nothing


def test_a_cache_is_read_without_a_call():
    @functools.lru_cache(maxsize=3)
    def double(value, *, times=2):
        return None if value == 0 else value * times

    for value in (9, 0, "a", "b"):
        double(value)
    double("a", times=1)
    before = double.cache_info()
    found = {str(cached.arguments(key)): value for key, value in cached.contents(double).items()}
    assert found == {"(('a',), {})": "aa", "(('b',), {})": "bb", "(('a',), {'times': 1})": "a"}
    assert double.cache_info() == before


def test_an_empty_cache_is_empty_and_a_plain_function_has_none():
    assert cached.contents(functools.lru_cache(len)) == {}
    assert cached.contents(len) is None


def _python(code, **environ):
    """Run ``code`` in a fresh Python and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"LANGSMITH_ENDPOINT": HERE, "LANGSMITH_BASE_URL": HERE} | environ,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


STALE = """
import os
from langsmith import utils
from helpers import doctor
assert utils.tracing_is_enabled()
os.environ["LANGSMITH_TRACING"] = "false"
os.environ["LANGSMITH_PROJECT"] = "new"
before = utils.get_env_var.cache_info(), utils.get_tracer_project.cache_info()
print(doctor.layers())
assert (utils.get_env_var.cache_info(), utils.get_tracer_project.cache_info()) == before
assert utils.tracing_is_enabled()
assert utils.get_tracer_project() == "new"
"""


def test_a_stale_switch_is_found_and_nothing_is_cached_by_looking():
    printed = _python(STALE, LANGSMITH_TRACING="true", LANGSMITH_PROJECT="old")
    assert "os.environ says off, the SDK has cached on" in printed
    assert "get_env_var.cache_clear()" in printed
    assert "SDK project" not in printed


CLIENT = """
import os
import langsmith
from langsmith import utils, run_trees
from helpers import doctor
utils.get_tracer_project()
run_trees.get_cached_client(info={}, auto_batch_tracing=False)
os.environ.update(LANGSMITH_ENDPOINT="http://127.0.0.1:6", LANGSMITH_PROJECT="new")
print(doctor.layers())
langsmith.configure(enabled=True)
print(doctor.layers().findings[-1], flush=True)
os._exit(0)
"""


def test_a_client_and_a_project_from_before_are_found():
    printed = _python(CLIENT, LANGSMITH_PROJECT="old")
    assert "os.environ says new, the SDK has cached old" in printed
    assert f"os.environ says http://127.0.0.1:6, the SDK's client was made with {HERE}" in printed


def test_configured_tracing_is_no_fault():
    code = "import langsmith; langsmith.configure(enabled=True, project_name='mine')\n"
    code += "from helpers import doctor; print(doctor.layers())"
    printed = _python(code)
    assert "on, by tracing_context or configure" in printed
    assert "mine, by tracing_context or configure" in printed
    assert "✗" not in printed


CALLBACK = """
import asyncio, os, sys
from helpers import doctor
print("litellm" in sys.modules, "langsmith" in sys.modules)
import litellm
litellm.success_callback = ["langsmith"]
asyncio.run(litellm.acompletion("gpt-4o-mini", [{"role": "user", "content": "x"}],
                                mock_response="y"))
print(doctor.layers(), flush=True)
os._exit(0)  # not waiting until what is queued has been refused
"""


def test_litellm_is_looked_at_and_never_imported():
    printed = _python(
        CALLBACK, LANGSMITH_API_KEY="k", LANGSMITH_BATCH_SIZE="7", LANGSMITH_BASE_URL=HERE
    )
    assert printed.startswith("False False")
    assert "LiteLLM callback: success\n" in printed
    assert "LiteLLM callback: has a logger" in printed
    assert "failures are not logged" in printed


# ---- the report


def test_only_red_is_unhealthy():
    names = ("ok", "info", "warning", "problem")
    reports = [doctor.Report((doctor.Check("x", name, "y"),)) for name in names]
    assert [each.healthy for each in reports] == [True, True, True, False]


def test_the_table_survives_an_untrusted_notebook_and_escapes():
    shown = doctor.Report((doctor.Check("x", "problem", "<img src=x>", "a & b"),)).html()
    assert "<img" not in shown and "a &amp; b" in shown
    assert not re.search(r"<(script|style|svg|iframe)|\b(class|id|on\w+)=", shown)


def test_a_notebook_sees_neither_paths_nor_the_platform():
    shown = doctor.examine()._repr_mimebundle_()
    for text in shown.values():
        assert str(ROOT) not in text and sys.prefix not in text
        assert doctor.platform.platform() not in text


def _sanitised(shown):
    rules = get_sanitize_patterns((ROOT / "tests/nbval_sanitize.cfg").read_text(encoding="utf-8"))
    texts = dict(shown._repr_mimebundle_())
    for pattern, replacement in rules:
        texts = {mime: re.sub(pattern, replacement, text) for mime, text in texts.items()}
    return texts


def _on_a_machine(number, *, broken=False):
    name = ("a virtual environment", "no virtual environment", "a conda environment")[number]
    node, client = (None, None) if number else ("v20.1.0", "6.0.0")
    model = "problem" if broken else "ok"
    return doctor.Report(
        (
            checks.python((3, 11 + number, number), name),
            *checks.tools(node, client, not number),
            checks.smollm2(bool(number)),
            *checks.ports(loopback=True, free=bool(number)),
            doctor.Check("model API", model, f"answers at http://127.0.0.1:{4000 + number * 9999}"),
        )
    )


@pytest.mark.parametrize("number", [1, 2])
def test_healthy_machines_have_the_same_stored_output(number):
    assert _sanitised(_on_a_machine(0)) == _sanitised(_on_a_machine(number))


def test_what_is_red_differs_in_the_stored_output():
    well, ill = _sanitised(_on_a_machine(0)), _sanitised(_on_a_machine(0, broken=True))
    assert well["text/plain"] != ill["text/plain"] and well["text/html"] != ill["text/html"]


def test_parts_can_be_chosen_and_a_wrong_one_is_named():
    assert [check.name for check in doctor.examine(only=["python"]).checks] == ["Python"]
    with pytest.raises(TutorialError, match="'prots' is no part. The nearest is ports"):
        doctor.examine(only=["prots"])


def test_a_part_that_fails_leaves_the_others(monkeypatch):
    monkeypatch.setitem(doctor.PARTS, "ports", lambda: 1 / 0)
    found = doctor.examine(only=["ports", "python"])
    assert _statuses(found.checks) == {"ports": "problem", "Python": "ok"}


@pytest.mark.parametrize(("tracing", "status"), [("true", 0), ("True", 1)])
def test_the_command_line_exits_with_1_on_red(tracing, status):
    done = subprocess.run(
        [sys.executable, "-m", "helpers", "doctor"],
        capture_output=True,
        cwd=ROOT,
        env=os.environ | {"LANGSMITH_TRACING": tracing},
        timeout=60,
    )
    assert done.returncode == status, done.stdout


# ---- the short answer, and what the drills of lesson 09 break


def test_the_short_answer_has_what_is_wrong_and_nothing_else(monkeypatch):
    with serving(_answering(200)) as url:
        for name, value in variables(url).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("LANGSMITH_SAMPLING_RATE", "0.5")
        found = {check.name for check in doctor.ask().checks}
    assert "LANGSMITH_SAMPLING_RATE" in found and not found & {"mode", "model API", "LangSmith"}


def test_an_address_that_limits_requests_is_red():
    with serving(_answering(429)) as url:
        (found,) = [check for check in _asked(variables(url)) if check.name == "LangSmith"]
    assert found.status == "problem" and "limits requests" in found.detail


def test_an_address_that_keeps_silent_is_told_from_one_where_nobody_is():
    with faults.start("silent") as outage:
        (found,) = _asked({"LANGSMITH_ENDPOINT": outage.url})[1:]
    assert found.status == "problem" and "does not answer within 2 s" in found.detail


@pytest.mark.parametrize("task", [None, SimpleNamespace(done=lambda: True)])
def test_a_logger_without_a_clock_is_named(task):
    logger = SimpleNamespace(
        batch_size=512, flush_interval=5, sampling_rate=1.0, log_queue=[1], _flush_task=task
    )
    environ, events = {"LANGSMITH_API_KEY": "k"}, frozenset({"success", "failure"})
    seen = layering.callback_view(environ, logger=logger, events=events)
    found = _statuses(findings.callback(environ, seen, layering.callback_view(environ), events))
    assert found == {"callback queue": "warning", "callback clock": "warning"}


@pytest.mark.parametrize(
    ("enabled", "events", "count"), [(True, 2, 1), (True, 0, 0), (False, 2, 0)]
)
def test_two_layers_that_are_on_are_named(enabled, events, count):
    logged = frozenset(["success", "failure"][:events])
    both = layering.sdk_view({}, enabled=enabled), layering.callback_view({}, events=logged)
    assert len(list(findings.twice(*both))) == count


def test_runs_that_wait_are_counted_once():
    run, other = (SimpleNamespace(item=SimpleNamespace(id=name)) for name in "ab")
    queue = SimpleNamespace(queue=[run, run, other])
    client = SimpleNamespace(
        api_key="k", api_url=HERE, workspace_id=None, tracing_sample_rate=None, tracing_queue=queue
    )
    assert layering.sdk_view({}, client=client).waiting == 2


ROOT_ID = "3fa85f64-5717-4562-b3fc-2c963f66afa6"


@pytest.mark.parametrize(
    ("metadata", "says"),
    [
        ({"parent_run_id": ROOT_ID}, "at least two parts"),
        ({"session_id": "chat-7"}, "post.0.session_id"),
        ({"session_id": ROOT_ID}, "id of a project"),
        ({"dotted_order": "today", "run_id": ROOT_ID}, "invalid timestamp"),
    ],
)
def test_metadata_that_langsmith_refuses_is_found_before_the_call(metadata, says):
    (found,) = doctor.ask(metadata=metadata).checks
    assert says in found.detail and ROOT_ID not in found.detail


def test_a_trace_id_of_another_tree_is_found():
    place = child_of(RunTree(name="above"))
    (found,) = doctor.ask(metadata=place | {"trace_id": ROOT_ID}).checks
    assert "does not match first part" in found.detail


@pytest.mark.parametrize(
    "metadata",
    [{}, {"run_name": "define"}, {"trace_id": ROOT_ID}, {"metadata": {"session_id": "chat-7"}}],
)
def test_metadata_that_langsmith_takes_is_no_finding(metadata):
    assert doctor.ask(metadata=metadata).checks == ()


def test_ids_that_belong_together_are_no_finding():
    assert doctor.ask(metadata=child_of(RunTree(name="above"))).checks == ()
