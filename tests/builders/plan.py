"""Bookings, mappings, snapshots, calendar items and events for tests of the pure rooms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from latesync.model import (
    Booking,
    CalendarItem,
    Drift,
    Event,
    EventContent,
    EventKind,
    Mapping,
    MappingState,
    Marker,
    Snapshot,
    Target,
    UnreadableBooking,
    WallTimes,
)
from latesync.options import BlockingPolicy
from latesync.plan.content import booking_hash, content_hash, event_key, render_content, row_hash
from latesync.plan.ownership import Listening
from latesync.times import TimeRange, Zone, zone_named

SITE = "site-1"
AGENT = 7
ACCOUNT = 3
SUBJECT = "110248495921238986420"
CALENDAR = "dana@example.com"
BERLIN = zone_named("Europe/Berlin")
WANTED = frozenset({"approved", "pending"})


def utc(text: str) -> datetime:
    """The instant written as "2026-03-02 10:00", in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def a_span(start: str = "2026-03-02 09:00", *, minutes: int = 60) -> TimeRange:
    return TimeRange(utc(start), utc(start) + timedelta(minutes=minutes))


def a_window(first: str = "2026-03-01", last: str = "2027-03-01") -> TimeRange:
    return TimeRange(utc(first), utc(last))


def a_booking(
    booking_id: int = 4182,
    start: str = "2026-03-02 09:00",
    *,
    minutes: int = 60,
    status: str = "approved",
    agent_id: int = AGENT,
    service_name: str = "Massage",
    customer_name: str = "Ada Byron",
    **fields: str | int | WallTimes,
) -> Booking:
    booking = Booking(
        id=booking_id,
        agent_id=agent_id,
        status=status,
        span=a_span(start, minutes=minutes),
        code=f"CODE{booking_id}",
        service_name=service_name,
        customer_name=customer_name,
    )
    return replace(booking, **fields)  # type: ignore[arg-type]


def a_target(calendar_id: str = CALENDAR) -> Target:
    return Target(ACCOUNT, "google", SUBJECT, calendar_id)


def a_key(booking: Booking, generation: int = 0) -> str:
    return event_key(SITE, booking.id, booking.agent_id, SUBJECT, generation)


def a_content(booking: Booking, generation: int = 0, *, zone: Zone = BERLIN) -> EventContent:
    return render_content(booking, zone, site_id=SITE, generation=generation)


def a_mapping(
    booking: Booking,
    *,
    state: MappingState = MappingState.LIVE,
    generation: int = 0,
    calendar_id: str = CALENDAR,
    account_id: int = ACCOUNT,
    event_id: str | None = None,
    etag: str | None = None,
    drift: Drift | None = None,
    has_agent_notes: bool = False,
    drift_span: TimeRange | None = None,
    drift_refused: str = "",
    earlier_event_id: str = "",
) -> Mapping:
    """As it is right after the event of this very booking was written."""
    hashed = content_hash(a_content(booking, generation))
    has_answer = state is not MappingState.INTENT
    return Mapping(
        id=booking.id + 100_000,
        booking_id=booking.id,
        agent_id=booking.agent_id,
        account_id=account_id,
        calendar_id=calendar_id,
        event_id=event_id or a_key(booking, generation),
        earlier_event_id=earlier_event_id,
        generation=generation,
        state=state,
        span=booking.span,
        content_hash=hashed,
        echo_hash=hashed if has_answer else "",
        etag=('"1"' if has_answer else "") if etag is None else etag,
        has_agent_notes=has_agent_notes,
        drift=drift,
        drift_span=drift_span,
        booking_hash=row_hash(booking) if state is MappingState.LEFT_OUT else booking_hash(booking),
        drift_refused=drift_refused,
    )


