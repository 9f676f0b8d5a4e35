"""What stands in a calendar at one time, and by which rule it blocks (users-ask.md U17, U18, U20, U23)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from latesync.model import CalendarItem, EventKind
from latesync.options import BlockingPolicy, EntryKind
from latesync.plan.explain_slots import entries_at
from latesync.plan.inbound import roots_of, slots_of
from latesync.plan.ownership import Listening
from tests.builders.plan import (
    ACCOUNT,
    AGENT,
    BERLIN,
    CALENDAR,
    SITE,
    SUBJECT,
    a_cancelled_date,
    a_window,
    an_all_day_item,
    an_item,
    utc,
)

PLAIN = BlockingPolicy()
TEN = utc("2026-03-03 10:00")


def at_ten(*items: CalendarItem, policy: BlockingPolicy = PLAIN) -> list[tuple[EntryKind, ...]]:
    return [entry.kinds for entry in entries_at(by_id(*items), TEN, policy, BERLIN) if not entry.passed_over]


def by_id(*items: CalendarItem) -> dict[str, CalendarItem]:
    return {item.event_id: item for item in items}


def passed_over(item: CalendarItem, policy: BlockingPolicy = PLAIN) -> list[EntryKind | None]:
    return [entry.passed_over for entry in entries_at(by_id(item), TEN, policy, BERLIN)]


def test_plain_entry_blocks_and_is_of_no_kind() -> None:
    assert at_ten(an_item(start="2026-03-03 09:30")) == [()]


@pytest.mark.parametrize(("start", "is_there"), [("2026-03-03 09:00", False), ("2026-03-03 10:00", True)])
def test_an_end_is_not_within_its_entry(start: str, is_there: bool) -> None:
    assert bool(at_ten(an_item(start=start, minutes=60))) is is_there


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"is_free": True}, EntryKind.FREE),
        ({"is_declined": True}, EntryKind.DECLINED),
        ({"kind": EventKind.WORKING_LOCATION}, EntryKind.WORKING_LOCATION),
        ({"kind": EventKind.BIRTHDAY}, EntryKind.BIRTHDAY),
    ],
)
def test_what_does_not_block_is_named_with_its_rule(changes: dict[str, object], kind: EntryKind) -> None:
    item = replace(an_item(), **changes)  # type: ignore[arg-type]
    assert passed_over(item) == [kind]


def test_a_switch_makes_the_same_entry_pass() -> None:
    maybe = replace(an_item(), is_tentative=True)
    assert at_ten(maybe) == [(EntryKind.TENTATIVE,)]
    assert passed_over(maybe, BlockingPolicy(tentative_blocks=False)) == [EntryKind.TENTATIVE]


def test_all_day_entry_covers_the_calendars_own_day() -> None:
    assert at_ten(an_all_day_item(first="2026-03-03")) == [(EntryKind.ALL_DAY,)]
    assert at_ten(an_all_day_item(first="2026-03-04")) == []


def test_one_date_of_a_series_is_found_and_a_cancelled_one_is_not() -> None:
    series = an_item("series", "2026-03-02 10:00", recurrence=("RRULE:FREQ=DAILY",))
    (entry,) = entries_at(by_id(series), TEN, PLAIN, BERLIN)
    assert entry.is_repeated
    assert at_ten(series, a_cancelled_date("series", TEN)) == []


def test_what_blocks_is_what_the_busy_time_is_made_of() -> None:
    items = by_id(
        an_item("plain"),
        replace(an_item("free"), is_free=True),
        an_item("later", "2026-03-03 15:00"),
        an_item("series", "2026-03-02 10:30", recurrence=("RRULE:FREQ=DAILY",)),
    )
    listening = Listening(SITE, AGENT, ACCOUNT, SUBJECT, CALENDAR, BERLIN, a_window(), PLAIN)
    slots = {slot.span for slot in slots_of(items, roots_of(items.values()), listening)}
    for hour in range(24):
        for minute in (0, 30):
            at = utc(f"2026-03-03 {hour:02d}:{minute:02d}")
            blocking = {entry.span for entry in entries_at(items, at, PLAIN, BERLIN) if not entry.passed_over}
            assert blocking == {span for span in slots if span.start <= at < span.end}


WEEKLY = an_item("standup", start="2026-02-24 09:30", recurrence=("RRULE:FREQ=WEEKLY",))


def test_a_date_of_a_series_is_told_from_a_single_entry() -> None:
    moved = replace(
        an_item("standup_1", start="2026-03-03 09:45"),
        series_id="standup",
        original_start=utc("2026-03-03 09:30"),
    )
    for items, is_repeated in [((WEEKLY,), True), ((WEEKLY, moved), True), ((an_item(),), False)]:
        (entry,) = entries_at(by_id(*items), TEN, PLAIN, BERLIN)
        assert entry.is_repeated is is_repeated


def test_an_exception_whose_series_is_unknown_is_shown_alone() -> None:
    orphan = replace(an_item("lost_1"), series_id="lost", original_start=utc("2026-03-03 08:00"))
    assert at_ten(orphan) == [()]


def test_an_exception_hides_nothing_that_stands_behind_it() -> None:
    """Whatever the order in which the entries are kept."""
    cancelled = a_cancelled_date("standup", utc("2026-03-03 09:30"))
    dentist = an_item("dentist", start="2026-03-03 09:50")
    for items in [(cancelled, WEEKLY, dentist), (dentist, WEEKLY, cancelled), (WEEKLY, cancelled, dentist)]:
        assert len(entries_at(by_id(*items), TEN, PLAIN, BERLIN)) == 1
