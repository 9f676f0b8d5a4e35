"""By which hash a booking stays out of a calendar, once a reset has left it out. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from collections.abc import Mapping as MappingOf

from latesync.model import Booking, Mapping, MappingState
from latesync.plan.content import booking_hash, is_same_booking, row_hash

CHANGED = "changed"  # no booking's hash: what is left out with it comes with the next plan


def stay_out_hashes(
    bookings: Iterable[Booking], mappings: Iterable[Mapping], held_ids: Collection[int]
) -> dict[int, str]:
    """By booking: the hash that lets it stay out until it changes.

    A reset may wait for hours, and go on over several runs: what is moved meanwhile was changed from now on
    and comes. mappings: the account's. held_ids: bookings of which a change waits for the owner: those were
    changed before the reset was asked for.
    """
    known = {mapping.booking_id: mapping for mapping in mappings}
    return {booking.id: _hash(booking, known, held_ids) for booking in bookings}


def _hash(booking: Booking, known: MappingOf[int, Mapping], held_ids: Collection[int]) -> str:
    mapping = known.get(booking.id)
    if mapping is None:
        return row_hash(booking)
    if mapping.state is MappingState.LEFT_OUT and mapping.booking_hash:
        return mapping.booking_hash
    is_moved = mapping.state is MappingState.LIVE and _is_moved(booking, mapping)
    return CHANGED if is_moved and booking.id not in held_ids else row_hash(booking)


def _is_moved(booking: Booking, mapping: Mapping) -> bool:
    """Whether it takes place at another time than was last written, which another zone alone is not."""
    is_known = bool(mapping.booking_hash) and not is_same_booking(mapping.booking_hash, booking_hash(booking))
    return is_known and booking.span != mapping.span
