"""What happens in an account that an agent's bookings are not written to (any more), row by row."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from latesync.model import UNANSWERED, Booking, Drift, Mapping, MappingState, Snapshot
from latesync.options import DriftPolicy, SafetyLimits
from latesync.plan.elsewhere import Elsewhere
from latesync.plan.event_settings import EventChoices, EventSettings, Grouping
from latesync.plan.explain import Case, judge_booking
from latesync.plan.operations import DeleteEvent, MovedTo, OutboundPlan, Reason, RetireMapping, UpdateEvent
from latesync.plan.outbound import OutboundPolicy, plan_outbound
from latesync.plan.safety import hold_unsafe
from latesync.plan.wanted_events import WantedEvents
from tests.builders.plan import AGENT, a_booking, a_content, a_mapping, a_snapshot, a_target, a_window

THERE, OTHER_ACCOUNT = "outlook-calendar", 9
HAS_EVENT = [MappingState.INTENT, MappingState.LIVE, MappingState.SET_ASIDE]
NO_EVENT = [MappingState.GONE, MappingState.RETIRED, MappingState.LEFT_OUT]


def there(booking: Booking, state: MappingState = MappingState.LIVE, **changes: object) -> Mapping:
    """Its mapping in the account that is written to."""
    mapping = a_mapping(booking, state=state, account_id=OTHER_ACCOUNT, calendar_id=THERE, event_id="AAMk")
    return replace(mapping, id=mapping.id + 1, **changes)  # type: ignore[arg-type]


def plan(
    snapshot: Snapshot,
    *here: Mapping,
    elsewhere: tuple[Mapping, ...] = (),
    policy: OutboundPolicy | None = None,
) -> OutboundPlan:
    known = Elsewhere.of(THERE, elsewhere)
    return plan_outbound(snapshot, here, a_target(""), policy or OutboundPolicy(), known)


def moved_out(mapping: Mapping, into: Mapping, booking: Booking) -> DeleteEvent:
    content = a_content(booking, into.generation)
    return DeleteEvent(mapping, Reason.OTHER_ACCOUNT, moved_to=MovedTo(into, content))


def test_nothing_is_made_in_an_account_that_is_not_written_to() -> None:
    assert plan(a_snapshot(a_booking())) == OutboundPlan()


@pytest.mark.parametrize("state", NO_EVENT)
@pytest.mark.parametrize("stands", [False, True])
def test_what_has_no_event_here_stays_as_it_is(state: MappingState, stands: bool) -> None:
    booking = a_booking()
    mapping = a_mapping(booking, state=state, etag="")
    assert plan(a_snapshot(booking), mapping, elsewhere=(there(booking),) * stands) == OutboundPlan()


@pytest.mark.parametrize("state", HAS_EVENT)
def test_an_event_goes_once_its_booking_stands_in_the_other_account(state: MappingState) -> None:
    """An unanswered create may stand here too: it is looked for, and goes."""
    booking = a_booking()
    mapping, into = a_mapping(booking, state=state), there(booking)
    assert plan(a_snapshot(booking), mapping, elsewhere=(into,)).operations == (
        moved_out(mapping, into, booking),
    )


@pytest.mark.parametrize("state", HAS_EVENT)
@pytest.mark.parametrize(
    "doubt",
    [
        {"state": MappingState.INTENT, "etag": ""},
        {"state": MappingState.SET_ASIDE},
        {"state": MappingState.GONE},
        {"state": MappingState.LEFT_OUT, "etag": ""},
        {"drift": Drift.DELETED},
        {"drift_refused": UNANSWERED},
        {"calendar_id": "the one before"},
        {"etag": ""},
    ],
)
def test_until_it_certainly_stands_there_it_stays_here(state: MappingState, doubt: dict[str, Any]) -> None:
    """Law L2: unknown is not gone."""
    booking = a_booking()
    found = plan(a_snapshot(booking), a_mapping(booking, state=state), elsewhere=(there(booking, **doubt),))
    assert (found.operations, found.staying) == ((), 1)


def test_an_event_stays_while_nobody_knows_the_other_account() -> None:
    booking = a_booking()
    found = plan_outbound(
        a_snapshot(booking), [a_mapping(booking)], a_target(""), OutboundPolicy(), Elsewhere()
    )
    assert (found.operations, found.staying) == ((), 1)


@pytest.mark.parametrize("state", HAS_EVENT)
def test_what_waits_here_goes_where_its_booking_went(state: MappingState) -> None:
    """Found by the state machine: moved beyond the window, or while the new account was signed out, a booking
    stood in the old calendar at a time it no longer had."""
    before, now = a_booking(start="2026-03-02 10:00"), a_booking(start="2026-03-02 15:00")
    mapping = a_mapping(before, state=state)
    found = plan(a_snapshot(now), mapping)
    follows = UpdateEvent(mapping, a_content(now, mapping.generation), Reason.BOOKING_CHANGED)
    assert found.operations == ((follows,) if state is MappingState.LIVE else ())


def test_an_edit_in_the_new_calendar_is_no_doubt() -> None:
    booking = a_booking()
    mapping, into = a_mapping(booking), there(booking, drift=Drift.EDITED)
    assert plan(a_snapshot(booking), mapping, elsewhere=(into,)).operations == (
        moved_out(mapping, into, booking),
    )


@pytest.mark.parametrize("policy", list(DriftPolicy))
@pytest.mark.parametrize("drift", list(Drift))
def test_edits_in_the_old_calendar_are_nobodys_wish(policy: DriftPolicy, drift: Drift) -> None:
    booking = a_booking()
    mapping = a_mapping(booking, drift=drift, drift_span=a_booking(start="2026-03-02 12:00").span)
    (operation,) = plan(
        a_snapshot(booking), mapping, elsewhere=(there(booking),), policy=OutboundPolicy(drift=policy)
    ).operations
    assert operation.reason is Reason.OTHER_ACCOUNT
    assert isinstance(operation, RetireMapping if drift is Drift.DELETED else DeleteEvent)


@pytest.mark.parametrize("policy", list(DriftPolicy))
def test_an_edit_is_not_put_back_here_while_it_waits(policy: DriftPolicy) -> None:
    booking = a_booking()
    mapping = a_mapping(booking, drift=Drift.EDITED)
    assert plan(a_snapshot(booking), mapping, policy=OutboundPolicy(drift=policy)).operations == ()


@pytest.mark.parametrize("stands", [False, True])
def test_a_cancelled_booking_goes_from_here_as_ever(stands: bool) -> None:
    booking = a_booking(status="cancelled")
    mapping = a_mapping(booking)
    found = plan(a_snapshot(booking), mapping, elsewhere=(there(booking),) * stands)
    assert found.operations == (DeleteEvent(mapping, Reason.BOOKING_CANCELLED),)


def test_a_removed_booking_and_another_agents_go_from_here_as_ever() -> None:
    removed, given = a_booking(1), a_booking(2, agent_id=AGENT + 1)
    snapshot = a_snapshot(looked_up={1: None, 2: given})
    found = plan(snapshot, a_mapping(removed), a_mapping(given))
    assert {operation.reason for operation in found.operations} == {
        Reason.BOOKING_REMOVED,
        Reason.OTHER_AGENT,
    }


def test_what_was_not_seen_and_not_looked_up_stays() -> None:
    booking = a_booking()
    assert plan(a_snapshot(), a_mapping(booking), elsewhere=(there(booking),)).operations == ()


def test_an_event_kept_for_a_cancelled_booking_stays_where_it_is_marked() -> None:
    """No event is made for it elsewhere, and its agent's lines are in it."""
    booking, policy = a_booking(status="cancelled"), OutboundPolicy(keeps_cancelled=True)
    (marked,) = plan(a_snapshot(booking), a_mapping(booking), policy=policy).operations
    assert isinstance(marked, UpdateEvent)
    assert marked.content.is_free


