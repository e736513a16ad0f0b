"""What the notebooks stand on: a session, recorded answers, a local LangSmith, a trace view.

This file is read before any other, and by Pythons that cannot read the others: it is written so
that Python 2.7 could, and says in words what is needed.
"""

import sys

__all__ = ["NEWEST", "OLDEST", "START", "OldPython"]

OLDEST, NEWEST = (3, 11), (3, 14)  # litellm 1.106 declares requires-python <3.15
START = (  # the README's first way, which brings a Python along
    'uv run --no-project --python ">=3.11,<3.15"'
    " --with-requirements requirements.txt jupyter lab notebooks/00_start_here.ipynb"
)


class OldPython(ImportError):
    """This interpreter is too old for the course; the message has the line that mends it."""

    def _render_traceback_(self):
        # type: () -> list[str]
        """Show the message alone under a cell: IPython asks for this instead of a traceback."""
        return ["OldPython: " + str(self)]


def _too_old(version):
    # type: (tuple[object, ...]) -> str
    """Return what to tell somebody who runs ``version``."""
    return (
        "This is Python {}, and the course needs {} to {}. "
        "In the repository's folder this line brings one that fits and starts JupyterLab with it:"
        "\n    {}"
    ).format(*[".".join(map(str, each)) for each in (version[:3], OLDEST, NEWEST)] + [START])


if sys.version_info[:2] < OLDEST:
    if sys.argv[:1] == ["-m"]:  # ``python -m helpers``: a terminal needs no traceback
        sys.exit(_too_old(sys.version_info))
    raise OldPython(_too_old(sys.version_info))
