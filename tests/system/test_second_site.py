"""A WordPress multisite: the tables of the configured prefix are read, and no others."""

from __future__ import annotations

from latesync.latepoint.bridge_tables import create_bridge_tables
from latesync.latepoint.grants import grant_statements
from tests.site.builders import Site, create_site
from tests.system.installation import Installation, at, day

PREFIX = "wp_2_"


def test_a_second_site_is_read_from_its_own_tables(fresh: Installation, site: Site) -> None:
    second = create_site(site.engine, prefix=PREFIX, zone="America/New_York")
    create_bridge_tables(site.engine, PREFIX)
    fresh.grant(grant_statements(PREFIX, site.engine.url.database or "", fresh.user))
    fresh.environment["LATESYNC_TABLE_PREFIX"] = PREFIX
    fresh.set_up()
    site.insert_booking(start_date=day(3))
    own = [second.insert_booking(start_date=day(number)) for number in (5, 6)]
    calendar = fresh.connect()
    fresh.google.put_event(calendar, at(4, 9), at(4, 10))

    fresh.fine("sync")

    assert fresh.google.bookings(calendar) == own
    event = fresh.google.event_of(calendar, own[0])
    assert event is not None
    assert event["start"]["timeZone"] == "America/New_York"
    assert fresh.busy() == []
    fresh.site = second
    assert fresh.busy() == [(at(4, 9), at(4, 10))]
