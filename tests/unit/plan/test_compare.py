"""A full listing beside what is kept: which differences count (users-ask.md U15)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from latesync.model import BusySlot, CalendarItem, Drift, Event, Mapping, MappingState
from latesync.plan.compare import (
    NIGHT_ENDS,
    CalendarDifference,
    Compared,
    compare_calendar,
    count_form_differences,
    is_comparison_due,
    night_minute,
)
from latesync.plan.inbound import roots_of, slots_of
from latesync.times import TimeRange, day_in, wall_to_utc
from tests.builders.plan import (
    BERLIN,
    a_booking,
    a_cancelled_date,
    a_key,
    a_listening,
    a_mapping,
    a_span,
    an_event,
    an_item,
    our_event,
    utc,
)

SINCE = utc("2026-01-25 00:00")
LISTENING = a_listening()
DENTIST = an_item("dentist")
STANDUP = an_item("standup", "2026-03-03 08:00", recurrence=("RRULE:FREQ=WEEKLY;COUNT=3",))
MADE = utc("2026-01-01 12:00")
NOTHING = CalendarDifference()


def compare(
    listed: list[Event],
    kept: list[CalendarItem],
    *own: Mapping,
    slots: dict[str, BusySlot] | None = None,
    changed: set[str] | None = None,
    until: datetime | None = None,
) -> CalendarDifference:
    """slots: those of `kept` where nothing else is said."""
    items = {item.event_id: item for item in kept}
    return compare_calendar(
        listed,
        items,
        slots_from(kept) if slots is None else slots,
        {mapping.event_id: mapping for mapping in own},
        LISTENING,
        changed=changed or set(),
        since=SINCE,
        until=until,
    )


def slots_from(kept: list[CalendarItem]) -> dict[str, BusySlot]:
    items = {item.event_id: item for item in kept}
    return {slot.id: slot for slot in slots_of(items, roots_of(kept), LISTENING)}


def events(*items: CalendarItem) -> list[Event]:
    return [an_event(item) for item in items]


def test_nothing_differs_where_everything_is_as_kept() -> None:
    booking = a_booking()
    listed = [*events(DENTIST, STANDUP), our_event(booking)]
    assert compare(listed, [DENTIST, STANDUP], a_mapping(booking)) == NOTHING


def test_an_event_nobody_had_told_us_of_counts_with_each_of_its_times() -> None:
    found = compare(events(DENTIST, STANDUP), [DENTIST])
    assert len(found.busy) == 3
    assert found.is_kept_wrong


def test_busy_time_without_an_event_counts() -> None:
    found = compare(events(STANDUP), [STANDUP, DENTIST])
    assert found.busy == set(slots_from([DENTIST]))
    assert found.is_kept_wrong


def test_a_busy_time_that_moved_counts_once() -> None:
    later = replace(DENTIST, starts=utc("2026-03-03 11:00"), ends=utc("2026-03-03 12:00"))
    assert len(compare(events(later), [DENTIST]).busy) == 1


def test_a_slot_that_fell_out_counts_though_its_event_is_kept() -> None:
    found = compare(events(DENTIST), [DENTIST], slots={})
    assert (len(found.busy), found.is_kept_wrong) == (1, False)


def test_what_differs_without_a_busy_time_is_put_right_and_counts_for_nothing() -> None:
    """After an update that keeps more of each event than before."""
    unanswered = replace(DENTIST, is_unanswered=True)
    found = compare(events(unanswered), [DENTIST])
    assert (found.busy, found.is_kept_wrong) == (frozenset(), True)


@pytest.mark.parametrize("changed", [{"dentist"}, {"dentist", "standup"}])
def test_what_changed_between_the_two_looks_is_no_difference(changed: set[str]) -> None:
    """users-ask.md U14: no alarm for a state that is fine."""
    assert compare(events(STANDUP), [STANDUP, DENTIST], changed=changed) == NOTHING
    assert compare(events(STANDUP, DENTIST), [STANDUP], changed=changed) == NOTHING


def test_a_date_moved_further_back_than_a_listing_reaches_is_no_difference() -> None:
    moved = replace(
        an_item("standup_1", "2026-01-10 08:00"),
        series_id="standup",
        original_start=utc("2026-03-10 08:00"),
    )
    assert compare(events(STANDUP), [STANDUP, moved]) == NOTHING
    assert compare(events(STANDUP, moved), [STANDUP, moved]) == NOTHING


def test_a_cancelled_date_that_is_still_shown_is_compared() -> None:
    gone = a_cancelled_date("standup", utc("2026-03-10 07:00"))
    gone_at = replace(gone, original_start=utc("2026-03-10 08:00"))
    assert compare(events(STANDUP, gone_at), [STANDUP, gone_at]) == NOTHING
    assert len(compare(events(STANDUP), [STANDUP, gone_at]).busy) == 1


def test_what_begins_beyond_the_shorter_of_two_listings_is_no_difference() -> None:
    """microsoft-graph.md D3: each listing is frozen where it was made."""
    far = an_item("congress", "2027-04-01 08:00")
    booking = a_booking(start="2027-04-02 09:00")
    ours, own = our_event(booking, etag='"2"', summary="Lunch"), a_mapping(booking)
    until = utc("2027-04-01 08:00")
    assert compare([*events(DENTIST, far), ours], [DENTIST], own, until=until) == NOTHING
    assert compare(events(DENTIST), [DENTIST, far], own, until=until) == NOTHING
    assert compare(events(DENTIST, far), [DENTIST], until=until + timedelta(minutes=1)).is_kept_wrong
    assert compare(events(DENTIST), [DENTIST, far], until=until + timedelta(minutes=1)).is_kept_wrong


def test_of_an_event_listed_twice_the_last_counts() -> None:
    """microsoft-graph.md D6."""
    outdated = replace(DENTIST, is_free=True)
    assert compare(events(outdated, DENTIST), [DENTIST]) == NOTHING


def test_our_event_that_begins_where_a_listing_ends_need_not_be_shown() -> None:
    booking = a_booking()
    mapping = a_mapping(booking)
    assert compare([], [], mapping, until=booking.span.start).missing == ()
    assert compare([], [], mapping, until=booking.span.end).missing == (mapping,)


def test_our_event_of_which_nobody_knows_is_found_by_its_key() -> None:
    """microsoft-graph.md E10: it has an id of the provider's."""
    event = replace(our_event(a_booking(), event_id="AAMk1"), key=a_key(a_booking()))
    assert compare([event], []).unknown == (event,)


