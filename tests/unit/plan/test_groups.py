"""One event for several bookings: who has it, what follows when somebody comes, leaves or drags it."""

from __future__ import annotations

from dataclasses import replace

from latesync.model import CANCELLED, SHARED_EVENT, Booking, Drift, Mapping, MappingState
from latesync.options import DriftPolicy
from latesync.plan.content import content_hash, group_hash
from latesync.plan.event_settings import EventChoices, EventSettings, Grouping
from latesync.plan.operations import (
    CancelBooking,
    CreateEvent,
    DeleteEvent,
    MoveBooking,
    Operation,
    Reason,
    RetireMapping,
    UpdateEvent,
)
from latesync.plan.outbound import OutboundPolicy, plan_outbound
from latesync.plan.wanted_events import WantedEvents
from tests.builders.plan import WANTED, a_booking, a_mapping, a_snapshot, a_span, a_target, a_window

TOGETHER = EventChoices.for_all(EventSettings(group=Grouping.TOGETHER))
ADA, BO, CY = (
    a_booking(number, customer_name=name, service_id=3) for number, name in enumerate(["Ada", "Ben", "Cy"], 1)
)


def planned(
    bookings: list[Booking],
    known: list[Mapping],
    *,
    drift: DriftPolicy = DriftPolicy.RESTORE,
    choices: EventChoices = TOGETHER,
) -> tuple[Operation, ...]:
    policy = OutboundPolicy(choices, drift)
    return plan_outbound(a_snapshot(*bookings), known, a_target(), policy).operations


def leading(leader: Booking, *others: Booking, drift: Drift | None = None) -> Mapping:
    """The mapping of a group's event, right after it was written."""
    members = sorted([leader, *others], key=lambda booking: booking.id)
    events = WantedEvents.of(a_snapshot(*members), {leader.id: a_mapping(leader)}, TOGETHER, frozenset())
    hashed = content_hash(events.content(leader, 0))
    mapping = a_mapping(leader, drift=drift)
    return replace(mapping, content_hash=hashed, echo_hash=hashed, booking_hash=group_hash(leader, members))


def test_bookings_of_one_slot_become_one_event_of_the_first() -> None:
    (create,) = planned([ADA, BO, CY], [])
    assert isinstance(create, CreateEvent)
    assert create.booking_id == 1
    assert [name in create.content.description for name in ("Ada", "Ben", "Cy")] == [True] * 3


def test_other_service_place_or_time_is_another_event() -> None:
    others = [
        replace(BO, service_id=4),
        replace(CY, location_id=2),
        a_booking(4, "2026-03-02 10:00", service_id=3),
    ]
    assert {operation.booking_id for operation in planned([ADA, *others], [])} == {1, 2, 3, 4}


def test_a_service_may_be_together_while_others_are_not() -> None:
    choices = EventChoices({3: EventSettings(group=Grouping.TOGETHER)})
    yoga = [ADA, BO]
    massage = [replace(CY, service_id=9), a_booking(4, service_id=9)]
    assert {step.booking_id for step in planned([*yoga, *massage], [], choices=choices)} == {1, 3, 4}


def test_nothing_is_done_about_a_group_in_step() -> None:
    gone = a_mapping(BO, state=MappingState.GONE, etag="")
    assert planned([ADA, BO], [leading(ADA, BO), gone]) == ()


def test_who_comes_later_is_added_to_the_event() -> None:
    (update,) = planned([ADA, BO, CY], [leading(BO, CY)])
    assert isinstance(update, UpdateEvent)
    assert (update.booking_id, update.reason) == (2, Reason.GROUP_CHANGED)
    assert "Ada" in update.content.description


def test_who_is_moved_into_a_group_s_time_has_changed_the_group() -> None:
    """Not the owner's wish: many of these at once are held."""
    before = replace(BO, span=a_span("2026-03-04 09:00"))
    update, delete = planned([ADA, BO], [a_mapping(ADA), a_mapping(before)])
    assert isinstance(update, UpdateEvent)
    assert update.reason is Reason.GROUP_CHANGED
    assert isinstance(delete, DeleteEvent)
    assert (delete.reason, delete.leader) == (Reason.IN_GROUP_EVENT, 1)


