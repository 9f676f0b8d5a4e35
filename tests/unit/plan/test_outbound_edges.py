"""The plan at the edges: as the window begins, after an id was used up, where the salon's own words count."""

from __future__ import annotations

from dataclasses import replace

from latesync.model import CANCELLED, Booking, Business, Drift, Mapping, MappingState
from latesync.options import DriftPolicy
from latesync.plan.content import content_hash, render_content
from latesync.plan.event_settings import EventChoices, EventSettings
from latesync.plan.operations import CreateEvent, Operation, Reason, RetireMapping, UpdateEvent
from latesync.plan.outbound import OutboundPolicy, plan_outbound
from tests.builders.plan import BERLIN, SITE, a_booking, a_key, a_mapping, a_snapshot, a_target, a_window

WINDOW = a_window("2026-03-02", "2027-03-02")
ENDED_AS_IT_BEGAN = a_booking(start="2026-03-01 23:00")
KEEPS = OutboundPolicy(keeps_cancelled=True)
LEAVES = OutboundPolicy(drift=DriftPolicy.LEAVE)


def planned(
    booking: Booking, mapping: Mapping, policy: OutboundPolicy | None = None
) -> tuple[Operation, ...]:
    snapshot = a_snapshot(booking, window=WINDOW)
    return plan_outbound(snapshot, [mapping], a_target(), policy or OutboundPolicy()).operations


def test_what_ended_as_the_window_begins_becomes_history() -> None:
    mapping = a_mapping(ENDED_AS_IT_BEGAN)
    assert planned(ENDED_AS_IT_BEGAN, mapping) == (RetireMapping(mapping),)


def test_a_cancelled_event_that_was_kept_becomes_history_as_any_other() -> None:
    mapping = a_mapping(ENDED_AS_IT_BEGAN)
    cancelled = replace(ENDED_AS_IT_BEGAN, status=CANCELLED)
    assert planned(cancelled, mapping, KEEPS) == (RetireMapping(mapping),)


def test_what_is_history_already_is_let_alone_though_it_was_edited() -> None:
    for state in (MappingState.RETIRED, MappingState.GONE):
        mapping = a_mapping(ENDED_AS_IT_BEGAN, state=state, drift=Drift.EDITED)
        assert planned(ENDED_AS_IT_BEGAN, mapping) == ()


def test_an_event_the_agent_deleted_comes_back_under_a_new_id_when_its_booking_changes() -> None:
    """google-calendar.md I4: a deleted event's id stays taken."""
    before, after = a_booking(start="2026-03-09 09:00"), a_booking(start="2026-03-09 11:00")
    deleted = a_mapping(before, generation=3, drift=Drift.DELETED)
    (create,) = planned(after, deleted, LEAVES)
    assert isinstance(create, CreateEvent)
    assert (create.event_id, create.reason) == (a_key(after, 4), Reason.BOOKING_CHANGED)
    assert create.content.marker.generation == 4


def test_a_kept_cancelled_event_says_of_which_generation_it_is() -> None:
    booking = a_booking(start="2026-03-09 09:00")
    mapping = a_mapping(booking, generation=3)
    (update,) = planned(replace(booking, status=CANCELLED), mapping, KEEPS)
    assert isinstance(update, UpdateEvent)
    assert (update.content.marker.generation, update.reason) == (3, Reason.BOOKING_CANCELLED)


def test_a_kept_cancelled_event_that_is_only_reworded_says_so() -> None:
    """The owner changed the wording: a person is not asked, and no guest is told."""
    booking = a_booking(start="2026-03-09 09:00", status=CANCELLED)
    told = render_content(booking, BERLIN, site_id=SITE, generation=0, is_cancelled=True)
    mapping = replace(a_mapping(booking), content_hash=content_hash(told))
    assert planned(booking, mapping, KEEPS) == ()
    reworded = EventChoices.for_all(EventSettings(summary="Appointment"))
    (update,) = planned(booking, mapping, replace(KEEPS, events=reworded))
    assert isinstance(update, UpdateEvent)
    assert update.reason is Reason.SETTINGS_CHANGED


def test_each_service_has_its_own_words_and_all_know_the_salon() -> None:
    choices = EventChoices(
        {
            0: EventSettings(summary="{{service_name}} at {{business_name}}"),
            3: EventSettings(summary="Yoga at {{business_name}}"),
        }
    )
    snapshot = replace(
        a_snapshot(a_booking(1), a_booking(2, service_id=3)), business=Business(name="Salon Lilie")
    )
    found = plan_outbound(snapshot, [], a_target(), OutboundPolicy(events=choices)).operations
    words = {each.booking_id: each.content.summary for each in found if isinstance(each, CreateEvent)}
    assert words == {1: "Massage at Salon Lilie", 2: "Yoga at Salon Lilie"}


def test_what_is_set_aside_is_told_in_the_order_of_the_bookings() -> None:
    """Law L7."""
    bookings = [a_booking(number) for number in (3, 1, 2)]
    waiting = [a_mapping(booking, state=MappingState.SET_ASIDE) for booking in bookings]
    plan = plan_outbound(a_snapshot(*bookings), waiting, a_target(), OutboundPolicy())
    assert [mapping.booking_id for mapping in plan.set_aside] == [1, 2, 3]
