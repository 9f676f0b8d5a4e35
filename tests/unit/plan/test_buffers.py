"""The times before and after a booking as events of their own: when they come, change and go."""

from __future__ import annotations

from dataclasses import replace

import pytest

from latesync.booking_parts import BookingPart, booking_of, part_number, part_of, with_parts
from latesync.model import Booking, Drift, Mapping, MappingState, Snapshot, UnreadableBooking, WallTimes
from latesync.options import Decision, DriftPolicy, SafetyLimits
from latesync.plan.buffers import buffer_of, render_buffer
from latesync.plan.content import booking_hash, content_hash, event_key, row_hash
from latesync.plan.drift import judge_own_event
from latesync.plan.event_settings import EventChoices, EventSettings, Grouping, Privacy, Visibility
from latesync.plan.explain import Case, judge_booking
from latesync.plan.invitations import Occasion, invite
from latesync.plan.operations import CreateEvent, DeleteEvent, Operation, Reason, RetireMapping, UpdateEvent
from latesync.plan.outbound import OutboundPolicy, ids_to_look_up, plan_outbound
from latesync.plan.ownership import is_certainly_ours, is_ours
from latesync.plan.safety import decided_among, hold_unsafe
from latesync.plan.wanted_events import WantedEvents
from tests.builders.plan import (
    AGENT,
    BERLIN,
    SITE,
    SUBJECT,
    WANTED,
    a_booking,
    a_listening,
    a_mapping,
    a_snapshot,
    a_span,
    a_target,
    an_event,
    an_item,
)

BEFORE, AFTER = part_number(7, BookingPart.BEFORE), part_number(7, BookingPart.AFTER)
WISHES = EventSettings(buffers=True)
ON = EventChoices.for_all(WISHES)
OFF = EventChoices()
HELD_FREE = a_booking(7, buffer_before=10, buffer_after=15)


def planned(
    snapshot: Snapshot,
    known: list[Mapping],
    choices: EventChoices = ON,
    *,
    drift: DriftPolicy = DriftPolicy.RESTORE,
    keeps_cancelled: bool = False,
) -> tuple[Operation, ...]:
    policy = OutboundPolicy(choices, drift, keeps_cancelled=keeps_cancelled)
    return plan_outbound(snapshot, known, a_target(), policy).operations


def a_part(booking: Booking, part: BookingPart) -> Booking:
    found = buffer_of(booking, part, ON)
    assert found is not None
    return found


def mapped(booking: Booking, part: BookingPart, **fields: object) -> Mapping:
    """As it is right after the buffer's event was written."""
    buffer = a_part(booking, part)
    content = render_buffer(buffer, BERLIN, site_id=SITE, generation=0, settings=WISHES)
    as_written = replace(
        a_mapping(buffer), content_hash=content_hash(content), booking_hash=booking_hash(buffer)
    )
    return replace(as_written, **fields)  # type: ignore[arg-type]


def standing(booking: Booking = HELD_FREE) -> list[Mapping]:
    """The booking's event and its two buffers, as written."""
    return [a_mapping(booking), mapped(booking, BookingPart.BEFORE), mapped(booking, BookingPart.AFTER)]


def told(operations: tuple[Operation, ...]) -> list[tuple[type, int, Reason]]:
    return [(type(step), step.booking_id, step.reason) for step in operations]


# --- numbers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("booking_id", [1, 2, 7, 4182, 2**30 - 1])
def test_a_part_s_number_says_whose_and_which_it_is(booking_id: int) -> None:
    numbers = {part: part_number(booking_id, part) for part in BookingPart}
    assert {part: part_of(number) for part, number in numbers.items()} == {part: part for part in BookingPart}
    assert {booking_of(number) for number in numbers.values()} == {booking_id}
    assert with_parts([numbers[BookingPart.AFTER]]) == set(numbers.values())
    assert all(-(2**31) <= number < 2**31 for number in numbers.values())  # what a column holds


def test_no_two_parts_share_a_number() -> None:
    numbers = [part_number(row, part) for row in range(1, 200) for part in BookingPart]
    assert len(set(numbers)) == len(numbers)


# --- when they come and go ----------------------------------------------------------------------


