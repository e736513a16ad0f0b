"""Sphinx's settings for the book; Sphinx reads the names of this file.

Nothing is run, and nothing is fetched when the book is read: no font, script or style of another
host, so that it works without a network.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

project = "Trace LiteLLM applications with LangSmith"
html_title = "Trace LiteLLM applications"
html_theme = "sphinx_book_theme"
extensions = ["myst_nb"]
nb_execution_mode = "off"
myst_heading_anchors = 3
html_static_path = [str(Path(__file__).parent / "static")]
html_css_files = ["book.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
author = ""
# A cell may have a line for the shell, which is no Python.
suppress_warnings = ["misc.highlighting_failure"]


def _theme(environ: dict[str, str]) -> dict[str, Any]:
    """Return the theme's options: where this is built for a repository, with links to it."""
    options: dict[str, Any] = {"show_navbar_depth": 1, "use_download_button": False}
    options["navbar_persistent"] = []  # one field for searching, at the side
    options["article_footer_items"] = ["prev-next.html"]
    options["content_footer_items"] = []  # which would name an author
    name = environ.get("GITHUB_REPOSITORY")
    if name:
        options["repository_url"] = f"{environ['GITHUB_SERVER_URL']}/{name}"
        options["repository_branch"] = environ.get("GITHUB_REF_NAME", "main")
        options["path_to_docs"] = "."
        options["use_repository_button"] = True
        options["launch_buttons"] = {"binderhub_url": "https://mybinder.org"}
        options["launch_buttons"]["notebook_interface"] = "jupyterlab"
    return options


html_theme_options = _theme(dict(os.environ))
