"""What a page holds, read as a browser reads it."""

from __future__ import annotations

from html.parser import HTMLParser

__all__ = ["VOID", "Tags", "tags", "text_of"]

VOID = {"meta", "link", "input", "br", "img"}


class Tags(HTMLParser):
    """Collects the tags, the attributes and the texts of a page, and what was never closed."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.open: list[str] = []
        self.links: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen += [tag, *(name for name, _ in attrs)]
        self.links += [value or "" for name, value in attrs if name in ("href", "action")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen += [tag, *(name for name, _ in attrs)]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def tags(page: str) -> Tags:
    parser = Tags()
    parser.feed(page)
    parser.close()
    return parser


def text_of(page: str) -> str:
    """Return what a reader sees, with one blank between the words."""
    return " ".join(" ".join(tags(page).texts).split())
