"""The numbers of a booking's parts: itself, and the times kept free before and after it (latepoint.md §2.4).

A part has an event and a mapping of its own. Wherever something is known by a booking's number, a part is
known by a number that no row can have: below zero. Only here is it made and read.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class BookingPart(StrEnum):
    WHOLE = "whole"  # the booking itself
    BEFORE = "before"
    AFTER = "after"


BUFFERS = (BookingPart.BEFORE, BookingPart.AFTER)


def part_number(booking_id: int, part: BookingPart) -> int:
    """booking_id: of a row, above zero."""
    if part is BookingPart.WHOLE:
        return booking_id
    return -2 * booking_id - (part is BookingPart.AFTER)


def booking_of(number: int) -> int:
    """The number of the row whose part this is."""
    return number if number >= 0 else -number // 2


def part_of(number: int) -> BookingPart:
    if number >= 0:
        return BookingPart.WHOLE
    return BookingPart.AFTER if number % 2 else BookingPart.BEFORE


def is_buffer(number: int) -> bool:
    return part_of(number) is not BookingPart.WHOLE


def with_parts(numbers: Iterable[int]) -> set[int]:
    """The numbers of these bookings and of all their parts."""
    rows = {booking_of(number) for number in numbers}
    return {part_number(row, part) for row in rows for part in BookingPart}
