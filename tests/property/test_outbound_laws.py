"""Laws of the outbound plan (design.md §9): L1, L2, L3, L4 and L7, whatever happened before."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from latesync.model import Booking, Drift, Mapping, MappingState, Snapshot, UnreadableBooking
from latesync.options import DriftPolicy
from latesync.plan.content import content_hash, event_key
from latesync.plan.event_settings import EventChoices, EventSettings, Grouping
from latesync.plan.operations import CancelBooking, CreateEvent, WriteBack
from latesync.plan.outbound import OutboundPolicy, plan_outbound
from latesync.times import TimeRange
from tests.builders.plan import (
    AGENT,
    CALENDAR,
    SITE,
    SUBJECT,
    WANTED,
    a_booking,
    a_content,
    a_mapping,
    a_snapshot,
    a_span,
    a_target,
    an_event,
    an_item,
)
from tests.builders.world import World

NUMBERS = st.integers(1, 5)
TOGETHER = EventChoices.for_all(EventSettings(group=Grouping.TOGETHER))
POLICIES = st.builds(
    OutboundPolicy,
    events=st.sampled_from([EventChoices(), TOGETHER]),
    drift=st.sampled_from(DriftPolicy),
    keeps_cancelled=st.booleans(),
)
CALENDARS = st.sampled_from([CALENDAR, "second@group.calendar.google.com"])
STARTS = st.sampled_from(
    ["2026-01-05 09:00", "2026-02-28 23:30", "2026-03-02 09:00", "2026-05-02 09:00", "2027-06-01 09:00"]
)


@st.composite
def bookings(draw: st.DrawFn, numbers: st.SearchStrategy[int] = NUMBERS) -> Booking:
    return a_booking(
        draw(numbers),
        draw(STARTS),
        status=draw(st.sampled_from(["approved", "pending", "cancelled", "no_show"])),
        agent_id=draw(st.sampled_from([AGENT, AGENT, AGENT, AGENT + 1])),
        customer_name=draw(st.sampled_from(["Ada", "Grace"])),
    )


@st.composite
def mappings(draw: st.DrawFn, number: int) -> Mapping:
    return a_mapping(
        draw(bookings(st.just(number))),
        state=draw(st.sampled_from(MappingState)),
        generation=draw(st.integers(0, 3)),
        calendar_id=draw(CALENDARS),
        etag=draw(st.sampled_from([None, ""])),
        drift=draw(st.sampled_from([None, Drift.EDITED, Drift.DELETED])),
        drift_span=draw(st.sampled_from([None, a_span("2026-03-04 09:00")])),
        drift_refused=draw(st.sampled_from(["", "", "not_bookable", "other_calendar"])),
    )


@st.composite
def situations(draw: st.DrawFn) -> tuple[Snapshot, list[Mapping]]:
    """Anything a snapshot and the memory may say, also what should never happen."""
    shown = draw(st.lists(bookings(), unique_by=lambda booking: booking.id))
    known = [draw(mappings(number)) for number in sorted(draw(st.sets(NUMBERS)))]
    looked_up: dict[int, Booking | UnreadableBooking | None] = {
        number: draw(
            st.one_of(
                st.none(), bookings(st.just(number)), st.just(UnreadableBooking(number, AGENT, "no date"))
            )
        )
        for number in sorted(draw(st.sets(NUMBERS)))
    }
    return a_snapshot(*shown, looked_up=looked_up, agent_exists=draw(st.booleans())), known


@given(situations(), POLICIES, st.randoms(use_true_random=False))
def test_order_does_not_alter_the_plan(
    situation: tuple[Snapshot, list[Mapping]], policy: OutboundPolicy, chance: random.Random
) -> None:
    snapshot, known = situation
    shuffled = replace(
        snapshot,
        bookings=dict(_shuffled(list(snapshot.bookings.items()), chance)),
        looked_up=dict(_shuffled(list(snapshot.looked_up.items()), chance)),
    )
    plan = plan_outbound(snapshot, known, a_target(), policy)
    assert plan_outbound(shuffled, _shuffled(known, chance), a_target(), policy) == plan


@given(situations(), POLICIES)
def test_no_operation_names_an_event_that_is_not_ours(
    situation: tuple[Snapshot, list[Mapping]], policy: OutboundPolicy
) -> None:
    snapshot, known = situation
    for operation in plan_outbound(snapshot, known, a_target(), policy).operations:
        if isinstance(operation, CreateEvent):
            marker = operation.content.marker
            derived = event_key(SITE, operation.booking_id, AGENT, SUBJECT, marker.generation)
            assert operation.event_id == derived
            assert (marker.site_id, marker.booking_id) == (SITE, operation.booking_id)
        else:
            assert operation.mapping in known


@given(situations(), POLICIES)
def test_what_was_not_looked_up_is_left_alone(
    situation: tuple[Snapshot, list[Mapping]], policy: OutboundPolicy
) -> None:
    snapshot, known = situation
    plan = plan_outbound(snapshot, known, a_target(), policy)
    for operation in plan.operations:
        assert operation.booking_id in snapshot.bookings.keys() | snapshot.looked_up.keys()


@given(situations(), POLICIES)
def test_each_booking_has_at_most_one_operation(
    situation: tuple[Snapshot, list[Mapping]], policy: OutboundPolicy
) -> None:
    snapshot, known = situation
    plan = plan_outbound(snapshot, known, a_target(), policy)
    numbers = [operation.booking_id for operation in plan.operations]
    assert len(set(numbers)) == len(numbers)


@given(situations(), POLICIES)
def test_the_site_is_asked_only_where_the_owner_wants_it_and_nobody_else_has_said_anything(
    situation: tuple[Snapshot, list[Mapping]], policy: OutboundPolicy
) -> None:
    snapshot, known = situation
    asked = [
        operation
        for operation in plan_outbound(snapshot, known, a_target(), policy).operations
        if isinstance(operation, WriteBack)
    ]
    for operation in asked:
        mapping, booking = operation.mapping, operation.booking
        assert policy.drift is DriftPolicy.APPLY
        assert (mapping.state, mapping.drift_refused) == (MappingState.LIVE, "")
        assert mapping.drift is (Drift.DELETED if isinstance(operation, CancelBooking) else Drift.EDITED)
        assert booking.span == mapping.span
        assert booking.status in WANTED
        assert booking.agent_id == AGENT
        assert booking.span.end > snapshot.window.start


def _shuffled(things: list[Any], chance: random.Random) -> list[Any]:
    return chance.sample(things, len(things))


# --- a whole life -----------------------------------------------------------------------------

FEW = st.integers(1, 2)  # so that most steps meet what an earlier one left behind
USUALLY_WANTED = st.builds(
    a_booking,
    FEW,
    st.sampled_from(["2026-03-02 09:00", "2026-05-02 09:00", "2026-03-02 09:00", "2027-06-01 09:00"]),
    status=st.sampled_from(["approved", "approved", "approved", "cancelled"]),
    agent_id=st.sampled_from([AGENT, AGENT, AGENT, AGENT + 1]),
    customer_name=st.sampled_from(["Ada", "Grace"]),
)
STEPS = st.one_of(
    st.tuples(st.just("book"), USUALLY_WANTED),
    st.tuples(st.just("book"), bookings(FEW)),
    st.tuples(st.just("remove"), FEW),
    st.tuples(st.just("edit"), FEW),
    st.tuples(st.just("delete"), FEW),
    st.tuples(st.just("lose answer"), st.booleans()),
    st.tuples(st.just("refuse"), st.none()),
    st.tuples(st.just("choose calendar"), CALENDARS),
    st.tuples(st.just("days pass"), st.integers(1, 60)),
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
        case ("refuse", _):
            world.refuses_next = True
        case ("choose calendar", calendar_id):
            world.calendar_id = calendar_id
        case ("days pass", days):
            passed = timedelta(days=days)
            world.window = TimeRange(world.window.start + passed, world.window.end + passed)


@settings(max_examples=500)
@given(st.lists(st.tuples(STEPS, st.booleans()), min_size=3, max_size=14), st.booleans())
def test_whatever_happened_planning_ends_with_one_event_for_each_wanted_booking(
    steps: list[tuple[tuple[str, Any], bool]], shows_retired: bool
) -> None:
    """Each step comes with whether LateSync runs after it."""
    world = World(shows_retired=shows_retired)
    theirs = (CALENDAR, "dentist")
    world.events[theirs] = an_event(an_item("dentist"))
    for step, is_run in steps:
        take(step, world)
        if is_run:
            world.run_once()
    world.loses_next_answer = world.refuses_next = False

    world.run()

    assert world.events.pop(theirs) == an_event(an_item("dentist"))
    for number in (1, 2):
        check_events_of(number, world)


def check_events_of(number: int, world: World) -> None:
    mapping = world.mappings.get(number)
    events = [
        (place, event)
        for place, event in world.events.items()
        if event.marker is not None and event.marker.booking_id == number
    ]
    booking = world.bookings.get(number)
    is_wanted = booking is not None and booking.agent_id == AGENT and booking.status in WANTED
    if mapping is not None and mapping.state is MappingState.SET_ASIDE:
        assert len(events) <= 1
    elif is_wanted and booking is not None and booking.span.overlaps(world.window):
        ((calendar_id, _), event) = only(events)
        assert calendar_id == world.calendar_id
        assert event.content is not None
        assert event.marker is not None
        assert content_hash(event.content) == content_hash(a_content(booking, event.marker.generation))
    elif booking is None or booking.span.end > world.window.start:
        coming = [event for _, event in events if event.content and is_coming(event.content.span, world)]
        assert len(coming) <= (1 if is_wanted else 0)


def is_coming(span: TimeRange, world: World) -> bool:
    return span.end > world.window.start


def only(events: list[Any]) -> Any:
    assert len(events) == 1
    return events[0]
