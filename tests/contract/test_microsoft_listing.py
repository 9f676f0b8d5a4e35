"""What only Microsoft does when it lists changes: frozen windows, short dates, repeated and empty answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from latesync.errors import EventNotFound, SyncTokenExpired
from latesync.model import ChangePage, Event, EventKind
from latesync.sandbox.microsoft import outlook
from latesync.times import TimeRange
from tests.contract.microsoft_stage import MicrosoftStage, microsoft_stage, span
from tests.contract.stage import STARTS_AT, WINDOW, a_content, read_to_end

WEEK = timedelta(days=7)


@pytest.fixture
def stage() -> Iterator[MicrosoftStage]:
    with microsoft_stage() as ready:
        yield ready


def listed(stage: MicrosoftStage, token: str | None = None) -> tuple[dict[str, Event], str]:
    return read_to_end(stage.provider().list_changes(stage.calendar_id, token, WINDOW))


def put(stage: MicrosoftStage, **body: Any) -> str:
    return str(outlook.put_event(stage.mailbox, {"subject": "Dentist", **span(STARTS_AT), **body})["id"])


class TestWindow:
    """microsoft-graph.md D3, D5."""

    def test_a_full_listing_says_until_when_it_knows(self, stage: MicrosoftStage) -> None:
        stage.limit_pages(1)
        for number in range(3):
            stage.person_adds(STARTS_AT + WEEK * number)
        pages: list[ChangePage] = list(stage.provider().list_changes(stage.calendar_id, None, WINDOW))
        assert [page.until for page in pages[:-1]] == [None] * (len(pages) - 1)
        assert pages[-1].until == WINDOW.end
        changes = list(stage.provider().list_changes(stage.calendar_id, pages[-1].next_sync_token, WINDOW))
        assert [page.until for page in changes] == [None] * len(changes)

    def test_what_begins_after_the_window_is_not_shown(self, stage: MicrosoftStage) -> None:
        stage.person_adds(WINDOW.end + WEEK)
        assert listed(stage)[0] == {}

    def test_what_happens_outside_comes_as_removed_and_names_nothing(self, stage: MicrosoftStage) -> None:
        _, token = listed(stage)
        outside = stage.person_adds(WINDOW.end + WEEK)
        shown, _ = listed(stage, token)
        assert shown[outside].item.is_cancelled
        assert (shown[outside].item.starts, shown[outside].marker) == (None, None)

    def test_an_event_of_ours_that_left_the_window_is_removed_and_still_there(
        self, stage: MicrosoftStage
    ) -> None:
        calendar = stage.provider()
        own = calendar.create_event(stage.calendar_id, stage.an_id(), a_content())
        _, token = listed(stage)
        stage.person_moves(own.item.event_id, WINDOW.end + WEEK)
        shown, _ = listed(stage, token)
        assert shown[own.item.event_id].item.is_cancelled
        assert calendar.get_event(stage.calendar_id, own.item.event_id).item.starts == WINDOW.end + WEEK

    def test_the_window_of_a_token_stays_whatever_is_asked_for(self, stage: MicrosoftStage) -> None:
        _, token = listed(stage)
        late = TimeRange(WINDOW.end, WINDOW.end + WEEK)
        event_id = stage.person_adds(STARTS_AT)
        shown, _ = read_to_end(stage.provider().list_changes(stage.calendar_id, token, late))
        assert shown[event_id].item.starts == STARTS_AT


class TestTokens:
    """microsoft-graph.md D7."""

    @pytest.mark.parametrize("death", ["410", "410_resync", "400", "400_inner", "404", "400_resync"])
    def test_however_a_token_dies_everything_is_listed_anew(self, stage: MicrosoftStage, death: str) -> None:
        stage.world.set_switches(delta_death=death)
        _, token = listed(stage)
        stage.end_sync_tokens()
        with pytest.raises(SyncTokenExpired):
            listed(stage, token)
        assert stage.pauses == []

    def test_duplicates_empty_pages_and_any_order_change_nothing(self, stage: MicrosoftStage) -> None:
        """microsoft-graph.md D6."""
        wanted = {stage.person_adds(STARTS_AT + WEEK * number): number for number in range(4)}
        series_id = stage.person_adds(STARTS_AT + timedelta(hours=4), weekly=True)
        stage.world.set_switches(delta_duplicates=True, delta_empty_pages=True, page_size_cap=2)
        shown, _ = listed(stage)
        for event_id, number in wanted.items():
            assert shown[event_id].item.starts == STARTS_AT + WEEK * number
        dates = [event.item for event in shown.values() if event.item.series_id]
        assert len(dates) == 10
        assert {item.series_id for item in dates} == {series_id}
        assert STARTS_AT + timedelta(hours=4) in [item.starts for item in dates]


class TestDelta:
    """microsoft-graph.md D8: the reference lists the primary calendar's address alone."""

    def test_a_primary_calendar_is_listed_by_its_own_address_where_that_is_the_only_one(
        self, stage: MicrosoftStage
    ) -> None:
        event_id = stage.person_adds(STARTS_AT)
        stage.world.add_fault(
            "status",
            path=r"/me/calendars/[^/]+/calendarView/delta",
            status=400,
            reason="ErrorInvalidRequest",
            times=None,
        )
        shown, token = listed(stage)
        assert set(shown) == {event_id}
        another = stage.person_adds(STARTS_AT + WEEK)
        assert set(listed(stage, token)[0]) == {another}

    def test_another_calendar_without_delta_is_listed_whole_each_time(self, stage: MicrosoftStage) -> None:
        stage.world.set_switches(nonprimary_delta=False)
        salon = stage.person_makes_a_calendar()
        body = {"subject": "Dentist", "showAs": "free", **span(STARTS_AT)}
        event_id = str(outlook.put_event(stage.mailbox, body, salon)["id"])
        calendar = stage.provider()
        pages = list(calendar.list_changes(salon, None, WINDOW))
        shown, token = read_to_end(pages)
        assert set(shown) == {event_id}
        assert shown[event_id].item.is_free
        assert pages[-1].until == WINDOW.end
        before = stage.requests()
        with pytest.raises(SyncTokenExpired):
            read_to_end(calendar.list_changes(salon, token, WINDOW))
        assert stage.requests() == before
        assert stage.pauses == []

    def test_another_calendar_with_delta_is_listed_by_its_changes(self, stage: MicrosoftStage) -> None:
        salon, calendar = stage.person_makes_a_calendar(), stage.provider()
        _, token = read_to_end(calendar.list_changes(salon, None, WINDOW))
        body = {"subject": "Dentist", **span(STARTS_AT)}
        event_id = str(outlook.put_event(stage.mailbox, body, salon)["id"])
        stage.person_adds(STARTS_AT)
        assert set(read_to_end(calendar.list_changes(salon, token, WINDOW))[0]) == {event_id}


