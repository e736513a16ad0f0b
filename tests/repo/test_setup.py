"""What a fresh clone is set up with: pins, refused releases, README's lines, the top folder."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import helpers
from helpers.paths import ROOT

BENEATH = (".constraints.txt", ".refused.txt")
COMPROMISED = ["1.82.7", "1.82.8", "1.107.0"]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TOP = {"README.md", "environment.yml", "helpers", "notebooks", "requirements.txt", "tests"}


def lines(name: str) -> list[str]:
    """Return the lines of a requirements file without comments."""
    text = (ROOT / name).read_text("utf-8")
    stripped = (re.sub(r"(^|\s)#.*", "", line).strip() for line in text.splitlines())
    return [line for line in stripped if line]


def requirements(name: str) -> list[Requirement]:
    return [Requirement(line) for line in lines(name) if not line.startswith("-")]


DIRECT = requirements("requirements.txt")


def test_everything_is_pinned_exactly_and_the_constraints_agree() -> None:
    beneath = {canonicalize_name(r.name): r for r in requirements(".constraints.txt")}
    loose = [
        str(each)
        for each in DIRECT + [*beneath.values()]
        if [part.operator for part in each.specifier] != ["=="]
    ]
    apart = {
        str(each): str(beneath.get(canonicalize_name(each.name), "nothing"))
        for each in DIRECT
        if getattr(beneath.get(canonicalize_name(each.name)), "specifier", "") != each.specifier
    }
    assert (loose, apart) == ([], {}), "run the command at the top of .constraints.txt"


def test_no_address_of_a_package_index_is_written_down() -> None:
    text = "".join((ROOT / name).read_text("utf-8") for name in ("requirements.txt", *BENEATH))
    assert re.findall(r"https?://\S+|--(?:extra-)?index-url|--find-links", text) == []


def test_the_requirements_read_the_constraints_and_the_refusals() -> None:
    options = [line for line in lines("requirements.txt") if line.startswith("-")]
    assert options == ["-c .refused.txt", "-c .constraints.txt"]


@pytest.mark.parametrize("version", COMPROMISED)
def test_a_compromised_litellm_is_refused(version: str) -> None:
    [refused] = [r for r in requirements(".refused.txt") if r.name == "litellm"]
    assert not refused.specifier.contains(Version(version))


def test_the_litellm_that_is_pinned_is_not_refused() -> None:
    [pinned] = [r for r in DIRECT if r.name == "litellm"]
    [refused] = [r for r in requirements(".refused.txt") if r.name == "litellm"]
    [version] = [part.version for part in pinned.specifier]
    assert refused.specifier.contains(version)


def test_conda_takes_its_packages_from_the_requirements() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    *interpreters, pip = environment["dependencies"]
    assert interpreters == ["python=3.11", "nodejs=22", "pip"]
    assert pip == {"pip": ["-r requirements.txt"]}


def test_the_readme_has_one_test_line_that_sets_up_and_tests() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    [line] = re.findall(r"^<!-- test-line -->\n```\w*\n(.+)\n```$", readme, re.MULTILINE)
    assert "-r requirements.txt" in line and "pytest" in line.rpartition(" && ")[2]


def test_nothing_else_is_visible_at_the_top() -> None:
    git = shutil.which("git")
    if git and (ROOT / ".git").exists():
        command = [git, "ls-files", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout
        names = {Path(line).parts[0] for line in listed.splitlines()}
    else:
        names = {path.name for path in ROOT.iterdir()}
    assert {name for name in names if not name.startswith(".")} <= TOP


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_is_given_no_secret_but_the_token_that_reports(path: Path) -> None:
    text = path.read_text("utf-8")
    secrets = re.findall(r"secrets\.(\w+)", text)
    assert set(secrets) <= {"GITHUB_TOKEN"}
    jobs = yaml.safe_load(text)["jobs"]
    holders = {name for name, job in jobs.items() if "secrets." in str(job)}
    assert not any("pip install" in str(jobs[name]) for name in holders)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_action_is_pinned_by_digest_and_says_its_version(path: Path) -> None:
    used = re.findall(r"uses: (.+)", path.read_text("utf-8"))
    assert (
        used and [u for u in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v[\d.]+", u)] == []
    )


def test_the_workflow_tries_every_python_that_is_claimed() -> None:
    push = ROOT / ".github" / "workflows" / "push.yml"
    test = yaml.safe_load(push.read_text("utf-8"))["jobs"]["test"]["strategy"]["matrix"]
    pythons = [*test["python"], *(each["python"] for each in test["include"])]
    minors = range(helpers.OLDEST[1], helpers.NEWEST[1] + 1)
    assert {*pythons} == {f"3.{minor}" for minor in minors} | {"3.12.3"}


def blocks(language: str) -> list[str]:
    """Return the README's lines of set-up in ``language``, that end in JupyterLab or tests."""
    readme = (ROOT / "README.md").read_text("utf-8")
    found = re.findall(rf"^```{language}\n(.+)\n```$", readme, re.MULTILINE)
    return [line for line in found if "requirements.txt" in line]


