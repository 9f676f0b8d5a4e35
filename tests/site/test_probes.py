"""The fingerprint sees every kind of change that `updated_at` misses (clients-and-speed.md §4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select, text

from latesync.latepoint.probes import newest_booking_id, read_detail_fingerprints, read_fingerprints
from latesync.latepoint.schema import read_schema
from latesync.latepoint.selection import may_reach, plain_selection
from tests.site.builders import WRITTEN_AT, Site

FROM_DAY = date(2026, 11, 30)
Change = Callable[[Site, list[int]], Any]


def fingerprints(site: Site, from_day: date = FROM_DAY) -> dict[int, str]:
    return read_fingerprints(site.engine, read_schema(site.engine, site.prefix), from_day)


def details(site: Site) -> dict[int, str]:
    return read_detail_fingerprints(site.engine, read_schema(site.engine, site.prefix), FROM_DAY)


def changed_agents(before: dict[int, str], after: dict[int, str]) -> set[int]:
    return {agent for agent in before.keys() | after.keys() if before.get(agent) != after.get(agent)}


def restored(site: Site, ids: list[int]) -> None:
    row = site.row("bookings", ids[0])
    site.delete("bookings", ids[0])
    site.restore("bookings", {**row, "start_time": 615})


FOURTEEN_CHANGES: dict[str, Change] = {
    "normal update": lambda site, ids: site.update(
        "bookings", ids[0], start_time=610, updated_at="2026-11-02 09:00:00"
    ),
    "second update in the same second": lambda site, ids: site.update(
        "bookings", ids[0], start_time=610, updated_at=WRITTEN_AT
    ),
    "stamped by a clock that is behind": lambda site, ids: site.update(
        "bookings", ids[0], start_time=610, updated_at="2026-11-01 07:58:30"
    ),
    "stamped ten minutes ahead": lambda site, ids: site.update(
        "bookings", ids[0], start_time=610, updated_at="2026-11-01 08:10:00"
    ),
    "the next one after a stamp ahead": lambda site, ids: site.update(
        "bookings", ids[1], start_time=610, updated_at="2026-11-01 08:01:00"
    ),
    "local stamps stepping back": lambda site, ids: site.update(
        "bookings", ids[0], end_time=675, updated_at="2026-11-01 07:00:00"
    ),
    "raw update": lambda site, ids: site.update("bookings", ids[0], status="cancelled"),
    "updated_at NULL": lambda site, ids: site.update("bookings", ids[0], end_time=None, updated_at=None),
    "hard delete": lambda site, ids: site.delete("bookings", ids[0]),
    "moved to another agent": lambda site, ids: site.update("bookings", ids[0], agent_id=2),
    "moved into the past": lambda site, ids: site.update(
        "bookings", ids[0], start_date="2026-01-01", end_date="2026-01-01"
    ),
    "new booking": lambda site, ids: site.insert_booking(start_time=900),
    "row restored with an old id and stamp": restored,
    "committed later than its stamp": lambda site, ids: site.insert_booking(
        start_time=900, created_at="2026-10-01 08:00:00", updated_at="2026-10-01 08:00:00"
    ),
}


@pytest.mark.parametrize("change", FOURTEEN_CHANGES.values(), ids=FOURTEEN_CHANGES.keys())
def test_every_kind_of_change_is_seen_at_its_agent_and_no_other(site: Site, change: Change) -> None:
    ids = site.insert_bookings(3)
    site.insert_bookings(2, agent_id=2)
    site.insert_bookings(2, agent_id=3)
    before, details_before = fingerprints(site), details(site)
    change(site, ids)
    expected = {1, 2} if change is FOURTEEN_CHANGES["moved to another agent"] else {1}
    assert changed_agents(before, fingerprints(site)) == expected
    assert changed_agents(details_before, details(site)) == expected


@pytest.mark.parametrize(
    "values",
    [
        {"booking_code": "OTHER"},
        {"end_date": "2026-12-02"},
        {"end_date": None},
        {"start_time": 0},
        {"duration": 1500},
        {"duration": None},
        {"service_id": 2},
        {"customer_id": 2},
        {"location_id": None},
        {"order_item_id": 5},
        {"total_attendees": 2},
        {"status": "pending"},
    ],
)
def test_every_column_an_event_is_made_of_counts(site: Site, values: dict[str, Any]) -> None:
    (booking_id,) = site.insert_bookings(1)
    before = fingerprints(site)
    site.update("bookings", booking_id, **values)
    assert fingerprints(site) != before


def test_the_comment_and_seats_of_version_4_count(every_version: Site) -> None:
    site = every_version
    seats = "total_attendies" if site.version == "4.9.91" else "total_attendees"
    (booking_id,) = site.insert_bookings(1)
    before = fingerprints(site)
    site.update("bookings", booking_id, **{seats: 2})
    seen = fingerprints(site)
    assert seen != before
    if read_schema(site.engine, "wp_").has("bookings", "customer_comment"):
        site.update("bookings", booking_id, customer_comment="Ring twice")
        assert fingerprints(site) != seen


def test_a_save_that_changes_nothing_but_the_stamp_is_quiet(site: Site) -> None:
    (booking_id,) = site.insert_bookings(1)
    before = fingerprints(site), details(site)
    site.update("bookings", booking_id, updated_at="2026-11-05 10:00:00", start_datetime_utc=None)
    assert (fingerprints(site), details(site)) == before


def test_a_value_that_moves_between_two_empty_columns_is_seen(site: Site) -> None:
    (booking_id,) = site.insert_bookings(1, end_time=None, duration=90)
    before = fingerprints(site)
    site.update("bookings", booking_id, end_time=90, duration=None)
    assert fingerprints(site) != before


def test_two_bookings_that_swap_their_times_are_seen(site: Site) -> None:
    first, second = site.insert_bookings(2)
    before = fingerprints(site)
    site.update("bookings", first, start_date="2026-12-02", end_date="2026-12-02")
    site.update("bookings", second, start_date="2026-12-01", end_date="2026-12-01")
    assert fingerprints(site) != before


DETAILS: dict[str, Callable[[Site], None]] = {
    "customer's name": lambda site: site.update("customers", 1, last_name="Weber-Ng"),
    "customer's phone": lambda site: site.update("customers", 1, phone="+49309"),
    "customer's e-mail": lambda site: site.update("customers", 1, email=None),
    "customer deleted": lambda site: site.delete("customers", 1),
    "service's name": lambda site: site.update("services", 1, name="Deep massage"),
    "service's duration": lambda site: site.update("services", 1, duration=75),
    "location's address": lambda site: site.update("locations", 1, full_address="2 Main St"),
    "comment on the order": lambda site: site.update("orders", 1, customer_comment="Ring once"),
}


@pytest.mark.parametrize("change", DETAILS.values(), ids=DETAILS.keys())
def test_changes_beside_the_booking_are_seen_by_the_slower_probe(
    site: Site, change: Callable[[Site], None]
) -> None:
    site.insert_bookings(1, order_item_id=site.insert_order(comment="Ring twice"))
    before, quick_before = details(site), fingerprints(site)
    change(site)
    assert changed_agents(before, details(site)) == {1}
    assert fingerprints(site) == quick_before


def test_private_notes_and_passwords_do_not_count(site: Site) -> None:
    site.insert_bookings(1)
    before = details(site)
    site.update("customers", 1, admin_notes="pays late", password="new")
    assert details(site) == before


def test_past_bookings_do_not_count_but_rows_without_a_day_do(site: Site) -> None:
    site.insert_booking(start_date="2026-01-01")
    assert fingerprints(site) == {}
    site.insert_booking(start_date=None)
    assert fingerprints(site).keys() == {1}


def test_tables_of_different_collations_and_charsets_are_hashed_together(mariadb_site: Site) -> None:
    site = mariadb_site
    site.execute(
        f"ALTER TABLE {site.name('customers')} CONVERT TO CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci",
        f"ALTER TABLE {site.name('services')} CONVERT TO CHARACTER SET latin1",
        f"ALTER TABLE {site.name('orders')} CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci",
        f"ALTER TABLE {site.name('locations')} CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    )
    site.insert_bookings(1, order_item_id=site.insert_order(comment="Zoë \U0001f469"))
    before = details(site)
    site.update("orders", 1, customer_comment="Zoë \U0001f468")
    assert details(site) != before


def test_zero_dates_and_any_sql_mode_are_survived(mariadb_site: Site) -> None:
    (booking_id,) = mariadb_site.insert_bookings(1)
    bookings = mariadb_site.name("bookings")
    with mariadb_site.engine.connect() as connection:
        connection.execute(text("SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES'"))
        connection.execute(text(f"UPDATE {bookings} SET start_date = '0000-00-00' WHERE id = {booking_id}"))
    assert fingerprints(mariadb_site).keys() == {1}


def test_one_index_serves_the_fingerprint(mariadb_site: Site) -> None:
    row = mariadb_site.row("bookings", mariadb_site.insert_booking(start_date="2020-01-01"))
    mariadb_site.insert_rows("bookings", [{**row, "id": number} for number in range(10, 3000)])
    mariadb_site.insert_bookings(5)
    mariadb_site.execute(f"ANALYZE TABLE {mariadb_site.name('bookings')}")
    plan = explained(mariadb_site)
    assert plan["key"] == "start_date_index"
    assert int(plan["rows"]) < 100


def explained(site: Site) -> dict[str, Any]:
    selection = plain_selection(read_schema(site.engine, site.prefix))
    query = select(func.count()).where(may_reach(selection.bookings, FROM_DAY))
    compiled = query.compile(site.engine, compile_kwargs={"literal_binds": True})
    with site.engine.connect() as connection:
        return dict(connection.exec_driver_sql(f"EXPLAIN {compiled}").mappings().one())


def test_the_newest_id_tells_which_agents_have_new_rows(site: Site) -> None:
    schema = read_schema(site.engine, "wp_")
    assert newest_booking_id(site.engine, schema, 0) == (0, set())
    old = site.insert_bookings(2)[-1]
    new = site.insert_bookings(1, agent_id=2) + site.insert_bookings(2, agent_id=3)
    assert newest_booking_id(site.engine, schema, old) == (new[-1], {2, 3})
    assert newest_booking_id(site.engine, schema, new[-1]) == (new[-1], set())
