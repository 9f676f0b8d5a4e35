"""How often an event was put back lately is told from the history (odoo-calendar-sync.md §4, PR 215449)."""

from __future__ import annotations

from typing import Any

from latesync.store.history import Entry, What, Who, record_history
from latesync.store.put_backs import count_put_backs
from tests.store.builders import HOUR, NOW, SITE, Site

WHYS = ["edited in the calendar", "deleted in the calendar"]


def put_back(site: Site, **changes: Any) -> None:
    values: dict[str, Any] = {
        "at": NOW,
        "who": Who.LATESYNC,
        "what": What.EVENT_UPDATED,
        "why": WHYS[0],
        "agent_id": 1,
        "account_id": 3,
        "booking_id": 7,
    }
    record_history(site.database, SITE, [Entry(**(values | changes))])


def counted(site: Site, *booking_ids: int) -> dict[int, int]:
    return count_put_backs(site.database, SITE, 3, booking_ids, whys=WHYS, since=NOW - HOUR)


def test_edited_and_deleted_events_that_were_put_back_are_counted_by_booking(site: Site) -> None:
    put_back(site)
    put_back(site, what=What.EVENT_CREATED, why=WHYS[1], at=NOW - HOUR)
    put_back(site, booking_id=8)
    assert counted(site, 7, 8, 9) == {7: 2, 8: 1}
    assert counted(site, 7) == {7: 2}
    assert counted(site) == {}


def test_nothing_else_is_counted(site: Site) -> None:
    put_back(site, why="booking changed")
    put_back(site, what=What.DRIFT_SEEN)
    put_back(site, at=NOW - 2 * HOUR)
    put_back(site, account_id=4)
    assert counted(site, 7) == {}