class TestSeries:
    """Dates come short, with what only their master says."""

    @pytest.mark.parametrize("shows_masters", [True, False])
    @pytest.mark.parametrize("answers", ["bare", "complete"])
    def test_a_date_takes_from_its_master_what_it_does_not_say(
        self, stage: MicrosoftStage, answers: str, shows_masters: bool
    ) -> None:
        stage.world.set_switches(
            delta_occurrences=answers, delta_shows_masters=shows_masters, page_size_cap=3
        )
        series_id = stage.person_adds(STARTS_AT, weekly=True)
        outlook.patch_event(stage.mailbox, series_id, {"showAs": "oof"})
        before = len(stage.world.requests)
        shown, _ = listed(stage)
        items = [event.item for event in shown.values()]
        assert len(items) == 10
        assert {(item.kind, item.series_id) for item in items} == {(EventKind.OUT_OF_OFFICE, series_id)}
        asked = [one for one in list(stage.world.requests)[before:] if one.path.endswith(series_id)]
        assert len(asked) == (1 if answers == "bare" and not shows_masters else 0)

    def test_a_series_that_changes_as_a_whole_gives_all_its_dates_anew(self, stage: MicrosoftStage) -> None:
        series_id = stage.person_adds(STARTS_AT, weekly=True)
        before, token = listed(stage)
        outlook.patch_event(stage.mailbox, series_id, {"showAs": "free"})
        shown, _ = listed(stage, token)
        assert shown.pop(series_id).item.is_cancelled  # told once, so that nothing known of it stays
        assert set(shown) == set(before)
        assert all(event.item.is_free for event in shown.values())

    def test_the_dates_come_after_the_word_that_the_series_is_another(self, stage: MicrosoftStage) -> None:
        series_id = stage.person_adds(STARTS_AT, weekly=True)
        _, token = listed(stage)
        outlook.patch_event(stage.mailbox, series_id, {"showAs": "free"})
        pages = list(stage.provider().list_changes(stage.calendar_id, token, WINDOW))
        last = [event.item.event_id for event in pages[-1].events]
        assert last.index(series_id) == 0
        assert len(last) == 11

    def test_a_series_whose_dates_are_not_found_keeps_those_that_are_known(
        self, stage: MicrosoftStage
    ) -> None:
        """Law L4: the listing shows that it lives, and one strange answer proves nothing."""
        series_id = stage.person_adds(STARTS_AT, weekly=True)
        dates, token = listed(stage)
        stage.world.add_fault(
            "status", method="GET", path="/instances$", times=2, status=404, reason="ErrorItemNotFound"
        )
        outlook.patch_event(stage.mailbox, series_id, {"subject": "Dentist again"})
        shown, _ = listed(stage, token)
        assert series_id not in shown
        assert set(shown) <= set(dates)
        assert not any(event.item.is_cancelled for event in shown.values())

    def test_dates_that_are_found_at_the_second_time_are_given_anew(self, stage: MicrosoftStage) -> None:
        """§11: a 404 may pass."""
        series_id = stage.person_adds(STARTS_AT, weekly=True)
        dates, token = listed(stage)
        stage.world.add_fault(
            "status", method="GET", path="/instances$", times=1, status=404, reason="ErrorItemNotFound"
        )
        outlook.patch_event(stage.mailbox, series_id, {"showAs": "free"})
        shown, _ = listed(stage, token)
        assert set(shown) == {series_id, *dates}
        assert all(shown[date].item.is_free for date in dates)

    def test_an_event_of_ours_made_a_series_is_told_as_removed_and_found_by_its_id(
        self, stage: MicrosoftStage
    ) -> None:
        calendar = stage.provider()
        own = calendar.create_event(stage.calendar_id, stage.an_id(), a_content())
        _, token = listed(stage)
        weekly = {
            "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["monday"]},
            "range": {"type": "numbered", "startDate": "2027-03-01", "numberOfOccurrences": 4},
        }
        outlook.patch_event(stage.mailbox, own.item.event_id, {"recurrence": weekly})
        shown, _ = listed(stage, token)
        assert shown.pop(own.item.event_id).item.is_cancelled
        assert {event.item.series_id for event in shown.values() if event.item.starts} == {own.item.event_id}
        assert {event.marker for event in shown.values()} == {None}
        found = calendar.get_event(stage.calendar_id, own.item.event_id)
        assert (found.item.recurrence, found.marker) == (("RRULE:FREQ=WEEKLY",), a_content().marker)

    def test_a_deleted_series_takes_its_dates_along(self, stage: MicrosoftStage) -> None:
        series_id = stage.person_adds(STARTS_AT, weekly=True)
        _, token = listed(stage)
        stage.person_deletes(series_id)
        shown, _ = listed(stage, token)
        assert shown[series_id].item.is_cancelled
        assert all(event.item.is_cancelled for event in shown.values())


