"""Whether the interpreter and the packages are those that the course needs."""

import pytest

from helpers.doctor import packages
from helpers.installation import STOLEN
from tests.doctor.seeing import statuses

PINS = {"litellm": "1.106.2", "langsmith": "0.15.0"}


@pytest.mark.parametrize(
    ("version", "status"),
    [((3, 10, 9), "problem"), ((3, 11, 0), "ok"), ((3, 14, 2), "ok"), ((3, 15, 0), "problem")],
)
def test_python_must_be_one_that_litellm_supports(version, status):
    assert packages.python(version, "a virtual environment").status == status


def test_packages_as_pinned_take_one_line():
    assert statuses(packages.packages(PINS, PINS)) == {"packages": "ok"}


@pytest.mark.parametrize(("version", "status"), [(None, "problem"), ("0.14.1", "warning")])
def test_a_package_that_differs_gets_its_own_line(version, status):
    found = packages.packages(PINS, {k: v for k, v in (PINS | {"langsmith": version}).items() if v})
    assert statuses(found)["langsmith"] == status
    assert "requirements.txt" in found[-1].mend


@pytest.mark.parametrize("version", STOLEN)
def test_a_stolen_release_is_refused_even_when_it_is_pinned(version):
    (found,) = packages.packages({"litellm": version}, {"litellm": version})
    assert found.status == "problem" and "credential" in found.detail
    assert "Do not run pip" in found.mend


@pytest.mark.parametrize("name", packages.IMPLANTS)
def test_an_implant_is_found(tmp_path, name):
    assert packages.implants([tmp_path]) == []
    (tmp_path / name).touch()
    assert statuses(packages.implants([tmp_path])) == {name: "problem"}


def test_what_the_proxy_lacks_is_named():
    assert "fastapi" in packages.proxy_extra(["fastapi"]).detail
    assert packages.proxy_extra([]).status == "ok"
