"""What an ordinary day costs, and what it must never do to other people's entries."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import event as hooks

from latesync.store import accounts, calendars
from tests.property.machine.people import People
from tests.property.machine.scenes import CALENDAR, book, busy, ours, put_theirs, work
from tests.property.machine.stand import Stand
from tests.property.machine.town import ANNA, BEN, Town, opened_town

A_POLL = timedelta(minutes=1)


def asked(town: Town) -> list[str]:
    return [request.method for request in town.world.requests if "/calendar/v3/" in request.path]


def test_an_idle_look_at_a_calendar_is_one_request(town: Town) -> None:
    """users-ask.md U36; easyappointments-sync.md §4, 414 and 1113; odoo-calendar-sync.md §3."""
    for day in (1, 2, 3):
        book(town, day)
        put_theirs(town, day + 3)
    town.settle()
    town.world.forget_requests()
    for _ in range(5):
        work(town, A_POLL)
    assert asked(town) == ["GET"] * 5


def test_each_calendar_is_asked_with_a_place_of_its_own(town: Town) -> None:
    """odoo-calendar-sync.md §2.3: the sync token is kept per calendar, and every chosen one is asked."""
    town.choose(ANNA, CALENDAR, [CALENDAR, town.team])
    town.settle()
    put_theirs(town, 1, town.team)
    town.world.forget_requests()
    work(town, A_POLL)
    assert asked(town) == ["GET"] * 2
    assert busy(town) == ["11-21 08:00"]
    rows = calendars.read_calendars(town.database, town.account(ANNA).id)
    assert len({row.sync_token for row in rows}) == 2


def test_what_people_put_into_their_calendar_is_read_and_never_written(town: Town) -> None:
    """odoo-calendar-sync.md §2.2: pulling never triggers a push."""
    book(town)
    town.settle()
    town.world.forget_requests()
    key = put_theirs(town, 3)
    work(town, A_POLL)
    town.world.patch_event(CALENDAR, key, {"summary": "Dentist, moved", "transparency": "transparent"})
    work(town, A_POLL)
    town.world.delete_event(CALENDAR, key)
    work(town, A_POLL)
    assert set(asked(town)) == {"GET"}


def test_what_is_made_while_its_agent_is_disconnected_waits_for_their_sign_in(stand: Stand) -> None:
    """odoo-calendar-sync.md §2.1, 169888: no other account writes it; it comes with its agent's sign-in."""
    with opened_town(stand, agents=[ANNA, BEN]) as town:
        accounts.record_disconnected(town.database, town.account(BEN).id, town.clock())
        book(town, 1, BEN)
        book(town, 2, ANNA)
        for _ in range(3):
            work(town)
        assert ours(town) == ["11-22 09:00"]
        assert ours(town, "ben@example.test") == []
        town.sign_in(BEN)
        town.settle()
        assert ours(town) == ["11-22 09:00"]
        assert ours(town, "ben@example.test") == ["11-21 09:00"]


def test_a_hundred_new_bookings_cost_fewer_statements_than_odoo_allows_itself(town: Town) -> None:
    """odoo-calendar-sync.md §2.1: 526 for a hundred, its calendar not even asked."""
    town.settle()
    for number in range(100):
        book(town, 1 + number)
    statements: list[str] = []

    def count(connection: object, cursor: object, statement: str, *more: object) -> None:
        statements.append(statement)

    hooks.listen(town.database.engine, "before_cursor_execute", count)
    try:
        work(town)
    finally:
        hooks.remove(town.database.engine, "before_cursor_execute", count)
    assert len(People(town).events(CALENDAR, ours=True)) == 100
    assert len(statements) <= 526
