"""Every row of the decision table of design.md §4, and what a hostile reader would try between the rows."""

from __future__ import annotations

from typing import Any

import pytest

from latesync.model import Booking, Drift, Mapping, MappingState, Snapshot, UnreadableBooking, WallTimes
from latesync.plan.content import booking_hash
from latesync.plan.event_settings import EventChoices, EventSettings
from latesync.plan.operations import (
    AdoptEvent,
    CreateEvent,
    DeleteEvent,
    Operation,
    OutboundPlan,
    Reason,
    RetireMapping,
    UpdateEvent,
)
from latesync.plan.outbound import OutboundPolicy, ids_to_look_up, plan_outbound
from tests.builders.plan import (
    AGENT,
    CALENDAR,
    a_booking,
    a_content,
    a_key,
    a_mapping,
    a_snapshot,
    a_target,
    a_window,
)

OTHER_AGENT = AGENT + 1
OTHER_CALENDAR = "second@group.calendar.google.com"


def plan_for(snapshot: Snapshot, *mappings: Mapping, calendar_id: str = CALENDAR) -> OutboundPlan:
    return plan_outbound(snapshot, mappings, a_target(calendar_id), OutboundPolicy())


def operations_for(
    snapshot: Snapshot, *mappings: Mapping, calendar_id: str = CALENDAR
) -> tuple[Operation, ...]:
    return plan_for(snapshot, *mappings, calendar_id=calendar_id).operations


def a_create(booking: Booking, reason: Reason, *, generation: int = 0) -> CreateEvent:
    return CreateEvent(
        booking_id=booking.id,
        agent_id=AGENT,
        calendar_id=CALENDAR,
        event_id=a_key(booking, generation),
        content=a_content(booking, generation),
        reason=reason,
    )


# --- the rows of the table --------------------------------------------------------------------


def test_new_booking_is_created() -> None:
    booking = a_booking()
    assert operations_for(a_snapshot(booking)) == (a_create(booking, Reason.NEW_BOOKING),)


def test_booking_whose_event_holds_the_same_is_left_alone() -> None:
    booking = a_booking()
    assert plan_for(a_snapshot(booking), a_mapping(booking)) == OutboundPlan()


def test_changed_booking_updates_its_event() -> None:
    mapping = a_mapping(a_booking(start="2026-03-02 09:00"))
    moved = a_booking(start="2026-03-02 11:00")
    assert operations_for(a_snapshot(moved), mapping) == (
        UpdateEvent(mapping, a_content(moved), Reason.BOOKING_CHANGED),
    )


def test_event_edited_in_the_calendar_is_restored() -> None:
    booking = a_booking()
    mapping = a_mapping(booking, drift=Drift.EDITED)
    assert operations_for(a_snapshot(booking), mapping) == (
        UpdateEvent(mapping, a_content(booking), Reason.EDITED_IN_CALENDAR),
    )


def test_event_deleted_in_the_calendar_comes_back_as_the_next_generation() -> None:
    booking = a_booking()
    mapping = a_mapping(booking, generation=2, drift=Drift.DELETED)
    assert operations_for(a_snapshot(booking), mapping) == (
        a_create(booking, Reason.DELETED_IN_CALENDAR, generation=3),
    )


def test_unanswered_create_is_adopted_under_its_own_generation() -> None:
    booking = a_booking()
    mapping = a_mapping(booking, state=MappingState.INTENT, generation=1)
    assert operations_for(a_snapshot(booking), mapping) == (AdoptEvent(mapping, a_content(booking, 1)),)


def test_cancelled_booking_deletes_its_event() -> None:
    booking = a_booking(status="cancelled")
    mapping = a_mapping(booking)
    assert operations_for(a_snapshot(booking), mapping) == (DeleteEvent(mapping, Reason.BOOKING_CANCELLED),)


def test_cancelled_booking_without_event_is_nothing() -> None:
    assert operations_for(a_snapshot(a_booking(status="cancelled"))) == ()


