"""What runs the cells, if anything does."""

import sys
from types import SimpleNamespace

import pytest

from helpers.ipython import in_kernel, shell


def test_a_plain_program_has_no_shell(monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    assert shell() is None and not in_kernel()
    assert "IPython" not in sys.modules


@pytest.mark.parametrize(
    ("running", "kernel"),
    [(None, False), (SimpleNamespace(), False), (SimpleNamespace(kernel=object()), True)],
    ids=["none", "a terminal's", "a notebook's"],
)
def test_a_shell_with_a_kernel_is_a_notebooks(monkeypatch, running, kernel):
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: running))
    assert shell() is running
    assert in_kernel() == kernel
