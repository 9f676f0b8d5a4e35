"""Whether an event that a listing calls removed is gone from its calendar, whatever its id still finds.

microsoft-graph.md D5 and E11: nobody documents what a GET by id answers for an event in Deleted Items or in
another calendar. Both answers are played.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from latesync.errors import CalendarLost, EventNotFound
from latesync.model import EventContent
from latesync.providers.microsoft.finding import INDEX_LAG_S
from latesync.sandbox.microsoft import outlook
from tests.contract.microsoft_stage import MicrosoftStage, microsoft_stage
from tests.contract.stage import STARTS_AT, WINDOW, a_content


@pytest.fixture(params=[False, True], ids=["found by its path only", "found wherever it is"])
def stage(request: pytest.FixtureRequest) -> Iterator[MicrosoftStage]:
    with microsoft_stage() as ready:
        ready.world.set_switches(gets_find_what_moved=request.param)
        yield ready


def created(stage: MicrosoftStage) -> str:
    return stage.provider().create_event(stage.calendar_id, stage.an_id(), a_content()).item.event_id


def a_content_as_shown() -> EventContent:
    return replace(a_content(), zone=None)  # times are written in UTC


def assert_gone(stage: MicrosoftStage, event_id: str) -> None:
    with pytest.raises(EventNotFound):
        stage.provider().confirm_removed(stage.calendar_id, event_id)


def test_an_event_that_was_deleted_is_gone(stage: MicrosoftStage) -> None:
    event_id = created(stage)
    stage.person_deletes(event_id)
    assert_gone(stage, event_id)


def test_an_event_that_went_into_another_calendar_is_gone_from_this_one(stage: MicrosoftStage) -> None:
    event_id = created(stage)
    elsewhere = stage.person_makes_a_calendar()
    outlook.move_event_to_calendar(stage.mailbox, event_id, elsewhere)
    assert_gone(stage, event_id)
    assert stage.provider().confirm_removed(elsewhere, event_id).item.event_id == event_id


def test_where_it_went_is_known_and_how_it_stands_there(stage: MicrosoftStage) -> None:
    event_id = created(stage)
    elsewhere = stage.person_makes_a_calendar()
    outlook.move_event_to_calendar(stage.mailbox, event_id, elsewhere)
    found = stage.provider().find_moved(stage.calendar_id, event_id)
    assert found is not None
    calendar_id, event = found
    assert (calendar_id, event.item.event_id, event.content) == (elsewhere, event_id, a_content_as_shown())


def test_what_was_deleted_went_nowhere(stage: MicrosoftStage) -> None:
    """Deleted Items is no calendar."""
    event_id = created(stage)
    stage.person_makes_a_calendar()
    stage.person_deletes(event_id)
    assert stage.provider().find_moved(stage.calendar_id, event_id) is None


def test_a_copy_left_behind_does_not_stand_for_it(stage: MicrosoftStage) -> None:
    """A copy may carry our marks along; its id is another."""
    event_id = created(stage)
    outlook.copy_event(stage.mailbox, event_id)
    stage.person_deletes(event_id)
    assert_gone(stage, event_id)


def test_an_event_that_left_the_listed_span_still_stands(stage: MicrosoftStage) -> None:
    event_id = created(stage)
    stage.person_moves(event_id, WINDOW.end)
    found = stage.provider().confirm_removed(stage.calendar_id, event_id)
    assert (found.item.starts, found.etag) == (WINDOW.end, stage.event(event_id)["@odata.etag"])


def test_an_event_that_lost_its_marks_still_stands(stage: MicrosoftStage) -> None:
    """It is looked for at its own time then."""
    event_id = stage.person_adds(STARTS_AT)
    assert stage.provider().confirm_removed(stage.calendar_id, event_id).item.event_id == event_id
    elsewhere = stage.person_makes_a_calendar()
    outlook.move_event_to_calendar(stage.mailbox, event_id, elsewhere)
    assert_gone(stage, event_id)


@pytest.mark.parametrize(
    "times",
    [
        {
            "isAllDay": True,
            "start": {"dateTime": "2026-11-10T00:00:00", "timeZone": "W. Europe Standard Time"},
            "end": {"dateTime": "2026-11-11T00:00:00", "timeZone": "W. Europe Standard Time"},
        },
        {
            "start": {"dateTime": "2026-11-10T09:00:00", "timeZone": "UTC"},
            "end": {"dateTime": "2026-11-10T09:00:00", "timeZone": "UTC"},
        },
    ],
    ids=["all day", "no length"],
)
def test_its_own_time_may_be_a_day_or_a_moment(stage: MicrosoftStage, times: dict[str, Any]) -> None:
    event_id = str(outlook.put_event(stage.mailbox, {"subject": "Fair", **times})["id"])
    assert stage.provider().confirm_removed(stage.calendar_id, event_id).item.event_id == event_id


def test_an_event_that_is_found_by_nothing_but_its_time_still_stands(stage: MicrosoftStage) -> None:
    """Exchange's index may not know its key: absence must be proved (style.md §7)."""
    event_id = created(stage)
    item = stage.mailbox.items[event_id]
    transaction = item.resource["transactionId"]
    item.properties = {}
    assert stage.provider().confirm_removed(stage.calendar_id, event_id).item.event_id == event_id
    assert stage.event(event_id)["transactionId"] == transaction


def test_many_that_were_deleted_hold_up_a_run_once() -> None:
    with microsoft_stage() as stage:
        stage.world.set_switches(gets_find_what_moved=True)
        provider = stage.provider()
        keys = [stage.an_id(number) for number in range(1, 5)]
        ids = [provider.create_event(stage.calendar_id, key, a_content()).item.event_id for key in keys]
        for event_id in ids:
            stage.person_deletes(event_id)
        run = stage.provider()
        for event_id in ids:
            with pytest.raises(EventNotFound):
                run.confirm_removed(stage.calendar_id, event_id)
        assert stage.pauses == [INDEX_LAG_S]


def test_one_that_was_cancelled_is_gone(stage: MicrosoftStage) -> None:
    """E4."""
    event_id = created(stage)
    outlook.cancel_as_organizer(stage.mailbox, event_id)
    assert_gone(stage, event_id)


def test_a_calendar_that_is_gone_proves_nothing_of_its_events() -> None:
    with microsoft_stage() as stage:
        stage.world.set_switches(gets_find_what_moved=True)
        salon = stage.person_makes_a_calendar()
        event_id = stage.provider().create_event(salon, stage.an_id(), a_content()).item.event_id
        outlook.move_event_to_calendar(stage.mailbox, event_id, stage.calendar_id)
        stage.person_removes_calendar(salon)
        with pytest.raises(CalendarLost):
            stage.provider().confirm_removed(salon, event_id)
