"""Every bound of the services stands in one file, and in the README's table."""

from __future__ import annotations

import re
from pathlib import Path

from helpers.serving import bounds

README = Path(__file__).resolve().parents[2] / "README.md"


def test_the_readme_says_every_bound():
    table = README.read_text("utf-8").partition("<!-- bounds -->")[2].partition("\n\n")[0]
    told = dict(re.findall(r"^\| `(\w+)` \| ([\d.]+) \|", table, re.MULTILINE))
    assert {name: float(value) for name, value in told.items()} == {
        name: float(getattr(bounds, name)) for name in bounds.__all__
    }
