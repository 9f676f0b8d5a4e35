"""Events whose ids a provider makes: ours by the key they were created under (microsoft-graph.md E7, E10)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from latesync.model import Booking, CalendarItem, Drift, Event, Mapping, MappingState
from latesync.plan.drift import OwnEventSeen, judge_own_event
from latesync.plan.inbound import InboundPlan, plan_inbound, to_ask_for
from latesync.plan.ownership import Listening, is_certainly_ours, is_ours
from tests.builders.plan import (
    ACCOUNT,
    AGENT,
    a_booking,
    a_key,
    a_listening,
    a_mapping,
    a_tombstone,
    an_event,
    an_item,
    our_event,
    utc,
)

BOOKING = a_booking()
KEY = a_key(BOOKING)
OWN_ID = "AAMkAGI2-own"


def shown(
    event_id: str = OWN_ID, *, booking: Booking = BOOKING, generation: int = 0, **changed: str
) -> Event:
    event = our_event(booking, generation=generation, event_id=event_id, **changed)
    return replace(event, key=a_key(booking, generation))


def mapped(event_id: str = OWN_ID, **changed: object) -> Mapping:
    return replace(a_mapping(BOOKING, event_id=event_id), **changed)  # type: ignore[arg-type]


def an_intent() -> Mapping:
    return a_mapping(BOOKING, state=MappingState.INTENT)


def plan_for(event: Event, *mappings: Mapping, listening: Listening | None = None) -> InboundPlan:
    by_id = {mapping.event_id: mapping for mapping in mappings}
    return plan_inbound([event], {}, by_id, listening or a_listening())


def test_our_event_is_known_by_the_id_it_was_given() -> None:
    plan = plan_for(shown(), mapped())
    assert (plan.put, plan.slots, plan.seen, plan.strays) == ((), (), (), ())


def test_an_edit_is_noted_on_the_mapping_of_that_id() -> None:
    plan = plan_for(shown(etag='"2"', summary="Lunch"), mapped())
    assert [(seen.mapping_id, seen.drift) for seen in plan.seen] == [(mapped().id, Drift.EDITED)]


def test_an_event_whose_answer_is_still_owed_is_ours_by_its_key() -> None:
    plan = plan_for(shown(), an_intent())
    assert (plan.slots, plan.seen, plan.strays) == ((), (), ())


def test_an_event_that_no_mapping_knows_is_ours_by_its_key() -> None:
    event = shown()
    assert is_certainly_ours(event, a_listening())
    assert plan_for(event).slots == ()


def test_the_right_key_on_somebody_else_s_marker_is_not_ours() -> None:
    event = replace(shown(), key=a_key(a_booking(BOOKING.id + 1)))
    assert not is_ours(event, {}, a_listening())


@pytest.mark.parametrize(
    "mapping",
    [
        mapped(),
        mapped(state=MappingState.SET_ASIDE),
        mapped(state=MappingState.RETIRED),
        mapped(drift=Drift.DELETED),
        mapped(state=MappingState.GONE, etag=""),
    ],
    ids=lambda mapping: f"{mapping.state}{mapping.drift or ''}",
)
def test_a_persons_copy_with_our_key_blocks_while_ours_has_another_id(mapping: Mapping) -> None:
    plan = plan_for(shown("AAMkAGI2-copy"), mapping)
    assert [slot.span for slot in plan.slots] == [BOOKING.span]
    assert (plan.seen, plan.strays, plan.moved_away, plan.outdated) == ((), (), (), ())


def test_a_copy_in_another_calendar_is_no_stray() -> None:
    plan = plan_for(shown("AAMkAGI2-copy"), mapped(), listening=a_listening(calendar_id="another"))
    assert plan.strays == ()
    assert len(plan.slots) == 1


def test_our_own_event_in_another_calendar_is_a_stray_under_its_own_id() -> None:
    plan = plan_for(shown(), mapped(), listening=a_listening(calendar_id="another"))
    assert plan.strays == (OWN_ID,)
    assert plan.moved_away == (mapped(),)


def test_a_copy_is_told_by_the_mapping_of_the_same_account_alone() -> None:
    others = mapped(account_id=ACCOUNT + 1)
    assert is_ours(shown("AAMkAGI2-moved-mailbox"), {OWN_ID: others}, a_listening())


def test_an_event_of_an_earlier_generation_that_came_back_is_a_stray_under_its_own_id() -> None:
    later = a_mapping(BOOKING, generation=1, event_id="AAMkAGI2-second", earlier_event_id=OWN_ID)
    plan = plan_for(shown(), later)
    assert (plan.strays, plan.slots) == ((OWN_ID,), ())


def test_a_copy_of_an_earlier_generation_is_somebody_else_s_event() -> None:
    """Law L3: it blocks, and is never deleted."""
    later = a_mapping(BOOKING, generation=1, event_id="AAMkAGI2-second", earlier_event_id="AAMkAGI2-first")
    plan = plan_for(shown(), later)
    assert plan.strays == ()
    assert len(plan.slots) == 1


def test_an_event_of_a_later_generation_than_remembered_makes_the_mapping_outdated() -> None:
    plan = plan_for(shown("AAMkAGI2-second", generation=1), mapped())
    assert plan.outdated == (mapped(),)
    assert plan.slots == ()


@pytest.mark.parametrize("event_id", [OWN_ID, KEY], ids=["id remembered", "key only"])
def test_a_deleted_event_that_somebody_took_out_of_the_bin_stands_again(event_id: str) -> None:
    gone = mapped(event_id, state=MappingState.GONE, etag="")
    plan = plan_for(shown(etag='"5"'), gone)
    told = "" if event_id == OWN_ID else OWN_ID
    assert plan.seen == (OwnEventSeen(gone.id, '"5"', False, Drift.EDITED, stands_again=True, event_id=told),)
    assert plan.slots == ()


def test_a_colleague_s_unanswered_event_in_a_shared_calendar_never_blocks() -> None:
    hers = a_booking(agent_id=AGENT + 1)
    intent = a_mapping(hers, state=MappingState.INTENT, account_id=ACCOUNT + 1)
    assert plan_for(shown(booking=hers), intent).slots == ()


def test_our_event_that_was_found_again_as_it_was_is_deleted_no_more() -> None:
    mapping = mapped(drift=Drift.DELETED)
    seen = judge_own_event(mapping, shown())
    assert seen == OwnEventSeen(mapping.id, '"1"', False, None)


# --- what a listing calls removed -------------------------------------------------------------


def asked(event: Event | CalendarItem, *mappings: Mapping, calendar_id: str = "dana@example.com") -> set[str]:
    event = an_event(event) if isinstance(event, CalendarItem) else event
    by_id = {mapping.event_id: mapping for mapping in mappings}
    return set(to_ask_for([event], by_id, a_listening(calendar_id=calendar_id)))


def test_our_event_that_is_called_removed_is_asked_for() -> None:
    """microsoft-graph.md D5: it may only have left the listed span."""
    assert asked(a_tombstone(OWN_ID), mapped()) == {OWN_ID}


@pytest.mark.parametrize(
    "mapping",
    [
        mapped(state=MappingState.GONE, etag=""),
        mapped(state=MappingState.RETIRED),
        mapped(drift=Drift.DELETED),
        mapped(account_id=ACCOUNT + 1),
        mapped(calendar_id="another"),
    ],
    ids=["our own deletion", "history", "known to be deleted", "another account's", "another calendar's"],
)
def test_a_removal_from_which_nothing_would_follow_is_not_asked_about(mapping: Mapping) -> None:
    assert asked(a_tombstone(OWN_ID), mapping) == set()


def test_a_removed_event_of_somebody_else_is_not_asked_for() -> None:
    assert asked(a_tombstone("dentist"), mapped()) == set()


def test_our_event_that_stands_is_not_asked_for() -> None:
    assert asked(shown(etag='"2"'), mapped()) == set()


def test_our_event_that_somebody_repeated_is_asked_for_by_its_dates() -> None:
    """microsoft-graph.md D1: of a series a listing shows the dates alone."""
    date = an_item("AAMkAGI2-date", series_id=OWN_ID, original_start=utc("2026-03-03 10:00"))
    assert asked(date, mapped()) == {OWN_ID}
    assert asked(date, mapped(state=MappingState.RETIRED)) == set()
    assert asked(date, mapped(calendar_id="another")) == set()


def test_of_an_event_of_ours_shown_twice_the_last_counts() -> None:
    """microsoft-graph.md D6."""
    mapping = mapped()
    events = [an_event(a_tombstone(OWN_ID)), shown()]
    plan = plan_inbound(events, {}, {OWN_ID: mapping}, a_listening())
    assert plan.seen == ()
    plan = plan_inbound(events[::-1], {}, {OWN_ID: mapping}, a_listening())
    assert [seen.drift for seen in plan.seen] == [Drift.DELETED]
