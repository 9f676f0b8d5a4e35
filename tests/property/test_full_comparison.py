"""The nightly comparison in small towns: what the quick looks missed is counted, and put right (U15)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from latesync.errors import ProviderUnavailable
from latesync.latepoint.bridge_tables import busy_table
from latesync.latepoint.busy import read_busy
from latesync.store import history, trust_schema
from latesync.store.calendars import read_slots
from latesync.store.comparisons import (
    ASKED_FOR,
    ComparisonRow,
    ask_for_comparison,
    last_comparisons,
    prune_comparisons,
)
from latesync.store.schema import busy_slots
from latesync.store.schema import mappings as mappings_table
from latesync.times import TimeRange
from tests.property.machine.scenes import CALENDAR, book, busy, ours, put_theirs, settle_and_check, work
from tests.property.machine.stand import PREFIX
from tests.property.machine.town import ANNA, Town

AFTER_MIDNIGHT = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)  # 00:30 in Berlin
NIGHT = datetime(2026, 11, 21, 3, 50, tzinfo=UTC)  # 04:50 in Berlin


def settled(town: Town) -> int:
    """A booking with its event, and somebody else's appointment, and the site's new day has begun; returns
    the booking's number."""
    booking = book(town, day=3)
    put_theirs(town, day=4)
    town.pass_time(AFTER_MIDNIGHT - town.clock())
    town.settle()
    return booking


def at_night(town: Town) -> ComparisonRow:
    """What the comparison of the coming night finds."""
    work(town, NIGHT - town.clock())
    found = last_comparisons(town.database, town.site_id)
    assert town.account(ANNA).id in found, "nothing was compared"
    return found[town.account(ANNA).id]


def numbers(row: ComparisonRow) -> tuple[int, int, int]:
    return row.events_wrong, row.busy_wrong, row.form_wrong


def unseen(town: Town, event_id: str) -> None:
    """The provider's list of changes never names this event: for a double booking that is enough."""
    numbers = town.world.calendars[CALENDAR].changes.numbers
    others = {key: number for key, number in numbers.items() if key != event_id}
    numbers.clear()
    numbers.update({event_id: 0, **others})


def told(town: Town) -> list[dict[str, object]]:
    table = trust_schema.history
    query = select(table.c.detail).where(table.c.what == history.What.COMPARED.value)
    with town.database.read() as connection:
        return [dict(row._mapping) for row in connection.execute(query)]


def test_nothing_differs_and_nothing_is_written(town: Town) -> None:
    """users-ask.md U15: the number that should be zero is zero."""
    settled(town)
    before = read_slots(town.database, ANNA)
    assert numbers(at_night(town)) == (0, 0, 0)
    assert read_slots(town.database, ANNA) == before
    assert told(town) == []
    assert not any(result.counts.changed_anything for result in town.results[-1:])


def test_an_event_that_no_list_of_changes_named_closes_its_time_by_morning(town: Town) -> None:
    """users-ask.md U15: double-booked although the event stood in the calendar."""
    settled(town)
    unseen(town, put_theirs(town, day=5))
    work(town)
    assert len(busy(town)) == 1
    assert numbers(at_night(town)) == (0, 1, 0)
    assert len(busy(town)) == 2
    assert len(told(town)) == 1
    settle_and_check(town)


def test_busy_time_that_fell_out_of_memory_comes_back(town: Town) -> None:
    settled(town)
    with town.database.write() as connection:
        connection.execute(delete(busy_slots))
    assert numbers(at_night(town)) == (0, 1, 1)
    settle_and_check(town)


def test_a_row_somebody_deleted_on_the_site_comes_back(town: Town) -> None:
    settled(town)
    with town.site.engine.begin() as connection:
        connection.execute(delete(busy_table(PREFIX)))
    assert busy(town) == []
    assert numbers(at_night(town)) == (0, 0, 1)
    settle_and_check(town)