def test_an_event_kept_for_a_cancelled_booking_goes_where_the_other_account_has_it() -> None:
    booking, policy = a_booking(status="cancelled"), OutboundPolicy(keeps_cancelled=True)
    (gone,) = plan(
        a_snapshot(booking), a_mapping(booking), elsewhere=(there(booking),), policy=policy
    ).operations
    assert isinstance(gone, DeleteEvent)
    assert gone.reason is Reason.OTHER_ACCOUNT
    assert gone.moved_to is not None
    assert gone.moved_to.content.is_free


@pytest.mark.parametrize("drift", [None, Drift.EDITED])
def test_the_past_stays_here_as_history(drift: Drift | None) -> None:
    booking = a_booking(start="2026-02-20 09:00")
    mapping = a_mapping(booking, drift=drift)
    snapshot = a_snapshot(booking, window=a_window("2026-03-01"))
    assert plan(snapshot, mapping, elsewhere=(there(booking),)).operations == (RetireMapping(mapping),)


@pytest.mark.parametrize("state", [MappingState.LIVE, MappingState.RETIRED])
def test_a_booking_moved_into_the_past_leaves_no_event_in_the_future(state: MappingState) -> None:
    before, now = a_booking(), a_booking(start="2026-02-20 09:00")
    mapping, into = a_mapping(before), there(now, state)
    snapshot = a_snapshot(now, window=a_window("2026-03-01"))
    assert plan(snapshot, mapping, elsewhere=(into,)).operations == (moved_out(mapping, into, now),)
    (alone,) = plan(snapshot, mapping).operations
    assert isinstance(alone, UpdateEvent)
    assert alone.becomes_history


