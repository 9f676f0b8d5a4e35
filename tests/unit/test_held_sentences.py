from __future__ import annotations

from datetime import timedelta

import pytest

from latesync.plan.operations import Reason
from latesync.sentences.held_sentences import (
    Cause,
    buttons,
    decided,
    explanation,
    limits_chosen,
    on_their_way,
    shift_words,
    title,
    waiting,
    waiting_wishes,
    what_would_happen,
)
from latesync.times import Zone
from tests.builders.plan import a_booking, a_mapping, a_span

BERLIN = Zone("Europe/Berlin")
HOUR = timedelta(hours=1)


def test_many_bookings_are_counted_and_few_are_named() -> None:
    assert "(booking 7)" in waiting("delete", "booking removed", [7], "Dana")
    assert "(bookings 1, 2 and 3)" in waiting("delete", "booking removed", [3, 1, 2], "Dana")
    assert "(bookings 1, 2, 3, 4, 5 and 37 more)" in waiting("delete", "x", range(1, 43), "Dana")


def test_what_waits_says_how_much_why_and_where_to_decide() -> None:
    text = waiting("delete", "booking removed", range(1, 43), "Dana")
    assert text.startswith(
        "LateSync would delete 42 events at once in Dana’s calendar, because their bookings"
    )
    assert "It has not done so and asks you first (" in text
    assert text.endswith("Decide on the page “Waiting changes”.")


def test_held_wishes_say_what_happened_and_what_was_not_done() -> None:
    text = waiting_wishes("move booking", range(1, 10), "Dana")
    assert "In Dana’s calendar the events of 9 bookings were moved." in text
    assert "has not moved those bookings and has told no customer (bookings 1, 2, 3, 4, 5 and 4 more)" in text
    text = waiting_wishes("cancel booking", [7], "Dana")
    assert "the event of 1 booking was deleted." in text
    assert "has not cancelled that booking and has told no customer (booking 7)" in text


@pytest.mark.parametrize("reason", [reason.value for reason in Reason])
@pytest.mark.parametrize("operation", ["delete", "update", "move booking", "cancel booking"])
def test_every_cause_has_a_heading_an_explanation_and_two_answers(operation: str, reason: str) -> None:
    assert title(operation, reason, 12).startswith("12 events")
    assert title(operation, reason, 1).startswith("1 event ")
    assert len(explanation(operation, reason, Cause(BERLIN))) > 60
    many, one = buttons(operation, 12), buttons(operation, 1)
    assert "12" in many.release
    assert many.release != many.reject
    assert "this" in one.release


def test_an_emptied_table_is_called_so() -> None:
    assert "bookings table is empty" in explanation(
        "delete", "booking removed", Cause(BERLIN, is_site_empty=True)
    )
    assert "table is empty" not in explanation("delete", "booking removed", Cause(BERLIN))


def test_another_zone_is_named_with_the_old_one_and_by_how_much() -> None:
    """users-ask.md U19: both zones shown where they differ."""
    cause = Cause(Zone("America/New_York"), zone_before="Europe/Berlin", shifts=frozenset({6 * HOUR}))
    text = explanation("update", "the site's time zone changed", cause)
    assert text.startswith(
        "The site’s time zone was Europe/Berlin and is America/New_York now. Events would stand 6 hours "
        "later. The bookings show the same times as before"
    )
    fixed = explanation("update", "the site's time zone changed", Cause(Zone(None, 60), zone_before="+00:00"))
    assert fixed.startswith("The site’s time zone was UTC+00:00 and is UTC+01:00 now. The bookings show")


@pytest.mark.parametrize(
    ("shifts", "words"),
    [
        ([HOUR], "1 hour later"),
        ([-6 * HOUR], "6 hours earlier"),
        ([timedelta(minutes=30)], "30 minutes later"),
        ([timedelta(hours=5, minutes=30)], "5 hours 30 minutes later"),
        ([2 * HOUR, HOUR, HOUR], "1 hour later to 2 hours later"),
    ],
)
def test_shifts_are_told_in_hours_and_minutes(shifts: list[timedelta], words: str) -> None:
    assert shift_words(shifts) == words


def test_bookings_that_count_no_more_are_told_with_their_statuses() -> None:
    cause = Cause(BERLIN, statuses=("pending", "pending", "cancelled"))
    text = explanation("delete", "booking cancelled", cause)
    assert text.startswith("On the site they are now: 2 bookings “pending”, 1 booking “cancelled”. ")


def test_a_table_that_cannot_be_read_is_named() -> None:
    cause = Cause(BERLIN, not_readable=("wp_latepoint_customers.first_name",))
    assert explanation("update", "booking changed", cause).startswith(
        "LateSync cannot read wp_latepoint_customers.first_name in the site’s database."
    )


@pytest.mark.parametrize("reason", ["booking changed", "others came to its event, or left it"])
def test_a_table_that_could_be_read_before_is_named_as_the_cause(reason: str) -> None:
    columns = ("wp_latepoint_customers.first_name", "wp_latepoint_customers.last_name")
    text = explanation("update", reason, Cause(BERLIN, not_readable=columns, lost=columns, keeps_times=True))
    assert text.startswith("LateSync could read wp_latepoint_customers in the site’s database before, and")
    assert "this wait ends by itself" in text
    assert "import" not in text


def test_changes_that_keep_all_times_are_told_as_a_renaming() -> None:
    text = explanation("update", "booking changed", Cause(BERLIN, keeps_times=True))
    assert text.startswith("None of these events would move: only what they say would change")
    assert "None of these" not in explanation("update", "booking changed", Cause(BERLIN))


def test_each_row_says_what_would_become_of_it() -> None:
    booking = a_booking(41, "2026-11-23 08:00")
    mapping = a_mapping(booking)
    moved = a_booking(41, "2026-11-24 08:00")
    wished = a_mapping(booking, drift_span=a_span("2026-11-25 08:00"))
    assert what_would_happen("delete", mapping, None, BERLIN) == "The event is deleted."
    assert (
        what_would_happen("update", mapping, moved, BERLIN) == "The event moves to Tue 24 Nov, 09:00–10:00."
    )
    assert what_would_happen("update", mapping, booking, BERLIN) == "The event is written anew."
    assert what_would_happen("update", None, None, BERLIN) == "The event is written anew."
    assert "moves to Wed 25 Nov, 09:00" in what_would_happen("move booking", wished, booking, BERLIN)
    assert what_would_happen("cancel booking", mapping, booking, BERLIN) == "The booking is cancelled."


def test_answers_are_confirmed() -> None:
    assert decided(is_released=True, operations=["delete"] * 2).startswith("2 changes released.")
    assert decided(is_released=False, operations=["delete"]).startswith(
        "1 change rejected. These events stay"
    )
    assert "the agent is told" in decided(is_released=False, operations=["move booking"])
    assert "decided already" in decided(is_released=True, operations=[])
    assert on_their_way(2, 1) == "2 changes released and 1 change rejected; LateSync is about to do so."
    assert on_their_way(0, 0) == ""
    assert "more than 5 events and more than 20%" in limits_chosen("20%", 5)
