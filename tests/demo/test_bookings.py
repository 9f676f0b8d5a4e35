"""What the demo site writes, as LatePoint would."""

import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from latesync.sandbox.site import bookings
from latesync.sandbox.site.bookings import Appointment, Customer, NoSuchBooking, SlotTaken, read_booking
from latesync.sandbox.site.database import open_site
from latesync.sandbox.site.reading import read_upcoming
from latesync.sandbox.site.schema import TABLES
from latesync.sandbox.site.seed import prepare_site
from tests.demo.conftest import ANNA, BEN, CUT, NOW, TUESDAY, add_busy

NORA = Customer("Nora", "Lindqvist", "nora@mail.example", "+49 151 5550120")
AT_TEN = Appointment(CUT, ANNA, TUESDAY, 600)


def test_a_booking_is_written_with_its_order_and_customer(site: sqlite3.Connection) -> None:
    booking_id = bookings.book(site, AT_TEN, NORA, NOW, comment="Short, please.")
    row = read_booking(site, booking_id)
    assert (row["start_date"], row["start_time"], row["end_date"], row["end_time"]) == (
        "2026-10-20",
        600,
        "2026-10-20",
        660,
    )
    assert row["start_datetime_utc"] == "2026-10-20 08:00:00"
    assert row["status"] == "approved"
    assert len(row["booking_code"]) == 7
    (listed,) = read_upcoming(site, TUESDAY)
    assert (listed.customer, listed.comment, listed.agent) == (
        "Nora Lindqvist",
        "Short, please.",
        "Anna Berg",
    )


def test_a_returning_customer_is_not_written_twice(site: sqlite3.Connection) -> None:
    first = bookings.book(site, AT_TEN, NORA, NOW)
    second = bookings.book(site, Appointment(CUT, ANNA, TUESDAY, 720), NORA, NOW)
    assert read_booking(site, first)["customer_id"] == read_booking(site, second)["customer_id"]


def test_a_time_that_became_busy_meanwhile_is_refused_and_nothing_is_written(
    site: sqlite3.Connection,
) -> None:
    add_busy(site, ANNA, datetime(2026, 10, 20, 8, 30, tzinfo=UTC), datetime(2026, 10, 20, 9, tzinfo=UTC))
    with pytest.raises(SlotTaken):
        bookings.book(site, AT_TEN, NORA, NOW)
    assert read_upcoming(site, TUESDAY) == []
    assert (
        site.execute("SELECT 1 FROM wp_latepoint_customers WHERE email = ?", (NORA.email,)).fetchone() is None
    )


def test_rescheduling_moves_wall_and_utc_columns_and_does_not_stand_in_its_own_way(
    site: sqlite3.Connection,
) -> None:
    booking_id = bookings.book(site, AT_TEN, NORA, NOW)
    bookings.reschedule(site, booking_id, TUESDAY, 630, NOW)
    row = read_booking(site, booking_id)
    assert (row["start_time"], row["end_time"], row["end_datetime_utc"]) == (630, 690, "2026-10-20 09:30:00")
    bookings.reschedule(site, booking_id, date(2026, 10, 27), 600, NOW)
    assert read_booking(site, booking_id)["start_datetime_utc"] == "2026-10-27 09:00:00"


def test_rescheduling_onto_a_taken_time_is_refused(site: sqlite3.Connection) -> None:
    bookings.book(site, AT_TEN, NORA, NOW)
    other = bookings.book(site, Appointment(CUT, ANNA, TUESDAY, 720), NORA, NOW)
    with pytest.raises(SlotTaken):
        bookings.reschedule(site, other, TUESDAY, 600, NOW)
    assert read_booking(site, other)["start_time"] == 720


def test_status_agent_and_deletion_change_the_row_alone(site: sqlite3.Connection) -> None:
    booking_id = bookings.book(site, AT_TEN, NORA, NOW)
    bookings.give_to(site, booking_id, BEN, NOW)
    bookings.set_status(site, booking_id, "cancelled", NOW)
    row = read_booking(site, booking_id)
    assert (row["agent_id"], row["status"]) == (BEN, "cancelled")
    bookings.delete(site, booking_id)
    with pytest.raises(NoSuchBooking):
        bookings.set_status(site, booking_id, "approved", NOW)


def test_a_second_start_keeps_what_is_there(site: sqlite3.Connection, site_file: Path) -> None:
    booking_id = bookings.book(site, AT_TEN, NORA, NOW)
    again = open_site(site_file)
    prepare_site(again, NOW)
    assert [booking.id for booking in read_upcoming(again, TUESDAY)] == [booking_id]
    again.close()


def test_a_new_site_has_every_table_and_two_weeks_of_bookings(site_file: Path) -> None:
    fresh = open_site(site_file)
    prepare_site(fresh, NOW)
    names = {row["name"] for row in fresh.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert names >= set(TABLES)
    seeded = read_upcoming(fresh, TUESDAY)
    assert len(seeded) >= 12
    assert {booking.agent_id for booking in seeded} == {1, 2, 3}
    fresh.close()