def test_booking_given_to_another_agent_is_deleted_here() -> None:
    mapping = a_mapping(a_booking())
    given_away = a_booking(agent_id=OTHER_AGENT)
    snapshot = a_snapshot(looked_up={given_away.id: given_away})
    assert operations_for(snapshot, mapping) == (DeleteEvent(mapping, Reason.OTHER_AGENT),)


def test_booking_given_to_another_agent_is_created_there_under_another_id() -> None:
    given_away = a_booking(agent_id=OTHER_AGENT)
    (created,) = operations_for(a_snapshot(given_away, agent_id=OTHER_AGENT))
    assert isinstance(created, CreateEvent)
    assert (created.agent_id, created.event_id) == (OTHER_AGENT, a_key(given_away))
    assert created.event_id != a_key(a_booking())


def test_booking_looked_up_and_not_there_is_deleted() -> None:
    mapping = a_mapping(a_booking())
    snapshot = a_snapshot(looked_up={mapping.booking_id: None})
    assert operations_for(snapshot, mapping) == (DeleteEvent(mapping, Reason.BOOKING_REMOVED),)


def test_unknown_is_not_gone() -> None:
    assert plan_for(a_snapshot(), a_mapping(a_booking())) == OutboundPlan()


def test_past_booking_is_let_go_and_its_event_stays() -> None:
    mapping = a_mapping(a_booking(start="2026-02-28 09:00"))
    snapshot = a_snapshot(looked_up={mapping.booking_id: a_booking(start="2026-02-28 09:00")})
    assert operations_for(snapshot, mapping) == (RetireMapping(mapping, Reason.PAST),)


def test_booking_moved_into_the_past_takes_its_event_along_before_it_is_let_go() -> None:
    mapping = a_mapping(a_booking())
    past = a_booking(start="2026-02-01 09:00")
    snapshot = a_snapshot(looked_up={past.id: past})
    assert operations_for(snapshot, mapping) == (
        UpdateEvent(mapping, a_content(past), Reason.BOOKING_CHANGED, becomes_history=True),
    )
    assert operations_for(snapshot, a_mapping(past)) == (RetireMapping(a_mapping(past), Reason.PAST),)


def test_edited_event_of_a_past_booking_is_restored_and_becomes_history() -> None:
    past = a_booking(start="2026-02-01 09:00")
    mapping = a_mapping(past, drift=Drift.EDITED)
    (operation,) = operations_for(a_snapshot(looked_up={past.id: past}), mapping)
    assert isinstance(operation, UpdateEvent)
    assert operation.becomes_history


def test_unanswered_create_of_a_booking_moved_into_the_past_is_deleted() -> None:
    mapping = a_mapping(a_booking(), state=MappingState.INTENT)
    past = a_booking(start="2026-02-01 09:00")
    assert operations_for(a_snapshot(looked_up={past.id: past}), mapping) == (
        DeleteEvent(mapping, Reason.PAST),
    )


@pytest.mark.parametrize(
    ("state", "etag", "drift"),
    [
        (MappingState.LIVE, '"1"', Drift.DELETED),
        (MappingState.SET_ASIDE, "", None),
    ],
    ids=["deleted by the agent", "never created"],
)
def test_booking_moved_into_the_past_without_event_is_let_go(
    state: MappingState, etag: str, drift: Drift | None
) -> None:
    mapping = a_mapping(a_booking(), state=state, etag=etag, drift=drift)
    past = a_booking(start="2026-02-01 09:00")
    assert operations_for(a_snapshot(looked_up={past.id: past}), mapping) == (RetireMapping(mapping),)


def test_past_booking_set_aside_needs_nobodys_attention_any_more() -> None:
    past = a_booking(start="2026-02-01 09:00")
    mapping = a_mapping(past, state=MappingState.SET_ASIDE, drift=Drift.EDITED)
    plan = plan_for(a_snapshot(looked_up={past.id: past}), mapping)
    assert plan == OutboundPlan(operations=(RetireMapping(mapping),))


def test_past_booking_without_event_is_not_created() -> None:
    assert operations_for(a_snapshot(a_booking(start="2026-02-28 09:00"))) == ()