def test_a_booking_comes_with_its_buffers_where_the_owner_wants_them() -> None:
    creates = planned(a_snapshot(HELD_FREE), [])
    assert told(creates) == [
        (CreateEvent, BEFORE, Reason.NEW_BOOKING),
        (CreateEvent, 7, Reason.NEW_BOOKING),
        (CreateEvent, AFTER, Reason.NEW_BOOKING),
    ]
    contents = [step.content for step in creates if isinstance(step, CreateEvent)]
    assert [content.span for content in contents] == [
        a_span("2026-03-02 08:50", minutes=10),
        HELD_FREE.span,
        a_span("2026-03-02 10:00", minutes=15),
    ]
    assert [content.summary for content in contents][::2] == ["Buffer before Massage", "Buffer after Massage"]


def test_a_booking_comes_alone_where_the_owner_does_not() -> None:
    assert [step.booking_id for step in planned(a_snapshot(HELD_FREE), [], OFF)] == [7]


def test_the_owner_wants_them_of_one_service_only() -> None:
    of_cut = EventChoices({2: WISHES})
    bookings = [
        a_booking(1, buffer_after=5, service_id=1),
        a_booking(2, "2026-03-03 09:00", buffer_after=5, service_id=2),
    ]
    assert [step.booking_id for step in planned(a_snapshot(*bookings), [], of_cut)] == [1, 2, -5]


def test_what_stands_as_wanted_is_left_alone() -> None:
    assert planned(a_snapshot(HELD_FREE), standing()) == ()


def test_the_buffers_go_when_the_owner_wants_them_no_more() -> None:
    assert told(planned(a_snapshot(HELD_FREE), standing(), OFF)) == [
        (DeleteEvent, BEFORE, Reason.NO_BUFFER),
        (DeleteEvent, AFTER, Reason.NO_BUFFER),
    ]


def test_one_buffer_goes_when_the_row_has_none_any_more() -> None:
    without = replace(HELD_FREE, buffer_before=0)
    assert told(planned(a_snapshot(without), standing())) == [(DeleteEvent, BEFORE, Reason.NO_BUFFER)]


def test_a_longer_buffer_is_written_anew_and_its_booking_is_not() -> None:
    longer = replace(HELD_FREE, buffer_after=30)
    (update,) = planned(a_snapshot(longer), standing())
    assert isinstance(update, UpdateEvent)
    assert (update.booking_id, update.reason) == (AFTER, Reason.BOOKING_CHANGED)
    assert update.content.span == a_span("2026-03-02 10:00", minutes=30)


def test_buffers_move_with_their_booking() -> None:
    moved = replace(HELD_FREE, span=a_span("2026-03-04 12:00"))
    steps = planned(a_snapshot(moved), standing())
    assert told(steps) == [
        (UpdateEvent, BEFORE, Reason.BOOKING_CHANGED),
        (UpdateEvent, 7, Reason.BOOKING_CHANGED),
        (UpdateEvent, AFTER, Reason.BOOKING_CHANGED),
    ]


def test_what_concerns_the_customer_alone_does_not_concern_the_buffers() -> None:
    other = replace(HELD_FREE, customer_name="Grace Hopper", customer_phone="+49301234")
    assert told(planned(a_snapshot(other), standing())) == [(UpdateEvent, 7, Reason.BOOKING_CHANGED)]


@pytest.mark.parametrize("keeps_cancelled", [False, True])
def test_a_cancelled_booking_s_buffers_go_even_where_its_event_stays(keeps_cancelled: bool) -> None:
    cancelled = replace(HELD_FREE, status="cancelled")
    steps = planned(a_snapshot(cancelled), standing(), keeps_cancelled=keeps_cancelled)
    deleted = [step.booking_id for step in steps if isinstance(step, DeleteEvent)]
    assert deleted == ([BEFORE, AFTER] if keeps_cancelled else [BEFORE, 7, AFTER])


def test_buffers_go_with_a_booking_that_is_another_agent_s_now() -> None:
    other = replace(HELD_FREE, agent_id=AGENT + 1)
    steps = planned(a_snapshot(looked_up={7: other}), standing())
    assert told(steps) == [(DeleteEvent, number, Reason.OTHER_AGENT) for number in (BEFORE, 7, AFTER)]


