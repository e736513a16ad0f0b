"""Pictures of parts of a page: kept where an option says, and compared with those that are here.

Other machines have other fonts, in which the same page looks different everywhere. So a picture is
compared where the fonts are those of the pictures here, which ``fonts.txt`` beside them tells by
the widths of some words; elsewhere it is taken, and kept.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

__all__ = ["HERE", "Pictures", "difference"]

HERE = Path(__file__).with_name("pictures")
DIFFERENT = 40  # of 255: from here on the colour of a point is another, and no smoothing
ALLOWED = 0.03  # the share of points that may be: durations, and the lengths of their bars
WORDS = """() => ['sans-serif', 'monospace', 'system-ui'].map((font) => {
    const pen = document.createElement('canvas').getContext('2d');
    pen.font = `16px ${font}`;
    return `${font} ${pen.measureText('glossary ✗ ▾ 0.42 s · tokens').width.toFixed(2)}`;
}).join('\\n')"""


class Pictures:
    """Takes pictures into ``folder``, if there is one."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def take(self, part: Any, name: str) -> None:
        """Take a picture of a part of a page; fail where it looks unlike the one that is here."""
        part.page.evaluate("() => document.activeElement?.blur()")
        taken = part.screenshot(animations="disabled", caret="hide")
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / f"{name}.png").write_bytes(taken)
            (self._folder / "fonts.txt").write_text(part.page.evaluate(WORDS), "utf-8")
        kept = HERE / f"{name}.png"
        if not kept.exists() or (HERE / "fonts.txt").read_text("utf-8") != part.page.evaluate(
            WORDS
        ):
            return
        share = difference(taken, kept.read_bytes())
        assert share <= ALLOWED, (
            f"{share:.1%} of the points of {name} look different from {kept.name}. Look at both: "
            f"pytest tests/browser --pictures DIR keeps the new ones, which may replace the old."
        )


def difference(one: bytes, other: bytes) -> float:
    """Return the share of points that differ between two PNGs, 1.0 where the sizes do."""
    from PIL import Image, ImageChops

    left, right = (Image.open(io.BytesIO(each)).convert("RGB") for each in (one, other))
    if left.width != right.width or abs(left.height - right.height) > 4:
        return 1.0
    box = (0, 0, left.width, min(left.height, right.height))
    apart = ImageChops.difference(left.crop(box), right.crop(box))
    # The channel that differs most decides.
    most = ImageChops.lighter(ImageChops.lighter(*apart.split()[:2]), apart.split()[2])
    changed = sum(most.histogram()[DIFFERENT:])
    return float(changed / (box[2] * box[3]))
