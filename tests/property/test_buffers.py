"""Buffers as events of their own, through the real rooms: calendars, state, a plugin behind its contract."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from latesync.booking_parts import BookingPart, part_number
from latesync.options import DriftPolicy, NextSync, ResetEvents
from latesync.plan.event_settings import EventSettings, to_json
from latesync.store.event_settings import write_event_settings
from latesync.store.history import Wanted, read_history
from latesync.store.mappings import count_mapped, mapped_booking_ids
from tests.builders.plugin import FakePlugin
from tests.property.machine import laws
from tests.property.machine.people import People
from tests.property.machine.restoring import keep_state, put_back
from tests.property.machine.scenes import CALENDAR, book, busy, cancel, move, ours, put_theirs
from tests.property.machine.town import ANNA, Town
from tests.property.test_drift_policies import choose, delete, drag, told, with_plugin
from tests.property.test_resets import ask

WITH_BUFFERS = ["11-21 08:50", "11-21 09:00", "11-21 10:00"]
BEFORE, BOOKING, AFTER = 0, 1, 2  # in that order in the calendar


@pytest.fixture
def plugin(town: Town) -> Iterator[FakePlugin]:
    yield from with_plugin(town)


def show_buffers(town: Town, *, buffers: bool = True) -> None:
    value = to_json(EventSettings(buffers=buffers))
    write_event_settings(town.database, town.site_id, 0, value, town.clock())


def keep_free(town: Town, before: int = 10, after: int = 15) -> int:
    """A booking at ten, with minutes kept free around it."""
    booking_id = book(town)
    town.site.update("bookings", booking_id, buffer_before=before, buffer_after=after)
    return booking_id


def said(town: Town) -> list[str]:
    return [event.resource["summary"] for event in People(town).events(CALENDAR, ours=True)]


def test_they_stand_beside_their_booking_and_go_with_the_owner_s_choice(town: Town) -> None:
    show_buffers(town)
    keep_free(town)
    town.settle()
    assert ours(town) == WITH_BUFFERS
    assert busy(town) == []
    laws.check_second_plan_is_empty(town)
    laws.check_comparison_finds_nothing(town)

    show_buffers(town, buffers=False)
    town.settle()

    assert ours(town) == ["11-21 09:00"]
    laws.check_second_plan_is_empty(town)
    show_buffers(town)
    town.settle()
    assert ours(town) == WITH_BUFFERS


def test_a_row_s_other_buffer_is_noticed_though_nobody_tells(town: Town) -> None:
    show_buffers(town)
    booking = keep_free(town)
    town.settle()
    town.site.update("bookings", booking, buffer_before=30, buffer_after=0)
    town.settle()
    assert ours(town) == ["11-21 08:30", "11-21 09:00"]


def test_they_move_and_go_with_their_booking(town: Town) -> None:
    show_buffers(town)
    booking = keep_free(town)
    town.settle()
    move(town, booking)
    town.settle()
    assert ours(town) == ["11-21 12:50", "11-21 13:00", "11-21 14:00"]
    cancel(town, booking)
    town.settle()
    assert ours(town) == []


def test_a_vanished_booking_takes_its_buffers_along(town: Town) -> None:
    show_buffers(town)
    booking = keep_free(town)
    book(town, 2)  # a site without any booking is held, not followed
    town.settle()
    town.site.delete("bookings", booking)
    town.note_site()
    town.settle()
    assert ours(town) == ["11-22 09:00"]


@pytest.mark.parametrize("is_dragged", [True, False])
def test_a_touched_buffer_is_put_back_and_nobody_s_booking_follows(
    town: Town, plugin: FakePlugin, is_dragged: bool
) -> None:
    """L10: a customer is not told of a buffer."""
    show_buffers(town)
    keep_free(town)
    town.settle()
    drag(town, BEFORE) if is_dragged else delete(town, AFTER)
    town.settle()
    assert ours(town) == WITH_BUFFERS
    assert plugin.asked == []
    assert told(town) == []


def test_a_dragged_booking_takes_its_buffers_along(town: Town, plugin: FakePlugin) -> None:
    show_buffers(town)
    booking = keep_free(town)
    town.settle()
    drag(town, BOOKING)
    town.settle()
    assert ours(town) == ["11-22 13:20", "11-22 13:30", "11-22 14:30"]
    assert plugin.mailed == [("reschedule", booking)]


def test_buffers_stay_as_an_agent_put_them_where_the_owner_wants_that(town: Town) -> None:
    show_buffers(town)
    keep_free(town)
    choose(town, DriftPolicy.LEAVE)
    town.settle()
    delete(town, AFTER)
    town.settle()
    assert ours(town) == WITH_BUFFERS[:2]
    laws.check_second_plan_is_empty(town)


def test_a_restored_older_state_takes_them_over_without_doubles(town: Town) -> None:
    """users-ask.md U38."""
    show_buffers(town)
    town.settle()
    kept = keep_state(town)
    keep_free(town)
    town.settle()
    put_back(town, kept)
    town.settle()
    assert ours(town) == WITH_BUFFERS
    laws.check_comparison_finds_nothing(town)


def test_a_reset_to_new_bookings_only_takes_them_away_and_keeps_them_away(town: Town) -> None:
    show_buffers(town)
    booking = keep_free(town)
    theirs = put_theirs(town, 2)
    town.settle()
    ask(town, ResetEvents.DELETE_FROM_CALENDAR, NextSync.NEW)
    town.settle()
    assert ours(town) == []
    assert [event.id for event in People(town).events(CALENDAR, ours=False)] == [theirs]
    laws.check_second_plan_is_empty(town)
    town.site.update("bookings", booking, start_time=840, end_time=900)
    town.settle()
    assert ours(town) == ["11-21 12:50", "11-21 13:00", "11-21 14:00"]


def test_they_are_counted_and_told_as_parts_of_their_booking(town: Town) -> None:
    show_buffers(town)
    booking = keep_free(town)
    town.settle()
    assert count_mapped(town.database, town.account(ANNA).id) == 1
    assert mapped_booking_ids(town.database, town.site_id, 10) == [booking]
    rows = read_history(town.database, town.site_id, Wanted(booking_id=booking))
    made = [(row.booking_id, row.detail.get("part", "")) for row in rows if row.what == "event_created"]
    assert sorted(made) == [(booking, ""), (booking, "after"), (booking, "before")]


def test_a_buffer_s_event_carries_its_own_number(town: Town) -> None:
    show_buffers(town)
    booking = keep_free(town)
    town.settle()
    events = People(town).events(CALENDAR, ours=True)
    numbers = [event.resource["extendedProperties"]["private"]["latesync_booking"] for event in events]
    parts = (BookingPart.BEFORE, BookingPart.WHOLE, BookingPart.AFTER)
    assert numbers == [str(part_number(booking, part)) for part in parts]
    assert said(town)[BEFORE].startswith("Buffer before ")
