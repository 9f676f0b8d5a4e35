"""Which times the demo's booking form offers."""

import sqlite3
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from latesync.sandbox.site import bookings
from latesync.sandbox.site.bookings import Appointment, Customer
from latesync.sandbox.site.database import insert, writing
from latesync.sandbox.site.slots import read_offer, wall_to_utc
from tests.demo.conftest import ANNA, BEN, COLOUR, CUT, DANA, NOW, TUESDAY, add_busy

SOMEBODY = Customer("Nora", "Lindqvist", "nora@mail.example")


def free_times(
    site: sqlite3.Connection, agent_id: int, day: date, *, service: int = CUT, now: datetime = NOW
) -> list[str]:
    offer = read_offer(site, service, agent_id, day, day)
    return [slot.label for slot in offer.slots(day, now) if slot.is_free]


def utc(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 10, day, hour, minute, tzinfo=UTC)


def test_an_empty_day_offers_every_half_hour_that_ends_in_time(site: sqlite3.Connection) -> None:
    times = free_times(site, ANNA, TUESDAY)
    assert times[0] == "09:00"
    assert times[-1] == "17:00"
    assert len(times) == 17


def test_sunday_is_closed_and_an_agents_own_hours_replace_everybodys(site: sqlite3.Connection) -> None:
    assert free_times(site, ANNA, date(2026, 10, 25)) == []
    assert free_times(site, ANNA, date(2026, 10, 24))[-1] == "13:00"
    assert free_times(site, DANA, date(2026, 10, 24)) == []


def test_times_that_have_begun_are_not_offered(site: sqlite3.Connection) -> None:
    assert free_times(site, ANNA, TUESDAY, now=utc(20, 8, 30))[0] == "11:00"


def test_a_busy_time_takes_what_it_touches_from_its_agent_alone(site: sqlite3.Connection) -> None:
    add_busy(site, ANNA, utc(20, 8), utc(20, 9, 30))  # 10:00–11:30 in Berlin
    gone = set(free_times(site, BEN, TUESDAY)) - set(free_times(site, ANNA, TUESDAY))
    assert gone == {"09:30", "10:00", "10:30", "11:00"}


def test_a_taken_time_is_still_shown(site: sqlite3.Connection) -> None:
    add_busy(site, ANNA, utc(20, 8), utc(20, 9))
    slots = read_offer(site, CUT, ANNA, TUESDAY, TUESDAY).slots(TUESDAY, NOW)
    assert [(slot.label, slot.is_free) for slot in slots if slot.label in ("10:00", "11:00")] == [
        ("10:00", False),
        ("11:00", True),
    ]


def test_a_busy_all_day_closes_exactly_that_day(site: sqlite3.Connection) -> None:
    add_busy(site, ANNA, utc(19, 22), utc(20, 22))
    assert free_times(site, ANNA, TUESDAY) == []
    assert free_times(site, ANNA, TUESDAY + timedelta(days=1))[0] == "09:00"


def test_a_busy_time_over_several_days_closes_all_of_them(site: sqlite3.Connection) -> None:
    add_busy(site, ANNA, utc(20, 13), utc(22, 8))  # Tuesday 15:00 to Thursday 10:00
    assert free_times(site, ANNA, TUESDAY)[-1] == "14:00"
    assert free_times(site, ANNA, date(2026, 10, 21)) == []
    assert free_times(site, ANNA, date(2026, 10, 22))[0] == "10:00"


@pytest.mark.parametrize(("day", "offset_h"), [(23, 2), (26, 1)])
def test_busy_times_meet_the_wall_clock_before_and_after_the_clocks_change(
    site: sqlite3.Connection, day: int, offset_h: int
) -> None:
    add_busy(site, ANNA, utc(day, 10 - offset_h), utc(day, 11 - offset_h))
    times = free_times(site, ANNA, date(2026, 10, day))
    assert "10:00" not in times
    assert {"09:00", "11:00"} <= set(times)


def test_the_day_of_25_hours_is_closed_by_its_own_midnights(site: sqlite3.Connection) -> None:
    with writing(site):
        insert(
            site, "wp_latepoint_work_periods", agent_id=ANNA, service_id=0, location_id=0, start_time=0,
            end_time=1440, week_day=7,
        )  # fmt: skip
    sunday = date(2026, 10, 25)
    add_busy(site, ANNA, utc(24, 22), utc(25, 23))
    assert free_times(site, ANNA, sunday) == []


def test_a_minute_in_the_skipped_hour_counts_on_with_the_old_clock() -> None:
    zone = ZoneInfo("Europe/Berlin")
    assert wall_to_utc(date(2027, 3, 28), 150, zone) == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert wall_to_utc(date(2027, 3, 28), 240, zone) == datetime(2027, 3, 28, 2, 0, tzinfo=UTC)


def test_an_approved_booking_blocks_with_its_buffer_and_a_pending_one_does_not(
    site: sqlite3.Connection,
) -> None:
    bookings.book(site, Appointment(COLOUR, ANNA, TUESDAY, 600), SOMEBODY, NOW)  # 10:00–12:00, 15 min after
    assert [time for time in free_times(site, ANNA, TUESDAY) if "08:30" < time < "13:00"] == [
        "09:00",
        "12:30",
    ]
    booking_id = site.execute("SELECT id FROM wp_latepoint_bookings").fetchone()["id"]
    bookings.set_status(site, booking_id, "pending", NOW)
    assert "10:00" in free_times(site, ANNA, TUESDAY)


def test_a_service_with_a_buffer_needs_it_free_too(site: sqlite3.Connection) -> None:
    add_busy(site, ANNA, utc(20, 10), utc(20, 11))  # from 12:00
    assert free_times(site, ANNA, TUESDAY, service=COLOUR)[:2] == ["09:00", "09:30"]
