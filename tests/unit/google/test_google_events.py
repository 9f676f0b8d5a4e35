"""Google's event JSON, read and written (google-calendar.md §10 and §11)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from latesync.descriptions import NOTES_LINE
from latesync.model import CalendarItem, Event, EventContent, EventKind, Marker
from latesync.providers.google.events import insert_body, patch_body, read_event
from latesync.times import TimeRange

MARKER = {"latesync_site": "site1", "latesync_booking": "42", "latesync_generation": "2"}


def raw_event(**changes: Any) -> dict[str, Any]:
    return {
        "id": "e1",
        "etag": '"1"',
        "status": "confirmed",
        "summary": "Dentist",
        "start": {"dateTime": "2026-11-02T10:00:00+01:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-11-02T11:00:00+01:00", "timeZone": "Europe/Berlin"},
        **changes,
    }


def ours(**changes: Any) -> dict[str, Any]:
    return raw_event(extendedProperties={"private": MARKER}, **changes)


def read(raw: object) -> Event:
    event = read_event(raw)
    assert event is not None
    return event


def item(**changes: Any) -> CalendarItem:
    return read(raw_event(**changes)).item


def content(zone: str | None = "Europe/Berlin") -> EventContent:
    return EventContent(
        summary="Haircut",
        description="Booking 42",
        location="Main Street 1",
        span=TimeRange(datetime(2026, 11, 2, 9, tzinfo=UTC), datetime(2026, 11, 2, 10, tzinfo=UTC)),
        zone=zone,
        marker=Marker("site1", 42, 2),
    )


def test_times_become_utc_and_the_zone_stays_known() -> None:
    read_item = item()
    assert read_item.starts == datetime(2026, 11, 2, 9, tzinfo=UTC)
    assert read_item.ends == datetime(2026, 11, 2, 10, tzinfo=UTC)
    assert read_item.zone == "Europe/Berlin"


def test_an_all_day_event_keeps_its_days() -> None:
    read_item = item(start={"date": "2026-11-02"}, end={"date": "2026-11-04"})
    assert (read_item.starts, read_item.ends) == (date(2026, 11, 2), date(2026, 11, 4))


def test_a_title_is_dropped_from_an_event_that_is_not_ours() -> None:
    event = read(raw_event(description="secret", location="secret"))
    assert event.content is None
    assert "secret" not in repr(event)
    assert "Dentist" not in repr(event)


def test_our_event_shows_its_marker_and_content() -> None:
    event = read(ours(summary="Haircut", description="Booking 42", location="Main Street 1"))
    assert event.marker == Marker("site1", 42, 2)
    assert event.content == content()


def test_the_agents_notes_stay_out_of_our_content() -> None:
    event = read(ours(description=f"Booking 42\n\n{NOTES_LINE}\nbring the big mirror"))
    assert event.content is not None
    assert event.content.description == "Booking 42"
    assert event.agent_notes == "\nbring the big mirror"


def test_our_event_made_an_all_day_one_still_shows_content() -> None:
    event = read(ours(start={"date": "2026-11-02"}, end={"date": "2026-11-03"}))
    assert event.content is not None
    assert event.content.span.start == datetime(2026, 11, 2, tzinfo=UTC)


def test_missing_texts_read_as_empty() -> None:
    event = read(ours(summary=None))
    assert event.content is not None
    assert (event.content.summary, event.content.location) == ("", "")


@pytest.mark.parametrize(
    "private",
    [
        {},
        {"latesync_site": "site1"},
        {**MARKER, "latesync_booking": "many"},
        {**MARKER, "latesync_site": ""},
        {**MARKER, "latesync_site": 3},
        "no object",
        None,
    ],
)
def test_a_broken_marker_is_no_marker(private: object) -> None:
    assert read(raw_event(extendedProperties={"private": private})).marker is None


@pytest.mark.parametrize(
    ("event_type", "kind"),
    [
        ("default", EventKind.NORMAL),
        ("outOfOffice", EventKind.OUT_OF_OFFICE),
        ("focusTime", EventKind.FOCUS_TIME),
        ("workingLocation", EventKind.WORKING_LOCATION),
        ("birthday", EventKind.BIRTHDAY),
        ("fromGmail", EventKind.FROM_MAIL),
        ("inventedIn2027", EventKind.NORMAL),
    ],
)
def test_event_types_become_kinds(event_type: str, kind: EventKind) -> None:
    assert item(eventType=event_type).kind is kind


def test_transparent_means_free() -> None:
    assert item(transparency="transparent").is_free
    assert not item(transparency="opaque").is_free
    assert not item().is_free


def test_only_the_calendars_own_answer_counts() -> None:
    guests = [{"responseStatus": "declined"}, {"self": True, "responseStatus": "accepted"}]
    assert not item(attendees=guests).is_declined
    assert item(attendees=[{"self": True, "responseStatus": "declined"}]).is_declined
    assert item(attendees=[{"self": True, "responseStatus": "tentative"}]).is_tentative
    assert item(status="tentative").is_tentative


def test_a_series_keeps_its_lines_and_zone() -> None:
    lines = ["RRULE:FREQ=WEEKLY", "EXDATE;TZID=Europe/Berlin:20261109T100000"]
    assert item(recurrence=lines).recurrence == tuple(lines)


def test_a_bare_tombstone_of_an_exception_keeps_its_identity() -> None:
    tombstone = {
        "id": "e1_x",
        "status": "cancelled",
        "recurringEventId": "e1",
        "originalStartTime": {"dateTime": "2026-11-09T10:00:00+01:00"},
    }
    read_item = read(tombstone).item
    assert read_item.is_cancelled
    assert read_item.series_id == "e1"
    assert read_item.original_start == datetime(2026, 11, 9, 9, tzinfo=UTC)
    assert read_item.starts is None


def test_an_exception_of_an_all_day_series_keeps_its_day() -> None:
    assert item(originalStartTime={"date": "2026-11-09"}).original_start == date(2026, 11, 9)


@pytest.mark.parametrize(
    "times",
    [
        {"start": {"dateTime": "yesterday"}},
        {"start": {"dateTime": "2026-11-02T10:00:00"}},
        {"start": {"date": "2026-11-02"}},  # mixed with a timed end
        {"start": {}, "end": {}},
        {"start": "2026"},
        {"end": None},
        {"start": {"dateTime": 5}},
        {"start": {"dateTime": "0001-01-01T00:00:00+14:00"}},
    ],
)
def test_times_that_make_no_sense_read_as_no_times(times: dict[str, Any]) -> None:
    event = read(ours(**times))
    assert (event.item.starts, event.item.ends) == (None, None)


@pytest.mark.parametrize("raw", [None, 3, "event", [], {}, {"id": ""}, {"id": 5}, {"id": None}])
def test_what_has_no_id_is_no_event(raw: object) -> None:
    assert read_event(raw) is None


@pytest.mark.parametrize("strange", [3, None, "x", [], [3, None], {}, {"private": []}])
@pytest.mark.parametrize(
    "key", ["attendees", "recurrence", "extendedProperties", "status", "transparency", "eventType", "etag"]
)
def test_a_strange_field_does_not_make_an_event_unreadable(key: str, strange: object) -> None:
    assert read({**raw_event(), key: strange}).item.event_id == "e1"


def test_an_insert_carries_our_id_fields_and_marker_and_no_guest() -> None:
    assert insert_body("abc12", content()) == {
        "id": "abc12",
        "summary": "Haircut",
        "description": f"Booking 42\n\n{NOTES_LINE}\n",
        "location": "Main Street 1",
        "transparency": "opaque",
        "start": {"dateTime": "2026-11-02T09:00:00Z", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-11-02T10:00:00Z", "timeZone": "Europe/Berlin"},
        "extendedProperties": {"private": MARKER},
    }


def test_a_site_with_a_fixed_offset_sends_utc_and_no_zone() -> None:
    assert insert_body("abc12", content(zone=None))["start"] == {"dateTime": "2026-11-02T09:00:00Z"}


def test_a_patch_touches_our_fields_only_and_keeps_the_notes() -> None:
    body = patch_body(content(), "\nbring the big mirror")
    assert set(body) == {
        "summary",
        "description",
        "location",
        "transparency",
        "start",
        "end",
        "extendedProperties",
    }
    assert body["description"] == f"Booking 42\n\n{NOTES_LINE}\nbring the big mirror"


def test_a_patch_turns_an_all_day_event_back_into_a_timed_one() -> None:
    assert patch_body(content(zone=None), "")["end"] == {
        "date": None,
        "timeZone": None,
        "dateTime": "2026-11-02T10:00:00Z",
    }
