"""Which booking, and which part of it, a line of a command's answer is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from latesync import messages
from latesync.booking_parts import BookingPart, booking_of, part_of


def booking_and_part(number: int | None) -> dict[str, Any]:
    """For --json. part: only where it is a buffer, so that everything else reads as before."""
    if number is None:
        return {"booking_id": None}
    part = part_of(number)
    named = {} if part is BookingPart.WHOLE else {"part": part.value}
    return {"booking_id": booking_of(number), **named}


def booking_words(entry: Mapping[str, Any]) -> str:
    """entry: with what booking_and_part gave."""
    which = messages.part_words(BookingPart(entry.get("part", BookingPart.WHOLE)))
    return f"{entry['booking_id']}{f' ({which})' if which else ''}"
