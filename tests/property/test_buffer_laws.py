"""Laws L1, L2, L5 and L7 with buffers, switched on and off at any time, whatever happens meanwhile."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from latesync.booking_parts import BUFFERS, BookingPart, booking_of, is_buffer, part_number
from latesync.model import Booking, Drift, Mapping, MappingState, Snapshot
from latesync.options import DriftPolicy
from latesync.plan.event_settings import EventChoices, EventSettings, Grouping, Privacy
from latesync.plan.inbound import plan_inbound
from latesync.plan.operations import CancelBooking, MoveBooking
from latesync.plan.outbound import OutboundPolicy, plan_outbound
from latesync.plan.ownership import is_ours
from latesync.times import TimeRange
from tests.builders.plan import (
    AGENT,
    WANTED,
    a_booking,
    a_listening,
    a_mapping,
    a_snapshot,
    a_target,
)
from tests.builders.world import World

ON = EventChoices.for_all(EventSettings(buffers=True))
OFF = EventChoices()
DISCREET = EventChoices.for_all(EventSettings(buffers=True, privacy=Privacy.BOOKED))
TOGETHER = EventChoices.for_all(EventSettings(buffers=True, group=Grouping.TOGETHER))
CHOICES = st.sampled_from([ON, OFF, DISCREET])

BOOKINGS = st.builds(
    a_booking,
    st.integers(1, 4),
    st.sampled_from(["2026-03-02 09:00", "2026-03-02 09:30", "2026-05-02 23:30"]),
    status=st.sampled_from(["approved", "pending", "cancelled"]),
    agent_id=st.sampled_from([AGENT, AGENT, AGENT + 1]),
    buffer_before=st.sampled_from([0, 10, 45]),
    buffer_after=st.sampled_from([0, 15, 1440]),
)
NUMBERS = st.integers(1, 4)
PARTS = st.builds(part_number, NUMBERS, st.sampled_from(BookingPart))
STEPS = st.one_of(
    st.tuples(st.just("book"), BOOKINGS),
    st.tuples(st.just("remove"), NUMBERS),
    st.tuples(st.just("edit"), PARTS),
    st.tuples(st.just("delete"), PARTS),
    st.tuples(st.just("lose answer"), st.booleans()),
    st.tuples(st.just("calendar"), st.sampled_from(["first", "second"])),
    st.tuples(st.just("choose"), CHOICES),
)
STORIES = st.lists(st.tuples(STEPS, st.booleans()), min_size=3, max_size=14)


def take(step: tuple[str, Any], world: World) -> None:
    match step:
        case ("book", booking):
            world.book(booking)
        case ("remove", number):
            world.remove_booking(number)
        case ("edit", number):
            world.edit_event(number, "Lunch")
        case ("delete", number):
            world.delete_event(number)
        case ("lose answer", makes):
            world.loses_next_answer, world.makes_what_it_loses = True, makes
        case ("calendar", calendar_id):
            world.calendar_id = calendar_id
        case ("choose", events):
            world.policy = replace(world.policy, events=events)


def live_through(world: World, story: list[tuple[tuple[str, Any], bool]]) -> None:
    for step, is_run in story:
        take(step, world)
        if is_run:
            world.run_once()
    world.loses_next_answer = False


def standing(world: World) -> list[tuple[int, TimeRange]]:
    return sorted(
        (event.marker.booking_id, event.content.span)
        for event in world.events.values()
        if event.marker is not None and event.content is not None
    )


def wanted(world: World, *, with_buffers: bool) -> list[tuple[int, TimeRange]]:
    """Worked out apart from the product: each booking once, and each time kept free around it once."""
    found = []
    for booking in world.bookings.values():
        if booking.agent_id != AGENT or booking.status not in WANTED:
            continue
        found.append((booking.id, booking.span))
        before, after = (timedelta(minutes=m) for m in (booking.buffer_before, booking.buffer_after))
        if with_buffers and before:
            span = TimeRange(booking.span.start - before, booking.span.start)
            found.append((part_number(booking.id, BookingPart.BEFORE), span))
        if with_buffers and after:
            span = TimeRange(booking.span.end, booking.span.end + after)
            found.append((part_number(booking.id, BookingPart.AFTER), span))
    return sorted(found)


@settings(max_examples=400)
@given(STORIES, CHOICES)
def test_each_booking_and_each_buffer_stands_exactly_once(
    story: list[tuple[tuple[str, Any], bool]], chosen: EventChoices
) -> None:
    """L1 and L2, for buffers too."""
    world = World(policy=OutboundPolicy(events=OFF))
    live_through(world, story)
    world.policy = replace(world.policy, events=chosen)

    world.run()

    assert not world.plan().operations
    assert standing(world) == wanted(world, with_buffers=chosen is not OFF)
    assert {calendar_id for calendar_id, _ in world.events} <= {world.calendar_id}


@settings(max_examples=200)
@given(STORIES)
def test_switched_off_again_nothing_is_left_of_them(story: list[tuple[tuple[str, Any], bool]]) -> None:
    world = World(policy=OutboundPolicy(events=ON))
    live_through(world, story)
    world.run()
    world.policy = replace(world.policy, events=OFF)

    world.run()

    assert standing(world) == wanted(world, with_buffers=False)


@settings(max_examples=200)
@given(STORIES)
def test_no_busy_time_stems_from_a_buffer(story: list[tuple[tuple[str, Any], bool]]) -> None:
    """L5: by what is remembered, and by the event alone where the memory is lost."""
    world = World(policy=OutboundPolicy(events=ON))
    live_through(world, story)
    world.run()
    listening = a_listening(window=world.window)
    known = {mapping.event_id: mapping for mapping in world.mappings.values()}
    for mappings in (known, {}):
        plan = plan_inbound(list(world.events.values()), {}, mappings, listening)
        assert plan.slots == ()
        assert all(is_ours(event, mappings, listening) for event in world.events.values())


@settings(max_examples=100)
@given(st.lists(BOOKINGS, max_size=4, unique_by=lambda booking: booking.id))
def test_a_group_has_one_pair_of_buffers(found: list[Booking]) -> None:
    same = [replace(booking, buffer_before=10, buffer_after=5) for booking in found]
    world = World(policy=OutboundPolicy(events=TOGETHER))
    for booking in same:
        world.book(booking)

    world.run()

    assert not world.plan().operations
    shown = {
        (booking.service_id, booking.location_id, booking.span)
        for booking in same
        if booking.agent_id == AGENT and booking.status in WANTED
    }
    numbers = [number for number, _ in standing(world)]
    leaders = {number for number in numbers if not is_buffer(number)}
    assert len(leaders) == len(shown)
    assert sorted(number for number in numbers if is_buffer(number)) == sorted(
        part_number(leader, part) for leader in leaders for part in BUFFERS
    )


@st.composite
def any_moment(draw: st.DrawFn) -> tuple[Snapshot, list[Mapping]]:
    found = draw(st.lists(BOOKINGS, max_size=4, unique_by=lambda booking: booking.id))
    known = []
    for number in draw(st.lists(PARTS, max_size=6, unique=True)):
        drift = draw(st.sampled_from([None, Drift.EDITED, Drift.DELETED]))
        span = draw(BOOKINGS).span if drift is Drift.EDITED else None
        state = draw(st.sampled_from([state for state in MappingState if state is not MappingState.LEFT_OUT]))
        known.append(a_mapping(a_booking(number), state=state, drift=drift, drift_span=span))
    gone: dict[int, Any] = dict.fromkeys(draw(st.lists(NUMBERS, max_size=2)))
    shown = [booking for booking in found if booking.id not in gone]
    return a_snapshot(*shown, looked_up=gone), known


@settings(max_examples=400)
@given(any_moment(), st.sampled_from([ON, OFF, TOGETHER]), st.sampled_from(DriftPolicy), st.randoms())
def test_order_does_not_alter_the_plan_and_no_buffer_moves_a_booking(
    moment: tuple[Snapshot, list[Mapping]], chosen: EventChoices, drift: DriftPolicy, chance: random.Random
) -> None:
    """L7; and L4: what was neither seen nor looked up keeps its buffers."""
    snapshot, known = moment
    policy = OutboundPolicy(events=chosen, drift=drift)
    plan = plan_outbound(snapshot, known, a_target(), policy)

    shuffled = replace(
        snapshot, bookings=dict(chance.sample(sorted(snapshot.bookings.items()), len(snapshot.bookings)))
    )
    assert plan_outbound(shuffled, chance.sample(known, len(known)), a_target(), policy) == plan
    for step in plan.operations:
        assert not (isinstance(step, MoveBooking | CancelBooking) and is_buffer(step.booking_id))
        row = booking_of(step.booking_id)
        assert row in snapshot.bookings or row in snapshot.looked_up
