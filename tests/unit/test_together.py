"""Which writes go into one request, and what each of them hears of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from latesync.errors import EventNotFound, EventRefused, ProviderError, ProviderUnavailable, RateLimited
from latesync.model import Event
from latesync.plan.operations import AdoptEvent, CreateEvent, DeleteEvent, Operation, Reason, UpdateEvent
from latesync.providers.base import GoneEvent, NewEvent
from latesync.sync.together import Together
from tests.builders.plan import AGENT, CALENDAR, a_booking, a_content, a_key, a_mapping, our_event

Ends = list[Event | ProviderError | None]


@dataclass
class Provider:
    """Remembers what it was asked for, and answers with `ends`; with events where there are none."""

    writes_together: int = 20
    asked: list[tuple[str, list[NewEvent | GoneEvent]]] = field(default_factory=list)
    ends: Ends | None = None

    def write_together(self, calendar_id: str, writes: Sequence[NewEvent | GoneEvent]) -> Ends:
        self.asked.append((calendar_id, list(writes)))
        return self.ends if self.ends is not None else [None for _ in writes]


def together(provider: Provider) -> Together:
    return Together(provider)  # type: ignore[arg-type]  # all it ever asks for


def create(booking_id: int, **content: Any) -> CreateEvent:
    booking = a_booking(booking_id)
    wanted = replace(a_content(booking), **content)
    return CreateEvent(booking_id, AGENT, CALENDAR, a_key(booking), wanted, Reason.NEW_BOOKING)


def delete(booking_id: int, reason: Reason = Reason.BOOKING_CANCELLED, **mapping: Any) -> DeleteEvent:
    return DeleteEvent(a_mapping(a_booking(booking_id), **mapping), reason)


def asked_for(*operations: Operation, most: int = 20, notes: Sequence[int] = ()) -> int:
    """How many of them go into the next request with others; 0: the first goes alone."""
    provider = Provider(most)
    together(provider).ask(operations, notes)
    return len(provider.asked[0][1]) if provider.asked else 0


def test_creates_in_a_row_go_together_by_their_keys() -> None:
    provider = Provider()
    together(provider).ask([create(1), create(2)], ())
    ((calendar_id, writes),) = provider.asked
    assert calendar_id == CALENDAR
    assert [write.key for write in writes if isinstance(write, NewEvent)] == [
        a_key(a_booking(1)),
        a_key(a_booking(2)),
    ]


def test_deletions_in_a_row_go_together_by_their_ids() -> None:
    provider = Provider()
    together(provider).ask([delete(1, event_id="AAMk1"), delete(2, event_id="AAMk2")], ())
    assert provider.asked == [(CALENDAR, [GoneEvent("AAMk1"), GoneEvent("AAMk2")])]


def test_no_more_than_the_provider_takes() -> None:
    assert asked_for(*(create(number) for number in range(1, 9)), most=5) == 5


def test_where_one_is_taken_at_a_time_nothing_goes_together() -> None:
    assert asked_for(create(1), create(2), most=1) == 0


def test_one_alone_goes_alone() -> None:
    assert asked_for(create(1)) == 0
    assert asked_for() == 0


ADOPT = AdoptEvent(a_mapping(a_booking(9)), a_content(a_booking(9)))
UPDATE = UpdateEvent(a_mapping(a_booking(9)), a_content(a_booking(9)), Reason.BOOKING_CHANGED)


@pytest.mark.parametrize(
    "other",
    [
        ADOPT,
        UPDATE,
        delete(9),
        create(9, guests=("ada@example.test",)),
        create(9, wants_meeting=True),
        replace(create(9), calendar_id="another"),
    ],
    ids=["adopt", "update", "the other kind", "a guest", "a meeting", "another calendar"],
)
def test_what_takes_more_than_one_plain_write_ends_the_row_and_begins_none(other: Operation) -> None:
    assert asked_for(create(1), create(2), other, create(3)) == 2
    if not isinstance(other, CreateEvent) or other.calendar_id == CALENDAR:
        assert asked_for(other, create(1), create(2)) == 0


def test_an_event_that_takes_the_agents_lines_along_is_written_alone() -> None:
    assert asked_for(create(1), create(2), create(3), notes=[2]) == 0
    assert asked_for(create(1), create(2), create(3), notes=[3]) == 2


def test_an_event_whose_lines_are_read_first_is_deleted_alone() -> None:
    reason = Reason.CALENDAR_CHANGED
    rows = [delete(1, reason), delete(2, reason), delete(3, reason, has_agent_notes=True)]
    assert asked_for(*rows) == 2
    assert asked_for(delete(1, has_agent_notes=True), delete(2)) == 2  # nobody takes these anywhere


def test_an_event_that_leaves_for_another_account_is_looked_at_and_deleted_alone() -> None:
    assert asked_for(delete(1, Reason.OTHER_ACCOUNT), delete(2, Reason.OTHER_ACCOUNT)) == 0


def test_a_deletion_of_which_guests_are_told_goes_alone() -> None:
    assert asked_for(replace(delete(1), is_mailed=True), delete(2)) == 0


def test_each_takes_up_its_own_end_once() -> None:
    events = [our_event(a_booking(number)) for number in (1, 2)]
    batch = together(Provider(ends=[*events, EventRefused("microsoft")]))
    batch.ask([create(1), create(2), create(3)], ())
    assert batch.created(2) == events[1]
    assert (1 in batch, 2 in batch, batch.is_open) == (True, False, True)
    with pytest.raises(EventRefused):
        batch.created(3)
    assert batch.created(1) == events[0]
    assert not batch.is_open


def test_a_deletion_hears_that_there_was_nothing() -> None:
    batch = together(Provider(ends=[None, EventNotFound("microsoft")]))
    batch.ask([delete(1), delete(2)], ())
    batch.deleted(1)
    with pytest.raises(EventNotFound):
        batch.deleted(2)


def test_an_event_that_is_not_told_of_may_have_been_made() -> None:
    batch = together(Provider(ends=[None, None]))
    batch.ask([create(1), create(2)], ())
    with pytest.raises(ProviderUnavailable):
        batch.created(1)


def test_those_that_were_turned_away_are_named() -> None:
    rows = [create(1), create(2), create(3)]
    event, full = our_event(a_booking(1)), RateLimited("microsoft")
    assert together(Provider(ends=[event, full, ProviderUnavailable("microsoft")])).ask(rows, ()) == [rows[1]]
