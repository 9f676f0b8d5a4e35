"""People read of a buffer as of its booking; no number below zero is ever shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from latesync.booking_parts import BookingPart, part_number
from latesync.cli.parts import booking_and_part, booking_words
from latesync.messages import booking_name
from latesync.model import Drift
from latesync.sentences import drift_sentences, held_sentences, history_sentences, reset_sentences
from latesync.sentences.problem_sentences import set_aside
from tests.builders.plan import BERLIN, a_booking, a_mapping

BEFORE, AFTER = part_number(7, BookingPart.BEFORE), part_number(7, BookingPart.AFTER)


@pytest.mark.parametrize(
    ("number", "name"),
    [(7, "booking 7"), (BEFORE, "the buffer before booking 7"), (AFTER, "the buffer after booking 7")],
)
def test_a_part_is_named_after_its_booking(number: int, name: str) -> None:
    assert booking_name(number) == name


def test_a_list_names_each_booking_once() -> None:
    assert "(booking 7)" in held_sentences.waiting("delete", "booking cancelled", [BEFORE, 7, AFTER], "Dana")
    assert "the event of booking 7." in set_aside(AFTER, "invalid", provider="google")


def test_a_difference_says_which_buffer_it_is() -> None:
    touched = replace(a_mapping(a_booking(7)), booking_id=BEFORE, drift=Drift.DELETED)
    text = drift_sentences.difference(touched, "Dana", BERLIN)
    assert text.startswith("The buffer before booking 7 of Dana: its event was deleted")


def test_a_reset_s_list_and_a_timeline_say_which_buffer_it_is() -> None:
    assert reset_sentences.why("of_booking", AFTER) == "the event of the buffer after booking 7"
    assert reset_sentences.why("kept", 7) == "the event of booking 7, which stays"
    written = history_sentences.entry_text("event_created", "new booking", "", {"part": "before"}, BERLIN)
    assert written.startswith("Buffer before the booking: Written into the calendar")


def test_commands_give_a_buffer_s_booking_and_which_it_is() -> None:
    assert booking_and_part(7) == {"booking_id": 7}
    assert booking_and_part(AFTER) == {"booking_id": 7, "part": "after"}
    assert booking_and_part(None) == {"booking_id": None}
    assert booking_words(booking_and_part(7)) == "7"
    assert booking_words(booking_and_part(BEFORE)) == "7 (buffer before)"