def test_buffers_of_an_agent_who_is_gone_go() -> None:
    steps = planned(a_snapshot(HELD_FREE, agent_exists=False), standing())
    assert {step.reason for step in steps} == {Reason.AGENT_REMOVED}
    assert {step.booking_id for step in steps} == {7, BEFORE, AFTER}


# --- absence must be proved ---------------------------------------------------------------------


def test_a_buffer_is_looked_up_by_its_booking_s_number() -> None:
    assert ids_to_look_up(a_snapshot(), standing()) == [7]
    assert ids_to_look_up(a_snapshot(HELD_FREE), standing()) == []


def test_unknown_is_not_gone_for_buffers_either() -> None:
    assert planned(a_snapshot(), standing()) == ()
    unreadable = UnreadableBooking(7, AGENT, "no_start_date")
    assert planned(a_snapshot(looked_up={7: unreadable}), standing()) == ()


def test_buffers_go_with_a_booking_that_was_looked_up_and_is_not_there() -> None:
    steps = planned(a_snapshot(looked_up={7: None}), standing())
    assert told(steps) == [(DeleteEvent, number, Reason.BOOKING_REMOVED) for number in (BEFORE, 7, AFTER)]


# --- the window ---------------------------------------------------------------------------------


def test_buffers_wait_for_the_window_together_with_their_booking() -> None:
    at_the_end = a_booking(7, "2027-03-01 00:00", buffer_before=60)
    assert planned(a_snapshot(at_the_end), []) == ()


def test_a_past_booking_gets_no_buffers_and_keeps_those_it_had() -> None:
    past = a_booking(7, "2026-02-20 09:00", buffer_before=10)
    assert planned(a_snapshot(past), []) == ()
    known = [a_mapping(past), mapped(past, BookingPart.BEFORE)]
    assert planned(a_snapshot(past), known) == (RetireMapping(known[1]), RetireMapping(known[0]))
    assert planned(a_snapshot(past), known, OFF) == (RetireMapping(known[1]), RetireMapping(known[0]))


def test_a_buffer_longer_than_a_day_is_cut_and_one_below_zero_is_none() -> None:
    odd = a_booking(7, buffer_before=-5, buffer_after=9_999_999)
    assert buffer_of(odd, BookingPart.BEFORE, ON) is None
    assert a_part(odd, BookingPart.AFTER).span == a_span("2026-03-02 10:00", minutes=24 * 60)


def test_a_booking_at_the_end_of_all_years_loses_its_buffer_and_stops_nothing() -> None:
    last = a_booking(7, "9999-12-31 22:00", buffer_after=1440)
    assert told(planned(a_snapshot(last), [mapped(HELD_FREE, BookingPart.AFTER)])) == [
        (DeleteEvent, AFTER, Reason.NO_BUFFER)
    ]


# --- what is done to them in the calendar -------------------------------------------------------


@pytest.mark.parametrize("drift", [Drift.EDITED, Drift.DELETED])
@pytest.mark.parametrize("policy", [DriftPolicy.RESTORE, DriftPolicy.APPLY])
def test_a_buffer_that_was_moved_or_deleted_is_put_back_and_moves_no_booking(
    policy: DriftPolicy, drift: Drift
) -> None:
    span = a_span("2026-03-02 12:00") if drift is Drift.EDITED else None
    touched = mapped(HELD_FREE, BookingPart.BEFORE, drift=drift, drift_span=span)
    known = [a_mapping(HELD_FREE), touched, mapped(HELD_FREE, BookingPart.AFTER)]
    (step,) = planned(a_snapshot(HELD_FREE), known, drift=policy)
    assert isinstance(step, UpdateEvent | CreateEvent)
    assert step.booking_id == BEFORE


def test_a_touched_buffer_is_left_where_the_owner_leaves_what_agents_do() -> None:
    touched = mapped(HELD_FREE, BookingPart.BEFORE, drift=Drift.DELETED)
    known = [a_mapping(HELD_FREE), touched, mapped(HELD_FREE, BookingPart.AFTER)]
    assert planned(a_snapshot(HELD_FREE), known, drift=DriftPolicy.LEAVE) == ()


