"""Every refusal and every choice has its words, and they say what happens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from latesync.latepoint.bridge_tables import MESSAGE_LENGTH
from latesync.model import Drift
from latesync.options import DriftPolicy
from latesync.sentences.drift_sentences import (
    POLICIES,
    REFUSAL_REASONS,
    booking_words,
    bookings_followed,
    difference,
    differences_intro,
    own_held_wishes,
    refused,
)
from latesync.times import TimeRange, Zone
from tests.builders.plan import a_booking, a_mapping

BERLIN = Zone("Europe/Berlin")
AT = datetime(2026, 11, 24, 9, 10, tzinfo=UTC)


@pytest.mark.parametrize("reason", [*sorted(REFUSAL_REASONS), "from_a_newer_plugin"])
@pytest.mark.parametrize(("wish", "at"), [("move", AT), ("cancel", None)])
def test_every_refusal_says_what_happened_and_what_to_do_and_fits_into_the_sites_table(
    reason: str, wish: str, at: datetime | None
) -> None:
    named = booking_words(4_294_967_295, "", AT.replace(month=9, day=30), BERLIN)
    told = refused(named, wish, at, reason, BERLIN)
    assert str(told).startswith("Booking 4294967295 (Wed 30 Sep, 11:10)")
    assert "you" not in str(told).split()
    assert "_" not in str(told)
    assert told.remedy.split()[0] in ("Choose", "Change", "If", "Make", "To")
    for more in (0, 1, 99):
        short = told.within(MESSAGE_LENGTH, more=more)
        assert short.startswith(f"{told.what} {told.why}")
        assert short.endswith(f"(and {more} more: see LateSync’s page)" if more else told.remedy)
        assert len(short) <= MESSAGE_LENGTH


def test_a_refusal_names_the_booking_as_the_calendar_does() -> None:
    named = booking_words(41, "JBJPLLW", AT - timedelta(minutes=10), BERLIN, "Massage")
    assert str(refused(named, "move", AT + timedelta(hours=4), "not_bookable", BERLIN)) == (
        "Booking JBJPLLW (Massage, Tue 24 Nov, 10:00) was moved to Tue 24 Nov, 14:10 in the calendar. "
        "LatePoint does not offer that time (it is off its grid, outside working hours, or taken), so the "
        "event was put back. Choose another time."
    )
    named = booking_words(41, "JBJPLLW", None, BERLIN)
    assert str(refused(named, "cancel", None, "past", BERLIN)) == (
        "Booking JBJPLLW: its event was deleted in the calendar. It is over already, so the event was put "
        "back. Change its status in LatePoint if need be."
    )
    assert "another calendar" in refused(named, "cancel", None, "other_calendar", BERLIN).what
    assert "own calendar has something at that time" in refused(named, "move", AT, "busy", BERLIN).why


def test_a_sentence_that_is_far_too_long_is_cut_before_what_follows_it() -> None:
    named = booking_words(41, "J" * 300, None, BERLIN)
    text = refused(named, "move", AT, "past", BERLIN).within(MESSAGE_LENGTH, more=2)
    assert text.endswith("J… (and 2 more: see LateSync’s page)")
    assert len(text) == MESSAGE_LENGTH


def test_every_policy_is_explained() -> None:
    assert set(POLICIES) == set(DriftPolicy)
    for policy in (DriftPolicy.RESTORE, DriftPolicy.LEAVE):
        assert "nobody is mailed" in POLICIES[policy].text
    assert "tells the customer" in POLICIES[DriftPolicy.APPLY].text.replace("\n", " ")


def test_a_difference_over_midnight_names_both_days() -> None:
    over = TimeRange(AT.replace(hour=22), AT.replace(hour=22) + timedelta(hours=2))
    booking = a_booking(41, "2026-11-23 08:00")
    mapping = a_mapping(booking, drift=Drift.EDITED, drift_span=over)
    assert difference(mapping, "Dana", BERLIN) == (
        "Booking 41 of Dana: the calendar says Tue 24 Nov, 23:10 – Wed 25 Nov, 01:10, the booking "
        "Mon 23 Nov, 09:00–10:00."
    )


def test_an_agent_reads_that_their_changes_wait() -> None:
    assert own_held_wishes(11).startswith("11 changes you made in the calendar wait for the owner’s decision")
    assert own_held_wishes(1).startswith("1 change you made in the calendar waits for the owner’s decision")


def test_why_calendar_and_booking_differ_depends_on_the_choice() -> None:
    assert "you chose to leave them" in differences_intro(DriftPolicy.LEAVE, {None}).text
    for problem, why in (
        ("plugin_unavailable", "WordPress does not answer"),
        ("plugin_rejected", "off or refuses LateSync; LateSync’s page WordPress"),
        (None, "about to"),
    ):
        intro = differences_intro(DriftPolicy.APPLY, {problem, "rate_limited"})
        assert intro.title == "Waiting to be taken over"
        assert why in intro.text
        assert "leave" not in intro.text


@pytest.mark.parametrize(
    ("moved", "cancelled", "words"),
    [
        (0, 0, ""),
        (1, 0, "1 booking moved"),
        (2, 1, "2 bookings moved, 1 booking cancelled"),
        (0, 3, "3 bookings cancelled"),
    ],
)
def test_what_became_of_bookings_is_said_in_words(moved: int, cancelled: int, words: str) -> None:
    assert bookings_followed(moved, cancelled) == words
