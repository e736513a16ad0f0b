"""Fetch the npm packages of ``notebooks/client`` now, as before a class or the tests."""

from __future__ import annotations

import sys
from functools import partial

from helpers.errors import TutorialError
from helpers.terminal import node, packages

__all__ = ["main"]


def main() -> int:
    """Fetch what is not there, say what was done, and return the exit status."""
    try:
        if packages.lacking():
            packages.fetch(node.found(), announce=partial(print, flush=True))
        print("The packages of notebooks/client are installed.")
    except TutorialError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
