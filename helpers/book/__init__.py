"""The book: a site of all lessons, made of their stored outputs. Nothing is run for it.

- ``pages`` lays out what Sphinx reads: the lessons, the files beside them, a first page
- ``conf`` has Sphinx's settings
- ``site`` makes the site
"""

from helpers.book.site import build

__all__ = ["build"]
