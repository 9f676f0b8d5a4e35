"""Every answer to "why is this booking (not) in the calendar?" (users-ask.md U10, U12, U13)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from latesync.model import Booking, Drift, Mapping, MappingState, Snapshot, UnreadableBooking
from latesync.options import DriftPolicy
from latesync.plan.content import content_hash
from latesync.plan.event_settings import EventChoices, EventSettings, Grouping
from latesync.plan.explain import Case, Judgement, judge_booking, judge_without_account
from latesync.plan.operations import CreateEvent, DeleteEvent, UpdateEvent
from latesync.plan.outbound import OutboundPolicy, plan_outbound
from latesync.plan.wanted_events import WantedEvents
from tests.builders.plan import AGENT, a_booking, a_mapping, a_snapshot, a_target, a_window

PLAIN = OutboundPolicy()
LEAVE = OutboundPolicy(drift=DriftPolicy.LEAVE)


def judged(
    snapshot: Snapshot,
    booking_id: int,
    mapping: Mapping | None = None,
    *,
    found: Booking | UnreadableBooking | None = None,
    policy: OutboundPolicy = PLAIN,
    holds: bool = False,
) -> Judgement:
    """found: the row by its id, where the agent's own bookings do not show it."""
    known = [mapping] if mapping else []
    plan = plan_outbound(snapshot, known, a_target(), policy)
    events = WantedEvents.of(
        snapshot, {each.booking_id: each for each in known}, policy.events, policy.also_wanted
    )
    row = snapshot.bookings.get(booking_id, snapshot.looked_up.get(booking_id, found))
    return judge_booking(booking_id, row, mapping, events, plan, plan.operations if holds else ())


def test_booking_whose_event_says_the_same_is_in_step() -> None:
    booking = a_booking()
    assert judged(a_snapshot(booking), booking.id, a_mapping(booking)) == Judgement(Case.IN_STEP)


def test_new_booking_is_due_with_the_plans_own_operation() -> None:
    booking = a_booking()
    answer = judged(a_snapshot(booking), booking.id)
    assert answer.case is Case.DUE
    assert isinstance(answer.operation, CreateEvent)


def test_changed_booking_is_due() -> None:
    mapping = a_mapping(a_booking(start="2026-03-02 09:00"))
    answer = judged(a_snapshot(a_booking(start="2026-03-02 11:00")), mapping.booking_id, mapping)
    assert (answer.case, type(answer.operation)) == (Case.DUE, UpdateEvent)


def test_what_waits_for_a_person_is_held() -> None:
    booking = a_booking(status="cancelled")
    answer = judged(a_snapshot(booking), booking.id, a_mapping(booking), holds=True)
    assert (answer.case, type(answer.operation)) == (Case.HELD, DeleteEvent)


def test_refused_event_is_set_aside() -> None:
    """users-ask.md U13."""
    booking = a_booking()
    mapping = a_mapping(booking, state=MappingState.SET_ASIDE)
    assert judged(a_snapshot(booking), booking.id, mapping).case is Case.SET_ASIDE


def test_booking_from_before_only_new_ones_were_wanted_is_left_out() -> None:
    booking = a_booking()
    mapping = a_mapping(booking, state=MappingState.LEFT_OUT, etag="")
    assert judged(a_snapshot(booking), booking.id, mapping).case is Case.LEFT_OUT


@pytest.mark.parametrize("drift", list(Drift))
def test_event_the_agent_changed_and_the_owner_leaves_is_left_as_put(drift: Drift) -> None:
    booking = a_booking()
    mapping = a_mapping(booking, drift=drift)
    assert judged(a_snapshot(booking), booking.id, mapping, policy=LEAVE).case is Case.LEFT_AS_PUT


@pytest.mark.parametrize("state", [None, MappingState.GONE])
def test_booking_of_an_unwanted_status_is_not_wanted(state: MappingState | None) -> None:
    booking = a_booking(status="no_show")
    mapping = a_mapping(booking, state=state, etag="") if state else None
    assert judged(a_snapshot(booking), booking.id, mapping).case is Case.NOT_WANTED


