"""An agent's own lines on their way into another provider's calendar. Pure; nothing of them is lost.

Google's descriptions are text that may hold simple markup (google-calendar.md E20); Microsoft's are HTML
(microsoft-graph.md E18).
"""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

from latesync.descriptions import plain_text

_IS_HTML = ("microsoft",)
# What somebody wrote as markup, and no arithmetic: a known tag, or an entity.
_MARKUP = re.compile(
    r"</?(?:a|b|i|u|s|em|strong|p|div|span|br|ul|ol|li|h[1-6]|table|t[rdh]|font|html-blob)\b[^<>]*>"
    r"|&(?:#\d+|#x[0-9a-f]+|amp|lt|gt|quot|nbsp);",
    re.IGNORECASE,
)
_KEPT = ("a", "b", "i", "u", "em", "strong", "ul", "ol", "li")  # what Google's own editor writes
_BLOCKS = ("p", "div", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6")
_UNSEEN = ("head", "style", "script", "title")


def notes_for(provider: str, notes: str, written_at: str) -> str:
    """The lines as the provider's calendars show them; written_at: the provider they come from."""
    if provider == written_at or (provider in _IS_HTML) == (written_at in _IS_HTML):
        return notes
    return _as_html(notes) if provider in _IS_HTML else _as_text(notes)


def joined_notes(standing: str, carried: str) -> str:
    """Both, those that stand there first; what is there already is not written twice.

    So that a carrying whose answer was lost may be repeated.
    """
    if plain_text(carried) in plain_text(standing):
        return standing
    if not plain_text(standing):
        return carried
    is_html = bool(_MARKUP.search(standing) or _MARKUP.search(carried))
    return f"{standing.rstrip()}{'<br>' if is_html else chr(10)}{carried.lstrip()}"


def _as_html(notes: str) -> str:
    """Text becomes HTML that shows the same; markup stays, and so do the line breaks between it."""
    markup = notes if _MARKUP.search(notes) else html.escape(notes, quote=False)
    return markup.replace("\r\n", "\n").replace("\n", "<br>\n")


def _as_text(notes: str) -> str:
    """HTML becomes text where that shows the same; links, lists and emphasis stay as simple markup."""
    reader = _SimpleMarkup()
    reader.feed(notes)
    reader.close()
    simple = "".join(reader.parts).strip("\n")
    text = html.unescape(simple)
    return simple if reader.has_markup or _MARKUP.search(text) else text


class _SimpleMarkup(HTMLParser):
    """Takes HTML apart into the little markup that is kept, line breaks, and text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = ["\n"]
        self.has_markup = False
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag == "br" or tag in _BLOCKS:
            self._break(always=tag == "br")
        elif tag in _KEPT:
            target = dict(attrs).get("href") if tag == "a" else None
            self.parts.append(f'<a href="{html.escape(target)}">' if target else f"<{tag}>")
            self.has_markup = True

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(self._unseen - 1, 0)
        elif tag in _BLOCKS:
            self._break(always=False)
        elif tag in _KEPT:
            self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            text = re.sub(r"[ \t\r\n]+", " ", data)
            if self.parts[-1].endswith("\n"):
                text = text.lstrip(" ")
            if text:
                self.parts.append(html.escape(text, quote=False))

    def _break(self, *, always: bool) -> None:
        if always or not self.parts[-1].endswith("\n"):
            self.parts.append("\n")