def test_booking_that_reaches_into_the_window_is_created() -> None:
    booking = a_booking(start="2026-02-28 23:30")
    assert operations_for(a_snapshot(booking)) == (a_create(booking, Reason.NEW_BOOKING),)


def test_booking_that_ends_where_the_window_starts_is_past() -> None:
    assert operations_for(a_snapshot(a_booking(start="2026-02-28 23:00"))) == ()


def test_booking_beyond_the_window_waits_until_the_window_reaches_it() -> None:
    far = a_booking(start="2027-03-01 00:00")
    assert operations_for(a_snapshot(far)) == ()
    later = a_snapshot(far, window=a_window("2026-03-02", "2027-03-02"))
    assert operations_for(later) == (a_create(far, Reason.NEW_BOOKING),)


def test_booking_moved_beyond_the_window_takes_its_event_along() -> None:
    mapping = a_mapping(a_booking())
    far = a_booking(start="2028-01-01 09:00")
    assert operations_for(a_snapshot(far), mapping) == (
        UpdateEvent(mapping, a_content(far), Reason.BOOKING_CHANGED),
    )


# --- set aside --------------------------------------------------------------------------------


@pytest.mark.parametrize("etag", ["", '"1"'], ids=["never created", "an update was refused"])
def test_event_set_aside_waits_until_its_booking_changes(etag: str) -> None:
    booking = a_booking()
    mapping = a_mapping(booking, state=MappingState.SET_ASIDE, etag=etag)
    assert plan_for(a_snapshot(booking), mapping) == OutboundPlan(set_aside=(mapping,))


def test_event_set_aside_and_edited_meanwhile_still_waits() -> None:
    booking = a_booking()
    mapping = a_mapping(booking, state=MappingState.SET_ASIDE, drift=Drift.EDITED)
    assert operations_for(a_snapshot(booking), mapping) == ()


def test_changed_booking_whose_event_was_never_created_is_created_under_a_new_generation() -> None:
    mapping = a_mapping(a_booking(), state=MappingState.SET_ASIDE, etag="")
    changed = a_booking(customer_name="Grace Hopper")
    assert operations_for(a_snapshot(changed), mapping) == (
        a_create(changed, Reason.BOOKING_CHANGED, generation=1),
    )


def test_changed_booking_whose_update_was_refused_is_updated() -> None:
    mapping = a_mapping(a_booking(), state=MappingState.SET_ASIDE)
    changed = a_booking(customer_name="Grace Hopper")
    assert operations_for(a_snapshot(changed), mapping) == (
        UpdateEvent(mapping, a_content(changed), Reason.BOOKING_CHANGED),
    )


def test_cancelled_booking_set_aside_with_an_event_deletes_it() -> None:
    booking = a_booking(status="cancelled")
    mapping = a_mapping(booking, state=MappingState.SET_ASIDE)
    assert operations_for(a_snapshot(booking), mapping) == (DeleteEvent(mapping, Reason.BOOKING_CANCELLED),)


def test_cancelled_booking_set_aside_without_event_is_let_go() -> None:
    booking = a_booking(status="cancelled")
    mapping = a_mapping(booking, state=MappingState.SET_ASIDE, etag="")
    assert operations_for(a_snapshot(booking), mapping) == (RetireMapping(mapping, Reason.BOOKING_CANCELLED),)


def test_event_set_aside_is_tried_again_where_another_calendar_is_chosen() -> None:
    booking = a_booking()
    never_made = a_mapping(booking, state=MappingState.SET_ASIDE, etag="", calendar_id=OTHER_CALENDAR)
    assert operations_for(a_snapshot(booking), never_made) == (
        a_create(booking, Reason.CALENDAR_CHANGED, generation=1),
    )
    standing = a_mapping(booking, state=MappingState.SET_ASIDE, calendar_id=OTHER_CALENDAR)
    assert operations_for(a_snapshot(booking), standing) == (DeleteEvent(standing, Reason.CALENDAR_CHANGED),)


# --- intents, deletions and returns -----------------------------------------------------------


