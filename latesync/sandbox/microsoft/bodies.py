"""What Exchange makes of an event's text (microsoft-graph.md E18): sanitised HTML in a page of its own."""

import html
import re
from functools import lru_cache
from html.parser import HTMLParser

_HEAD = '<html><head>\r\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body>\r\n'
_TAIL = "\r\n</body></html>\r\n"
_DROPPED = {"script", "style", "iframe", "object", "embed", "applet", "form", "title"}  # with what is in them
_FRAME = {"html", "head", "body", "meta", "link", "base", "input", "button"}
_EMPTY = {"br", "hr", "img", "wbr", "col"}
_BLOCKS = {"p", "div", "tr", "li", "h1", "h2", "h3", "h4", "ul", "ol", "table"}
_ADDRESS = re.compile(r"\s*(https?:|mailto:|tel:|cid:|#|/)", re.IGNORECASE)


def as_html(content: str, content_type: str) -> str:
    """The page that is kept and shown, whatever was sent."""
    if content_type == "text":
        return as_page("<div>" + html.escape(content, quote=False).replace("\n", "<br>\r\n") + "</div>")
    return as_page(_sanitised(content))


def as_page(inner: str) -> str:
    return f"{_HEAD}{inner}{_TAIL}" if inner else ""


@lru_cache(maxsize=4096)
def as_text(page: str) -> str:
    """What `Prefer: outlook.body-content-type="text"` gets."""
    reader = _Text()
    reader.feed(page)
    reader.close()
    return re.sub(r"(\r\n){3,}", "\r\n\r\n", "".join(reader.parts)).strip("\r\n ")


def inner_html(page: str) -> str:
    return page.removeprefix(_HEAD).removesuffix(_TAIL)


def _sanitised(content: str) -> str:
    cleaner = _Cleaner()
    cleaner.feed(content.replace("\r\n", "\n"))
    cleaner.close()
    return "".join(cleaner.parts).strip().replace("\n", "\r\n")


class _Cleaner(HTMLParser):
    """Keeps harmless tags, in its own way of writing them; drops scripts, handlers and the frame."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._inside = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED:
            self._inside += 1
        elif not self._inside and tag not in _FRAME:
            kept = "".join(
                f' {name}="{html.escape(value)}"' for name, value in attrs if value and _may(name, value)
            )
            self.parts.append(f"<{tag}{kept}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _DROPPED:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in _DROPPED:
            self._inside = max(0, self._inside - 1)
        elif not self._inside and tag not in _FRAME and tag not in _EMPTY:
            self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.parts.append(html.escape(data, quote=False).replace("\N{NO-BREAK SPACE}", "&nbsp;"))


def _may(name: str, value: str) -> bool:
    if name.startswith("on"):
        return False
    return name not in ("href", "src") or _ADDRESS.match(value) is not None


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        begins_line = tag in _BLOCKS and self.parts and not self.parts[-1].endswith("\r\n")
        if tag == "br" or begins_line:
            self.parts.append("\r\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.parts.append("\r\n")

    def handle_data(self, data: str) -> None:
        text = re.sub(r"\s*[\r\n]+\s*", " ", data)
        begins = not self.parts or self.parts[-1].endswith("\r\n")
        self.parts.append(text.lstrip() if begins else text)
