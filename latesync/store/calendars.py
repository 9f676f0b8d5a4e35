"""The calendars of an account: how far each was read, what was in it, and the busy time it makes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from latesync.model import AccountState, BusySlot, CalendarItem
from latesync.store.database import Database, reading, writing
from latesync.store.items import drop_items, drop_unseen, item_from, put_items
from latesync.store.schema import accounts, busy_slots, calendar_items, calendars
from latesync.store.statements import chunks, problem_values
from latesync.times import TimeRange


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """listing: number of the newest full listing. expanded_for: the site day its slots are complete for.

    reads_busy: False for a calendar that is only written to, and listed for drift.
    is_unpublished: its slots changed since the site was told.
    listed_until: the last full listing knows nothing after this; None: it has no end.
    good_at: end of the last complete listing, full or of changes.
    """

    id: int
    account_id: int
    calendar_id: str = field(repr=False)  # often an e-mail address
    reads_busy: bool
    zone: str | None
    sync_token: str | None = field(repr=False)
    sync_token_at: datetime | None
    listed_until: datetime | None
    listing: int
    is_unpublished: bool
    expanded_for: date | None
    problem: str | None
    problem_since: datetime | None
    good_at: datetime | None


_UNREAD: dict[str, Any] = {
    "sync_token": None,
    "sync_token_at": None,
    "listed_until": None,
    "is_unpublished": True,
    "expanded_for": None,
    "problem": None,
    "problem_since": None,
    "good_at": None,
}
_THIS = calendars.c.id == bindparam("calendar")
_SET_PROBLEM = update(calendars).where(_THIS).ordered_values(*problem_values(calendars))
_START_LISTING = update(calendars).where(_THIS).values(listing=calendars.c.listing + 1)
_AGENT_SLOTS = (
    select(busy_slots.c.id, busy_slots.c.starts_at, busy_slots.c.ends_at)
    .join_from(busy_slots, calendars)
    .join(accounts, accounts.c.id == calendars.c.account_id)
    .where(
        busy_slots.c.agent_id == bindparam("agent"),
        calendars.c.reads_busy,
        accounts.c.state != AccountState.DISCONNECTED.value,
    )
)


def calendar_from(row: Row[Any]) -> CalendarRow:
    return CalendarRow(**{column.name: row._mapping[column] for column in calendars.c})


def read_calendars(db: Database | Connection, account_id: int) -> list[CalendarRow]:
    query = select(calendars).where(calendars.c.account_id == account_id).order_by(calendars.c.id)
    with reading(db) as connection:
        return [calendar_from(row) for row in connection.execute(query)]


def start_listing(db: Database | Connection, calendar_ref: int) -> int:
    """Begin a full listing; returns its number, which its pages and its end carry."""
    with writing(db) as connection:
        connection.execute(_START_LISTING, {"calendar": calendar_ref})
        number = connection.scalar(select(calendars.c.listing).where(calendars.c.id == calendar_ref))
        return int(number or 0)


def read_items(
    db: Database | Connection,
    calendar_ref: int,
    event_ids: Collection[str] | None = None,
    series_ids: Collection[str] | None = None,
) -> dict[str, CalendarItem]:
    """The calendar's items by event id: those of these ids, plus those of these series; or all of them."""
    of_calendar = select(calendar_items).where(calendar_items.c.calendar_ref == calendar_ref)
    if event_ids is None and series_ids is None:
        queries = [of_calendar]
    else:
        event_id, series_id = calendar_items.c.event_id, calendar_items.c.series_id
        queries = [of_calendar.where(event_id.in_(some)) for some in chunks(event_ids or ())]
        queries += [of_calendar.where(series_id.in_(some)) for some in chunks(series_ids or ())]
    with reading(db) as connection:
        return {row.event_id: item_from(row) for query in queries for row in connection.execute(query)}


