"""Recurring events: google-calendar.md §11."""

from datetime import timedelta
from functools import partial
from typing import Any

from .conftest import ANNA, NOON, Google, an_event, refused

WINDOW = {"timeMin": "2026-11-01T00:00:00Z", "timeMax": "2026-12-01T00:00:00Z"}


def weekly(google: Google, **fields: Any) -> None:
    google.world.put_event(ANNA, an_event(id="weekly1", recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"], **fields))


def starts(items: list[dict[str, Any]]) -> list[str]:
    return [item["start"]["dateTime"][:16] for item in items if "start" in item]


def test_the_plain_listing_shows_the_master_and_the_expanded_one_its_instances(google: Google) -> None:
    weekly(google)
    assert [item["id"] for item in google.listed()["items"]] == ["weekly1"]
    instances = google.listed(singleEvents=True, orderBy="startTime")["items"]
    assert [item["id"] for item in instances] == [
        f"weekly1_202611{day}T090000Z" for day in ("03", "10", "17", "24")
    ]
    assert {item["recurringEventId"] for item in instances} == {"weekly1"}
    assert not any("recurrence" in item for item in instances)


def test_a_series_keeps_its_wall_clock_across_a_clock_change(google: Google) -> None:
    times = {
        side: {"dateTime": f"2026-10-20T{hour}:00:00", "timeZone": "Europe/Paris"}
        for side, hour in (("start", "10"), ("end", "11"))
    }
    google.world.put_event(ANNA, an_event(id="weekly1", recurrence=["RRULE:FREQ=WEEKLY;COUNT=2"], **times))
    items = google.listed(singleEvents=True)["items"]
    assert [item["start"]["dateTime"] for item in items] == [
        "2026-10-20T10:00:00+02:00",
        "2026-10-27T10:00:00+01:00",
    ]


def test_exclusions_extra_dates_and_until_are_honoured(google: Google) -> None:
    rules = [
        "RRULE:FREQ=DAILY;UNTIL=20261106T090000Z",
        "EXDATE;TZID=Europe/Paris:20261104T100000",
        "RDATE:20261120T140000Z",
    ]
    google.insert(id="series1", recurrence=rules)
    items = google.listed(singleEvents=True)["items"]
    assert starts(items) == ["2026-11-03T10:00", "2026-11-05T10:00", "2026-11-06T10:00", "2026-11-20T15:00"]


def test_moving_one_instance_makes_an_exception_with_its_original_start(google: Google) -> None:
    weekly(google)
    instance = "weekly1_20261110T090000Z"
    body = {
        "start": {"dateTime": "2026-11-11T15:00:00+01:00"},
        "end": {"dateTime": "2026-11-11T16:00:00+01:00"},
    }
    moved = google.run(google.events.patch(calendarId="primary", eventId=instance, body=body))
    assert moved["originalStartTime"]["dateTime"] == "2026-11-10T10:00:00+01:00"
    assert [item["id"] for item in google.listed()["items"]] == ["weekly1", instance]
    expanded = google.listed(singleEvents=True, orderBy="startTime")["items"]
    assert starts(expanded) == [
        "2026-11-03T10:00",
        "2026-11-11T15:00",
        "2026-11-17T10:00",
        "2026-11-24T10:00",
    ]


def test_a_cancelled_instance_shows_in_the_plain_listing_only(google: Google) -> None:
    weekly(google)
    instance = "weekly1_20261110T090000Z"
    google.run(google.events.delete(calendarId="primary", eventId=instance))
    plain = google.listed()["items"]
    assert set(plain[1]) == {"kind", "etag", "id", "status", "recurringEventId", "originalStartTime"}
    assert instance not in [item["id"] for item in google.listed(singleEvents=True)["items"]]
    assert instance in [item["id"] for item in google.listed(singleEvents=True, showDeleted=True)["items"]]


def test_an_instance_can_be_read_by_id_and_one_that_is_not_there_cannot(google: Google) -> None:
    weekly(google)
    read = google.run(google.events.get(calendarId="primary", eventId="weekly1_20261117T090000Z"))
    assert read["start"]["dateTime"] == "2026-11-17T10:00:00+01:00"
    missing = google.events.get(calendarId="primary", eventId="weekly1_20261118T090000Z")
    assert refused(lambda: google.run(missing)) == (404, "notFound")


def test_deleting_the_series_takes_its_exceptions_along(google: Google) -> None:
    weekly(google)
    google.world.patch_event(ANNA, "weekly1_20261110T090000Z", {"summary": "Special"})
    token = google.listed()["nextSyncToken"]
    google.world.delete_event(ANNA, "weekly1")
    changes = google.listed(syncToken=token)["items"]
    assert {(item["id"], item["status"]) for item in changes} == {
        ("weekly1", "cancelled"),
        ("weekly1_20261110T090000Z", "cancelled"),
    }
    assert google.listed()["items"] == []


def test_all_day_series_have_day_stamps_as_instance_ids(google: Google) -> None:
    days = {"start": {"date": "2026-11-03"}, "end": {"date": "2026-11-04"}}
    google.insert(id="series1", recurrence=["RRULE:FREQ=DAILY;COUNT=2"], **days)
    items = google.listed(singleEvents=True)["items"]
    assert [(item["id"], item["start"]["date"]) for item in items] == [
        ("series1_20261103", "2026-11-03"),
        ("series1_20261104", "2026-11-04"),
    ]


def test_the_instances_method_lists_exceptions_in_their_places(google: Google) -> None:
    weekly(google)
    google.world.patch_event(ANNA, "weekly1_20261110T090000Z", {"summary": "Special"})
    request = google.events.instances(calendarId="primary", eventId="weekly1", maxResults=3, **WINDOW)
    answer = google.run(request)
    assert [item["summary"] for item in answer["items"]] == ["Massage", "Special", "Massage"]
    rest = google.run(google.events.instances_next(request, answer))
    assert len(rest["items"]) == 1


def test_a_series_needs_a_zone_and_readable_rules(google: Google) -> None:
    rule = {"recurrence": ["RRULE:FREQ=WEEKLY"]}
    offset_only = {
        "start": {"dateTime": "2026-11-03T10:00:00+01:00"},
        "end": {"dateTime": "2026-11-03T11:00:00+01:00"},
    }
    assert refused(lambda: google.insert(**rule, **offset_only)) == (400, "required")
    for wrong in ("RRULE:FREQ=SOMETIMES", "DTSTART:20261103T100000Z", "nonsense"):
        assert refused(partial(google.insert, recurrence=[wrong])) == (400, "invalid")


def test_a_window_shows_a_series_only_when_an_instance_falls_into_it(google: Google) -> None:
    weekly(google)
    assert len(google.listed(**WINDOW)["items"]) == 1
    assert google.listed(timeMin="2026-11-24T10:00:00Z")["items"] == []


def test_the_world_shows_a_calendar_page_its_occurrences(google: Google) -> None:
    weekly(google)
    google.insert(id="booking1")
    shown = google.world.occurrences(ANNA, NOON, NOON + timedelta(days=10))
    assert [event["id"] for event in shown] == [
        "booking1",
        "weekly1_20261103T090000Z",
        "weekly1_20261110T090000Z",
    ]