def test_a_row_that_is_too_much_on_the_site_goes(town: Town) -> None:
    settled(town)
    start = datetime(2026, 11, 25, 9)
    with town.site.engine.begin() as connection:
        row = {"id": "f" * 32, "agent_id": ANNA, "starts_at": start, "ends_at": start + timedelta(hours=1)}
        connection.execute(insert(busy_table(PREFIX)).values(**row))
    assert numbers(at_night(town)) == (0, 0, 1)
    settle_and_check(town)


def test_our_event_that_vanished_unseen_stands_again_by_morning(town: Town) -> None:
    """users-ask.md U37, U28: absence is asked for by id, and the event comes back once."""
    settled(town)
    (event,) = (row for row in town.world.events(CALENDAR) if "extendedProperties" in row)
    town.world.delete_event(CALENDAR, event["id"])
    unseen(town, event["id"])
    work(town)
    assert ours(town) == []
    assert numbers(at_night(town)) == (1, 0, 0)
    assert len(ours(town)) == 1
    settle_and_check(town)


def test_our_event_that_was_edited_unseen_is_put_back(town: Town) -> None:
    settled(town)
    (event,) = (row for row in town.world.events(CALENDAR) if "extendedProperties" in row)
    town.world.patch_event(CALENDAR, event["id"], {"summary": "Coffee"})
    unseen(town, event["id"])
    assert numbers(at_night(town)) == (1, 0, 0)
    assert town.world.event(CALENDAR, event["id"])["summary"] != "Coffee"
    settle_and_check(town)


def test_an_orphan_of_ours_whose_booking_is_not_wanted_is_removed(town: Town) -> None:
    """users-ask.md U27, U28: our memory was lost, and the booking cancelled meanwhile."""
    booking = settled(town)
    forget(town, booking)
    town.site.update("bookings", booking, status="cancelled")
    town.note_site()
    work(town)
    assert len(ours(town)) == 1
    assert numbers(at_night(town)) == (1, 0, 0)
    assert ours(town) == []
    settle_and_check(town)


def test_an_earlier_event_of_a_booking_that_stands_unseen_is_removed(town: Town) -> None:
    """users-ask.md U28; only what is ours beyond doubt, and superseded."""
    settled(town)
    (event,) = (row for row in town.world.events(CALENDAR) if "extendedProperties" in row)
    town.world.delete_event(CALENDAR, event["id"])
    town.settle()
    town.world.patch_event(CALENDAR, event["id"], {"status": "confirmed"})
    unseen(town, event["id"])
    work(town)
    assert len(ours(town)) == 2
    assert numbers(at_night(town)) == (1, 0, 0)
    assert len(ours(town)) == 1
    settle_and_check(town)


def test_what_a_plan_would_do_though_nobody_knew_of_it_is_counted_and_done(town: Town) -> None:
    settled(town)
    with town.database.write() as connection:
        connection.execute(update(mappings_table).values(content_hash="somewhere else"))
    assert numbers(at_night(town)) == (1, 0, 0)
    settle_and_check(town)


def test_a_booking_that_changes_during_the_comparison_is_no_difference(town: Town) -> None:
    """users-ask.md U14: what the next look finds anyway is nothing that was missed."""
    settled(town)
    town.pass_time(NIGHT - town.clock())
    town.process.look()
    town.site.insert_booking(agent_id=ANNA, start_date="2026-11-30")
    town.note_site()
    town.process.work()
    (row,) = last_comparisons(town.database, town.site_id).values()
    assert numbers(row) == (0, 0, 0)
    settle_and_check(town)


