"""What a fresh clone is set up with: pins, refused releases, README's lines, the top folder."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from helpers.testing.notebooks import ROOT

BENEATH = (".constraints.txt", ".refused.txt")
COMPROMISED = ["1.82.7", "1.82.8", "1.107.0"]
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
    assert interpreters == ["python=3.11", "nodejs=20", "pip"]
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


@pytest.mark.parametrize("path", sorted((ROOT / ".github" / "workflows").glob("*.yml")), ids=str)
def test_a_workflow_is_given_no_secret_but_the_token_that_reports(path: Path) -> None:
    text = path.read_text("utf-8")
    secrets = re.findall(r"secrets\.(\w+)", text)
    assert set(secrets) <= {"GITHUB_TOKEN"}
    jobs = yaml.safe_load(text)["jobs"]
    holders = {name for name, job in jobs.items() if "secrets." in str(job)}
    assert not any("pip install" in str(jobs[name]) for name in holders)


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