def test_cancelled_booking_with_an_unanswered_create_deletes_what_may_stand() -> None:
    booking = a_booking(status="cancelled")
    mapping = a_mapping(booking, state=MappingState.INTENT)
    assert operations_for(a_snapshot(booking), mapping) == (DeleteEvent(mapping, Reason.BOOKING_CANCELLED),)


def test_unanswered_create_in_a_calendar_no_longer_chosen_is_deleted_there() -> None:
    booking = a_booking()
    mapping = a_mapping(booking, state=MappingState.INTENT, calendar_id=OTHER_CALENDAR)
    assert operations_for(a_snapshot(booking), mapping) == (DeleteEvent(mapping, Reason.CALENDAR_CHANGED),)


def test_cancelled_booking_whose_event_the_agent_deleted_has_nothing_to_delete() -> None:
    booking = a_booking(status="cancelled")
    mapping = a_mapping(booking, drift=Drift.DELETED)
    assert operations_for(a_snapshot(booking), mapping) == (RetireMapping(mapping, Reason.BOOKING_CANCELLED),)


def test_booking_wanted_again_gets_a_new_generation() -> None:
    booking = a_booking()
    mapping = a_mapping(booking, state=MappingState.GONE, generation=4, etag="")
    assert operations_for(a_snapshot(booking), mapping) == (
        a_create(booking, Reason.NEW_BOOKING, generation=5),
    )


@pytest.mark.parametrize("state", [MappingState.GONE, MappingState.RETIRED])
def test_cancelled_booking_without_a_living_event_is_nothing(state: MappingState) -> None:
    booking = a_booking(status="cancelled")
    assert operations_for(a_snapshot(booking), a_mapping(booking, state=state)) == ()


def test_past_booking_moved_into_the_future_takes_its_event_along() -> None:
    mapping = a_mapping(a_booking(start="2026-02-01 09:00"), state=MappingState.RETIRED)
    moved = a_booking(start="2026-04-01 09:00")
    assert operations_for(a_snapshot(moved), mapping) == (
        UpdateEvent(mapping, a_content(moved), Reason.BOOKING_CHANGED),
    )


def test_retired_booking_that_is_in_the_window_again_is_kept_in_step_again() -> None:
    booking = a_booking()
    mapping = a_mapping(booking, state=MappingState.RETIRED)
    assert operations_for(a_snapshot(booking), mapping) == (
        UpdateEvent(mapping, a_content(booking), Reason.BOOKING_CHANGED),
    )


@pytest.mark.parametrize(
    ("etag", "drift"), [("", None), ('"1"', Drift.DELETED)], ids=["never created", "deleted by the agent"]
)
def test_retired_booking_without_event_that_is_wanted_again_is_created(
    etag: str, drift: Drift | None
) -> None:
    booking = a_booking()
    mapping = a_mapping(booking, state=MappingState.RETIRED, etag=etag, drift=drift)
    (operation,) = operations_for(a_snapshot(booking), mapping)
    assert isinstance(operation, CreateEvent)
    assert operation.event_id == a_key(booking, 1)


def test_edited_event_of_a_changed_booking_is_written_once_for_the_booking() -> None:
    mapping = a_mapping(a_booking(), drift=Drift.EDITED)
    changed = a_booking(start="2026-03-05 09:00")
    assert operations_for(a_snapshot(changed), mapping) == (
        UpdateEvent(mapping, a_content(changed), Reason.BOOKING_CHANGED),
    )


def test_deleted_event_of_a_changed_booking_comes_back_with_the_change() -> None:
    mapping = a_mapping(a_booking(), drift=Drift.DELETED)
    changed = a_booking(start="2026-03-05 09:00")
    assert operations_for(a_snapshot(changed), mapping) == (
        a_create(changed, Reason.DELETED_IN_CALENDAR, generation=1),
    )


def test_vanished_booking_whose_event_was_deleted_too_is_let_go() -> None:
    mapping = a_mapping(a_booking(), drift=Drift.DELETED)
    snapshot = a_snapshot(looked_up={mapping.booking_id: None})
    assert operations_for(snapshot, mapping) == (RetireMapping(mapping, Reason.BOOKING_REMOVED),)