def test_an_event_that_changes_during_the_comparison_is_no_difference(town: Town) -> None:
    """users-ask.md U14; and the agent's own wish is followed as such."""
    settled(town)
    (event,) = (row for row in town.world.events(CALENDAR) if "extendedProperties" in row)
    town.pass_time(NIGHT - town.clock())

    def meddle() -> None:
        put_theirs(town, day=6)
        town.world.delete_event(CALENDAR, event["id"])

    town.process.fuse.light("list page", 0, meddle, is_before=False)
    town.work()
    (row,) = last_comparisons(town.database, town.site_id).values()
    assert numbers(row) == (0, 0, 0)
    assert len(busy(town)) == 2
    settle_and_check(town)


def test_a_calendar_that_cannot_be_listed_puts_the_comparison_off_and_holds_up_nothing(town: Town) -> None:
    """design.md §7: one bad thing holds up no other."""
    settled(town)
    put_theirs(town, day=5)
    town.pass_time(NIGHT - town.clock())
    town.process.look()
    # The listing of everything is the one with timeMin; it alone breaks off.
    failing = town.process.parts.connect

    class Refusing:
        def __init__(self, real: object) -> None:
            self._real = real

        def __getattr__(self, name: str) -> object:
            return getattr(self._real, name)

        def list_changes(self, calendar_id: str, token: str | None, window: TimeRange) -> object:
            if token is None:
                raise ProviderUnavailable("google", operation="list_changes")
            return self._real.list_changes(calendar_id, token, window)  # type: ignore[attr-defined]

    object.__setattr__(town.process.parts, "connect", lambda claim: Refusing(failing(claim)))
    town.work()
    assert last_comparisons(town.database, town.site_id) == {}
    assert len(busy(town)) == 2
    assert town.account(ANNA).problem is None
    assert town.account(ANNA).compared_at == town.clock()


def test_more_events_than_a_page_holds_are_all_busy_and_all_compared(town: Town) -> None:
    """easyappointments 65afe27b3: what lies beyond the first 250 was silently ignored."""
    for number in range(300):
        put_theirs(town, day=3 + number)
    settled(town)
    assert len(busy(town)) == 301
    town.world.set_switches(page_size_cap=100)
    assert numbers(at_night(town)) == (0, 0, 0)
    assert len(read_busy(town.site.engine, PREFIX, ANNA)) == 301


def test_who_asks_gets_the_numbers_at_once(town: Town) -> None:
    settled(town)
    unseen(town, put_theirs(town, day=5))
    ask_for_comparison(town.database, [town.account(ANNA).id])
    assert town.account(ANNA).compared_at == ASKED_FOR
    work(town)
    (row,) = last_comparisons(town.database, town.site_id).values()
    assert numbers(row) == (0, 1, 0)
    assert town.account(ANNA).compared_at == town.clock()


def test_before_its_minute_of_the_night_nothing_is_compared(town: Town) -> None:
    settled(town)
    for _ in range(5):
        work(town)
    assert last_comparisons(town.database, town.site_id) == {}


def test_old_comparisons_go(town: Town) -> None:
    settled(town)
    at_night(town)
    assert prune_comparisons(town.database, town.clock() - timedelta(days=90)) == 0
    assert prune_comparisons(town.database, town.clock() + timedelta(seconds=1)) == 1


@pytest.mark.parametrize("is_open", [True, False])
def test_nothing_is_compared_while_the_account_is_being_reset(town: Town, is_open: bool) -> None:
    settled(town)
    row = {
        "site_id": town.site_id,
        "account_id": town.account(ANNA).id,
        "agent_id": ANNA,
        "events": "keep",
        "next": "all",
        "state": "waiting" if is_open else "done",
        "asked_by": "owner",
        "asked_at": town.clock(),
        "ended_at": None if is_open else town.clock(),
    }
    with town.database.write() as connection:
        connection.execute(insert(trust_schema.resets).values(**row))
    work(town, NIGHT - town.clock())
    assert bool(last_comparisons(town.database, town.site_id)) is not is_open


def forget(town: Town, booking: int) -> None:
    """As after the restore of an older backup."""
    with town.database.write() as connection:
        connection.execute(delete(mappings_table).where(mappings_table.c.booking_id == booking))