class TestWhatItIs:
    """microsoft-graph.md E2-E4, E15."""

    def test_how_an_event_is_shown_decides_what_it_is(self, stage: MicrosoftStage) -> None:
        ways = ("free", "tentative", "busy", "oof", "workingElsewhere", "unknown")
        ids = {way: put(stage, showAs=way) for way in ways}
        shown, _ = listed(stage)
        items = {way: shown[event_id].item for way, event_id in ids.items()}
        assert [way for way, item in items.items() if item.is_free] == ["free"]
        assert [way for way, item in items.items() if item.is_tentative] == ["tentative"]
        kinds = {way: item.kind for way, item in items.items() if item.kind is not EventKind.NORMAL}
        assert kinds == {"oof": EventKind.OUT_OF_OFFICE, "workingElsewhere": EventKind.WORKING_ELSEWHERE}

    def test_answers_to_invitations_are_read(self, stage: MicrosoftStage) -> None:
        answers = ("none", "accepted", "declined", "notResponded", "tentativelyAccepted")
        ids = {answer: put(stage) for answer in answers}
        for answer, event_id in ids.items():
            outlook.answer_invitation(stage.mailbox, event_id, answer)
        shown, _ = listed(stage)
        items = {answer: shown[event_id].item for answer, event_id in ids.items()}
        assert [answer for answer, item in items.items() if item.is_declined] == ["declined"]
        assert [answer for answer, item in items.items() if item.is_unanswered] == ["notResponded"]
        assert [answer for answer, item in items.items() if item.is_tentative] == ["tentativelyAccepted"]

    def test_a_meeting_its_organiser_cancelled_is_cancelled(self, stage: MicrosoftStage) -> None:
        event_id = put(stage)
        outlook.cancel_as_organizer(stage.mailbox, event_id)
        assert listed(stage)[0][event_id].item.is_cancelled
        with pytest.raises(EventNotFound):
            stage.provider().get_event(stage.calendar_id, event_id)

    @pytest.mark.parametrize("shifts", [True, False])
    @pytest.mark.parametrize(
        "zone", ["W. Europe Standard Time", "Europe/Berlin", "Pacific Standard Time", "Asia/Tokyo", "UTC"]
    )
    def test_an_all_day_event_covers_the_days_that_were_meant(
        self, stage: MicrosoftStage, zone: str, shifts: bool
    ) -> None:
        """microsoft-graph.md E2: read in UTC it is shifted, or not; and over a change of clocks."""
        stage.world.set_switches(all_day_shifts=shifts)
        days = {
            "start": {"dateTime": "2027-03-27T00:00:00", "timeZone": zone},
            "end": {"dateTime": "2027-03-29T00:00:00", "timeZone": zone},
        }
        event_id = put(stage, isAllDay=True, **days)
        item = listed(stage)[0][event_id].item
        assert (item.starts, item.ends) == (date(2027, 3, 27), date(2027, 3, 29))
        assert not isinstance(item.starts, datetime)