# --- other calendars, agents and accounts -----------------------------------------------------


def test_event_in_a_calendar_no_longer_chosen_is_deleted_there_first() -> None:
    booking = a_booking()
    mapping = a_mapping(booking, calendar_id=OTHER_CALENDAR)
    assert operations_for(a_snapshot(booking), mapping) == (DeleteEvent(mapping, Reason.CALENDAR_CHANGED),)


def test_then_it_is_created_in_the_chosen_calendar() -> None:
    booking = a_booking()
    gone = a_mapping(booking, state=MappingState.GONE, calendar_id=OTHER_CALENDAR, etag="")
    (created,) = operations_for(a_snapshot(booking), gone)
    assert isinstance(created, CreateEvent)
    assert (created.calendar_id, created.event_id) == (CALENDAR, a_key(booking, 1))


def test_agents_who_share_a_calendar_have_events_of_their_own() -> None:
    mine, hers = a_booking(1), a_booking(1, agent_id=OTHER_AGENT)
    (my_event,) = operations_for(a_snapshot(mine))
    (her_event,) = operations_for(a_snapshot(hers, agent_id=OTHER_AGENT))
    assert isinstance(my_event, CreateEvent)
    assert isinstance(her_event, CreateEvent)
    assert my_event.event_id != her_event.event_id


def test_removed_agent_loses_the_coming_events_and_keeps_the_past_ones() -> None:
    coming, past = a_booking(1), a_booking(2, start="2026-02-01 09:00")
    snapshot = a_snapshot(coming, past, agent_exists=False)
    assert operations_for(snapshot, a_mapping(coming), a_mapping(past)) == (
        RetireMapping(a_mapping(past), Reason.PAST),
        DeleteEvent(a_mapping(coming), Reason.AGENT_REMOVED),
    )


def test_removed_agent_gets_no_new_events() -> None:
    assert operations_for(a_snapshot(a_booking(), agent_exists=False)) == ()


# --- rows that cannot be read -----------------------------------------------------------------


def test_nothing_is_decided_about_a_booking_that_cannot_be_read() -> None:
    mapping = a_mapping(a_booking())
    row = UnreadableBooking(mapping.booking_id, AGENT, "no end time")
    plan = plan_for(a_snapshot(looked_up={row.id: row}), mapping)
    assert plan == OutboundPlan(unreadable=(row,))


def test_every_unreadable_booking_is_reported_once_in_the_order_of_its_number() -> None:
    first, second = UnreadableBooking(1, AGENT, "no date"), UnreadableBooking(2, AGENT, "no end time")
    snapshot = a_snapshot(unreadable=[second, first], looked_up={2: second})
    assert plan_for(snapshot, a_mapping(a_booking(2))).unreadable == (first, second)


# --- order and look-ups -----------------------------------------------------------------------


def test_what_starts_soonest_is_done_first() -> None:
    late, soon = a_booking(1, start="2026-05-01 09:00"), a_booking(2, start="2026-03-02 09:00")
    cancelled = a_booking(3, start="2026-04-01 09:00", status="cancelled")
    operations = operations_for(a_snapshot(late, cancelled, soon), a_mapping(cancelled))
    assert [operation.booking_id for operation in operations] == [2, 3, 1]


def test_only_mapped_bookings_that_are_not_shown_are_looked_up() -> None:
    shown, hidden, gone, retired = (a_booking(number) for number in (1, 2, 3, 4))
    mappings = [
        a_mapping(shown),
        a_mapping(hidden, state=MappingState.SET_ASIDE),
        a_mapping(gone, state=MappingState.GONE),
        a_mapping(retired, state=MappingState.RETIRED),
    ]
    assert ids_to_look_up(a_snapshot(shown), mappings) == [2]


def test_changed_templates_update_every_event() -> None:
    booking = a_booking()
    policy = OutboundPolicy(EventChoices.for_all(EventSettings(summary="{{service_name}}")))
    (operation,) = plan_outbound(a_snapshot(booking), [a_mapping(booking)], a_target(), policy).operations
    assert isinstance(operation, UpdateEvent)
    assert operation.content.summary == "Massage"