def test_a_group_goes_into_the_event_of_its_leader_there() -> None:
    first, second = (a_booking(number, service_id=5, location_id=1) for number in (1, 2))
    choices = EventChoices.for_all(EventSettings(group=Grouping.TOGETHER))
    into = there(second)
    found = plan(
        a_snapshot(first, second),
        a_mapping(first),
        elsewhere=(into,),
        policy=OutboundPolicy(events=choices),
    )
    (operation,) = found.operations
    assert isinstance(operation, DeleteEvent)
    assert operation.moved_to is not None
    assert operation.moved_to.mapping == into
    assert operation.moved_to.content.marker.booking_id == second.id


def test_moving_is_never_held_for_its_number_and_cancelling_is() -> None:
    bookings = [a_booking(number, f"2026-03-{number:02} 09:00") for number in range(2, 22)]
    known = [a_mapping(booking) for booking in bookings]
    limits = SafetyLimits(share=0.1, count=2)
    moving = plan(a_snapshot(*bookings), *known, elsewhere=tuple(map(there, bookings)))
    safe, held = hold_unsafe(moving.operations, mapped=20, limits=limits)
    assert (len(safe), held) == (20, [])
    cancelled = [replace(booking, status="cancelled") for booking in bookings]
    ending = plan(a_snapshot(*cancelled), *known, elsewhere=tuple(map(there, bookings)))
    safe, held = hold_unsafe(ending.operations, mapped=20, limits=limits)
    assert (safe, len(held)) == ([], 20)


def test_why_an_event_stays_here_is_said() -> None:
    booking = a_booking()
    snapshot, mapping = a_snapshot(booking), a_mapping(booking)
    events = WantedEvents.of(snapshot, {}, EventChoices(), frozenset())
    judged = judge_booking(booking.id, booking, mapping, events, plan(snapshot, mapping), is_written=False)
    assert judged.case is Case.STAYS
    history = replace(mapping, state=MappingState.RETIRED)
    judged = judge_booking(booking.id, booking, history, events, plan(snapshot, history), is_written=False)
    assert judged.case is Case.PAST