def test_an_own_buffer_blocks_nobody() -> None:
    """L5."""
    buffer = a_part(HELD_FREE, BookingPart.BEFORE)
    content = render_buffer(buffer, BERLIN, site_id=SITE, generation=0, settings=WISHES)
    own = an_event(
        an_item(event_key(SITE, BEFORE, AGENT, SUBJECT, 0)), marker=content.marker, content=content
    )
    assert is_ours(own, {}, a_listening())
    assert is_certainly_ours(own, a_listening())
    assert not is_ours(replace(own, item=an_item("copied")), {}, a_listening())


def test_a_buffer_s_own_echo_is_nothing_new() -> None:
    mapping = mapped(HELD_FREE, BookingPart.BEFORE)
    content = render_buffer(
        a_part(HELD_FREE, BookingPart.BEFORE), BERLIN, site_id=SITE, generation=0, settings=WISHES
    )
    echo = an_event(an_item(mapping.event_id), marker=content.marker, content=content, etag=mapping.etag)
    assert judge_own_event(replace(mapping, echo_hash=content_hash(content)), echo) is None


# --- groups, guests, left out -------------------------------------------------------------------


def test_a_group_has_its_leader_s_buffers_only() -> None:
    together = EventChoices.for_all(EventSettings(buffers=True, group=Grouping.TOGETHER))
    pair = [replace(HELD_FREE, id=number) for number in (7, 8)]
    steps = planned(a_snapshot(*pair), [], together)
    assert [step.booking_id for step in steps] == [BEFORE, 7, AFTER]


def test_a_follower_s_buffers_go_into_nobody_s() -> None:
    together = EventChoices.for_all(EventSettings(buffers=True, group=Grouping.TOGETHER))
    second = replace(HELD_FREE, id=8, code="CODE8")
    known = [*standing(), *standing(second)]
    steps = planned(a_snapshot(HELD_FREE, second), known, together)
    gone = [step.booking_id for step in steps if step.reason is Reason.IN_GROUP_EVENT]
    assert sorted(gone) == [-17, -16, 8]
    assert not any(step.booking_id in (BEFORE, AFTER) for step in steps)


def test_a_booking_that_was_left_out_has_no_buffers_until_it_changes() -> None:
    out = replace(a_mapping(HELD_FREE, state=MappingState.LEFT_OUT), booking_hash=row_hash(HELD_FREE))
    assert planned(a_snapshot(HELD_FREE), [out]) == ()
    changed = replace(HELD_FREE, status="pending")
    assert [step.booking_id for step in planned(a_snapshot(changed), [out])] == [BEFORE, 7, AFTER]


def test_nobody_is_invited_to_a_buffer_and_no_meeting_made_of_it() -> None:
    wishes = EventSettings(buffers=True, invite=True, meeting=True)
    choices = EventChoices.for_all(wishes)
    booking = replace(HELD_FREE, customer_email="ada@example.test")
    steps = planned(a_snapshot(booking), [], choices)
    occasion = Occasion(now=a_span("2026-03-01 09:00").start, in_step=None)
    invited = invite(steps, [], {7: booking}, choices, WANTED, occasion)
    wanted = {step.booking_id: step.content for step in invited if isinstance(step, CreateEvent)}
    assert wanted[7].wants_meeting
    for number in (BEFORE, AFTER):
        assert not wanted[number].guests
        assert not wanted[number].wants_meeting


# --- what they say ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("privacy", "summary"),
    [
        (Privacy.FULL, "Buffer before Massage"),
        (Privacy.INITIALS, "Buffer before Massage"),
        (Privacy.BOOKED, "Buffer"),
    ],
)
def test_a_buffer_names_nobody(privacy: Privacy, summary: str) -> None:
    """users-ask.md U40."""
    wishes = EventSettings(buffers=True, privacy=privacy, summary="{{customer_full_name}}", location="Here")
    buffer = a_part(replace(HELD_FREE, customer_comment="back pain"), BookingPart.BEFORE)
    content = render_buffer(buffer, BERLIN, site_id=SITE, generation=0, settings=wishes)
    assert (content.summary, content.description, content.location) == (summary, "Booking CODE7", "")


def test_a_buffer_looks_like_its_booking_and_reminds_nobody() -> None:
    wishes = EventSettings(buffers=True, colour="sage", visibility=Visibility.PRIVATE, reminders=(30,))
    buffer = a_part(HELD_FREE, BookingPart.AFTER)
    look = render_buffer(buffer, BERLIN, site_id=SITE, generation=0, settings=wishes).initial
    assert look is not None
    assert (look.colour, look.visibility, look.reminders) == ("sage", "private", ())