def a_snapshot(
    *bookings: Booking,
    looked_up: dict[int, Booking | UnreadableBooking | None] | None = None,
    window: TimeRange | None = None,
    agent_id: int = AGENT,
    agent_exists: bool = True,
    unreadable: Iterable[UnreadableBooking] = (),
) -> Snapshot:
    return Snapshot(
        site_id=SITE,
        agent_id=agent_id,
        zone=BERLIN,
        window=window or a_window(),
        wanted_statuses=WANTED,
        bookings={booking.id: booking for booking in bookings},
        looked_up=looked_up or {},
        unreadable=tuple(unreadable),
        agent_exists=agent_exists,
    )


def an_item(
    event_id: str = "meeting",
    start: str = "2026-03-03 10:00",
    *,
    minutes: int = 60,
    zone: str | None = "Europe/Berlin",
    recurrence: tuple[str, ...] = (),
    series_id: str | None = None,
    original_start: datetime | date | None = None,
    kind: EventKind = EventKind.NORMAL,
    is_cancelled: bool = False,
    is_free: bool = False,
    is_tentative: bool = False,
    is_declined: bool = False,
) -> CalendarItem:
    """start: UTC."""
    starts = utc(start)
    return CalendarItem(
        event_id=event_id,
        starts=starts,
        ends=starts + timedelta(minutes=minutes),
        zone=zone,
        recurrence=recurrence,
        series_id=series_id,
        original_start=original_start,
        kind=kind,
        is_cancelled=is_cancelled,
        is_free=is_free,
        is_tentative=is_tentative,
        is_declined=is_declined,
    )


def an_all_day_item(
    event_id: str = "holiday",
    first: str = "2026-03-03",
    *,
    days: int = 1,
    recurrence: tuple[str, ...] = (),
    series_id: str | None = None,
    original_start: date | None = None,
) -> CalendarItem:
    day = date.fromisoformat(first)
    return CalendarItem(
        event_id=event_id,
        starts=day,
        ends=day + timedelta(days=days),
        recurrence=recurrence,
        series_id=series_id,
        original_start=original_start,
    )


def a_cancelled_date(series_id: str, original_start: datetime | date, event_id: str = "") -> CalendarItem:
    """A cancelled date of a living series: only its identity is guaranteed (google-calendar.md X4)."""
    return CalendarItem(
        event_id=event_id or f"{series_id}_{original_start:%Y%m%d}",
        starts=None,
        ends=None,
        series_id=series_id,
        original_start=original_start,
        is_cancelled=True,
    )


def a_tombstone(event_id: str) -> CalendarItem:
    """A deleted event of which nothing but the id is known."""
    return CalendarItem(event_id=event_id, starts=None, ends=None, is_cancelled=True)


def an_event(
    item: CalendarItem,
    *,
    etag: str = '"1"',
    marker: Marker | None = None,
    content: EventContent | None = None,
    agent_notes: str = "",
) -> Event:
    return Event(item=item, etag=etag, marker=marker, content=content, agent_notes=agent_notes)


def our_event(
    booking: Booking,
    *,
    generation: int = 0,
    event_id: str | None = None,
    etag: str = '"1"',
    agent_notes: str = "",
    **changed: object,
) -> Event:
    """The event of a booking as a listing shows it; `changed` replaces fields of its content."""
    content = replace(a_content(booking, generation), **changed)  # type: ignore[arg-type]
    item = CalendarItem(
        event_id=event_id or a_key(booking, generation),
        starts=content.span.start,
        ends=content.span.end,
        zone="Europe/Berlin",
    )
    return Event(item, etag, content.marker, content, agent_notes)


def a_listening(
    *,
    window: TimeRange | None = None,
    zone: Zone = BERLIN,
    calendar_id: str = CALENDAR,
    agent_id: int = AGENT,
    account_id: int = ACCOUNT,
    subject: str = SUBJECT,
    tentative_blocks: bool = True,
) -> Listening:
    return Listening(
        site_id=SITE,
        agent_id=agent_id,
        account_id=account_id,
        subject=subject,
        calendar_id=calendar_id,
        calendar_zone=zone,
        window=window or a_window(),
        policy=BlockingPolicy(tentative_blocks=tentative_blocks),
    )