def test_our_event_that_was_edited_unseen_counts() -> None:
    booking = a_booking()
    edited = our_event(booking, etag='"2"', summary="Coffee")
    assert compare([edited], [], a_mapping(booking)).events == 1


def test_a_new_colour_of_our_event_is_the_agents_and_counts_for_nothing() -> None:
    booking = a_booking()
    assert compare([our_event(booking, etag='"2"')], [], a_mapping(booking)) == NOTHING


def test_our_event_that_the_listing_does_not_show_is_to_be_asked_for() -> None:
    booking = a_booking()
    mapping = a_mapping(booking)
    assert compare([], [], mapping).missing == (mapping,)


@pytest.mark.parametrize(
    "mapping",
    [
        a_mapping(a_booking(), drift=Drift.DELETED),
        a_mapping(a_booking(), state=MappingState.GONE, etag=""),
        a_mapping(a_booking(), state=MappingState.INTENT),
        a_mapping(a_booking(), calendar_id="another@example.com"),
        a_mapping(a_booking(), account_id=99),
        a_mapping(a_booking(start="2026-01-02 09:00")),
    ],
    ids=["known to be deleted", "gone", "not yet made", "elsewhere", "another's", "before the listing"],
)
def test_what_need_not_be_shown_is_not_missing(mapping: Mapping) -> None:
    assert compare([], [], mapping) == NOTHING


def test_a_missing_event_that_changed_just_now_is_not_asked_for() -> None:
    mapping = a_mapping(a_booking())
    assert compare([], [], mapping, changed={mapping.event_id}) == NOTHING


def test_a_second_event_of_one_booking_counts_as_double() -> None:
    """users-ask.md U28: doubles of ours are found."""
    booking = a_booking()
    both = [our_event(booking), our_event(booking, generation=1)]
    assert compare(both, [], a_mapping(booking, generation=1)).events == 1


def test_an_event_of_ours_that_nobody_remembers_is_found() -> None:
    booking = a_booking()
    found = compare([our_event(booking)], [])
    assert [event.item.event_id for event in found.unknown] == [a_key(booking)]
    assert found.busy == frozenset()


def test_a_persons_copy_of_our_event_is_nothing_unknown() -> None:
    copy = our_event(a_booking(), event_id="copied-by-hand")
    found = compare([copy], [copy.item])
    assert found == NOTHING


