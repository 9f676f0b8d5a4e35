"""Calendars, roles, scopes and free/busy: google-calendar.md §9, §12, §15."""

from typing import Any

import pytest
from googleapiclient.errors import HttpError

from .conftest import ANNA, BEN, CALENDAR, Google, an_event, refused

SPAN = {"timeMin": "2026-11-03T00:00:00Z", "timeMax": "2026-11-04T00:00:00Z"}


def busy(google: Google, *calendar_ids: str) -> dict[str, Any]:
    body = {**SPAN, "items": [{"id": calendar_id} for calendar_id in calendar_ids]}
    return dict(google.run(google.service.freebusy().query(body=body))["calendars"])


def test_the_calendar_list_shows_roles_flags_and_follows_changes(google: Google) -> None:
    work = google.world.add_calendar(BEN, "Work")
    google.world.share_calendar(work.id, ANNA, "reader")
    lists = google.service.calendarList()
    answer = google.run(lists.list())
    assert [(c["id"], c["accessRole"], c.get("primary")) for c in answer["items"]] == [
        (ANNA, "owner", True),
        (work.id, "reader", None),
    ]
    assert len(google.run(lists.list(minAccessRole="writer"))["items"]) == 1
    google.world.share_calendar(work.id, ANNA, "none")
    changed = google.run(lists.list(syncToken=answer["nextSyncToken"]))["items"]
    assert [(c["id"], c["deleted"]) for c in changed] == [(work.id, True)]


def test_hidden_calendars_are_listed_on_request_only(google: Google) -> None:
    work = google.world.add_calendar(ANNA, "Work")
    google.world.set_list_entry(ANNA, work.id, hidden=True)
    lists = google.service.calendarList()
    assert len(google.run(lists.list())["items"]) == 1
    assert len(google.run(lists.list(showHidden=True))["items"]) == 2


def test_a_calendar_can_be_made_read_and_deleted_but_not_the_primary_one(google: Google) -> None:
    calendars = google.service.calendars()
    made = google.run(calendars.insert(body={"summary": "Work", "timeZone": "Europe/Rome"}))
    assert google.run(calendars.get(calendarId=made["id"]))["timeZone"] == "Europe/Rome"
    google.run(calendars.delete(calendarId=made["id"]))
    assert refused(lambda: google.run(calendars.get(calendarId=made["id"]))) == (404, "notFound")
    assert refused(lambda: google.run(calendars.delete(calendarId="primary")))[0] == 403
    assert google.run(google.service.calendarList().get(calendarId="primary"))["id"] == ANNA


def test_a_foreign_calendar_is_not_found_and_a_reader_cannot_write(google: Google) -> None:
    insert = google.events.insert(calendarId=BEN, body=an_event())
    assert refused(lambda: google.run(insert)) == (404, "notFound")
    google.world.share_calendar(BEN, ANNA, "reader")
    assert refused(lambda: google.run(insert)) == (403, "requiredAccessLevel")
    google.world.share_calendar(BEN, ANNA, "writer")
    assert google.run(insert)["creator"] == {"email": ANNA}


def test_readers_of_free_time_see_no_details(google: Google) -> None:
    google.world.put_event(BEN, an_event(id="secret1", recurrence=["RRULE:FREQ=DAILY;COUNT=2"]))
    google.world.share_calendar(BEN, ANNA, "freeBusyReader")
    items = google.run(google.events.list(calendarId=BEN))["items"]
    assert [item["id"] for item in items] == ["secret1_20261103T090000Z", "secret1_20261104T090000Z"]
    assert not any("summary" in item for item in items)


def test_private_events_show_a_reader_the_time_only(google: Google) -> None:
    google.world.put_event(BEN, an_event(id="secret1", visibility="private"))
    google.world.share_calendar(BEN, ANNA, "reader")
    [item] = google.run(google.events.list(calendarId=BEN))["items"]
    assert "summary" not in item


def test_a_scope_that_does_not_allow_the_method_is_refused(google: Google) -> None:
    google.http = google.signed_in(ANNA, [f"{CALENDAR}.events"])
    assert google.insert()["status"] == "confirmed"
    assert refused(lambda: google.run(google.service.calendarList().list())) == (
        403,
        "insufficientPermissions",
    )
    google.http = google.signed_in(ANNA, [f"{CALENDAR}.events.readonly"])
    assert refused(google.insert) == (403, "insufficientPermissions")


def test_a_project_without_the_api_is_told_so(google: Google) -> None:
    google.world.set_switches(api_enabled=False)
    assert refused(google.listed) == (403, "accessNotConfigured")


def test_free_busy_knows_what_blocks_and_says_per_calendar_what_it_cannot_see(google: Google) -> None:
    google.insert()
    google.insert(transparency="transparent", start={"date": "2026-11-03"}, end={"date": "2026-11-04"})
    later = {"start": {"dateTime": "2026-11-03T15:00:00Z"}, "end": {"dateTime": "2026-11-03T16:00:00Z"}}
    google.insert(attendees=[{"email": ANNA, "responseStatus": "declined"}], **later)
    google.insert(start={"dateTime": "2026-11-03T10:00:00Z"}, end={"dateTime": "2026-11-03T10:30:00Z"})
    answer = busy(google, "primary", BEN)
    assert answer["primary"]["busy"] == [{"start": "2026-11-03T09:00:00Z", "end": "2026-11-03T10:30:00Z"}]
    assert answer[BEN]["errors"] == [{"domain": "global", "reason": "notFound"}]


def test_free_busy_refuses_too_long_a_range(google: Google) -> None:
    body = {"timeMin": "2026-01-01T00:00:00Z", "timeMax": "2026-12-01T00:00:00Z", "items": [{"id": ANNA}]}
    query = google.service.freebusy().query(body=body)
    assert refused(lambda: google.run(query)) == (400, "timeRangeTooLong")


def test_a_method_left_out_says_so(google: Google) -> None:
    assert refused(lambda: google.run(google.service.colors().get())) == (501, "notImplemented")


def test_the_newer_error_body_hides_the_old_reason_from_the_client(google: Google) -> None:
    google.world.set_switches(api_enabled=False)
    reasons = []
    for newer in (True, False):
        google.world.set_switches(newer_error_bodies=newer)
        with pytest.raises(HttpError) as caught:
            google.listed()
        reasons.append(caught.value.error_details[0]["reason"])
    assert reasons == ["SERVICE_DISABLED", "accessNotConfigured"]
