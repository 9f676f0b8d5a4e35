"""plan/left_out.py: which bookings stay out after "only new", and which were changed from then on."""

from __future__ import annotations

from dataclasses import replace

from latesync.model import MappingState
from latesync.plan.content import row_hash
from latesync.plan.left_out import CHANGED, stay_out_hashes
from tests.builders.plan import a_booking, a_mapping

BOOKING = a_booking()
WRITTEN = a_mapping(BOOKING)
MOVED = a_booking(start="2026-03-02 14:00")


def test_what_was_not_changed_stays_out_by_its_row() -> None:
    assert stay_out_hashes([BOOKING], [WRITTEN], ()) == {BOOKING.id: row_hash(BOOKING)}
    assert stay_out_hashes([BOOKING], [], ()) == {BOOKING.id: row_hash(BOOKING)}


def test_what_was_moved_since_it_was_written_comes() -> None:
    assert stay_out_hashes([MOVED], [WRITTEN], ()) == {BOOKING.id: CHANGED}


def test_a_move_that_waited_for_the_owner_stays_out() -> None:
    assert stay_out_hashes([MOVED], [WRITTEN], {BOOKING.id}) == {BOOKING.id: row_hash(MOVED)}


def test_another_name_of_the_service_brings_nothing() -> None:
    renamed = replace(BOOKING, service_name="Deluxe massage")
    assert stay_out_hashes([renamed], [WRITTEN], ()) == {BOOKING.id: row_hash(BOOKING)}


def test_what_was_left_out_by_an_earlier_run_keeps_its_hash() -> None:
    """It was moved after its event had gone, before the job was through."""
    left = replace(WRITTEN, state=MappingState.LEFT_OUT, booking_hash=row_hash(BOOKING))
    assert stay_out_hashes([MOVED], [left], ()) == {BOOKING.id: row_hash(BOOKING)}