# --- why everything changes at once -----------------------------------------------------------


def test_another_wording_of_ours_is_no_change_of_the_booking() -> None:
    booking = a_booking()
    policy = OutboundPolicy(EventChoices.for_all(EventSettings(summary="Booked")))
    plan = plan_outbound(a_snapshot(booking), [a_mapping(booking)], a_target(), policy)
    assert [operation.reason for operation in plan.operations] == [Reason.SETTINGS_CHANGED]


def test_another_zone_of_the_site_is_no_change_of_the_booking() -> None:
    wall = WallTimes("2026-03-02", 600, "2026-03-02", 660)
    before = a_booking(start="2026-03-02 09:00", wall=wall)
    after = a_booking(start="2026-03-02 15:00", wall=wall)
    (operation,) = operations_for(a_snapshot(after), a_mapping(before))
    assert operation.reason is Reason.SITE_ZONE_CHANGED


def test_booking_that_changed_in_a_way_nobody_sees_is_remembered_anew() -> None:
    before, after = a_booking(status="pending"), a_booking(status="approved")
    mapping = a_mapping(before)
    plan = plan_for(a_snapshot(after), mapping)
    assert plan == OutboundPlan(in_step=((mapping.id, booking_hash(after)),))


def test_upgrade_that_fills_in_end_columns_changes_no_booking() -> None:
    before = a_booking(wall=WallTimes("2026-03-02", 600, None, 660))
    after = a_booking(wall=WallTimes("2026-03-02", 600, "2026-03-02", 660))
    assert plan_for(a_snapshot(after), a_mapping(before)) == OutboundPlan()


# --- bookings from before, where only new ones were asked for ---------------------------------


def a_left_out(booking: Booking) -> Mapping:
    return a_mapping(booking, state=MappingState.LEFT_OUT, etag="")


def test_booking_left_out_stays_out_while_it_is_the_same() -> None:
    booking = a_booking()
    policy = OutboundPolicy(EventChoices.for_all(EventSettings(summary="Booked")))
    plan = plan_outbound(a_snapshot(booking), [a_left_out(booking)], a_target("another"), policy)
    assert plan == OutboundPlan()


def test_booking_left_out_stays_out_when_its_service_place_or_customer_is_renamed() -> None:
    mapping = a_left_out(a_booking())
    renamed = a_booking(
        service_name="Deep massage",
        customer_name="Ada King",
        customer_phone="+49 30 1",
        location_name="Upstairs",
    )
    assert plan_for(a_snapshot(renamed), mapping) == OutboundPlan()


@pytest.mark.parametrize(
    "change",
    [
        {"minutes": 90},
        {"service_id": 8},
        {"location_id": 2},
        {"attendees": 3},
        {"status": "pending"},
        {"code": "OTHER"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_booking_left_out_comes_when_anything_of_its_row_changes(change: dict[str, Any]) -> None:
    (create,) = operations_for(a_snapshot(a_booking(**change)), a_left_out(a_booking()))
    assert isinstance(create, CreateEvent)


def test_booking_left_out_comes_when_it_changes() -> None:
    booking = a_booking()
    later = a_booking(start="2026-03-02 11:00")
    assert operations_for(a_snapshot(later), a_left_out(booking)) == (
        a_create(later, Reason.BOOKING_CHANGED, generation=1),
    )


def test_booking_left_out_and_cancelled_is_let_go_and_comes_when_it_is_booked_again() -> None:
    booking = a_booking()
    cancelled = a_booking(status="cancelled")
    mapping = a_left_out(booking)
    assert operations_for(a_snapshot(cancelled), mapping) == (
        RetireMapping(mapping, Reason.BOOKING_CANCELLED),
    )


def test_booking_left_out_and_past_is_let_go() -> None:
    booking = a_booking(start="2026-02-20 09:00")
    mapping = a_left_out(booking)
    assert operations_for(a_snapshot(booking), mapping) == (RetireMapping(mapping),)
