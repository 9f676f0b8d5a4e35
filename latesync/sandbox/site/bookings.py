"""What LatePoint writes when a booking is made, moved, given away or removed (latepoint-live.md §2b)."""

import json
import secrets
import sqlite3
import uuid
from dataclasses import dataclass
from datetime import date, datetime

from .database import insert, stamp, writing
from .slots import booking_span, read_offer, site_zone

CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # like LatePoint's: nothing that reads like something else


class SlotTaken(Exception):
    """Somebody or something else took this time meanwhile."""


class NoSuchBooking(Exception):
    """The booking was deleted meanwhile."""


@dataclass(frozen=True)
class Customer:
    first_name: str
    last_name: str
    email: str
    phone: str = ""


@dataclass(frozen=True)
class Appointment:
    """What a customer chose; the minute counts from midnight in the site's zone."""

    service_id: int
    agent_id: int
    day: date
    minute: int
    location_id: int = 1


def book(
    site: sqlite3.Connection,
    wanted: Appointment,
    customer: Customer,
    now: datetime,
    *,
    comment: str = "",
    source: str = "booking_form",
) -> int:
    """Check the time once more, write the booking, and return its id. Raises SlotTaken."""
    with writing(site):
        _require_free(site, wanted, now)
        return write_booking(site, wanted, customer, now, comment=comment, source=source)


def write_booking(
    site: sqlite3.Connection,
    wanted: Appointment,
    customer: Customer,
    now: datetime,
    *,
    comment: str = "",
    source: str = "",
    status: str | None = None,
) -> int:
    """The rows of one booking in LatePoint's order: customer, order, order item, booking last."""
    service = site.execute(
        "SELECT * FROM wp_latepoint_services WHERE id = ?", (wanted.service_id,)
    ).fetchone()
    stamps = {"created_at": stamp(now), "updated_at": stamp(now)}
    customer_id = _customer_id(site, customer, stamps)
    price = service["charge_amount"]
    order_id = insert(
        site, "wp_latepoint_orders", subtotal=price, total=price, customer_id=customer_id,
        customer_comment=comment, confirmation_code=_code(), source_id=source, **stamps,
    )  # fmt: skip
    item_id = insert(
        site, "wp_latepoint_order_items", order_id=order_id, variant="booking", subtotal=price, total=price,
        item_data=json.dumps({"service_id": wanted.service_id, "agent_id": wanted.agent_id}), **stamps,
    )  # fmt: skip
    booking_id = insert(
        site, "wp_latepoint_bookings", booking_code=_code(), duration=service["duration"],
        buffer_before=service["buffer_before"], buffer_after=service["buffer_after"],
        status=status or service["override_default_booking_status"] or _default_status(site),
        customer_id=customer_id, service_id=wanted.service_id, agent_id=wanted.agent_id,
        location_id=wanted.location_id, order_item_id=item_id, total_attendees=1, **stamps,
    )  # fmt: skip
    _set_times(site, booking_id, wanted.day, wanted.minute, service["duration"], now)
    _note(site, booking_id, "booking_created", now)
    return booking_id


def reschedule(site: sqlite3.Connection, booking_id: int, day: date, minute: int, now: datetime) -> None:
    """Raises SlotTaken, NoSuchBooking."""
    with writing(site):
        row = read_booking(site, booking_id)
        wanted = Appointment(row["service_id"], row["agent_id"], day, minute, row["location_id"])
        _require_free(site, wanted, now, without_booking=booking_id, length=_length(row))
        write_move(site, booking_id, day, minute, _length(row), now)


def write_move(
    site: sqlite3.Connection, booking_id: int, day: date, minute: int, length: int, now: datetime
) -> None:
    """The wall-clock and the UTC columns of a new time, within `writing`; nothing is checked."""
    _set_times(site, booking_id, day, minute, length, now)
    _note(site, booking_id, "booking_updated", now)


def give_to(site: sqlite3.Connection, booking_id: int, agent_id: int, now: datetime) -> None:
    """Staff are never refused, even where this double-books (latepoint-live.md §1b). Raises NoSuchBooking."""
    with writing(site):
        _change(site, booking_id, "agent_id", agent_id, "booking_updated", now)


