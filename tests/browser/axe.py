"""Faults that axe-core finds in a part of a page: who cannot see or use no mouse meets them."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from typing import Any

__all__ = ["faults"]

GRAVE = ("serious", "critical")
RUN = """async ([include, exclude]) => {
    const found = await window.axe.run({ include, exclude }, { resultTypes: ['violations'] });
    return found.violations.map(({ id, impact, nodes }) => ({
        id, impact, nodes: nodes.map(({ html, any }) => `${html} ${any[0]?.message ?? ''}`),
    }));
}"""


def faults(page: Any, *include: str, exclude: Sequence[str] = ()) -> list[str]:
    """Return a line for each grave fault in what the selectors name, which must be there."""
    assert page.locator(", ".join(include)).count(), f"nothing is called {include}"
    if not page.evaluate("() => Boolean(window.axe)"):
        script = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
        page.evaluate(script)
    found = page.evaluate(RUN, [[[each] for each in include], [[each] for each in exclude]])
    return [
        f"{each['impact']} {each['id']}: {len(each['nodes'])} times, such as {each['nodes'][0]}"
        for each in found
        if each["impact"] in GRAVE
    ]