def record_page(
    db: Database | Connection,
    calendar_ref: int,
    put: Collection[CalendarItem],
    drop: Collection[str],
    *,
    listing: int,
    slots_replaced_for: Collection[str],
    slots: Collection[BusySlot],
    zone: str | None,
    sync_token: str | None,
    now: datetime,
    end_of_listing: bool,
    expanded_for: date | None = None,
    listed_until: datetime | None = None,
) -> None:
    """Keep one page of a listing, with the busy time and the sync token that belong to it.

    drop: event ids; dropping a series drops its exceptions.
    slots_replaced_for: ids of the items (of the series, for repeated ones) whose slots are now `slots`.
    sync_token: of the last page, else None. end_of_listing: of a full one; what it did not show goes.
    expanded_for: the site day, when with this page the calendar's slots are complete for it.
    listed_until: how far a full listing reached; None: it has no end.
    """
    read_on: dict[str, Any] = {"is_unpublished": True} if slots_replaced_for or end_of_listing else {}
    if zone is not None:
        read_on |= {"zone": zone}
    if expanded_for is not None:
        read_on |= {"expanded_for": expanded_for}
    if sync_token is not None:
        read_on |= {"sync_token": sync_token, "sync_token_at": now}
    if sync_token is not None or end_of_listing:
        read_on |= {"good_at": now, "problem": None, "problem_since": None}
    if end_of_listing:
        read_on |= {"listed_until": listed_until}
    with writing(db) as connection:
        drop_items(connection, calendar_ref, drop)
        put_items(connection, calendar_ref, put, listing)
        _replace_slots(connection, calendar_ref, slots_replaced_for, slots)
        if end_of_listing:
            drop_unseen(connection, calendar_ref, listing)
        if read_on:
            connection.execute(update(calendars).where(calendars.c.id == calendar_ref).values(**read_on))


def replace_all_slots(
    db: Database | Connection,
    calendar_ref: int,
    slots: Collection[BusySlot],
    expanded_for: date,
    *,
    prune: Collection[str] = (),
) -> None:
    """The calendar's busy time computed anew for a site day; writes what differs.

    prune: ids of items that ended before the window.
    """
    wanted = {slot.id: slot for slot in slots}
    of_calendar = busy_slots.c.calendar_ref == calendar_ref
    query = select(busy_slots).where(of_calendar)
    with writing(db) as connection:
        drop_items(connection, calendar_ref, prune)
        rows = connection.execute(query).all()
        same = {row.id for row in rows if row.id in wanted and _slot_from(row) == wanted[row.id]}
        for some in chunks([row.id for row in rows if row.id not in same]):
            connection.execute(delete(busy_slots).where(of_calendar, busy_slots.c.id.in_(some)))
        _insert_slots(connection, calendar_ref, [wanted[key] for key in wanted if key not in same])
        connection.execute(
            update(calendars)
            .where(calendars.c.id == calendar_ref)
            .values(expanded_for=expanded_for, is_unpublished=True)
        )


def read_slots(db: Database | Connection, agent_id: int) -> dict[str, TimeRange]:
    """An agent's busy time over all calendars read for it, last known where one cannot be read now."""
    with reading(db) as connection:
        rows = connection.execute(_AGENT_SLOTS, {"agent": agent_id})
        return {row.id: TimeRange(row.starts_at, row.ends_at) for row in rows}


def count_slots(db: Database | Connection, account_id: int) -> int:
    """How many busy times the account's calendars make."""
    query = (
        select(func.count())
        .select_from(busy_slots)
        .join(calendars)
        .where(calendars.c.account_id == account_id, calendars.c.reads_busy)
    )
    with reading(db) as connection:
        return int(connection.scalar(query) or 0)


def read_calendar_slots(db: Database | Connection, calendar_ref: int) -> dict[str, BusySlot]:
    """The busy time of one calendar, by slot id."""
    query = select(busy_slots).where(busy_slots.c.calendar_ref == calendar_ref)
    with reading(db) as connection:
        return {row.id: _slot_from(row) for row in connection.execute(query)}


def record_published(db: Database | Connection, account_id: int) -> None:
    """The site's table shows the account's slots as they are now."""
    told = update(calendars).where(calendars.c.account_id == account_id).values(is_unpublished=False)
    with writing(db) as connection:
        connection.execute(told)


def record_unpublished(db: Database | Connection, account_id: int) -> None:
    """What the site's table shows of the account is in doubt."""
    doubted = update(calendars).where(calendars.c.account_id == account_id).values(is_unpublished=True)
    with writing(db) as connection:
        connection.execute(doubted)


