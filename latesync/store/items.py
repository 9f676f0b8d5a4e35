"""Calendar items as rows. Times are ISO text: an instant in UTC, or a day."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select

from latesync.model import CalendarItem, EventKind
from latesync.store.schema import busy_slots, calendar_items
from latesync.store.statements import chunks

_LINE_END = "\n"


def item_from(row: Row[Any]) -> CalendarItem:
    return CalendarItem(
        event_id=row.event_id,
        starts=_time(row.starts),
        ends=_time(row.ends),
        zone=row.zone,
        recurrence=tuple(row.recurrence.split(_LINE_END)) if row.recurrence else (),
        series_id=row.series_id,
        original_start=_time(row.original_start),
        kind=EventKind(row.kind),
        is_cancelled=row.is_cancelled,
        is_free=row.is_free,
        is_tentative=row.is_tentative,
        is_declined=row.is_declined,
        is_unanswered=row.is_unanswered,
    )


def put_items(
    connection: Connection, calendar_ref: int, items: Collection[CalendarItem], listing: int
) -> None:
    """Insert or replace; of one id given twice the later counts."""
    by_id = {item.event_id: item for item in items}
    for some in chunks(by_id):
        _delete_items(connection, calendar_ref, calendar_items.c.event_id.in_(some))
    if by_id:
        values = [_values(calendar_ref, item, listing) for item in by_id.values()]
        connection.execute(insert(calendar_items), values)


def drop_items(connection: Connection, calendar_ref: int, event_ids: Collection[str]) -> None:
    """Drop items, the exceptions of those that are series, and the slots of all these."""
    for some in chunks(event_ids):
        exceptions = select(calendar_items.c.event_id).where(
            calendar_items.c.calendar_ref == calendar_ref, calendar_items.c.series_id.in_(some)
        )
        connection.execute(
            delete(busy_slots).where(
                busy_slots.c.calendar_ref == calendar_ref,
                or_(busy_slots.c.item_id.in_(some), busy_slots.c.item_id.in_(exceptions)),
            )
        )
        dropped = or_(calendar_items.c.event_id.in_(some), calendar_items.c.series_id.in_(some))
        _delete_items(connection, calendar_ref, dropped)


def drop_unseen(connection: Connection, calendar_ref: int, listing: int) -> None:
    """Drop what a full listing, now at its end, did not show: items, and slots that stem from none."""
    _delete_items(connection, calendar_ref, calendar_items.c.listing != listing)
    of_calendar = calendar_items.c.calendar_ref == calendar_ref
    no_item, no_exception = (
        ~select(calendar_items.c.event_id)
        .where(of_calendar, column == busy_slots.c.item_id)
        .correlate(busy_slots)
        .exists()
        for column in (calendar_items.c.event_id, calendar_items.c.series_id)
    )
    connection.execute(
        delete(busy_slots).where(busy_slots.c.calendar_ref == calendar_ref, no_item, no_exception)
    )


def _delete_items(connection: Connection, calendar_ref: int, which: Any) -> None:
    connection.execute(delete(calendar_items).where(calendar_items.c.calendar_ref == calendar_ref, which))


def _values(calendar_ref: int, item: CalendarItem, listing: int) -> dict[str, Any]:
    return {
        "calendar_ref": calendar_ref,
        "event_id": item.event_id,
        "series_id": item.series_id,
        "listing": listing,
        "starts": _text(item.starts),
        "ends": _text(item.ends),
        "zone": item.zone,
        "recurrence": _LINE_END.join(item.recurrence),
        "original_start": _text(item.original_start),
        "kind": item.kind.value,
        "is_cancelled": item.is_cancelled,
        "is_free": item.is_free,
        "is_tentative": item.is_tentative,
        "is_declined": item.is_declined,
        "is_unanswered": item.is_unanswered,
    }


def _text(moment: datetime | date | None) -> str | None:
    if isinstance(moment, datetime):
        return moment.astimezone(UTC).isoformat()
    return None if moment is None else moment.isoformat()


def _time(text: str | None) -> datetime | date | None:
    if text is None:
        return None
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
