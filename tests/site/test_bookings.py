"""Booking rows become bookings, whatever is missing around them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from latesync.errors import SiteUnavailable
from latesync.latepoint.bookings import agents_exist, count_bookings, look_up_bookings, read_agent_bookings
from latesync.latepoint.connection import open_site_database
from latesync.latepoint.schema import read_schema
from latesync.model import Booking, UnreadableBooking, WallTimes
from latesync.times import TimeRange, zone_named
from tests.site.builders import Site, create_site
from tests.site.cutting import cut_short
from tests.site.ddl import UPGRADED

BERLIN = zone_named("Europe/Berlin")
FROM_DAY = date(2026, 11, 30)


def read(site: Site, agent_id: int = 1, from_day: date = FROM_DAY) -> list[Booking | UnreadableBooking]:
    schema = read_schema(site.engine, site.prefix)
    return list(read_agent_bookings(site.engine, schema, agent_id, BERLIN, from_day))


def read_one(site: Site) -> Booking:
    (booking,) = read(site)
    assert isinstance(booking, Booking)
    return booking


def look_up(site: Site, *ids: int) -> dict[int, Booking | UnreadableBooking | None]:
    return look_up_bookings(site.engine, read_schema(site.engine, site.prefix), ids, BERLIN)


def utc(text_: str) -> datetime:
    return datetime.fromisoformat(text_).replace(tzinfo=UTC)


def commented(site: Site, comment: str) -> dict[str, Any]:
    """A booking's columns that carry a comment, where this version of LatePoint keeps it."""
    if site.version == "4.9.91":
        return {"customer_comment": comment, "total_attendies": 3}
    return {"order_item_id": site.insert_order(comment=comment), "total_attendees": 3}


def test_a_booking_carries_what_its_event_is_made_of(every_version: Site) -> None:
    booking_id = every_version.insert_booking(**commented(every_version, "Ring twice"))
    assert read(every_version) == [
        Booking(
            id=booking_id,
            agent_id=1,
            status="approved",
            span=TimeRange(utc("2026-12-01 09:00"), utc("2026-12-01 10:00")),
            code="CODE001",
            service_name="Massage",
            location_name="Main Street",
            location_address="1 Main St",
            customer_name="Robin Weber",
            customer_email="robin@example.test",
            customer_phone="+49301234",
            customer_comment="Ring twice",
            attendees=3,
            wall=WallTimes("2026-12-01", 600, "2026-12-01", 660),
            service_id=1,
            location_id=1,
            customer_first_name="Robin",
            customer_last_name="Weber",
            agent_first_name="Dana",
            agent_last_name="Ruiz",
        )
    ]


def test_it_is_the_same_on_sqlite_and_mariadb(site: Site) -> None:
    site.insert_booking(**commented(site, "Ring twice"))
    booking = read_one(site)
    assert (booking.customer_comment, booking.attendees) == ("Ring twice", 3)
    assert booking.span == TimeRange(utc("2026-12-01 09:00"), utc("2026-12-01 10:00"))


def test_a_multisites_blog_shows_its_own_bookings_only(mariadb_site: Site) -> None:
    blog = create_site(mariadb_site.engine, prefix="wp_2_")
    blog.insert_service("Cut")
    blog.insert_booking(service_id=2)
    assert read(mariadb_site) == []
    assert read_one(blog).service_name == "Cut"


@pytest.mark.parametrize("status", ["approved", "pending", "cancelled", "no_show", "checked_in_twice"])
def test_bookings_of_every_status_are_read(site: Site, status: str) -> None:
    site.insert_booking(status=status)
    assert read_one(site).status == status


def test_other_agents_bookings_are_left_to_them(site: Site) -> None:
    site.insert_booking(agent_id=2)
    assert read(site) == []
    assert len(read(site, agent_id=2)) == 1


def test_bookings_of_a_deleted_agent_stay_readable(site: Site) -> None:
    site.insert_booking(agent_id=77)
    (booking,) = read(site, agent_id=77)
    assert booking.agent_id == 77


