"""The times kept free before and after a booking, as events of their own, where the owner wants them.

LatePoint keeps them outside the booking's start and end (latepoint.md §2.4). A buffer stands where its
booking's event stands, of a group where its leader's does; it names nobody, invites nobody and moves no
booking.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from latesync.booking_parts import BUFFERS, BookingPart, part_number, part_of
from latesync.model import Booking, EventContent, InitialLook, Marker, Snapshot
from latesync.plan.content import booking_hash
from latesync.plan.event_settings import EventChoices, EventSettings, Privacy, Visibility
from latesync.sentences.event_sentences import buffer_summary
from latesync.times import TimeRange, Zone

# A longer one is no pause between two customers, and would shut the calendar for days.
LONGEST = 24 * 60  # minutes


def buffer_numbers(snapshot: Snapshot, choices: EventChoices) -> set[int]:
    """The numbers of all buffers that the snapshot's bookings have and the owner wants to see."""
    if not any(wishes.buffers for wishes in choices.by_service.values()):
        return set()
    return {number for booking in snapshot.bookings.values() for number in _numbers_of(booking, choices)}


def buffer_of(booking: Booking, part: BookingPart, choices: EventChoices) -> Booking | None:
    """The buffer as if it were a booking of the same agent and status; None: there is none, or none wanted.

    It holds nothing of the customer: what concerns them alone does not concern the buffer.
    """
    minutes = _minutes(booking, part)
    if not minutes or not choices.of_service(booking.service_id).buffers:
        return None
    try:
        span = _span(booking.span, part, timedelta(minutes=minutes))
    except OverflowError:
        return None  # at the end of the calendar's years
    return Booking(
        id=part_number(booking.id, part),
        agent_id=booking.agent_id,
        status=booking.status,
        span=span,
        code=booking.code or str(booking.id),
        service_name=booking.service_name,
        wall=booking.wall,
        service_id=booking.service_id,
    )


def render_buffer(
    buffer: Booking, zone: Zone, *, site_id: str, generation: int, settings: EventSettings
) -> EventContent:
    """What a buffer's event says: short, and the same whatever the owner's wording of bookings is."""
    is_discreet = settings.privacy is Privacy.BOOKED
    service_name = "" if is_discreet else " ".join(buffer.service_name.split())
    visibility = "" if settings.visibility is Visibility.DEFAULT else settings.visibility.value
    return EventContent(
        summary=buffer_summary(part_of(buffer.id), service_name),
        description=f"Booking {buffer.code}",
        location="",
        span=buffer.span,
        zone=zone.name,
        marker=Marker(site_id, buffer.id, generation),
        booking_hash=booking_hash(buffer),
        # The booking's own event reminds; nobody wants to be told twice.
        initial=InitialLook(settings.colour, visibility, reminders=()),
    )


def _numbers_of(booking: Booking, choices: EventChoices) -> Iterable[int]:
    if choices.of_service(booking.service_id).buffers:
        yield from (part_number(booking.id, part) for part in BUFFERS if _minutes(booking, part))


def _minutes(booking: Booking, part: BookingPart) -> int:
    minutes = booking.buffer_before if part is BookingPart.BEFORE else booking.buffer_after
    return min(max(minutes, 0), LONGEST)


def _span(span: TimeRange, part: BookingPart, length: timedelta) -> TimeRange:
    if part is BookingPart.BEFORE:
        return TimeRange(span.start - length, span.start)
    return TimeRange(span.end, span.end + length)
