"""L6 where dates are listed one by one, inside a span that is frozen (microsoft-graph.md D1, D3, D5)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from latesync.model import CalendarItem, Event
from latesync.plan.inbound import roots_of, slots_of
from latesync.plan.pace import MARGIN_AFTER, listed_span, runs_short
from latesync.times import TimeRange
from tests.builders.diary import DatedDiary, Memory
from tests.builders.plan import a_listening, a_window, an_all_day_item, an_item

NAMES = st.sampled_from(["standup", "trip"])
# From before the window to beyond what a first listing reaches.
DAYS = st.integers(-40, 90)
FIRST_DAY = datetime.fromisoformat("2026-03-01T08:00:00+00:00")
WINDOW = a_window("2026-03-01", "2026-04-01")


def on(day: int, name: str, series_id: str | None = None) -> CalendarItem:
    start = FIRST_DAY + timedelta(days=day)
    return an_item(name, f"{start:%Y-%m-%d %H:%M}", series_id=series_id)


@st.composite
def singles(draw: st.DrawFn) -> CalendarItem:
    name, day = draw(NAMES), draw(DAYS)
    if draw(st.integers(0, 3)) == 0:
        return an_all_day_item(
            name, f"{FIRST_DAY + timedelta(days=day):%Y-%m-%d}", days=draw(st.integers(1, 9))
        )
    return replace(on(day, name), is_free=draw(st.integers(0, 4)) == 0)


CHANGES = st.one_of(
    st.tuples(st.just("put"), singles()),
    st.tuples(st.just("delete"), NAMES),
    st.tuples(st.just("repeat"), st.tuples(NAMES, DAYS, st.integers(1, 14), st.integers(1, 8))),
    st.tuples(st.just("move a date"), st.tuples(NAMES, st.integers(0, 7), DAYS)),
    st.tuples(st.just("delete a date"), st.tuples(NAMES, st.integers(0, 7))),
)


def make(change: tuple[str, Any], diary: DatedDiary) -> None:
    match change:
        case ("put", item):
            diary.delete(item.event_id)
            diary.put(item)
        case ("delete", name):
            diary.delete(name)
        case ("repeat", (name, first, step, count)):
            dates = [on(first + step * number, f"{name}_{number}", name) for number in range(count)]
            diary.make_series(name, dates)
        case ("move a date", (name, number, day)):
            if f"{name}_{number}" in diary.entries:
                diary.put(on(day, f"{name}_{number}", name))
        case ("delete a date", (name, number)):
            if f"{name}_{number}" in diary.entries:
                diary.delete(f"{name}_{number}")


@dataclass
class Reader:
    """Reads as sync/inbound.py does: what changed, and all of it before what was listed runs short."""

    diary: DatedDiary = field(default_factory=DatedDiary)
    memory: Memory = field(default_factory=lambda: Memory(a_listening(window=WINDOW)))
    listed_until: datetime | None = None
    full_listings: int = 0

    def look(self, size: int, calendar_ref: int) -> None:
        window = self.memory.listening.window
        if self.listed_until is not None:
            for page in in_pages(self.diary.changes(), size):
                self.memory.hear(page)
            if not runs_short(self.listed_until, window, calendar_ref):
                return
        span = listed_span(window)
        self.memory.hear_all(in_pages(self.diary.full_listing(span), size))
        self.listed_until = span.end
        self.full_listings += 1

    def pass_days(self, days: int) -> None:
        window, passed = self.memory.listening.window, timedelta(days=days)
        self.memory.slide(TimeRange(window.start + passed, window.end + passed))

    def check(self) -> None:
        found = slots_of(self.diary.entries, roots_of(self.diary.entries.values()), self.memory.listening)
        assert self.memory.slots == {slot.id: (slot.item_id, slot.span) for slot in found}


def in_pages(events: list[Event], size: int) -> list[list[Event]]:
    return [events[start : start + size] for start in range(0, len(events), size)] or [[]]


@settings(max_examples=200)
@given(
    st.lists(
        st.tuples(CHANGES, st.one_of(st.none(), st.integers(1, 4)), st.sampled_from([0, 0, 1, 3, 20, 50])),
        min_size=2,
        max_size=12,
    ),
    st.integers(0, 20),
)
@example([(("put", on(50, "trip")), 3, 0), (("put", on(45, "trip")), 3, 20)], 0)
def test_slots_while_the_span_is_frozen_and_renewed_equal_those_of_one_full_listing(
    steps: list[tuple[tuple[str, Any], int | None, int]], calendar_ref: int
) -> None:
    reader = Reader()
    reader.look(3, calendar_ref)
    for change, size, days in [*steps, (("rest", None), 2, 0)]:
        make(change, reader.diary)
        if days:
            reader.pass_days(days)
        if size is not None:
            reader.look(size, calendar_ref)
            reader.check()


@given(st.integers(0, 1000))
def test_a_calendar_is_listed_once_in_three_weeks_or_more_and_never_too_late(calendar_ref: int) -> None:
    reader = Reader()
    days = 200
    for _ in range(days):
        reader.look(1, calendar_ref)
        assert reader.listed_until is not None
        assert reader.listed_until - reader.memory.listening.window.end >= timedelta(days=1)
        reader.pass_days(1)
    least = MARGIN_AFTER.days - 7
    assert reader.full_listings <= 1 + days // least