def test_a_line_for_powershell_goes_on_only_after_success() -> None:
    assert len(blocks("powershell")) == 3
    for line in blocks("powershell"):
        steps = re.split(r"; (?=if|\.venv)", line)
        assert len(steps) == 3 and all(re.fullmatch(r"if \(\$\?\) \{ .+ \}", s) for s in steps[1:])


def test_each_line_for_powershell_has_its_twin() -> None:
    def posix(line: str) -> str:
        line = re.sub(r"; if \(\$\?\) \{ (.+?) \}", r" && \1", line).replace("py -m", "python3 -m")
        return line.replace("\\", "/").replace("/Scripts/", "/bin/")

    assert [posix(line) for line in blocks("powershell")] == blocks("bash")


def test_uv_is_the_first_way_and_needs_nothing_before_it() -> None:
    assert blocks("bash")[0].startswith("uv venv ") and blocks("bash")[0].count(" && ") == 2


def test_types_are_checked_strictly_and_no_module_of_ours_is_spared() -> None:
    settings = configparser.ConfigParser()
    settings.read(ROOT / ".mypy.ini", "utf-8")
    assert settings["mypy"]["strict"] == "True" and settings["mypy"]["files"] == "helpers"
    assert set(settings["mypy"]) == {"strict", "files", "python_version"}
    printed_by_a_lesson = settings["mypy-helpers.nesting"]
    assert dict(printed_by_a_lesson) == {"disable_error_code": "dict-item"}
    for name in set(settings.sections()) - {"mypy", "mypy-helpers.nesting"}:
        assert not re.search(r"helpers|(^|,)mypy-\*", name)
        assert set(settings[name]) == {"ignore_missing_imports"}


# .ci/run


def run(folder: Path, readme: str) -> subprocess.CompletedProcess[str]:
    (folder / ".ci").mkdir()
    shutil.copy2(ROOT / ".ci" / "run", folder / ".ci" / "run")
    (folder / "README.md").write_text(readme, "utf-8")
    for command in (["git", "init", "-q"], ["git", "add", "--all"]):
        subprocess.run(command, cwd=folder, check=True)
    return subprocess.run(
        ["bash", ".ci/run"], cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )


needs_bash = pytest.mark.skipif(
    not (shutil.which("bash") and shutil.which("git")), reason="needs bash and git"
)


def block(line: str) -> str:
    return f"# Title\n\n<!-- test-line -->\n```bash\n{line}\n```\n\n```bash\nexit 9\n```\n"


@needs_bash
def test_ci_runs_the_line_of_the_readme_in_a_copy(tmp_path: Path) -> None:
    done = run(tmp_path, block("echo ready > made && cat made README.md"))
    assert done.returncode == 0, done.stderr
    assert "== echo ready > made" in done.stdout and "ready\n# Title" in done.stdout
    assert not (tmp_path / "made").exists()


@needs_bash
@pytest.mark.parametrize("line", ["true && exit 3", "false && true"])
def test_ci_fails_when_a_part_of_the_line_fails(tmp_path: Path, line: str) -> None:
    assert run(tmp_path, block(line)).returncode != 0


@needs_bash
@pytest.mark.parametrize("readme", ["# No line", block(""), block("pytest"), block("a && b\nc")])
def test_ci_fails_loudly_without_a_line(tmp_path: Path, readme: str) -> None:
    done = run(tmp_path, readme)
    assert done.returncode == 1 and ".ci/run: " in done.stderr


@needs_bash
def test_ci_leaves_untracked_files_behind(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("forgotten\n", "utf-8")
    (tmp_path / "forgotten").touch()
    assert run(tmp_path, block("true && cat forgotten")).returncode != 0


@needs_bash
def test_ci_reads_the_types_before_it_tests(tmp_path: Path) -> None:
    (tmp_path / ".mypy.ini").touch()
    python = "mkdir -p .venv/bin && printf '#!/bin/sh\\necho ran \"$@\"' > .venv/bin/python"
    done = run(tmp_path, block(f"{python} && chmod +x .venv/bin/python && echo tested"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.index("ran -m mypy") < done.stdout.rindex("tested")


UNSTEADY = """
import pathlib

def test_it():
    before = pathlib.Path("before")
    there = before.exists()
    before.touch()
    assert there {again}
"""


@needs_bash
@pytest.mark.parametrize(("again", "code"), [("", 0), ("and not there", 1)])
def test_ci_runs_a_file_that_fails_once_more_and_names_it(
    tmp_path: Path, again: str, code: int
) -> None:
    (tmp_path / "test_it.py").write_text(UNSTEADY.format(again=again), "utf-8")
    plain = "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1"  # other packages' plugins take two seconds a start
    made = f"printf '#!/bin/sh\\n{plain} exec {sys.executable} \"$@\"' > .venv/bin/python"
    python = f"mkdir -p .venv/bin && {made} && chmod +x .venv/bin/python"
    done = run(tmp_path, block(f"{python} && .venv/bin/python -m pytest -q"))
    assert done.returncode == code, done.stdout + done.stderr
    assert "once more, by themselves: test_it.py" in done.stdout
    named = "passed, but failed once before, so look at them: test_it.py"
    assert (named in done.stdout) == (code == 0)