def test_who_cancels_is_taken_off_the_list() -> None:
    (update,) = planned([ADA, replace(BO, status=CANCELLED), CY], [leading(ADA, BO, CY)])
    assert isinstance(update, UpdateEvent)
    assert update.reason is Reason.GROUP_CHANGED
    assert "Ben" not in update.content.description


def test_when_the_leader_cancels_the_next_takes_over_in_the_same_run() -> None:
    delete, create = planned([replace(ADA, status=CANCELLED), BO, CY], [leading(ADA, BO, CY)])
    assert isinstance(delete, DeleteEvent)
    assert delete.reason is Reason.BOOKING_CANCELLED
    assert isinstance(create, CreateEvent)
    assert create.booking_id == 2
    assert "Cy" in create.content.description


def test_turning_groups_on_writes_one_event_before_it_deletes_the_others() -> None:
    update, *deletes = planned([ADA, BO, CY], [a_mapping(ADA), a_mapping(BO), a_mapping(CY)])
    assert isinstance(update, UpdateEvent)
    assert (update.booking_id, update.reason) == (1, Reason.SETTINGS_CHANGED)
    assert {step.leader for step in deletes if isinstance(step, DeleteEvent)} == {1}
    assert [(type(step), step.booking_id, step.reason) for step in deletes] == [
        (DeleteEvent, 2, Reason.IN_GROUP_EVENT),
        (DeleteEvent, 3, Reason.IN_GROUP_EVENT),
    ]


def test_turning_groups_off_gives_each_its_own_again() -> None:
    gone = a_mapping(BO, state=MappingState.GONE, etag="")
    update, create = planned([ADA, BO], [leading(ADA, BO), gone], choices=EventChoices())
    assert isinstance(update, UpdateEvent)
    assert update.reason is Reason.SETTINGS_CHANGED
    assert "Ben" not in update.content.description
    assert isinstance(create, CreateEvent)
    assert (create.booking_id, create.content.marker.generation) == (2, 1)


def test_what_was_set_aside_is_let_go_when_another_s_event_stands_for_it() -> None:
    refused = a_mapping(BO, state=MappingState.SET_ASIDE, etag="")
    assert planned([ADA, BO], [leading(ADA, BO), refused]) == (RetireMapping(refused, Reason.IN_GROUP_EVENT),)


def test_whose_event_is_refused_does_not_lead() -> None:
    refused = a_mapping(ADA, state=MappingState.SET_ASIDE, etag="")
    let_go, create = sorted(planned([ADA, BO], [refused]), key=lambda step: step.booking_id)
    assert isinstance(let_go, RetireMapping)
    assert isinstance(create, CreateEvent)
    assert create.booking_id == 2


def test_what_was_left_out_waits_and_leads_nothing() -> None:
    left_out = [a_mapping(booking, state=MappingState.LEFT_OUT, etag="") for booking in (ADA, BO)]
    assert planned([ADA, BO], left_out) == ()
    (create,) = planned([ADA, BO, CY], left_out)
    assert create.booking_id == 3


def test_a_dragged_group_event_moves_nobody() -> None:
    mapping = replace(leading(ADA, BO, drift=Drift.EDITED), drift_span=a_span("2026-03-04 09:00"))
    (wish,) = planned([ADA, BO], [mapping], drift=DriftPolicy.APPLY)
    assert isinstance(wish, MoveBooking)
    assert wish.refused == SHARED_EVENT


def test_a_deleted_group_event_cancels_nobody() -> None:
    (wish,) = planned([ADA, BO], [leading(ADA, BO, drift=Drift.DELETED)], drift=DriftPolicy.APPLY)
    assert isinstance(wish, CancelBooking)
    assert wish.refused == SHARED_EVENT


