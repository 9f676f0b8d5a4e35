"""An agent's own lines on their way from one provider's calendar into the other's: nothing is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latesync.descriptions import plain_text
from latesync.plan.notes import joined_notes, notes_for

GOOGLE, MICROSOFT = "google", "microsoft"


@pytest.mark.parametrize("provider", [GOOGLE, MICROSOFT])
@pytest.mark.parametrize("notes", ["", "\nRing twice\n", "<div>Ring <b>twice</b></div>", "1 < 2 & 3"])
def test_within_one_provider_they_are_verbatim(provider: str, notes: str) -> None:
    assert notes_for(provider, notes, provider) == notes


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ring twice", "Ring twice"),
        ("one\ntwo", "one<br>\ntwo"),
        ("1 < 2 & 3 > 2", "1 &lt; 2 &amp; 3 &gt; 2"),
        ("<b>bold</b> and\nmore", "<b>bold</b> and<br>\nmore"),
        ("already &amp; escaped<br>so", "already &amp; escaped<br>so"),
    ],
)
def test_text_becomes_html_that_shows_the_same(text: str, shown: str) -> None:
    assert notes_for(MICROSOFT, text, GOOGLE) == shown


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<div>one</div><div>two</div>", "one\ntwo"),
        ("one<br>two<br>\r\n<br>three", "one\ntwo\n\nthree"),
        ("<p style='margin:0'>1 &lt; 2 &amp;&nbsp;3</p>", "1 < 2 &\u00a03"),
        ("<span class='x'>Ring</span> twice", "Ring twice"),
        (
            '<a href="https://example.test/?a=1&amp;b=2" class="x">map</a>',
            '<a href="https://example.test/?a=1&amp;b=2">map</a>',
        ),
        ("<ul><li>towels</li></ul>", "<ul><li>towels</li></ul>"),
        ("<style>p {color: red}</style><p>seen</p>", "seen"),
        ("write &lt;b&gt; for bold", "write &lt;b&gt; for bold"),
    ],
)
def test_html_becomes_text_and_keeps_links_and_lists(html: str, shown: str) -> None:
    assert notes_for(GOOGLE, html, MICROSOFT) == shown


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=60))
def test_what_a_person_typed_is_read_the_same_after_both_ways(line: str) -> None:
    there = notes_for(MICROSOFT, f"{line}\nand more", GOOGLE)
    back = notes_for(GOOGLE, there, MICROSOFT)
    assert plain_text(back).split() == plain_text(there).split()


def test_lines_come_below_those_that_stand_there() -> None:
    assert joined_notes("\nhere\n", "\nthere\n") == "\nhere\nthere\n"
    assert joined_notes("<div>here</div>", "there") == "<div>here</div><br>there"
    assert joined_notes("\n", "\nthere\n") == "\nthere\n"


def test_lines_carried_already_are_not_carried_twice() -> None:
    """A carrying whose answer was lost is repeated."""
    once = joined_notes("\nhere\n", "\nthere\n")
    assert joined_notes(once, "\nthere\n") == once