def set_status(site: sqlite3.Connection, booking_id: int, status: str, now: datetime) -> None:
    """Raises NoSuchBooking."""
    with writing(site):
        write_status(site, booking_id, status, now)


def write_status(site: sqlite3.Connection, booking_id: int, status: str, now: datetime) -> None:
    """Within `writing`. Raises NoSuchBooking."""
    _change(site, booking_id, "status", status, "booking_change_status", now)


def delete(site: sqlite3.Connection, booking_id: int) -> None:
    """A hard delete without a tombstone; order and order item stay (latepoint-live.md §2b)."""
    with writing(site):
        site.execute("DELETE FROM wp_latepoint_booking_meta WHERE object_id = ?", (booking_id,))
        site.execute("DELETE FROM wp_latepoint_bookings WHERE id = ?", (booking_id,))


def read_booking(site: sqlite3.Connection, booking_id: int) -> sqlite3.Row:
    """Raises NoSuchBooking."""
    row: sqlite3.Row | None = site.execute(
        "SELECT * FROM wp_latepoint_bookings WHERE id = ?", (booking_id,)
    ).fetchone()
    if row is None:
        raise NoSuchBooking(booking_id)
    return row


def _change(
    site: sqlite3.Connection, booking_id: int, column: str, value: object, code: str, now: datetime
) -> None:
    read_booking(site, booking_id)
    site.execute(
        f"UPDATE wp_latepoint_bookings SET {column} = ?, updated_at = ? WHERE id = ?",
        (value, stamp(now), booking_id),
    )
    _note(site, booking_id, code, now)


def _require_free(
    site: sqlite3.Connection,
    wanted: Appointment,
    now: datetime,
    *,
    without_booking: int | None = None,
    length: int | None = None,
) -> None:
    offer = read_offer(
        site,
        wanted.service_id,
        wanted.agent_id,
        wanted.day,
        wanted.day,
        without_booking=without_booking,
        length=length,
    )
    if not any(slot.minute == wanted.minute and slot.is_free for slot in offer.slots(wanted.day, now)):
        raise SlotTaken


def _set_times(
    site: sqlite3.Connection, booking_id: int, day: date, minute: int, length: int, now: datetime
) -> None:
    site.execute(
        "UPDATE wp_latepoint_bookings SET start_date = ?, end_date = ?, start_time = ?, end_time = ?, "
        "updated_at = ? WHERE id = ?",
        (str(day), str(day), minute, minute + length, stamp(now), booking_id),
    )
    span = booking_span(read_booking(site, booking_id), site_zone(site))
    site.execute(
        "UPDATE wp_latepoint_bookings SET start_datetime_utc = ?, end_datetime_utc = ? WHERE id = ?",
        (stamp(span.start), stamp(span.end), booking_id),
    )


def _length(row: sqlite3.Row) -> int:
    return int(row["end_time"]) - int(row["start_time"])


def _customer_id(site: sqlite3.Connection, customer: Customer, stamps: dict[str, str]) -> int:
    known = site.execute(
        "SELECT id FROM wp_latepoint_customers WHERE email = ?", (customer.email,)
    ).fetchone()
    if known is not None:
        return int(known["id"])
    return insert(
        site, "wp_latepoint_customers", uuid=str(uuid.uuid4()), first_name=customer.first_name,
        last_name=customer.last_name, email=customer.email, phone=customer.phone,
        status="pending_verification", is_guest=1, **stamps,
    )  # fmt: skip


def _default_status(site: sqlite3.Connection) -> str:
    row = site.execute(
        "SELECT value FROM wp_latepoint_settings WHERE name = 'default_booking_status'"
    ).fetchone()
    return str(row["value"])


def _note(site: sqlite3.Connection, booking_id: int, code: str, now: datetime) -> None:
    row = read_booking(site, booking_id)
    insert(
        site, "wp_latepoint_activities", booking_id=booking_id, agent_id=row["agent_id"],
        service_id=row["service_id"], customer_id=row["customer_id"], location_id=row["location_id"],
        order_item_id=row["order_item_id"], code=code, created_at=stamp(now), updated_at=stamp(now),
    )  # fmt: skip


def _code() -> str:
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(7))