# The form


def test_rows_on_the_site_are_compared_in_whole_seconds() -> None:
    odd = TimeRange(
        utc("2026-03-03 10:00").replace(microsecond=5), utc("2026-03-03 11:00").replace(microsecond=5)
    )
    shown = TimeRange(utc("2026-03-03 10:00"), utc("2026-03-03 11:00") + timedelta(seconds=1))
    assert count_form_differences({"a": odd}, {"a": shown}) == 0


def test_rows_missing_too_many_and_moved_count_one_each() -> None:
    wanted = {"missing": a_span(), "moved": a_span(), "same": a_span()}
    shown = {"extra": a_span(), "moved": a_span(minutes=30), "same": a_span()}
    assert count_form_differences(wanted, shown) == 3


def test_the_three_numbers_add_up() -> None:
    assert Compared(1, 2, 4).differences == 7
    assert Compared().differences == 0


# When


def at(day: str, minute: int) -> datetime:
    return wall_to_utc(datetime.fromisoformat(day).date(), minute, BERLIN)


def test_once_a_night_from_the_accounts_own_minute_on() -> None:
    minute = night_minute(3)
    before, begins = at("2026-03-10", minute - 1), at("2026-03-10", minute)
    assert not is_comparison_due(before, BERLIN, 3, at("2026-03-09", minute), MADE)
    assert is_comparison_due(begins, BERLIN, 3, at("2026-03-09", minute), MADE)
    assert not is_comparison_due(begins + timedelta(minutes=5), BERLIN, 3, begins, MADE)


def test_not_by_day() -> None:
    yesterday = at("2026-03-09", 180)
    assert not is_comparison_due(at("2026-03-10", NIGHT_ENDS), BERLIN, 3, yesterday, MADE)
    assert not is_comparison_due(at("2026-03-10", 12 * 60), BERLIN, 3, yesterday, MADE)


def test_a_machine_that_is_off_at_night_compares_when_it_is_on() -> None:
    assert is_comparison_due(at("2026-03-10", 600), BERLIN, 3, at("2026-03-08", 590), MADE)


def test_an_account_just_made_was_listed_just_now() -> None:
    made = at("2026-03-10", 600)
    assert not is_comparison_due(made + timedelta(minutes=1), BERLIN, 3, None, made)
    assert is_comparison_due(at("2026-03-11", night_minute(3)), BERLIN, 3, None, made)


def test_a_clock_that_was_set_back_does_not_end_the_comparisons() -> None:
    assert is_comparison_due(at("2026-03-10", 240), BERLIN, 3, at("2027-03-10", 240), MADE)


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_a_night_in_which_clocks_change_has_its_comparison(day: str) -> None:
    yesterday = at(day, 0) - timedelta(hours=20)
    moments = [at(day, 0) + timedelta(minutes=step) for step in range(0, 6 * 60, 5)]
    assert any(is_comparison_due(moment, BERLIN, 3, yesterday, MADE) for moment in moments)


def test_accounts_are_spread_over_the_night() -> None:
    minutes = {night_minute(account_id) for account_id in range(1, 101)}
    assert len(minutes) > 90
    assert all(120 <= minute < NIGHT_ENDS for minute in minutes)
    assert day_in(at("2026-03-10", min(minutes)), BERLIN) == day_in(at("2026-03-10", 0), BERLIN)


def test_missing_events_are_told_in_the_order_of_their_mappings() -> None:
    mappings = [a_mapping(a_booking(number)) for number in (3, 1, 2)]
    assert [mapping.booking_id for mapping in compare([], [], *mappings).missing] == [1, 2, 3]


def test_an_event_that_ended_as_the_listing_begins_need_not_be_shown() -> None:
    ended = replace(a_mapping(a_booking()), span=TimeRange(SINCE - timedelta(hours=1), SINCE))
    assert compare([], [], ended) == NOTHING


def test_a_deleted_event_of_ours_is_none_that_nobody_knows() -> None:
    event = our_event(a_booking())
    deleted = replace(event, item=replace(event.item, is_cancelled=True))
    assert compare([deleted], []).unknown == ()
    assert compare([event], []).unknown == (event,)
    assert compare([event], [], a_mapping(a_booking(9))).unknown == (event,)
    assert compare([event], [], a_mapping(a_booking(), account_id=99)).unknown == (event,)