def test_cancelled_booking_whose_event_the_owner_keeps_is_kept() -> None:
    booking = a_booking(status="cancelled")
    policy = OutboundPolicy(keeps_cancelled=True)
    written = judged(a_snapshot(booking), booking.id, a_mapping(booking), policy=policy).operation
    assert isinstance(written, UpdateEvent)
    kept = replace(a_mapping(booking), content_hash=content_hash(written.content))
    assert judged(a_snapshot(booking), booking.id, kept, policy=policy).case is Case.KEPT_CANCELLED


def test_booking_that_was_over_before_is_past() -> None:
    booking = a_booking(start="2026-02-20 09:00")
    assert judged(a_snapshot(), booking.id, found=booking).case is Case.PAST


def test_booking_more_than_a_year_ahead_is_beyond_the_window() -> None:
    booking = a_booking(start="2027-06-01 09:00")
    assert judged(a_snapshot(booking), booking.id).case is Case.BEYOND_WINDOW


def test_booking_of_another_agent_is_said_to_be_theirs() -> None:
    booking = a_booking(agent_id=AGENT + 1)
    assert judged(a_snapshot(), booking.id, found=booking).case is Case.OTHER_AGENT


def test_booking_of_a_removed_agent_says_so() -> None:
    booking = a_booking()
    assert judged(a_snapshot(booking, agent_exists=False), booking.id).case is Case.AGENT_GONE


def test_row_with_unreadable_times_says_so() -> None:
    row = UnreadableBooking(4182, AGENT, "no_start_date")
    assert judged(a_snapshot(unreadable=[row]), 4182, found=row).case is Case.UNREADABLE


def test_number_of_no_booking_says_so() -> None:
    assert judged(a_snapshot(), 99).case is Case.NO_SUCH_BOOKING


def test_booking_in_its_groups_event_names_whose_it_is() -> None:
    first, second = a_booking(1, service_id=5), a_booking(2, service_id=5)
    together = EventChoices(by_service={5: EventSettings(group=Grouping.TOGETHER)})
    snapshot = a_snapshot(first, second)
    answer = judged(snapshot, second.id, policy=OutboundPolicy(events=together))
    assert answer == Judgement(Case.IN_GROUP, leader=first.id)


def test_booking_the_plan_was_made_without_is_not_guessed_at() -> None:
    assert judged(a_snapshot(), 4182, found=a_booking()).case is Case.UNKNOWN


def without_account(snapshot: Snapshot, booking: Booking) -> Case:
    plan = plan_outbound(snapshot, [], a_target(), PLAIN)
    events = WantedEvents.of(snapshot, {}, PLAIN.events, PLAIN.also_wanted)
    return judge_without_account(booking.id, booking, events, plan).case


def test_without_an_account_only_what_would_be_written_is_said_to_wait_for_one() -> None:
    wanted, cancelled = a_booking(1), a_booking(2, status="cancelled")
    snapshot = a_snapshot(wanted, cancelled)
    assert without_account(snapshot, wanted) is Case.NO_ACCOUNT
    assert without_account(snapshot, cancelled) is Case.NOT_WANTED


def test_a_booking_that_ended_as_the_window_began_is_past() -> None:
    window = a_window("2026-03-02", "2026-04-01")
    ended = a_booking(start="2026-03-01 23:00")
    still_on = a_booking(4183, start="2026-03-01 23:01", status="no_show")
    assert judged(a_snapshot(ended, window=window), ended.id).case is Case.PAST
    assert judged(a_snapshot(still_on, window=window), still_on.id).case is Case.NOT_WANTED


def test_a_booking_that_begins_as_the_window_ends_is_beyond_it() -> None:
    far = a_booking(start="2026-04-01 00:00")
    snapshot = a_snapshot(far, window=a_window("2026-03-02", "2026-04-01"))
    assert judged(snapshot, far.id).case is Case.BEYOND_WINDOW
