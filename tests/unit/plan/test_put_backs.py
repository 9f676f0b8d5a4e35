"""Two who correct each other do not go on for ever (odoo-calendar-sync.md §4, PR 215449)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from latesync.model import Drift, MappingState
from latesync.plan.operations import CreateEvent, Operation, Reason, UpdateEvent
from latesync.plan.outbound import OutboundPolicy, plan_outbound
from latesync.plan.put_backs import MOST_PUT_BACKS, fought_over, put_backs, wanted_hash
from tests.builders.plan import CALENDAR, a_booking, a_content, a_key, a_mapping, a_snapshot, a_target

BOOKING = a_booking(7)


def an_update(reason: Reason) -> UpdateEvent:
    return UpdateEvent(a_mapping(BOOKING), a_content(BOOKING), reason)


def a_create(reason: Reason) -> CreateEvent:
    key, content = a_key(BOOKING, 1), a_content(BOOKING, generation=1)
    return CreateEvent(BOOKING.id, BOOKING.agent_id, CALENDAR, key, content, reason)


PUT_BACKS: list[CreateEvent | UpdateEvent] = [
    an_update(Reason.EDITED_IN_CALENDAR),
    a_create(Reason.DELETED_IN_CALENDAR),
]


@pytest.mark.parametrize("operation", PUT_BACKS)
def test_what_was_put_back_ten_times_within_the_hour_is_not_put_back_once_more(
    operation: CreateEvent | UpdateEvent,
) -> None:
    assert put_backs([operation], [a_mapping(BOOKING)]) == [operation]
    assert fought_over([operation], {BOOKING.id: MOST_PUT_BACKS}) == [operation]
    assert fought_over([operation], {BOOKING.id: MOST_PUT_BACKS - 1}) == []
    assert fought_over([operation], {BOOKING.id + 1: MOST_PUT_BACKS}) == []


@pytest.mark.parametrize(
    "reason", sorted(set(Reason) - {Reason.EDITED_IN_CALENDAR, Reason.DELETED_IN_CALENDAR})
)
def test_what_the_booking_itself_says_is_followed_however_often_it_changes(reason: Reason) -> None:
    assert put_backs([an_update(reason), a_create(reason)], [a_mapping(BOOKING)]) == []


@pytest.mark.parametrize("state", sorted(set(MappingState) - {MappingState.LIVE}))
def test_what_was_set_aside_is_tried_when_a_person_or_the_booking_asks_for_it(state: MappingState) -> None:
    assert put_backs(PUT_BACKS, [a_mapping(BOOKING, state=state)]) == []


@pytest.mark.parametrize("drift", Drift)
def test_what_was_set_aside_waits_until_its_booking_changes(drift: Drift) -> None:
    def planned(booking_service: str, state: MappingState, kept_hash: str) -> tuple[Operation, ...]:
        booking = a_booking(7, service_name=booking_service)
        mapping = replace(a_mapping(BOOKING, drift=drift, state=state), content_hash=kept_hash)
        return plan_outbound(a_snapshot(booking), [mapping], a_target(), OutboundPolicy()).operations

    (operation,) = planned("Massage", MappingState.LIVE, a_mapping(BOOKING).content_hash)
    assert isinstance(operation, CreateEvent | UpdateEvent)
    kept_hash = wanted_hash(operation)
    assert planned("Massage", MappingState.SET_ASIDE, kept_hash) == ()
    assert len(planned("Haircut", MappingState.SET_ASIDE, kept_hash)) == 1