def test_a_refused_wish_puts_the_group_event_back() -> None:
    mapping = replace(leading(ADA, BO, drift=Drift.DELETED), drift_refused=SHARED_EVENT)
    (create,) = planned([ADA, BO], [mapping], drift=DriftPolicy.APPLY)
    assert isinstance(create, CreateEvent)
    assert "Ben" in create.content.description


def test_an_edited_group_event_that_is_past_is_not_rewritten_for_one_alone() -> None:
    mapping = leading(ADA, BO, drift=Drift.EDITED)
    snapshot = a_snapshot(window=a_window("2026-03-10"), looked_up={ADA.id: ADA})
    plan = plan_outbound(snapshot, [mapping], a_target(), OutboundPolicy(TOGETHER))
    assert plan.operations == (RetireMapping(mapping),)


def test_the_group_is_remembered_as_it_is_not_as_a_change_to_come() -> None:
    mapping = replace(leading(ADA, BO), booking_hash="")
    plan = plan_outbound(a_snapshot(ADA, BO), [mapping], a_target(), OutboundPolicy(TOGETHER))
    assert plan.in_step == ((mapping.id, group_hash(ADA, [ADA, BO])),)


# --- which bookings stand in the calendar -----------------------------------------------------


def test_statuses_the_owner_adds_stand_in_the_calendar_too() -> None:
    completed = a_booking(status="completed")
    assert "completed" not in WANTED
    policy = OutboundPolicy(also_wanted=frozenset({"completed"}))
    (create,) = plan_outbound(a_snapshot(completed), [], a_target(), policy).operations
    assert isinstance(create, CreateEvent)


def test_cancelled_is_never_among_them() -> None:
    policy = OutboundPolicy(also_wanted=frozenset({CANCELLED}))
    cancelled = a_booking(status=CANCELLED)
    assert plan_outbound(a_snapshot(cancelled), [], a_target(), policy).operations == ()


KEEPING = OutboundPolicy(keeps_cancelled=True)
CANCELLED_BOOKING = a_booking(status=CANCELLED)


def kept(mapping: Mapping | None, booking: Booking = CANCELLED_BOOKING) -> tuple[Operation, ...]:
    known = [mapping] if mapping else []
    return plan_outbound(a_snapshot(booking), known, a_target(), KEEPING).operations


def test_cancelled_booking_is_marked_and_shown_as_free_where_the_owner_keeps_it() -> None:
    """users-ask.md U27."""
    (update,) = kept(a_mapping(a_booking()))
    assert isinstance(update, UpdateEvent)
    assert update.reason is Reason.BOOKING_CANCELLED
    assert update.content.summary.startswith("Cancelled: ")
    assert update.content.is_free


def test_cancelled_booking_is_deleted_where_nothing_was_chosen() -> None:
    """users-ask.md U27."""
    mapping = a_mapping(a_booking())
    plan = plan_outbound(a_snapshot(CANCELLED_BOOKING), [mapping], a_target(), OutboundPolicy())
    assert plan.operations == (DeleteEvent(mapping, Reason.BOOKING_CANCELLED),)


def marked(drift: Drift | None = None) -> Mapping:
    (update,) = kept(a_mapping(a_booking()))
    assert isinstance(update, UpdateEvent)
    hashed = content_hash(update.content)
    return replace(a_mapping(CANCELLED_BOOKING, drift=drift), content_hash=hashed, echo_hash=hashed)


def test_marked_event_is_left_alone_whatever_the_agent_does_with_it() -> None:
    assert kept(marked()) == ()
    assert kept(marked(Drift.EDITED)) == ()


def test_marked_event_that_the_agent_deletes_stays_away() -> None:
    deleted = marked(Drift.DELETED)
    assert kept(deleted) == (RetireMapping(deleted, Reason.BOOKING_CANCELLED),)


def test_no_event_is_made_for_a_booking_that_was_cancelled_before() -> None:
    assert kept(None) == ()


