"""What wordings are filled in with, and what the owner chooses among."""

from __future__ import annotations

from datetime import date

import pytest

from latesync.latepoint.bookings import look_up_bookings
from latesync.latepoint.offers import next_booking_ids, read_services
from latesync.latepoint.probes import read_detail_fingerprints
from latesync.latepoint.schema import SiteSchema, read_schema
from latesync.latepoint.settings import read_site_settings
from latesync.model import Booking, Business
from latesync.times import zone_named
from tests.site.builders import Site

BERLIN = zone_named("Europe/Berlin")
DAY = date(2026, 11, 1)


def schema_of(site: Site) -> SiteSchema:
    return read_schema(site.engine, site.prefix)


def booking(site: Site, booking_id: int) -> Booking:
    found = look_up_bookings(site.engine, schema_of(site), [booking_id], BERLIN)[booking_id]
    assert isinstance(found, Booking)
    return found


def test_notes_and_category_are_read(every_version: Site) -> None:
    site = every_version
    site.insert_category("Body")
    site.update("services", 1, category_id=1)
    site.update("customers", 1, notes="likes tea\n twice ", admin_notes="pays late")
    found = booking(site, site.insert_booking())
    assert (found.service_category, found.customer_notes) == ("Body", "likes tea\ntwice")
    assert (found.agent_first_name, found.agent_last_name) == ("Dana", "Ruiz")
    assert "pays late" not in str(found)


def test_a_renamed_category_or_agent_is_noticed(site: Site) -> None:
    site.insert_category("Body")
    site.update("services", 1, category_id=1)
    site.insert_booking()
    before = read_detail_fingerprints(site.engine, schema_of(site), DAY)
    site.update("service_categories", 1, name="Soul")
    between = read_detail_fingerprints(site.engine, schema_of(site), DAY)
    site.update("agents", 1, display_name="D.")
    assert len({str(found) for found in (before, between)}) == 2
    assert read_detail_fingerprints(site.engine, schema_of(site), DAY) != between


def test_a_booking_of_nobody_and_nothing_is_read(site: Site) -> None:
    found = booking(site, site.insert_booking(agent_id=99, service_id=99, location_id=None))
    assert (found.agent_first_name, found.service_category, found.location_id) == ("", "", 0)


def test_the_business_and_its_dates_are_latepoints(site: Site) -> None:
    assert read_site_settings(site.engine, schema_of(site)).business == Business()
    for name, value in [
        ("business_name", "Salon Blau"),
        ("business_phone", "+49 40 5"),
        ("business_address", "Harbour 1"),
        ("date_format", "d.m.Y"),
        ("time_system", "24"),
    ]:
        site.insert_setting(name, value)
    found = read_site_settings(site.engine, schema_of(site)).business
    assert found == Business("Salon Blau", "+49 40 5", "Harbour 1", "d.m.Y", is_24_hours=True)


def test_statuses_the_owner_of_the_site_added_are_offered(site: Site) -> None:
    """latepoint.md §2.1: the key is the label in lower case, with underscores."""
    site.insert_setting("additional_booking_statuses", "Checked In, , Moved")
    statuses = read_site_settings(site.engine, schema_of(site)).statuses
    assert statuses[-2:] == ("checked_in", "moved")
    assert "no_show" in statuses


def test_next_bookings_come_soonest_first(site: Site) -> None:
    other = site.insert_service("Cut")
    late = site.insert_booking(start_date="2026-12-02")
    cut = site.insert_booking(start_date="2026-12-01", start_time=700, service_id=other)
    early = site.insert_booking(start_date="2026-12-01")
    site.insert_booking(start_date="2026-12-01", status="cancelled")
    site.insert_booking(start_date="2026-10-01")

    def found(service_id: int | None, most: int) -> list[int]:
        statuses = {"approved"}
        return next_booking_ids(site.engine, schema_of(site), DAY, statuses, service_id=service_id, most=most)

    assert found(None, 9) == [early, cut, late]
    assert found(None, 1) == [early]
    assert found(other, 9) == [cut]
    assert read_services(site.engine, schema_of(site))[other] == "Cut"


@pytest.mark.parametrize("column", ["customers.notes", "services.category_id", "service_categories.name"])
def test_without_a_column_its_variable_is_empty_and_doctor_names_it(mariadb_site: Site, column: str) -> None:
    table, name = column.split(".")
    booking_id = mariadb_site.insert_booking()
    with mariadb_site.engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE wp_latepoint_{table} DROP COLUMN {name}")
    found = booking(mariadb_site, booking_id)
    assert (found.customer_notes, found.service_category) == ("", "")
    assert f"wp_latepoint_{column}" in schema_of(mariadb_site).not_granted