def record_calendar_problem(
    db: Database | Connection, calendar_ref: int, problem: str | None, now: datetime
) -> None:
    """problem_since stays while the same problem lasts. The busy time stays as last known."""
    with writing(db) as connection:
        connection.execute(_SET_PROBLEM, {"calendar": calendar_ref, "new_problem": problem, "at": now})


def forget_sync_token(db: Database | Connection, calendar_ref: int) -> None:
    """The next listing is a full one."""
    with writing(db) as connection:
        forgotten = update(calendars).where(calendars.c.id == calendar_ref)
        connection.execute(forgotten.values(sync_token=None, sync_token_at=None))


def put_calendars(connection: Connection, account_id: int, wanted: Mapping[str, bool]) -> None:
    """Make the account's calendars these (id: reads busy time), all to be expanded anew.

    One that no longer brings busy time, or begins to, starts again from nothing, as a new one does.
    """
    rows = {row.calendar_id: row for row in read_calendars(connection, account_id)}
    turned = [
        row.id for row in rows.values() if row.reads_busy != wanted.get(row.calendar_id, row.reads_busy)
    ]
    removed = [row.id for row in rows.values() if row.calendar_id not in wanted]
    _clear(connection, turned + removed)
    connection.execute(delete(calendars).where(calendars.c.id.in_(removed)))
    for row_id in turned:
        toggled = update(calendars).where(calendars.c.id == row_id)
        connection.execute(toggled.values(reads_busy=~calendars.c.reads_busy))
    of_account = calendars.c.account_id == account_id
    connection.execute(update(calendars).where(of_account).values(expanded_for=None, is_unpublished=True))
    added = [
        {"account_id": account_id, "calendar_id": calendar_id, "reads_busy": reads_busy}
        for calendar_id, reads_busy in wanted.items()
        if calendar_id not in rows
    ]
    if added:
        connection.execute(insert(calendars), added)


def add_calendar(connection: Connection, account_id: int, calendar_id: str) -> None:
    """List one more calendar, for drift alone; one that is listed already stays as it is."""
    this = (calendars.c.account_id == account_id, calendars.c.calendar_id == calendar_id)
    if connection.scalar(select(calendars.c.id).where(*this)) is None:
        row = {"account_id": account_id, "calendar_id": calendar_id, "reads_busy": False}
        connection.execute(insert(calendars).values(**row))


def clear_calendars(connection: Connection, account_id: int) -> None:
    """Forget what was read of the account's calendars, but not which they are."""
    _clear(connection, [row.id for row in read_calendars(connection, account_id)])


def _clear(connection: Connection, refs: list[int]) -> None:
    if refs:
        connection.execute(delete(busy_slots).where(busy_slots.c.calendar_ref.in_(refs)))
        connection.execute(delete(calendar_items).where(calendar_items.c.calendar_ref.in_(refs)))
        connection.execute(update(calendars).where(calendars.c.id.in_(refs)).values(**_UNREAD))


def _replace_slots(
    connection: Connection, calendar_ref: int, item_ids: Collection[str], slots: Collection[BusySlot]
) -> None:
    """An occurrence keeps its id when its item changes (a series was split), hence also by slot id."""
    of_calendar = busy_slots.c.calendar_ref == calendar_ref
    by_id = {slot.id: slot for slot in slots}
    for some in chunks(item_ids):
        connection.execute(delete(busy_slots).where(of_calendar, busy_slots.c.item_id.in_(some)))
    for some in chunks(by_id):
        connection.execute(delete(busy_slots).where(of_calendar, busy_slots.c.id.in_(some)))
    _insert_slots(connection, calendar_ref, by_id.values())


def _insert_slots(connection: Connection, calendar_ref: int, slots: Collection[BusySlot]) -> None:
    if slots:
        connection.execute(
            insert(busy_slots),
            [
                {
                    "calendar_ref": calendar_ref,
                    "id": slot.id,
                    "agent_id": slot.agent_id,
                    "item_id": slot.item_id,
                    "starts_at": slot.span.start,
                    "ends_at": slot.span.end,
                }
                for slot in slots
            ],
        )


def _slot_from(row: Row[Any]) -> BusySlot:
    return BusySlot(row.id, row.agent_id, row.item_id, TimeRange(row.starts_at, row.ends_at))
