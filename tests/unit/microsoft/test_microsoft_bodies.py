"""An event's body: ours above the line, the agent's HTML below it (microsoft-graph.md E16, E18)."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest

from latesync.descriptions import NOTES_LINE
from latesync.providers.microsoft.bodies import read_body, write_body

HEAD = '<html><head>\r\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body>\r\n'
TAIL = "\r\n</body></html>\r\n"


def page(inner: str, kind: str = "html") -> dict[str, str]:
    return {"contentType": kind, "content": f"{HEAD}{inner}{TAIL}"}


@pytest.mark.parametrize(
    "ours", ["", "Booking 42", "Ann & <Bob>\n\"two\" 'lines'", "Färben 💇\n東京", "a &amp; b"]
)
def test_our_part_is_text_whatever_stands_in_it(ours: str) -> None:
    body = write_body(ours)
    assert read_body(body) == (ours, "")
    assert read_body(page(body["content"])) == (ours, "")


def test_lines_of_the_source_are_no_lines_of_the_text() -> None:
    assert read_body(page(f"Booking\r\n42<br>\r\nAnn<br>{NOTES_LINE}<br>"))[0] == "Booking 42\nAnn"


def test_styles_and_comments_are_no_text() -> None:
    inner = f"<style>p {{color: red}}</style><!-- x -->Booking 42<br>{NOTES_LINE}<br>"
    assert read_body(page(inner)) == ("Booking 42", "")


NOTES = [
    "<br>bring the mirror",
    "<div>bring <b>the</b> mirror</div>",
    '<br><a href="https://teams.microsoft.com/l/meetup-join/1">Join</a>',
    "<div><br></div><ul><li>one</li><li>two</li></ul>",
    '<br><img src="cid:sketch">',
]


@pytest.mark.parametrize("notes", NOTES)
def test_the_agent_s_part_stays_verbatim_however_often_it_is_written(notes: str) -> None:
    read = ("Booking 42", notes)
    for _ in range(3):
        read = read_body(page(write_body(*read)["content"]))
    assert read == ("Booking 42", notes)


@pytest.mark.parametrize(
    ("inner", "notes"),
    [
        (
            f"<div>Booking 42<br>{NOTES_LINE}<br>mirror</div><div>more</div>",
            "<div><br>mirror</div><div>more</div>",
        ),
        (f"<p>Booking 42</p><p>{NOTES_LINE}</p><p>mirror</p>", "<p>mirror</p>"),
        (
            f'<div class="x"><p>Booking 42<br>{NOTES_LINE}</p>mirror</div>',
            '<div class="x">mirror</div>',
        ),
        (
            "Booking 42<br>— LateSync keeps <b>what you write below this line —<br>mirror</b>",
            "<b><br>mirror</b>",
        ),
        (f"<span><span>Booking 42<br>{NOTES_LINE}</span></span>mirror", "mirror"),
    ],
)
def test_an_editor_s_elements_around_the_line_are_closed_and_opened_again(inner: str, notes: str) -> None:
    read = read_body(page(inner))
    assert read == ("Booking 42", notes)
    assert read_body(page(write_body(*read)["content"])) == read
    assert is_balanced(notes)


def test_an_editor_may_put_markup_into_the_line() -> None:
    inner = "Booking 42<br>— LateSync keeps&nbsp;what <i>you</i> write below this line —<br>mirror"
    assert read_body(page(inner)) == ("Booking 42", "<br>mirror")


def test_without_the_line_everything_is_our_part() -> None:
    assert read_body(page("<div>Something else</div>")) == ("Something else", "")


def test_a_body_that_comes_as_text_is_read_and_written_as_html() -> None:
    text = {"contentType": "text", "content": f"Booking 42\r\n{NOTES_LINE}\r\nmirror & <combs>"}
    ours, notes = read_body(text)
    assert (ours, notes) == ("Booking 42", "<br>mirror &amp; &lt;combs&gt;")
    assert read_body(write_body(ours, notes)) == (ours, notes)


def test_plain_lines_from_another_calendar_keep_their_breaks() -> None:
    """They come along when an agent moves from a calendar without HTML."""
    assert read_body(write_body("Booking 42", "\nmirror\ncombs")) == ("Booking 42", "<br>mirror<br>combs")


@pytest.mark.parametrize("raw", [None, 5, {}, {"content": None}, {"content": 5, "contentType": "html"}])
def test_no_body_is_no_text(raw: Any) -> None:
    assert read_body(raw) == ("", "")


class _Balance(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.is_fine = True

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in ("br", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.is_fine &= bool(self.open) and self.open.pop() == tag


def is_balanced(text: str) -> bool:
    parser = _Balance()
    parser.feed(text)
    return parser.is_fine and not parser.open