def test_a_booking_that_still_goes_on_when_the_day_begins_is_read(site: Site) -> None:
    over_midnight = site.insert_booking(
        start_date="2026-11-29", start_time=1410, end_date="2026-11-30", end_time=30
    )
    site.insert_booking(start_date="2026-11-29", start_time=1380, end_date="2026-11-30", end_time=1440)
    site.insert_booking(start_date="2026-11-29", start_time=600, end_date="2026-12-24", end_time=660)
    days_long = site.insert_booking(start_date="2026-11-27", end_time=None, duration=5 * 1440)
    assert [booking.id for booking in read(site)] == [over_midnight, days_long]


def test_people_and_places_that_are_gone_leave_blanks(site: Site) -> None:
    site.insert_booking(customer_id=9, service_id=9, location_id=9, order_item_id=9, end_time=None)
    booking = read_one(site)
    assert (booking.service_name, booking.customer_name, booking.location_name) == ("", "", "")
    assert booking.customer_comment == ""
    assert booking.attendees == 1


def test_nulls_around_a_booking_are_survived(site: Site) -> None:
    customer = site.insert_customer(None, None, email=None, phone=None)
    location = site.insert_location("Annex", None)
    site.insert_booking(
        customer_id=customer,
        location_id=location,
        duration=None,
        end_date=None,
        booking_code=None,
        total_attendees=None,
        order_item_id=None,
    )
    booking = read_one(site)
    assert (booking.customer_name, booking.customer_email, booking.customer_phone) == ("", "", "")
    assert (booking.code, booking.location_address, booking.attendees) == ("", "", 1)


def test_a_booking_without_a_location_is_read(site: Site) -> None:
    site.insert_booking(location_id=None)
    assert read_one(site).location_name == ""


def test_spaces_and_control_characters_are_cleaned_but_lines_and_emoji_kept(site: Site) -> None:
    customer = site.insert_customer("  Zoë\t", "\u00a0Ng \U0001f469\u200d\U0001f52c ")
    location = site.insert_location(" Annex ", "1 Main St\r\n  Springfield \n\n")
    item = site.insert_order(comment=" Ring\x07 twice\r\n\r\nThen wait ")
    site.insert_booking(customer_id=customer, location_id=location, order_item_id=item)
    booking = read_one(site)
    assert booking.customer_name == "Zoë Ng \U0001f469\u200d\U0001f52c"
    assert (booking.location_name, booking.location_address) == ("Annex", "1 Main St\nSpringfield")
    assert booking.customer_comment == "Ring twice\n\nThen wait"


def test_private_notes_are_never_read(site: Site) -> None:
    customer = site.insert_customer(notes="likes tea", admin_notes="owes us money")
    site.insert_booking(customer_id=customer)
    assert "owes" not in repr(read_one(site))


def test_a_group_appointment_is_several_bookings(site: Site) -> None:
    other = site.insert_customer("Alex", "Stone")
    site.insert_booking(total_attendees=2)
    site.insert_booking(customer_id=other, total_attendees=1)
    bookings = [booking for booking in read(site) if isinstance(booking, Booking)]
    assert {(booking.customer_name, booking.attendees) for booking in bookings} == {
        ("Robin Weber", 2),
        ("Alex Stone", 1),
    }
    assert len({booking.span for booking in bookings}) == 1


def test_the_sessions_of_a_bundle_are_bookings_of_one_order(site: Site) -> None:
    item = site.insert_order(comment="For my back", variant="bundle")
    site.insert_bookings(2, order_item_id=item)
    bookings = [booking for booking in read(site) if isinstance(booking, Booking)]
    assert [booking.customer_comment for booking in bookings] == ["For my back", "For my back"]


def test_after_an_upgrade_the_orders_comment_counts_even_when_it_was_cleared(mariadb_database: str) -> None:
    engine = open_site_database(mariadb_database)
    site = create_site(engine, UPGRADED)
    cleared = site.insert_order(comment="")
    site.insert_booking(customer_comment="old", order_item_id=cleared, total_attendies=4, total_attendees=2)
    site.insert_booking(customer_comment="never moved", order_item_id=None, total_attendies=4)
    assert [(booking.customer_comment, booking.attendees) for booking in map(as_booking, read(site))] == [
        ("", 2),
        ("never moved", 4),
    ]
    engine.dispose()


def as_booking(booking: Booking | UnreadableBooking) -> Booking:
    assert isinstance(booking, Booking)
    return booking


