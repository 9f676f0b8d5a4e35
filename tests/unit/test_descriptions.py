from __future__ import annotations

import pytest

from latesync.descriptions import (
    NOTES_LINE,
    compose_description,
    plain_text,
    split_description,
    without_notes_line,
)

OURS = "Massage\nAda Byron"


def test_description_ends_with_a_line_that_invites_notes() -> None:
    assert compose_description(OURS) == f"{OURS}\n\n{NOTES_LINE}\n"


def test_description_without_notes_has_none() -> None:
    assert split_description(compose_description(OURS)) == (OURS, "")


@pytest.mark.parametrize(
    "notes",
    [
        "\nbring oil",
        "bring oil on the same line",
        "\n\n  indented\n\nlast\n",
        "<br><b>bring</b> oil",
        f"\n{NOTES_LINE}",
    ],
)
def test_notes_survive_as_they_were(notes: str) -> None:
    assert split_description(compose_description(OURS, notes)) == (OURS, notes)


@pytest.mark.parametrize("blank", ["\n", "   ", "<br>", "<p>&nbsp;</p>", "\n\n"])
def test_blank_lines_are_no_notes(blank: str) -> None:
    assert split_description(compose_description(OURS, blank)) == (OURS, "")


def test_notes_stay_where_they_are_when_our_part_is_written_anew() -> None:
    _, notes = split_description(compose_description(OURS, "\nbring oil"))
    assert split_description(compose_description("Sauna", notes)) == ("Sauna", "\nbring oil")


@pytest.mark.parametrize(
    "line",
    [
        NOTES_LINE.replace(" ", "&nbsp;"),
        NOTES_LINE.replace(" ", "\u00a0"),
        NOTES_LINE.replace(" ", "  "),
        NOTES_LINE.replace("—", "&mdash;"),
        NOTES_LINE.replace("you write", "<i>you write</i>"),
        f"<b>{NOTES_LINE}</b>",
    ],
    ids=["entities", "no-break spaces", "double spaces", "dashes as entities", "markup inside", "bold"],
)
def test_line_is_found_however_an_editor_wrote_it(line: str) -> None:
    ours, notes = split_description(f"Massage<br>Ada Byron<br><br>{line}<br>bring oil")
    assert ours == OURS
    assert notes.endswith("<br>bring oil")


def test_text_without_the_line_is_all_our_part() -> None:
    assert split_description("Lunch<br>with Bob") == ("Lunch\nwith Bob", "")


def test_empty_description_is_empty() -> None:
    assert split_description("") == ("", "")


@pytest.mark.parametrize(
    "shown",
    [
        "Massage<br>Ada Byron",
        "<p>Massage</p><p>Ada Byron</p>",
        "<div>Massage</div>\n<div>Ada&nbsp;Byron</div>",
        "Massage<p>Ada Byron</p>",
        "<ul><li>Massage</li><li>Ada Byron</li></ul>",
        "  Massage \r\n\r\n Ada \t Byron ",
        "<span>Mas</span>sage\nAda <b>Byron</b>",
    ],
)
def test_markup_and_spacing_make_no_difference(shown: str) -> None:
    assert plain_text(shown) == OURS


def test_entities_are_read() -> None:
    assert plain_text("Salt &amp; Pepper &lt;3") == "Salt & Pepper <3"


def test_text_that_pretends_to_be_the_line_is_taken_apart() -> None:
    nested = NOTES_LINE[:20] + NOTES_LINE + NOTES_LINE[20:]
    for text in (NOTES_LINE, f"a\n{NOTES_LINE}\nb", nested):
        assert split_description(without_notes_line(text) + NOTES_LINE + "mine")[1] == "mine"


def test_other_text_is_left_as_it_is() -> None:
    assert without_notes_line("Door 3 — left") == "Door 3 — left"
