"""An event's body at Microsoft: our part, the notes line, and the agent's own HTML below it. Pure.

Written as HTML and compared as text: what comes back is sanitised and wrapped in a whole page
(microsoft-graph.md E18). The agent's part is kept as it is, a Teams meeting's joining lines included: without
them the meeting is lost (E16).
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

from latesync.descriptions import NOTES_LINE, cut_at_notes_line, plain_text

# Elements that are never closed.
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_PAGE = frozenset({"html", "body"})
_UNSEEN = re.compile(r"<head\b.*?</head\s*>|<style\b.*?</style\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_PAGE_TAGS = re.compile(r"<!doctype[^>]*>|</?(?:html|body)\b[^>]*>", re.IGNORECASE)
_CLOSING = re.compile(r"\s*</\s*([a-z][\w:-]*)\s*>", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[a-z/!][^>]*>", re.IGNORECASE)
_BREAK = re.compile(r"\r?\n")


def write_body(ours: str, agent_notes: str = "") -> dict[str, str]:
    """The `body` of an event. ours: plain text. agent_notes: HTML as `read_body` gave it, or plain lines."""
    text = f"{as_html(ours)}<br><br>{NOTES_LINE}{_as_markup(agent_notes) or '<br>'}"
    return {"contentType": "html", "content": text}


def read_body(raw: object) -> tuple[str, str]:
    """(our part as plain text, the agent's part as HTML that can stand alone); html or text may come."""
    if not isinstance(raw, Mapping) or not isinstance(raw.get("content"), str):
        return "", ""
    content: str = raw["content"]
    if str(raw.get("contentType")).lower() == "text":
        head, tail = cut_at_notes_line(content)
        return plain_text(head), as_html(tail) if tail.strip() else ""
    return _read_html(content)


def as_html(text: str) -> str:
    """Plain text as it must stand in HTML to look the same."""
    return _BREAK.sub("<br>", html.escape(text, quote=False))


def _as_markup(agent_notes: str) -> str:
    """Plain lines, from a calendar without HTML, keep their breaks; what has tags already stays verbatim."""
    return agent_notes if _ANY_TAG.search(agent_notes) else _BREAK.sub("<br>", agent_notes)


def _read_html(content: str) -> tuple[str, str]:
    page = _UNSEEN.sub("", content)
    head, tail = cut_at_notes_line(page)
    # In HTML a line of the source is no line of the text.
    ours = plain_text(_BREAK.sub(" ", head))
    if not _says_something(tail):
        return ours, ""
    above = page[: len(page) - len(tail)]  # with the line, which an editor may have put tags into
    return ours, _standing_alone(_open_elements(above), _PAGE_TAGS.sub("", tail).strip("\r\n"))


def _says_something(tail: str) -> bool:
    """Words, or a picture: an agent may keep a sketch there."""
    return bool(plain_text(tail)) or "<img" in tail.lower()


def _standing_alone(opened: list[tuple[str, str]], tail: str) -> str:
    """The tail with those elements opened again that the notes line stood in; what they would hold no word of
    is left out, so that writing and reading it again changes nothing."""
    while opened and (closing := _CLOSING.match(tail)) and closing[1].lower() == opened[-1][0]:
        opened.pop()
        tail = tail[closing.end() :]
    return "".join(tag for _, tag in opened) + tail


class _Opened(HTMLParser):
    """Which elements are open at the end of what it is fed, each with its tag as it was written."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in _VOID and tag not in _PAGE:
            self.elements.append((tag, self.get_starttag_text() or f"<{tag}>"))

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        """An element closed in its own tag is not open."""

    def handle_endtag(self, tag: str) -> None:
        for number in range(len(self.elements) - 1, -1, -1):
            if self.elements[number][0] == tag:
                del self.elements[number:]
                return


def _open_elements(text: str) -> list[tuple[str, str]]:
    parser = _Opened()
    parser.feed(text)
    return parser.elements
