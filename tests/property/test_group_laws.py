"""Bookings of one service, place and time as one event: L1, L2 and L7, whatever people do and choose."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from latesync.model import Booking, Drift
from latesync.plan.event_settings import EventChoices, EventSettings, Grouping
from latesync.plan.groups import fold
from latesync.plan.outbound import OutboundPolicy
from tests.builders.plan import AGENT, CALENDAR, WANTED, a_booking, a_mapping, a_snapshot
from tests.builders.world import World

TOGETHER = EventChoices.for_all(EventSettings(group=Grouping.TOGETHER))
EACH = EventChoices()
CHOICES = st.sampled_from([TOGETHER, TOGETHER, EACH])
NUMBERS = st.integers(1, 4)
BOOKINGS = st.builds(
    a_booking,
    NUMBERS,
    st.sampled_from(["2026-03-02 09:00", "2026-03-02 09:00", "2026-03-09 09:00"]),
    status=st.sampled_from(["approved", "approved", "cancelled"]),
    agent_id=st.sampled_from([AGENT, AGENT, AGENT, AGENT + 1]),
    service_id=st.sampled_from([1, 1, 1, 2]),
)
STEPS = st.one_of(
    st.tuples(st.just("book"), BOOKINGS),
    st.tuples(st.just("book"), BOOKINGS),
    st.tuples(st.just("remove"), NUMBERS),
    st.tuples(st.just("edit"), NUMBERS),
    st.tuples(st.just("delete"), NUMBERS),
    st.tuples(st.just("lose answer"), st.booleans()),
    st.tuples(st.just("calendar"), st.sampled_from([CALENDAR, "second@group.calendar.google.com"])),
    st.tuples(st.just("choose"), CHOICES),
)


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


@settings(max_examples=500)
@given(st.lists(st.tuples(STEPS, st.booleans()), min_size=3, max_size=14), CHOICES)
def test_every_wanted_booking_stands_in_exactly_one_event_however_its_group_is_shown(
    steps: list[tuple[tuple[str, Any], bool]], chosen: EventChoices
) -> None:
    world = World(policy=OutboundPolicy(events=EACH))
    for step, is_run in steps:
        take(step, world)
        if is_run:
            world.run_once()
    world.loses_next_answer = False
    world.policy = replace(world.policy, events=chosen)

    world.run()

    assert not world.plan().operations
    wanted = [
        booking
        for booking in world.bookings.values()
        if booking.agent_id == AGENT and booking.status in WANTED
    ]
    for booking in wanted:
        assert len(standing_in(world, booking)) == 1
    slots = {slot(booking) if chosen is TOGETHER else (booking.id,) for booking in wanted}
    assert len(world.events) == len(slots)


def standing_in(world: World, booking: Booking) -> list[object]:
    return [
        event
        for event in world.events.values()
        if event.content
        and booking.code in event.content.description.split()
        and event.content.span == booking.span
    ]


def slot(booking: Booking) -> tuple[object, ...]:
    return booking.service_id, booking.location_id, booking.span


@given(
    st.lists(BOOKINGS, max_size=6, unique_by=lambda booking: booking.id), st.randoms(use_true_random=False)
)
def test_order_does_not_choose_the_leader(found: list[Booking], chance: random.Random) -> None:
    known = {
        booking.id: a_mapping(booking, drift=chance.choice([None, Drift.EDITED]))
        for booking in found
        if chance.random() < 0.5
    }
    groups = fold(a_snapshot(*found), known, TOGETHER, WANTED)
    shuffled = chance.sample(found, len(found))
    assert fold(a_snapshot(*shuffled), known, TOGETHER, WANTED) == groups


@settings(max_examples=200)
@given(st.lists(BOOKINGS, min_size=2, max_size=6, unique_by=lambda booking: booking.id))
def test_the_leader_stays_while_it_takes_part(found: list[Booking]) -> None:
    world = World(policy=OutboundPolicy(events=TOGETHER))
    for booking in found[1:]:
        world.book(booking)
    world.run()
    before = {event.marker.booking_id for event in world.events.values() if event.marker}

    world.book(found[0])
    world.run()

    after = {event.marker.booking_id for event in world.events.values() if event.marker}
    assert before <= after
