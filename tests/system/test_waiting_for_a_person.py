"""What the machine does not do by itself: it is named, and everything else goes on."""

from __future__ import annotations

import pytest

from latesync.latepoint.bridge_tables import accounts_table_name, busy_table_name
from tests.site.builders import Site
from tests.system.installation import DANA, Installation, at, day


def test_mass_cancellation_is_held_and_the_safe_part_is_done(installation: Installation, site: Site) -> None:
    calendar = installation.connect()
    bookings = site.insert_bookings(30, first_day=day(2))
    assert installation.json("sync")["events_created"] == 30
    cancelled = bookings[:20]
    for booking in cancelled:
        site.update("bookings", booking, status="cancelled")
    new = site.insert_booking(start_date=day(40))

    synced = installation.json("sync", code=1)

    assert (synced["events_created"], synced["events_deleted"]) == (1, 0)
    assert installation.google.bookings(calendar) == [*bookings, new]
    status = installation.json("status", code=1)
    assert sorted(row["booking_id"] for row in status["held"]) == cancelled
    assert {(row["operation"], row["reason"]) for row in status["held"]} == {("delete", "booking cancelled")}
    said = installation.latesync("status")
    assert said.code == 1
    assert "20 events" in said.out
    planned = installation.json("plan", code=1)
    assert planned["operations"] == []
    assert sorted(row["booking_id"] for row in planned["held"]) == cancelled

    for booking in cancelled[2:]:
        site.update("bookings", booking, status="approved")
    assert installation.json("sync")["events_deleted"] == 2
    assert installation.json("status")["held"] == []
    assert installation.google.bookings(calendar) == [*bookings[2:], new]


def test_refused_event_is_set_aside_by_its_booking_number_until_the_booking_changes(
    installation: Installation, site: Site
) -> None:
    calendar = installation.connect()
    refused, *others = site.insert_bookings(4, first_day=day(2))
    refusal = {"kind": "status", "method": "POST", "path": "/events$", "status": 400, "reason": "invalid"}
    installation.google.ask("POST", "/faults", refusal)

    synced = installation.latesync("sync")

    assert synced.code == 1
    assert f"booking {refused}" in synced.out
    assert installation.google.bookings(calendar) == others
    expected = [{"booking_id": refused, "agent_id": DANA, "problem": "invalid", "provider": "google"}]
    assert installation.json("status", code=1)["set_aside"] == expected
    assert installation.json("plan")["set_aside"] == expected
    assert installation.json("sync", code=1)["set_aside"] == expected
    assert installation.google.bookings(calendar) == others

    site.update("bookings", refused, start_time=660, end_time=720)
    assert installation.json("sync")["set_aside"] == []
    assert installation.google.bookings(calendar) == [refused, *others]


@pytest.fixture
def without_tables(bare: Installation) -> Installation:
    bare.set_up()
    return bare


def test_without_its_tables_in_the_site_events_are_written_and_the_tables_named(
    without_tables: Installation, site: Site
) -> None:
    installation = without_tables
    tables = [busy_table_name(site.prefix), accounts_table_name(site.prefix)]
    calendar = installation.connect()
    booking = site.insert_booking(start_date=day(2))
    installation.google.put_event(calendar, at(3, 9), at(3, 10))

    synced = installation.json("sync", code=1)

    assert synced["missing_tables"] == tables
    assert installation.google.bookings(calendar) == [booking]
    said = installation.latesync("sync")
    assert said.code == 1
    assert all(table in said.out for table in tables)
    examined = installation.latesync("doctor")
    assert examined.code == 1
    assert all(table in examined.out for table in tables)

    # What the operator is told to run is enough, as it is printed.
    site.execute(*_statements(installation.fine("doctor", "--print-sql")))
    installation.grant(_statements(installation.fine("doctor", "--print-grants", installation.user)))
    assert installation.json("sync")["missing_tables"] == []
    assert installation.busy() == [(at(3, 9), at(3, 10))]
    assert "✗" not in installation.fine("doctor")


def _statements(printed: str) -> list[str]:
    return [statement.strip() for statement in printed.split(";\n") if statement.strip()]


def test_booking_that_cannot_be_read_is_named_and_holds_nothing_up(
    installation: Installation, site: Site
) -> None:
    calendar = installation.connect()
    broken = site.insert_booking(start_date=day(2), start_time=None, end_time=None)
    booking = site.insert_booking(start_date=day(2))
    synced = installation.latesync("sync")
    assert synced.code == 1
    assert f"ooking {broken}" in synced.out
    assert installation.google.bookings(calendar) == [booking]
