"""What makes an agent busy: one table (plan/blocking.py)."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from latesync.model import CalendarItem, EventKind
from latesync.options import AllDay, BlockingPolicy, EntryKind
from latesync.plan.blocking import RULES, blocks, lets_block, passed_over_as
from latesync.plan.inbound import slots_of
from latesync.sentences.blocking_sentences import ALL_DAY, KINDS, what_blocks
from latesync.times import zone_named
from tests.builders.plan import a_listening, an_all_day_item, an_event, an_item, utc

POLICY = BlockingPolicy()
EVERYTHING = BlockingPolicy(free_blocks=True, all_day=AllDay.ALWAYS)


def unanswered() -> CalendarItem:
    return replace(an_item(), is_unanswered=True)


def of_kind(kind: EventKind) -> CalendarItem:
    return an_item(kind=kind)


ENTRIES = {
    EntryKind.FREE: an_item(is_free=True),
    EntryKind.TENTATIVE: an_item(is_tentative=True),
    EntryKind.UNANSWERED: unanswered(),
    EntryKind.ALL_DAY: an_all_day_item(),
    EntryKind.OUT_OF_OFFICE: of_kind(EventKind.OUT_OF_OFFICE),
    EntryKind.FOCUS_TIME: of_kind(EventKind.FOCUS_TIME),
    EntryKind.FROM_MAIL: of_kind(EventKind.FROM_MAIL),
    EntryKind.WORKING_ELSEWHERE: of_kind(EventKind.WORKING_ELSEWHERE),
    EntryKind.DECLINED: an_item(is_declined=True),
    EntryKind.CANCELLED: an_item(is_cancelled=True),
    EntryKind.WORKING_LOCATION: of_kind(EventKind.WORKING_LOCATION),
    EntryKind.BIRTHDAY: of_kind(EventKind.BIRTHDAY),
}
AS_THEY_COME = {
    EntryKind.TENTATIVE,
    EntryKind.UNANSWERED,
    EntryKind.ALL_DAY,
    EntryKind.OUT_OF_OFFICE,
    EntryKind.FOCUS_TIME,
    EntryKind.FROM_MAIL,
    EntryKind.WORKING_ELSEWHERE,
}


@pytest.mark.parametrize("kind", EntryKind)
def test_each_kind_of_entry_blocks_as_its_row_says(kind: EntryKind) -> None:
    """users-ask.md U17, U21: what blocks where nobody chose anything."""
    assert blocks(ENTRIES[kind], POLICY) is (kind in AS_THEY_COME)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.switch], ids=lambda rule: rule.kind.value)
def test_each_switch_decides_about_its_own_kind_alone(rule: object) -> None:
    """users-ask.md U17, U18, U21: a table with switches."""
    found = next(one for one in RULES if one == rule)
    assert found.switch is not None
    is_on = lets_block(found, POLICY)
    other: object = (
        (AllDay.NEVER if is_on else AllDay.ALWAYS) if found.kind is EntryKind.ALL_DAY else not is_on
    )
    turned = replace(POLICY, **{found.switch: other})  # type: ignore[arg-type]
    changed = {kind for kind, item in ENTRIES.items() if blocks(item, turned) != blocks(item, POLICY)}
    assert changed == {found.kind}


@pytest.mark.parametrize(
    "kind", [EntryKind.DECLINED, EntryKind.CANCELLED, EntryKind.WORKING_LOCATION, EntryKind.BIRTHDAY]
)
def test_declined_cancelled_working_location_and_birthdays_never_block(kind: EntryKind) -> None:
    """users-ask.md U21; odoo's and others' calendars block on them."""
    assert not blocks(ENTRIES[kind], EVERYTHING)
    assert passed_over_as(ENTRIES[kind], EVERYTHING) is kind


def test_free_events_close_no_slots() -> None:
    """users-ask.md U17; easyappointments 1945."""
    item = an_item(is_free=True)
    assert slots_of({item.event_id: item}, [item.event_id], a_listening()) == []
    assert passed_over_as(item, POLICY) is EntryKind.FREE


@pytest.mark.parametrize(
    ("way", "is_free", "expected"),
    [
        (AllDay.AS_MARKED, False, True),
        (AllDay.AS_MARKED, True, False),
        (AllDay.ALWAYS, False, True),
        (AllDay.ALWAYS, True, True),
        (AllDay.NEVER, False, False),
        (AllDay.NEVER, True, False),
    ],
)
def test_all_day_events_block_as_marked_always_or_never(way: AllDay, is_free: bool, expected: bool) -> None:
    """users-ask.md U18: also the holiday that is marked free, where the agent wants it."""
    item = replace(an_all_day_item(), is_free=is_free)
    assert blocks(item, BlockingPolicy(all_day=way)) is expected


def test_timed_events_do_not_care_how_all_day_events_count() -> None:
    for way in AllDay:
        policy = BlockingPolicy(all_day=way)
        assert blocks(an_item(), policy)
        assert not blocks(an_item(is_free=True), policy)


def test_an_entry_of_two_kinds_blocks_only_if_both_may() -> None:
    item = replace(an_all_day_item(), is_tentative=True)
    assert blocks(item, POLICY)
    assert not blocks(item, replace(POLICY, tentative_blocks=False, all_day=AllDay.ALWAYS))
    assert passed_over_as(item, replace(POLICY, tentative_blocks=False)) is EntryKind.TENTATIVE


def test_every_switch_stands_in_the_table_and_every_row_has_words() -> None:
    assert {rule.switch for rule in RULES if rule.switch} == {field.name for field in fields(BlockingPolicy)}
    assert {rule.kind for rule in RULES} == set(KINDS) == set(EntryKind)
    assert set(ALL_DAY) == set(AllDay)


def test_the_owner_reads_in_a_sentence_what_blocks() -> None:
    assert what_blocks(POLICY) == (
        "Everything, but not events marked “free”. All-day events: as each is marked, free or busy."
    )
    chosen = BlockingPolicy(free_blocks=True, focus_time_blocks=False, from_mail_blocks=False)
    assert what_blocks(replace(chosen, all_day=AllDay.NEVER)) == (
        "Everything, but not focus time and entries from mail. Events marked “free” count too. "
        "All-day events: never."
    )


@pytest.mark.parametrize(
    ("zone", "day", "starts", "ends"),
    [
        ("Europe/Berlin", "2026-03-29", "2026-03-28 23:00", "2026-03-29 22:00"),  # 23 hours
        ("Europe/Berlin", "2026-10-25", "2026-10-24 22:00", "2026-10-25 23:00"),  # 25 hours
        ("America/New_York", "2026-03-08", "2026-03-08 05:00", "2026-03-09 04:00"),
        ("America/New_York", "2026-11-01", "2026-11-01 04:00", "2026-11-02 05:00"),
        ("Pacific/Auckland", "2026-06-10", "2026-06-09 12:00", "2026-06-10 12:00"),
    ],
)
def test_all_day_covers_local_days_also_when_clocks_change(
    zone: str, day: str, starts: str, ends: str
) -> None:
    """users-ask.md U18, U19; easyappointments 22, 1040: no UTC days, and no 25-hour event."""
    item = an_all_day_item(first=day)
    listening = a_listening(zone=zone_named(zone))
    (slot,) = slots_of({item.event_id: item}, [item.event_id], listening)
    assert (slot.span.start, slot.span.end) == (utc(starts), utc(ends))


def test_a_team_meeting_blocks_both_colleagues_each_in_their_own_right() -> None:
    """users-ask.md U22; easyappointments 733: busy time is keyed per agent and calendar."""
    meeting = an_event(an_item("team-meeting"))
    items = {meeting.item.event_id: meeting.item}
    (first,) = slots_of(items, items, a_listening(agent_id=7, calendar_id="dana@example.com"))
    (second,) = slots_of(items, items, a_listening(agent_id=8, calendar_id="ben@example.com"))
    (shared,) = slots_of(items, items, a_listening(agent_id=8, calendar_id="dana@example.com"))
    assert len({first.id, second.id, shared.id}) == 3
    assert first.span == second.span == shared.span
    assert (first.agent_id, second.agent_id, shared.agent_id) == (7, 8, 8)
