"""Events of ours that stand although another took their place: which they are, and what is followed.

users-ask.md U28: doubles. Only what is ours beyond doubt counts, for strays are deleted (law L3).
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from latesync.model import Event, Mapping, MappingState, Marker
from latesync.plan.inbound import InboundPlan, plan_inbound
from latesync.plan.ownership import may_be_a_colleague_s
from tests.builders.plan import CALENDAR, SITE, a_booking, a_key, a_listening, a_mapping, our_event

BOOKING = a_booking()


def looked_at(event: Event, *known: Mapping, calendar_id: str = CALENDAR) -> InboundPlan:
    mappings = {mapping.event_id: mapping for mapping in known}
    return plan_inbound([event], {}, mappings, a_listening(calendar_id=calendar_id))


def test_an_earlier_generation_that_still_stands_is_a_stray() -> None:
    plan = looked_at(our_event(BOOKING, generation=1), a_mapping(BOOKING, generation=2))
    assert plan.strays == (a_key(BOOKING, 1),)
    assert plan.moved_away == ()


def test_the_event_that_stands_for_its_booking_is_none() -> None:
    assert looked_at(our_event(BOOKING, generation=2), a_mapping(BOOKING, generation=2)).strays == ()


@pytest.mark.parametrize("known", [(), (a_mapping(BOOKING, generation=1),)], ids=["nothing known", "older"])
def test_an_event_newer_than_what_is_remembered_is_taken_over_later(known: tuple[Mapping, ...]) -> None:
    """A restored backup remembers less than the calendar shows."""
    assert looked_at(our_event(BOOKING, generation=2), *known).strays == ()


def test_an_event_carried_into_another_calendar_is_a_stray_there_and_was_moved_away() -> None:
    mapping = a_mapping(BOOKING, calendar_id="salon")
    plan = looked_at(our_event(BOOKING), mapping, calendar_id="private")
    assert plan.strays == (mapping.event_id,)
    assert plan.moved_away == (mapping,)


@pytest.mark.parametrize(
    "mapping",
    [
        a_mapping(BOOKING, calendar_id="salon", state=MappingState.GONE),
        a_mapping(BOOKING, calendar_id="salon", state=MappingState.SET_ASIDE),
        a_mapping(BOOKING, calendar_id="salon", account_id=99),
    ],
    ids=["given up", "set aside", "of another account"],
)
def test_only_a_living_event_of_this_account_was_moved_away(mapping: Mapping) -> None:
    assert looked_at(our_event(BOOKING), mapping, calendar_id="private").moved_away == ()


def test_a_deleted_event_is_no_stray() -> None:
    event = our_event(BOOKING, generation=1)
    deleted = replace(event, item=replace(event.item, is_cancelled=True))
    assert looked_at(deleted, a_mapping(BOOKING, generation=2)).strays == ()


@pytest.mark.parametrize(
    "marker", [None, Marker(SITE, BOOKING.id, 7), Marker("other-site", BOOKING.id, 1)], ids=repr
)
def test_what_an_agent_made_of_our_event_is_not_certainly_ours_and_no_stray(marker: Marker | None) -> None:
    """Its id is mapped, but its marker is gone, or says something else than its id."""
    known = a_mapping(BOOKING, generation=1), a_mapping(BOOKING, generation=2)
    event = replace(our_event(BOOKING, generation=1), marker=marker)
    assert looked_at(event, *known).strays == ()


# What a state restored from a backup has not heard of


def test_an_event_newer_than_its_mapping_shows_that_what_is_remembered_is_outdated() -> None:
    mapping = a_mapping(BOOKING, generation=1)
    assert looked_at(our_event(BOOKING, generation=2), mapping).outdated == (mapping,)


@pytest.mark.parametrize(
    "event",
    [
        our_event(BOOKING, generation=1),
        our_event(BOOKING, generation=0),
        our_event(BOOKING, generation=2, event_id="a-copy"),
        replace(
            our_event(BOOKING, generation=2),
            item=replace(our_event(BOOKING, generation=2).item, is_cancelled=True),
        ),
        our_event(a_booking(9), generation=2),
    ],
    ids=["the same", "older", "a copy", "deleted", "another booking's"],
)
def test_nothing_else_makes_what_is_remembered_outdated(event: Event) -> None:
    assert looked_at(event, a_mapping(BOOKING, generation=1)).outdated == ()


def test_outdated_mappings_are_told_once_each_and_always_in_the_same_order() -> None:
    bookings = [a_booking(number) for number in (3, 1, 2)]
    known = {mapping.event_id: mapping for mapping in map(a_mapping, bookings)}
    events = [our_event(booking, generation=number) for booking in bookings for number in (1, 2)]
    plan = plan_inbound(events, {}, known, a_listening())
    assert [mapping.booking_id for mapping in plan.outdated] == [1, 2, 3]


# What may be a colleague's, in a calendar that several agents share


@pytest.mark.parametrize(
    ("event", "may_be"),
    [
        (our_event(BOOKING), False),
        (our_event(BOOKING, event_id="derived-for-a-colleague"), True),
        (replace(our_event(BOOKING, event_id="theirs"), marker=Marker("other-site", 1, 0)), False),
        (replace(our_event(BOOKING, event_id="theirs"), marker=None), False),
    ],
    ids=["our own", "our site's, under an id not ours", "another site's", "without a marker"],
)
def test_what_carries_our_site_s_marker_under_an_id_not_ours_may_be_a_colleague_s(
    event: Event, may_be: bool
) -> None:
    assert may_be_a_colleague_s(event, {}, a_listening()) is may_be


def test_what_is_mapped_is_known_and_nobody_s_guess() -> None:
    known = a_mapping(BOOKING, event_id="of-an-earlier-subject")
    event = our_event(BOOKING, event_id="of-an-earlier-subject")
    assert not may_be_a_colleague_s(event, {known.event_id: known}, a_listening())