def test_another_privacy_is_a_change_of_settings_for_buffers_too() -> None:
    booked = EventChoices.for_all(EventSettings(buffers=True, privacy=Privacy.BOOKED))
    steps = planned(a_snapshot(HELD_FREE), standing(), booked)
    assert {step.booking_id for step in steps} == {7, BEFORE, AFTER}
    assert {step.reason for step in steps} == {Reason.SETTINGS_CHANGED}


def test_a_buffer_in_step_is_remembered_as_its_row_is_now() -> None:
    pending = replace(HELD_FREE, status="pending")
    plan = plan_outbound(a_snapshot(pending), standing(), a_target(), OutboundPolicy(ON))
    known = {mapping.id: mapping.booking_id for mapping in standing()}
    assert {known[mapping_id] for mapping_id, _ in plan.in_step} == {7, BEFORE, AFTER}


# --- the brake, and what people read ------------------------------------------------------------

LIMITS = SafetyLimits()  # more than a fifth and more than five


def deletions(count: int, reason: Reason) -> list[Operation]:
    bookings = [replace(HELD_FREE, id=number) for number in range(1, count + 1)]
    return [DeleteEvent(mapping, reason) for booking in bookings for mapping in standing(booking)]


def test_a_cancelled_booking_with_two_buffers_counts_as_one() -> None:
    few = deletions(5, Reason.BOOKING_CANCELLED)
    assert hold_unsafe(few, mapped=5, limits=LIMITS) == (few, [])
    many = deletions(6, Reason.BOOKING_CANCELLED)
    assert hold_unsafe(many, mapped=6, limits=LIMITS) == ([], many)


def test_switching_buffers_off_asks_nobody() -> None:
    many = deletions(50, Reason.NO_BUFFER)
    assert hold_unsafe(many, mapped=50, limits=LIMITS) == (many, [])


def test_a_decision_about_a_move_goes_for_the_buffers_that_follow() -> None:
    moved = replace(HELD_FREE, span=a_span("2026-03-04 12:00"))
    steps = planned(a_snapshot(moved), standing())
    known = {(7, "move booking", "moved in the calendar"): Decision.RELEASED}
    assert set(decided_among(steps, known).values()) == {Decision.RELEASED}
    assert len(decided_among(steps, known)) == 3


def test_a_refused_buffer_is_told_on_its_booking_s_page() -> None:
    refused = mapped(HELD_FREE, BookingPart.AFTER, state=MappingState.SET_ASIDE)
    known = [a_mapping(HELD_FREE), mapped(HELD_FREE, BookingPart.BEFORE), refused]
    snapshot = a_snapshot(HELD_FREE)
    plan = plan_outbound(snapshot, known, a_target(), OutboundPolicy(ON))
    events = WantedEvents.of(snapshot, {row.booking_id: row for row in known}, ON, frozenset())
    assert judge_booking(7, HELD_FREE, known[0], events, plan).case is Case.SET_ASIDE


def test_a_buffer_is_of_its_booking_s_service_place_and_clock() -> None:
    wall = WallTimes("2026-03-02", 600, "2026-03-02", 660)
    booking = replace(HELD_FREE, service_id=3, wall=wall, code="")
    buffer = buffer_of(booking, BookingPart.AFTER, ON)
    assert buffer is not None
    assert (buffer.service_id, buffer.wall, buffer.code) == (3, wall, "7")


def test_a_buffer_s_event_knows_its_zone_and_is_seen_as_its_owner_wishes() -> None:
    buffer = buffer_of(replace(HELD_FREE, service_name="Hot  stone"), BookingPart.AFTER, ON)
    assert buffer is not None
    content = render_buffer(buffer, BERLIN, site_id=SITE, generation=0, settings=WISHES)
    assert "Hot stone" in content.summary
    assert (content.zone, content.booking_hash) == ("Europe/Berlin", booking_hash(buffer))
    seen = replace(WISHES, visibility=Visibility.PRIVATE)
    private = render_buffer(buffer, BERLIN, site_id=SITE, generation=0, settings=seen)
    assert content.initial is not None
    assert private.initial is not None
    assert (content.initial.visibility, private.initial.visibility) == ("", "private")
