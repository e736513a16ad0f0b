"""The environments that people have: the course runs, or two sentences say what to change.

Each row is a visit (``visiting``) in a process of its own. Those that need no import of LiteLLM
after the start are forks of one process, which has it; the others share two.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers.paths import ROOT
from helpers.testing.faults import case, fault
from tests.said import said

if sys.platform == "win32":
    pytest.skip("the visits are forks of one process", allow_module_level=True)

PROGRAM = Path(__file__).with_name("visiting.py")
SOCKS, DEAD, GONE = "socks5://planted:1", "http://127.0.0.1:9", "/nowhere/planted.pem"
RUNS = {"learn": True, "LLMRun": True}
KEY = "sk-planted-0123456789abcdef"
LIVE_MODEL, LIVE_TRACES = {"OPENAI_API_KEY": KEY}, {"LANGSMITH_API_KEY": "lsv2_planted_0123456789"}
Visit = Callable[..., dict[str, Any]]


def base(folder: Path) -> dict[str, str]:
    """Return as little of an environment as a session needs, and a home folder of its own."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TUTORIAL_STRICT": "1",
        "TUTORIAL_PACE": "0",
    }


@pytest.fixture(scope="module")
def process() -> Iterator[subprocess.Popen[str]]:
    environ = {"PYTHON_DOTENV_DISABLED": "1", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    started = subprocess.Popen(
        [sys.executable, str(PROGRAM)],
        env={"PATH": os.environ["PATH"]} | environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with started:
        yield started
        assert started.stdin
        started.stdin.close()


@pytest.fixture
def visit(process: subprocess.Popen[str], tmp_path: Path) -> Visit:
    """Return what makes a visit with variables on top of ``base``; None takes one away."""

    def made(
        variables: dict[str, str | None], *, cwd: Path = tmp_path, full: bool = False
    ) -> dict[str, Any]:
        environ = {k: v for k, v in (base(tmp_path) | variables).items() if v is not None}
        wanted = {"environ": environ, "cwd": str(cwd), "full": full}
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps(wanted) + "\n")
        process.stdin.flush()
        found: dict[str, Any] = json.loads(process.stdout.readline())
        return found

    return made


def runs(found: dict[str, Any]) -> None:
    """Assert that the course ran, with nothing planted in reach, and that all was given back."""
    assert "error" not in found, found
    assert found["choice"] == ["recordings", "local"]
    assert found["answers"] == [said("HTTP").text]
    assert found["runs"] == RUNS
    assert (found["headers"], found["password"]) == ([], False)
    assert found["children"] == {"proxy": [], "smollm2": []}
    assert found["given back"] == {}


def says(found: dict[str, Any], *words: str) -> None:
    """Assert that the session did not start, and that two sentences say why and what to do."""
    assert "said" in found, found
    told = found["said"].partition(":\n")[0]
    assert len(re.findall(r"[.:!?](?= [A-Z]|$)", told + ("." * (told[-1] != ".")))) == 2, told
    assert all(word in found["said"] for word in words), found["said"]


RUN = "the course runs"


@pytest.mark.parametrize(
    "variables",
    [
        case({"ALL_PROXY": SOCKS}, broken="a SOCKS proxy, without socksio", holds=RUN),
        case({"https_proxy": "socks5h://planted:1"}, broken="one in small letters", holds=RUN),
        case({"HTTP_PROXY": "socks4://planted:1"}, broken="a kind of proxy unknown", holds=RUN),
        case({"HTTP_PROXY": "http://planted:port"}, broken="a proxy without a port", holds=RUN),
        case(
            {"SSL_CERT_FILE": GONE},
            broken="SSL_CERT_FILE names a file that is gone",
            holds=RUN,
        ),
        case({"SSL_CERT_FILE": "/tmp"}, broken="SSL_CERT_FILE names a folder", holds=RUN),
        case({"SSL_CERT_FILE": __file__}, broken="SSL_CERT_FILE is not one", holds=RUN),
        case({"SSL_CERT_DIR": GONE}, broken="SSL_CERT_DIR names a folder gone", holds=RUN),
        case({"SSL_CERTIFICATE": GONE}, broken="LiteLLM's certificate is gone", holds=RUN),
        case({"SSLKEYLOGFILE": GONE}, broken="SSLKEYLOGFILE cannot be written", holds=RUN),
        case(
            {"REQUESTS_CA_BUNDLE": GONE, "CURL_CA_BUNDLE": GONE, "NODE_EXTRA_CA_CERTS": GONE},
            broken="bundles for requests, curl and Node are gone",
            holds=RUN,
        ),
    ],
)
def test_what_stops_clients_is_hidden_where_nothing_leaves(visit: Visit, variables: Any) -> None:
    found = visit(variables)
    runs(found)
    assert found["planted"] == []


@pytest.mark.parametrize(
    ("variables", "kept"),
    [
        case(
            {"HTTP_PROXY": DEAD, "HTTPS_PROXY": DEAD, "http_proxy": DEAD},
            ["HTTPS_PROXY", "HTTP_PROXY", "http_proxy"],
            broken="HTTP proxies, and no NO_PROXY",
            holds=f"{RUN}, and they stay for pip and others",
        ),
        case(
            {"HTTP_PROXY": DEAD, "NO_PROXY": "fd00::/8,.campus.test,[::1]"},
            ["HTTP_PROXY"],
            broken="NO_PROXY holds networks of IPv6, at which httpx fails",
            holds=f"{RUN}, and the rest of it stays",
        ),
    ],
)
def test_a_proxy_that_works_stays(visit: Visit, variables: Any, kept: list[str]) -> None:
    found = visit(variables)
    runs(found)
    assert sorted(found["proxies"]) == sorted([*kept, "NO_PROXY", "no_proxy"])
    if ".campus.test" in variables.get("NO_PROXY", ""):
        assert found["proxies"]["NO_PROXY"] == ".campus.test,127.0.0.1,localhost,::1"


ENDPOINTS = json.dumps({"https://planted.test": "planted"})


@pytest.mark.parametrize(
    "variables",
    [
        case({"LANGSMITH_RUNS_ENDPOINTS": ENDPOINTS}, broken="LANGSMITH_RUNS_ENDPOINTS", holds=RUN),
        case({"LANGCHAIN_RUNS_ENDPOINTS": ENDPOINTS}, broken="its other spelling", holds=RUN),
        case(
            {"LANGSMITH_OTEL_ENABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": DEAD},
            broken="LANGSMITH_OTEL_ENABLED with an exporter",
            holds=RUN,
        ),
        case({"LANGCHAIN_OTEL_ONLY": "true"}, broken="LANGCHAIN_OTEL_ONLY", holds=RUN),
        case({"LANGSMITH_TRACING_MODE": "otel"}, broken="traces to OpenTelemetry only", holds=RUN),
        case({"LANGSMITH_TRACING_MODE": "bogus"}, broken="a mode of tracing unknown", holds=RUN),
        case(
            {"OPENAI_ORG_ID": "org-planted", "OPENAI_PROJECT_ID": "planted"},
            broken="the organisation of an OpenAI account",
            holds="no header tells it",
        ),
        case(
            {"OPENAI_CUSTOM_HEADERS": "x-team: planted", "LANGCHAIN_CUSTOM_HEADERS": "a: planted"},
            broken="headers for every request",
            holds="none is sent",
        ),
        case({"OPENAI_ADMIN_KEY": "planted"}, broken="an admin key of OpenAI", holds="unseen"),
        case(
            {"OPENAI_API_TYPE": "azure", "OPENAI_API_VERSION": "planted"},
            broken="OpenAI's client is told to be Azure's",
            holds=RUN,
        ),
        case(
            {"LANGCHAIN_ENDPOINT": "https://planted.test", "LANGCHAIN_TRACING_V2": "false"},
            broken="the variables of LangChain's time",
            holds=RUN,
        ),
        case(
            {"LANGSMITH_TRACING_SAMPLING_RATE": "0", "LANGSMITH_SAMPLING_RATE": "0"},
            broken="sampling that sends nothing",
            holds=RUN,
        ),
        case(
            {"LANGSMITH_HIDE_INPUTS": "true", "LANGCHAIN_HIDE_OUTPUTS": "true"},
            broken="inputs and outputs are hidden",
            holds="runs have theirs",
        ),
        case(
            {"LANGSMITH_WORKSPACE_ID": "planted", "LANGSMITH_TENANT_ID": "planted"},
            broken="the workspace of an account",
            holds="no header tells it",
        ),
        case(
            {"USE_LITELLM_PROXY": "true", "LITELLM_PROXY_API_BASE": DEAD},
            broken="LiteLLM is to call another proxy",
            holds=RUN,
        ),
        case(
            {"OPENAI_API_BASE": "https://planted.test", "OPENAI_BASE_URL": "https://planted.test"},
            broken="another provider's address, without a key",
            holds=RUN,
        ),
        case(
            {"TUTORIAL_MODE": "replay", **LIVE_MODEL, **LIVE_TRACES, "LANGCHAIN_API_KEY": KEY},
            broken="real-looking keys in replay",
            holds="no client and no child has one",
        ),
    ],
)
def test_what_leads_elsewhere_is_hidden_where_nothing_leaves(visit: Visit, variables: Any) -> None:
    found = visit(variables)
    runs(found)
    assert found["planted"] == []


PROFILES = {
    "current_profile": "work",
    "profiles": {
        "work": {"api_key": "planted", "api_url": "https://planted.test", "workspace_id": "planted"}
    },
}


@pytest.mark.parametrize(
    ("file", "content", "variables"),
    [
        case(
            ".langsmith/config.json",
            json.dumps(PROFILES),
            {},
            broken="a profile of LangSmith's command line",
            holds="no header tells its workspace",
        ),
        case(
            "profiles.json",
            json.dumps(PROFILES),
            {"LANGSMITH_PROFILE": "work", "LANGSMITH_CONFIG_FILE": "{home}/profiles.json"},
            broken="LANGSMITH_PROFILE and LANGSMITH_CONFIG_FILE",
            holds="no header tells its workspace",
        ),
        case(
            ".netrc",
            "default login me password planted\n",
            {},
            broken="a password for every host in .netrc",
            holds="requests does not send it",
        ),
        case(
            "passwords",
            "machine 127.0.0.1 login me password planted\n",
            {"NETRC": "{home}/passwords"},
            broken="one for this machine in the file of NETRC",
            holds="requests does not send it",
        ),
    ],
)
def test_a_file_that_speaks_for_an_account_is_not_read(
    visit: Visit, tmp_path: Path, file: str, content: str, variables: dict[str, str]
) -> None:
    home = tmp_path / "home"
    (home / file).parent.mkdir(parents=True, exist_ok=True)
    (home / file).write_text(content, "utf-8")
    (home / file).chmod(0o600)
    runs(visit({name: value.format(home=home) for name, value in variables.items()}))


@pytest.mark.parametrize(
    "variables",
    [
        case({"HOME": None}, broken="no HOME", holds=RUN),
        case({"HOME": "/nowhere"}, broken="a HOME that is not there", holds=RUN),
        case({"TMPDIR": "/nowhere"}, broken="a TMPDIR that is not there", holds=RUN),
        case({"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}, broken="the locale C", holds=RUN),
    ],
)
def test_folders_that_are_not_there(visit: Visit, variables: Any) -> None:
    runs(visit(variables))


@fault("folders with spaces and letters beyond ASCII", RUN)
def test_a_folder_of_any_name(visit: Visit, tmp_path: Path) -> None:
    folder = tmp_path / "Müllers Käse 日本"
    folder.mkdir()
    runs(visit({"TMPDIR": str(folder), "HOME": str(folder)}, cwd=folder))


@fault("no folder for temporary files can be written", "two sentences name TMPDIR")
def test_a_full_disk(visit: Visit) -> None:
    says(visit({}, full=True), "temporary files", "TMPDIR")


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        case(
            {**LIVE_MODEL, "ALL_PROXY": SOCKS},
            ["ALL_PROXY is a SOCKS proxy", "pip install socksio PySocks", "restart the kernel"],
            broken="a SOCKS proxy, and the provider is live",
            holds="two sentences say what to install",
        ),
        case(
            {**LIVE_TRACES, "HTTPS_PROXY": "ftp://planted"},
            ["HTTPS_PROXY is no proxy", "export HTTPS_PROXY="],
            broken="an unknown kind of proxy, and LangSmith is live",
            holds="two sentences say how to write it",
        ),
        case(
            {**LIVE_MODEL, "SSL_CERT_FILE": GONE},
            [f"SSL_CERT_FILE names {GONE}", "unset SSL_CERT_FILE"],
            broken="SSL_CERT_FILE is gone, and the provider is live",
            holds="two sentences name it",
        ),
        case(
            {**LIVE_TRACES, "REQUESTS_CA_BUNDLE": GONE},
            [f"REQUESTS_CA_BUNDLE names {GONE}", "unset REQUESTS_CA_BUNDLE"],
            broken="REQUESTS_CA_BUNDLE is gone, and LangSmith is live",
            holds="two sentences name it",
        ),
    ],
)
def test_where_something_goes_beyond_this_machine(
    visit: Visit, variables: Any, words: list[str]
) -> None:
    says(visit(variables), *words)


@pytest.mark.parametrize(
    "variables",
    [
        case(
            {**LIVE_MODEL, "HTTPS_PROXY": "http://planted:1"},
            broken="a proxy, and one half is live",
            holds="it stays for that half",
        ),
        case(
            {**LIVE_MODEL, "HTTPS_PROXY": "http://planted:1", "REQUESTS_CA_BUNDLE": GONE},
            broken="a bundle is gone that no live half reads",
            holds="the session starts",
        ),
    ],
)
def test_what_the_live_half_needs_stays(visit: Visit, variables: Any) -> None:
    found = visit(variables)
    assert found["choice"] == ["provider", "local"], found
    assert found["proxies"]["HTTPS_PROXY"] == "http://planted:1"
    assert found["given back"] == {}


@fault(
    "live, and the key stands in a .env file", "the message names the file and a line that works"
)
def test_a_key_in_a_file_that_is_not_read(visit: Visit, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"export OPENAI_API_KEY={KEY}\n", "utf-8")
    found = visit({"TUTORIAL_MODE": "live"})
    says(found, "OPENAI_API_KEY", str(tmp_path / ".env"))
    assert KEY not in found["said"]
    line = found["said"].splitlines()[-1].strip()
    assert line.endswith("-m jupyter lab")
    shown = "import os; print(os.environ['OPENAI_API_KEY'])"
    command = [*line.partition(" run -- ")[0].split(), "run", "--", sys.executable, "-c", shown]
    done = subprocess.run(command, capture_output=True, text=True, env=base(tmp_path))
    assert done.stdout.strip() == KEY


def once(folder: Path, variables: dict[str, str]) -> dict[str, Any]:
    """Visit in a process that imports LiteLLM after the start, as a notebook does."""
    # With -c there is no file, so python-dotenv takes it for a notebook and looks where it stands.
    code = f"import sys, json; sys.path[:0] = [{str(ROOT)!r}]; "
    code += "from tests.faults.visiting import visit; print(json.dumps(visit()))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=base(folder) | variables,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


ENV_FILE = f"""
LANGSMITH_RUNS_ENDPOINTS={ENDPOINTS}
LANGCHAIN_API_KEY=planted
export OPENAI_ORG_ID="org-planted"
OPENAI_ADMIN_KEY=planted
ANTHROPIC_API_KEY=planted
ALL_PROXY=socks5://planted:1
LITELLM_DEV_ENV_HOT_RELOAD=True
"""


@pytest.fixture(scope="module")
def above(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A visit below a folder with a .env, with a sitecustomize and no tokenizers."""
    folder = tmp_path_factory.mktemp("course")
    (folder / ".env").write_text(ENV_FILE, "utf-8")
    (folder / "site").mkdir()
    source = "import os\nos.environ.setdefault('LANGSMITH_RUNS_ENDPOINTS', '[\"planted\"]')\n"
    (folder / "site" / "sitecustomize.py").write_text(source, "utf-8")
    below = folder / "a" / "b"
    below.mkdir(parents=True)
    variables = {
        "PYTHONPATH": str(folder / "site"),
        "CUSTOM_TIKTOKEN_CACHE_DIR": str(folder / "tokenizers"),
        # With the file of the machine gone, a fetch of a tokenizer could not pass for a success.
        "HTTPS_PROXY": DEAD,
        "SSL_CERT_FILE": GONE,
    }
    return once(below, variables)


@fault("a .env in a folder above, which import litellm reads", RUN)
def test_a_file_above_does_not_stop_the_course(above: dict[str, Any]) -> None:
    runs(above)


@fault("a .env with keys of other services", "no variable of it comes back")
def test_a_file_above_brings_nothing_back(above: dict[str, Any]) -> None:
    assert above["planted"] == []


@fault("a .env with OPENAI_ORG_ID and custom endpoints", "no header tells them")
def test_a_file_above_reaches_no_header(above: dict[str, Any]) -> None:
    assert above["headers"] == [] and above["runs"] == RUNS


@fault("a .env above, and a proxy and SmolLM2 are started", "their environments hold nothing of it")
def test_a_file_above_reaches_no_child(above: dict[str, Any]) -> None:
    assert above["children"] == {"proxy": [], "smollm2": []}


@fault("an empty CUSTOM_TIKTOKEN_CACHE_DIR", "tokens are counted with the tokenizer that is here")
def test_the_tokenizers_are_those_of_litellm(above: dict[str, Any]) -> None:
    assert above["tokens"] == 9


@fault("a sitecustomize that sets LANGSMITH_RUNS_ENDPOINTS", "given back, and not read meanwhile")
def test_what_a_sitecustomize_sets_is_hidden_and_given_back(above: dict[str, Any]) -> None:
    assert above["given back"] == {}