def test_booking_that_comes_back_is_written_as_before() -> None:
    (update,) = kept(marked(), a_booking())
    assert isinstance(update, UpdateEvent)
    assert update.content.summary == "Massage · Ada Byron"
    assert not update.content.is_free


def test_booking_that_comes_back_does_not_follow_where_its_marked_event_was_dragged() -> None:
    dragged = replace(marked(Drift.EDITED), drift_span=a_span("2026-03-05 09:00"))
    policy = OutboundPolicy(drift=DriftPolicy.APPLY, keeps_cancelled=True)
    (step,) = plan_outbound(a_snapshot(a_booking()), [dragged], a_target(), policy).operations
    assert isinstance(step, UpdateEvent)


def test_marked_event_becomes_history_with_time() -> None:
    snapshot = a_snapshot(window=a_window("2026-03-10"), looked_up={CANCELLED_BOOKING.id: CANCELLED_BOOKING})
    mapping = marked(Drift.EDITED)
    assert plan_outbound(snapshot, [mapping], a_target(), KEEPING).operations == (RetireMapping(mapping),)


def test_one_alone_is_no_group() -> None:
    events = WantedEvents.of(a_snapshot(ADA), {}, TOGETHER, frozenset())
    assert not events.is_shared(ADA)


def test_whose_event_is_at_this_time_already_keeps_it_before_whose_must_be_moved() -> None:
    from_elsewhere = replace(a_mapping(ADA), span=a_span("2026-03-04 09:00"))
    events = WantedEvents.of(
        a_snapshot(ADA, BO), {1: from_elsewhere, 2: a_mapping(BO)}, TOGETHER, frozenset()
    )
    assert events.leader_of(ADA) == events.leader_of(BO) == 2


def test_who_has_an_event_leads_before_who_has_none_and_the_refused_come_last() -> None:
    """users-ask.md U13: what a provider refused holds up nobody else."""
    refused = a_mapping(ADA, state=MappingState.SET_ASIDE, etag="")
    elsewhere = replace(a_mapping(CY), span=a_span("2026-03-04 09:00"))
    without = WantedEvents.of(a_snapshot(ADA, BO), {1: refused}, TOGETHER, frozenset())
    with_one = WantedEvents.of(a_snapshot(ADA, BO, CY), {1: refused, 3: elsewhere}, TOGETHER, frozenset())
    assert (without.leader_of(ADA), with_one.leader_of(ADA)) == (2, 3)


def test_who_was_deleted_once_leads_as_the_lowest_number_would() -> None:
    gone = a_mapping(ADA, state=MappingState.GONE, etag="")
    events = WantedEvents.of(a_snapshot(ADA, BO), {1: gone}, TOGETHER, frozenset())
    assert events.leader_of(BO) == 1


def test_bringing_together_who_stood_apart_is_the_owners_wish() -> None:
    """Never held, and nobody is asked."""
    update, delete = planned([ADA, BO], [a_mapping(ADA), a_mapping(BO)])
    assert isinstance(update, UpdateEvent)
    assert (update.booking_id, update.reason) == (1, Reason.SETTINGS_CHANGED)
    assert isinstance(delete, DeleteEvent)


def test_who_only_comes_to_a_group_is_no_wish_of_the_owners() -> None:
    """Nor whose own event was given up, or stands at another time."""
    given_up = a_mapping(BO, state=MappingState.GONE, etag="")
    elsewhere = replace(a_mapping(BO), span=a_span("2026-03-04 09:00"))
    for known in ([], [given_up], [elsewhere]):
        update = planned([ADA, BO], [a_mapping(ADA), *known])[0]
        assert isinstance(update, UpdateEvent)
        assert update.reason is Reason.GROUP_CHANGED


def test_parting_a_group_is_the_owners_wish() -> None:
    found = planned([ADA, BO], [leading(ADA, BO)], choices=EventChoices())
    reasons = {each.booking_id: each.reason for each in found}
    assert reasons == {1: Reason.SETTINGS_CHANGED, 2: Reason.NEW_BOOKING}
