"""Whether the programs beside Python are here."""

import pytest

from helpers.doctor import tools
from tests.doctor.seeing import statuses


@pytest.mark.parametrize(
    ("node", "status"),
    [(None, "warning"), ("v18.1.0", "warning"), ("v20.0.0", "ok"), ("what?", "warning")],
)
def test_node_must_be_18_or_newer(node, status):
    assert tools.tools(node, "6.0.0", True)[0].status == status


def test_a_missing_npm_package_comes_with_its_line():
    assert tools.tools("v20.0.0", None, True)[1].mend == "python -m helpers.terminal"


@pytest.mark.parametrize("free", [True, False])
def test_a_port_in_use_is_not_red(free):
    assert "problem" not in statuses(tools.ports(loopback=True, free=free)).values()


def test_no_loopback_is_red():
    assert statuses(tools.ports(loopback=False, free=True)) == {"loopback": "problem"}
