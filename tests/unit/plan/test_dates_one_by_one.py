"""Calendars that show a series as its dates, each an entry of its own (microsoft-graph.md D1, E5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from latesync.model import CalendarItem
from latesync.plan.inbound import InboundPlan, plan_inbound
from tests.builders.plan import (
    a_listening,
    a_tombstone,
    a_window,
    an_all_day_item,
    an_event,
    an_item,
    utc,
)

FIRST = an_item("o1", "2026-03-02 08:00", series_id="standup", original_start=utc("2026-03-02 08:00"))
SECOND = an_item("o2", "2026-03-09 08:00", series_id="standup")
THIRD = an_item("o3", "2026-03-16 08:00", series_id="standup")
DATES = (FIRST, SECOND, THIRD)


def plan_for(*shown: CalendarItem, known: Iterable[CalendarItem] = ()) -> InboundPlan:
    by_id = {item.event_id: item for item in known}
    return plan_inbound([an_event(item) for item in shown], by_id, {}, a_listening())


def days(plan: InboundPlan) -> list[str]:
    return sorted(f"{slot.span.start:%m-%d}" for slot in plan.slots)


def test_each_date_blocks_whether_or_not_it_says_which_one_it_is() -> None:
    plan = plan_for(*DATES)
    assert days(plan) == ["03-02", "03-09", "03-16"]
    assert len({slot.id for slot in plan.slots}) == 3
    assert {slot.item_id for slot in plan.slots} == {"standup"}
    assert not plan.has_unknown_series


def test_a_date_that_was_moved_leaves_the_others_where_they_are() -> None:
    moved = replace(SECOND, starts=utc("2026-03-10 15:00"), ends=utc("2026-03-10 16:00"))
    assert days(plan_for(moved, known=DATES)) == ["03-02", "03-10", "03-16"]


def test_a_removed_date_goes_alone() -> None:
    plan = plan_for(a_tombstone("o2"), known=DATES)
    assert days(plan) == ["03-02", "03-16"]
    assert plan.drop == {"o2"}


def test_a_date_its_organiser_cancelled_blocks_no_more() -> None:
    """microsoft-graph.md E4."""
    plan = plan_for(replace(SECOND, is_cancelled=True), known=DATES)
    assert days(plan) == ["03-02", "03-16"]


def test_a_date_that_is_shown_as_free_blocks_no_more_and_again() -> None:
    """microsoft-graph.md E3."""
    free = replace(SECOND, is_free=True)
    assert days(plan_for(free, known=DATES)) == ["03-02", "03-16"]
    assert days(plan_for(SECOND, known=(FIRST, free, THIRD))) == ["03-02", "03-09", "03-16"]


def test_a_removed_series_takes_its_dates_along() -> None:
    plan = plan_for(a_tombstone("standup"), known=DATES)
    assert plan.slots == ()
    assert plan.drop == {"standup", "o1", "o2", "o3"}


def test_a_single_event_that_somebody_repeated_blocks_at_its_dates_alone() -> None:
    single = an_item("standup", "2026-03-02 07:00")
    plan = plan_for(*DATES, known=[single])
    assert days(plan) == ["03-02", "03-09", "03-16"]
    assert "standup" in plan.drop


def test_a_series_that_became_a_single_event_leaves_none_of_its_dates() -> None:
    single = an_item("standup", "2026-03-02 07:00")
    plan = plan_for(single, known=DATES)
    assert days(plan) == ["03-02"]
    assert plan.drop == {"o1", "o2", "o3"}


def test_whole_days_of_a_series_cover_the_calendar_s_own_midnights() -> None:
    """microsoft-graph.md E2."""
    spans = [
        slot.span
        for slot in plan_for(
            an_all_day_item("o1", "2026-03-28", series_id="leave", original_start=date(2026, 3, 28)),
            an_all_day_item("o2", "2026-03-29", series_id="leave"),
        ).slots
    ]
    begins, ends = sorted(span.start for span in spans), sorted(span.end for span in spans)
    assert begins == [utc("2026-03-27 23:00"), utc("2026-03-28 23:00")]
    assert ends == [utc("2026-03-28 23:00"), utc("2026-03-29 22:00")]  # clocks go forward that night


def test_a_date_beyond_the_window_is_kept_for_when_it_is_reached() -> None:
    listening = a_listening(window=a_window("2026-03-01", "2026-03-10"))
    plan = plan_inbound([an_event(item) for item in DATES], {}, {}, listening)
    assert days(plan) == ["03-02", "03-09"]
    assert {item.event_id for item in plan.put} == {"o1", "o2", "o3"}