def test_rows_without_a_start_are_reported_not_dropped(site: Site) -> None:
    no_day = site.insert_booking(start_date=None)
    no_time = site.insert_booking(start_time=None)
    fine = site.insert_booking()
    assert read(site)[:2] == [
        UnreadableBooking(no_day, 1, "no_start_date"),
        UnreadableBooking(no_time, 1, "no_start_time"),
    ]
    assert look_up(site, no_day, fine)[no_day] == UnreadableBooking(no_day, 1, "no_start_date")


def test_an_unreadable_row_of_the_past_is_nobodys_concern(site: Site) -> None:
    site.insert_booking(start_date="2026-11-28", start_time=None)
    assert read(site) == []


def test_zero_dates_of_a_lax_server_are_survived(mariadb_site: Site) -> None:
    zero = mariadb_site.insert_booking()
    end = mariadb_site.insert_booking()
    with mariadb_site.engine.connect() as connection:
        connection.execute(text("SET SESSION sql_mode = ''"))
        bookings = mariadb_site.name("bookings")
        connection.execute(text(f"UPDATE {bookings} SET start_date = '0000-00-00' WHERE id = {zero}"))
        connection.execute(text(f"UPDATE {bookings} SET end_date = '0000-00-00' WHERE id = {end}"))
    unreadable, fine = read(mariadb_site)
    assert unreadable == UnreadableBooking(zero, 1, "no_start_date")
    assert as_booking(fine).span.end == utc("2026-12-01 10:00")


def test_looking_up_answers_for_every_id_and_says_none_only_for_no_row(site: Site) -> None:
    there = site.insert_bookings(3, "2020-01-01", agent_id=5)
    found = look_up(site, *there, 999_999)
    assert found.keys() == {*there, 999_999}
    assert found[999_999] is None
    assert as_booking(found[there[0]] or pytest.fail("lost")).agent_id == 5


def test_looking_up_nothing_asks_nothing(site: Site) -> None:
    assert look_up(site) == {}


def test_many_ids_are_looked_up_in_parts(site: Site) -> None:
    row = site.row("bookings", site.insert_booking())
    site.insert_rows("bookings", [{**row, "id": number} for number in range(10, 1210)])
    found = look_up(site, *range(10, 1310))
    assert len(found) == 1300
    assert [number for number, booking in found.items() if booking is None] == list(range(1210, 1310))
    schema = read_schema(site.engine, "wp_")
    assert count_bookings(site.engine, schema, range(10, 1310)) == 1200


def test_agents_are_there_or_not(site: Site) -> None:
    disabled = site.insert_agent(status="disabled")
    schema = read_schema(site.engine, "wp_")
    assert agents_exist(site.engine, schema, [1, disabled, 77]) == {1: True, disabled: True, 77: False}


def test_rows_appear_on_a_connection_that_is_kept_open(site: Site) -> None:
    assert read(site) == []
    site.insert_booking()
    assert len(read(site)) == 1


@pytest.mark.parametrize("cut_after_kb", [40, 400, 2000])
def test_a_read_that_breaks_off_raises_instead_of_returning_less(
    mariadb_site: Site, mariadb_database: str, cut_after_kb: int
) -> None:
    item = mariadb_site.insert_order(comment="x" * 4000)
    row = mariadb_site.row("bookings", mariadb_site.insert_booking(order_item_id=item))
    mariadb_site.insert_rows("bookings", [{**row, "id": number} for number in range(10, 700)])
    schema = read_schema(mariadb_site.engine, "wp_")
    with cut_short(mariadb_database, cut_after_kb * 1024) as url:
        engine = open_site_database(url)
        with pytest.raises(SiteUnavailable, match="connection was lost"):
            next(read_agent_bookings(engine, schema, 1, BERLIN, FROM_DAY))
        with pytest.raises(SiteUnavailable):
            look_up_bookings(engine, schema, range(10, 700), BERLIN)
        engine.dispose()
    assert len(read(mariadb_site)) == 691


def test_the_window_moves_with_the_asked_day(site: Site) -> None:
    site.insert_bookings(10)
    assert len(read(site, from_day=date(2026, 12, 1) + timedelta(days=4))) == 6
