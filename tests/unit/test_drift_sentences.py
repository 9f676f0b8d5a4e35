"""Every refusal and every choice has its words, and they say what happens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from latesync.drift_sentences import POLICIES, REFUSAL_REASONS, difference, held_wishes, refused
from latesync.model import Drift, DriftPolicy
from latesync.times import TimeRange, Zone
from tests.builders.plan import a_booking, a_mapping

BERLIN = Zone("Europe/Berlin")
AT = datetime(2026, 11, 24, 9, 10, tzinfo=UTC)
COLUMN = 255  # characters of {prefix}latesync_accounts.message


@pytest.mark.parametrize("reason", [*sorted(REFUSAL_REASONS), "from_a_newer_plugin"])
@pytest.mark.parametrize(("wish", "at"), [("move", AT), ("cancel", None)])
def test_every_refusal_is_a_sentence_that_fits_into_the_sites_table(
    reason: str, wish: str, at: datetime | None
) -> None:
    text = refused(4_294_967_295, wish, at, reason, BERLIN)
    assert text.startswith("Booking 4294967295: you ")
    assert reason not in text.split() or reason in ("past", "unknown", "changed", "cancelled")
    assert "_" not in text
    assert len(text) <= COLUMN


def test_a_refusal_says_what_the_agent_did() -> None:
    assert refused(41, "move", AT, "not_bookable", BERLIN) == (
        "Booking 41: you moved it to Tue 24 Nov, 10:10. LatePoint does not offer that time, so the event was "
        "put back."
    )
    assert refused(41, "cancel", None, "past", BERLIN) == (
        "Booking 41: you deleted its event. It is over already, so the event was put back."
    )
    assert "another calendar" in refused(41, "cancel", None, "other_calendar", BERLIN)


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


def test_held_wishes_name_a_few_bookings_and_count_the_rest() -> None:
    text = held_wishes("move booking", range(1, 10))
    assert "move 9 bookings, because their events were moved" in text
    assert "(1, 2, 3, 4, 5 and 4 more)" in text
