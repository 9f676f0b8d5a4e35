"""Graph's JSON to our events and back (microsoft-graph.md §7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from latesync.model import EventContent, EventKind, InitialLook, Marker
from latesync.providers.microsoft.events import changed_event, new_event, read_event
from latesync.providers.microsoft.marks import (
    Mark,
    extended_properties,
    is_key,
    read_mark,
    transaction_id,
)
from latesync.times import TimeRange

KEY = "0123456789abcdefghijklmnopqrstuv"
MARK = Mark(Marker("site1", 42, 3), KEY)
CONTENT = EventContent(
    summary="Haircut",
    description="Booking 42\nAnn & Bob",
    location="Main Street 1",
    span=TimeRange(datetime(2027, 3, 1, 9, tzinfo=UTC), datetime(2027, 3, 1, 10, tzinfo=UTC)),
    zone="Europe/Berlin",
    marker=MARK.marker,
)


def a_raw(**fields: Any) -> dict[str, Any]:
    raw = {
        "id": "AAMk",
        "@odata.etag": 'W/"1"',
        "subject": "Dentist",
        "start": {"dateTime": "2027-03-01T09:00:00.0000000", "timeZone": "UTC"},
        "end": {"dateTime": "2027-03-01T10:00:00.0000000", "timeZone": "UTC"},
        "showAs": "busy",
        "type": "singleInstance",
    }
    return {**raw, **fields}


def as_held(body: dict[str, Any]) -> dict[str, Any]:
    """A body as Graph would show it after a create."""
    return {"id": "AAMk", "@odata.etag": 'W/"1"', "type": "singleInstance", **body}


def test_what_is_written_is_read_back() -> None:
    event = read_event(as_held(new_event(KEY, CONTENT)))
    assert event is not None
    assert event.content == replace(CONTENT, zone=None)
    assert (event.marker, event.key, event.created_as) == (CONTENT.marker, KEY, KEY)
    assert event.agent_notes == ""


def test_times_are_written_in_utc_whatever_the_zone() -> None:
    body = new_event(KEY, CONTENT)
    assert body["start"] == {"dateTime": "2027-03-01T09:00:00", "timeZone": "UTC"}


def test_nobody_is_ever_invited() -> None:
    """microsoft-graph.md V1, V4."""
    invited = replace(CONTENT, guests=("ada@example.net",), wants_meeting=True)
    for body in (new_event(KEY, invited), changed_event(KEY, invited, "")):
        assert not {"attendees", "isOnlineMeeting"} & body.keys()


def test_a_change_writes_our_fields_only() -> None:
    looking = replace(CONTENT, initial=InitialLook("tomato", "private", (60, 10)))
    body = changed_event(KEY, looking, "")
    assert set(body) == {
        *("subject", "body", "location", "start", "end", "isAllDay", "showAs"),
        "singleValueExtendedProperties",
    }
    assert body == changed_event(KEY, CONTENT, "")


def test_a_change_of_an_event_whose_key_is_not_known_leaves_it_alone() -> None:
    names = [one["id"] for one in changed_event("", CONTENT, "")["singleValueExtendedProperties"]]
    assert len(names) == 3
    assert not any("latesync_key" in name for name in names)


def test_a_new_event_has_the_chosen_look_as_far_as_there_is_one() -> None:
    """users-ask.md U31; a colour has no counterpart, and of the reminders one is set."""
    body = new_event(KEY, replace(CONTENT, initial=InitialLook("tomato", "private", (60, 10))))
    assert (body["sensitivity"], body["isReminderOn"], body["reminderMinutesBeforeStart"]) == (
        "private",
        True,
        60,
    )
    assert "categories" not in body
    public = new_event(KEY, replace(CONTENT, initial=InitialLook("", "public", ())))
    assert (public["sensitivity"], public["isReminderOn"]) == ("normal", False)
    assert not {"sensitivity", "isReminderOn"} & new_event(KEY, CONTENT).keys()


def test_cancelled_booking_that_is_kept_is_shown_as_free() -> None:
    """users-ask.md U27."""
    assert new_event(KEY, replace(CONTENT, is_free=True))["showAs"] == "free"
    assert changed_event(KEY, CONTENT, "")["showAs"] == "busy"


def test_the_marker_is_known_from_the_transaction_alone_and_properties_win() -> None:
    alone = {"transactionId": transaction_id(MARK)}
    assert read_mark(alone) == MARK
    other = Mark(Marker("site.with.dots", -7, 4), KEY)
    assert read_mark({"transactionId": transaction_id(other)}) == other
    both = {**alone, "singleValueExtendedProperties": extended_properties(other)}
    assert read_mark(both) == other


@pytest.mark.parametrize(
    "transaction",
    [
        None,
        5,
        "",
        "7E163156-7762-4BEB-A1C6-729EA81755A7",
        f"site1.42.{KEY}",
        f"site1.x.1.{KEY}",
        f"site1.42.1.{KEY[:-1]}",
        f"site1.42.1.{KEY.upper()}",
        f".42.1.{KEY}",
    ],
)
def test_another_s_transaction_is_no_mark_of_ours(transaction: object) -> None:
    assert read_mark({"transactionId": transaction}) is None


def test_properties_of_others_and_half_of_ours_are_no_mark() -> None:
    several: list[Any] = [None, {}, [None], [{"id": 5}], extended_properties(MARK)[:3]]
    for listed in several:
        assert read_mark({"singleValueExtendedProperties": listed}) is None


def test_keys_are_told_by_their_form() -> None:
    assert is_key(KEY)
    for other in ("", KEY.upper(), KEY + "0", "AAMkAGI1AAAt9AHjAAA=", KEY[:-1] + "w", f"{KEY}\n"):
        assert not is_key(other)


def test_a_title_of_somebody_else_s_event_stays_outside() -> None:
    event = read_event(a_raw(body={"contentType": "html", "content": "Root canal"}))
    assert event is not None
    assert event.content is None
    assert "Dentist" not in repr(event)
    assert "Root" not in repr(event)


def test_a_date_of_a_series_carries_no_mark_of_its_own() -> None:
    raw = a_raw(type="occurrence", seriesMasterId="M", transactionId=transaction_id(MARK))
    event = read_event(raw)
    assert event is not None
    assert (event.marker, event.key, event.item.series_id) == (None, "", "M")


@pytest.mark.parametrize("etag", [{"@odata.etag": 'W/"CK"'}, {"@odata.etag": None, "changeKey": "CK"}])
def test_the_etag_is_there_or_made_of_the_change_key(etag: dict[str, Any]) -> None:
    event = read_event(a_raw(**etag))
    assert event is not None
    assert event.etag == 'W/"CK"'


@pytest.mark.parametrize("raw", [None, 5, [], {}, {"id": ""}, {"id": 5}])
def test_what_has_no_id_is_no_event(raw: object) -> None:
    assert read_event(raw) is None


@pytest.mark.parametrize(
    "broken",
    [
        {"start": None},
        {"start": {"dateTime": "soon", "timeZone": "UTC"}},
        {"start": {"dateTime": "2027-03-01T09:00:00", "timeZone": "Customized Time Zone"}},
        {"end": {"dateTime": "0001-01-01T00:00:00", "timeZone": "Tokyo Standard Time"}},
        {"start": "2027-03-01T09:00:00"},
    ],
)
def test_one_event_with_times_nobody_can_read_has_none(broken: dict[str, Any]) -> None:
    event = read_event(a_raw(**broken))
    assert event is not None
    assert (event.item.starts, event.item.ends) == (None, None)


def test_an_event_of_ours_without_a_span_has_no_content() -> None:
    raw = as_held(new_event(KEY, CONTENT))
    event = read_event({**raw, "end": raw["start"]})
    assert event is not None
    assert (event.marker, event.content) == (CONTENT.marker, None)


def test_busy_is_what_says_nothing_else() -> None:
    for shown_as in ("busy", "unknown", "somethingNew", None):
        event = read_event(a_raw(showAs=shown_as))
        assert event is not None
        assert (event.item.kind, event.item.is_free, event.item.is_tentative) == (
            EventKind.NORMAL,
            False,
            False,
        )


def test_where_a_date_belongs_is_its_original_start() -> None:
    moved = read_event(a_raw(type="exception", seriesMasterId="M", originalStart="2027-02-22T09:00:00Z"))
    plain = read_event(a_raw(type="occurrence", seriesMasterId="M"))
    days = (
        {"dateTime": "2027-02-28T23:00:00", "timeZone": "UTC"},
        {
            "dateTime": "2027-03-01T23:00:00",
            "timeZone": "UTC",
        },
    )
    all_day = read_event(
        a_raw(
            type="exception",
            seriesMasterId="M",
            isAllDay=True,
            originalStartTimeZone="W. Europe Standard Time",
            originalStart="2027-02-21T23:00:00Z",
            start=days[0],
            end=days[1],
        )
    )
    assert moved is not None
    assert plain is not None
    assert all_day is not None
    assert moved.item.original_start == datetime(2027, 2, 22, 9, tzinfo=UTC)
    assert plain.item.original_start == datetime(2027, 3, 1, 9, tzinfo=UTC)
    assert all_day.item.original_start == date(2027, 2, 22)
    assert (all_day.item.starts, all_day.item.ends) == (date(2027, 3, 1), date(2027, 3, 2))
