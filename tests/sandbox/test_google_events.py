"""Writing events: google-calendar.md §10, §13."""

from datetime import timedelta

import pytest

from .conftest import ANNA, BEN, Google, an_event, refused


def test_times_come_back_in_the_calendars_zone_with_an_offset(google: Google) -> None:
    made = google.insert(
        start={"dateTime": "2026-11-03T04:00:00-05:00"}, end={"dateTime": "2026-11-03T10:30:00Z"}
    )
    assert made["start"] == {"dateTime": "2026-11-03T10:00:00+01:00", "timeZone": "Europe/Paris"}
    read = google.run(google.events.get(calendarId="primary", eventId=made["id"], timeZone="UTC"))
    assert read["end"]["dateTime"] == "2026-11-03T10:30:00Z"


@pytest.mark.parametrize("wrong", ["abcd", "UPPER123", "with-dash", "wxyz12345", "with_underscore"])
def test_ids_outside_base32hex_are_refused(google: Google, wrong: str) -> None:
    assert refused(lambda: google.insert(id=wrong)) == (400, "invalid")


def test_an_id_that_lives_or_ever_lived_is_a_duplicate(google: Google) -> None:
    google.insert(id="booking1")
    assert refused(lambda: google.insert(id="booking1")) == (409, "duplicate")
    google.run(google.events.delete(calendarId="primary", eventId="booking1"))
    assert refused(lambda: google.insert(id="booking1")) == (409, "duplicate")


def test_an_undetected_collision_overwrites_silently(google: Google) -> None:
    google.insert(id="booking1")
    google.world.set_switches(undetected_collision=True)
    google.insert(id="booking1", summary="Second")
    assert [event["summary"] for event in google.world.events(ANNA)] == ["Second"]


def test_deleting_answers_empty_then_gone_and_not_found_for_the_unknown(google: Google) -> None:
    google.insert(id="booking1")
    delete = google.events.delete(calendarId="primary", eventId="booking1")
    assert google.run(delete) == ""
    assert refused(lambda: google.run(delete)) == (410, "deleted")
    unknown = google.events.delete(calendarId="primary", eventId="neverwas")
    assert refused(lambda: google.run(unknown)) == (404, "notFound")


def test_a_deleted_event_reads_as_a_bare_tombstone_and_vanishes_in_time(google: Google) -> None:
    google.insert(id="booking1")
    google.world.delete_event(ANNA, "booking1")
    get = google.events.get(calendarId="primary", eventId="booking1")
    assert set(google.run(get)) == {"kind", "etag", "id", "status"}
    google.world.set_switches(tombstone_life_days=0)
    assert refused(lambda: google.run(get)) == (404, "notFound")
    assert refused(lambda: google.insert(id="booking1")) == (409, "duplicate")


def test_reviving_a_deleted_event_is_forbidden_or_allowed_by_switch(google: Google) -> None:
    google.insert(id="booking1")
    google.world.delete_event(ANNA, "booking1")
    revive = google.events.patch(calendarId="primary", eventId="booking1", body={"status": "confirmed"})
    assert refused(lambda: google.run(revive)) == (403, "forbidden")
    google.world.set_switches(revive="allowed")
    assert google.run(revive)["summary"] == "Massage"


def test_a_stale_etag_is_refused_and_a_known_one_is_not_sent_again(google: Google) -> None:
    made = google.insert(id="booking1")
    google.world.patch_event(ANNA, "booking1", {"colorId": "5"})
    patch = google.events.patch(calendarId="primary", eventId="booking1", body={"summary": "New"})
    assert refused(lambda: google.run(patch, If_Match=made["etag"])) == (412, "conditionNotMet")
    etag = google.world.event(ANNA, "booking1")["etag"]
    get = google.events.get(calendarId="primary", eventId="booking1")
    assert refused(lambda: google.run(get, If_None_Match=etag))[0] == 304
    assert google.run(patch, If_Match=etag)["etag"] != etag


def test_patch_keeps_what_is_not_sent_and_null_deletes(google: Google) -> None:
    google.insert(
        id="booking1",
        colorId="5",
        reminders={"useDefault": False, "overrides": [{"method": "popup", "minutes": 5}]},
        extendedProperties={"private": {"latesync_site": "s", "latesync_booking": "7"}},
    )
    body = {"summary": "New", "extendedProperties": {"private": {"latesync_site": None}}}
    event = google.run(google.events.patch(calendarId="primary", eventId="booking1", body=body))
    assert (event["summary"], event["colorId"], event["reminders"]["useDefault"]) == ("New", "5", False)
    assert event["extendedProperties"] == {"private": {"latesync_booking": "7"}}


def test_put_clears_what_is_not_sent(google: Google) -> None:
    google.insert(id="booking1", colorId="5", location="Room 1")
    body = an_event(summary="New")
    event = google.run(google.events.update(calendarId="primary", eventId="booking1", body=body))
    assert "colorId" not in event
    assert "location" not in event
    assert (event["iCalUID"], event["organizer"]["self"]) == ("booking1@google.com", True)


def test_defaults_are_left_out_of_answers(google: Google) -> None:
    made = google.insert(transparency="opaque", visibility="default", guestsCanInviteOthers=True)
    assert not {"transparency", "visibility", "guestsCanInviteOthers"} & made.keys()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"end": {"date": "2026-11-04"}}, "invalid"),
        ({"start": {"dateTime": "2026-11-03T10:00:00"}}, "required"),
        ({"end": {"dateTime": "2026-11-03T09:00:00+01:00"}}, "timeRangeEmpty"),
        ({"start": {"date": "2026-11-03"}, "end": {"date": "2026-11-03"}}, "timeRangeEmpty"),
        ({"start": {"dateTime": "2026-11-03T10:00:00", "timeZone": "Mars/Olympus"}}, "invalid"),
        ({"attendees": [{"displayName": "nobody"}]}, "required"),
        ({"iCalUID": "x@y", "id": "booking1"}, "invalid"),
        ({"reminders": {"overrides": [{"method": "popup", "minutes": 99999}]}}, "invalid"),
        ({"eventType": "fromGmail"}, "invalid"),
        ({"status": "perhaps"}, "invalid"),
        ({"summary": 7}, "invalid"),
        ({"noSuchField": "x"}, "badRequest"),
        ({"extendedProperties": {"private": {"n": 7}}}, "invalid"),
    ],
)
def test_a_wrong_body_is_refused(google: Google, fields: dict[str, object], reason: str) -> None:
    assert refused(lambda: google.insert(**fields)) == (400, reason)


def test_long_property_keys_are_dropped_and_long_values_cut(google: Google) -> None:
    private = {"k" * 45: "x", "short": "v" * 2000}
    kept = google.insert(extendedProperties={"private": private})["extendedProperties"]["private"]
    assert {name: len(value) for name, value in kept.items()} == {"short": 1024}


def test_a_lower_sequence_is_refused_and_moving_raises_it(google: Google) -> None:
    google.insert(id="booking1", sequence=3)
    patch = google.events.patch(calendarId="primary", eventId="booking1", body={"sequence": 2})
    assert refused(lambda: google.run(patch)) == (400, "invalid")
    later = {"end": {"dateTime": "2026-11-03T12:00:00+01:00"}}
    moved = google.run(google.events.patch(calendarId="primary", eventId="booking1", body=later))
    assert moved["sequence"] == 4


def test_patching_a_timed_event_to_all_day_needs_the_old_times_cleared(google: Google) -> None:
    google.insert(id="booking1")
    days = {"start": {"date": "2026-11-03"}, "end": {"date": "2026-11-04"}}
    patch = google.events.patch(calendarId="primary", eventId="booking1", body=days)
    assert refused(lambda: google.run(patch)) == (400, "invalid")
    cleared = {side: {**value, "dateTime": None, "timeZone": None} for side, value in days.items()}
    event = google.run(google.events.patch(calendarId="primary", eventId="booking1", body=cleared))
    assert (event["start"], event["end"]) == (days["start"], days["end"])


def test_changing_reminders_alone_does_not_touch_updated(google: Google) -> None:
    made = google.insert(id="booking1")
    google.world.advance(timedelta(hours=1))
    body = {"reminders": {"useDefault": False}}
    event = google.run(google.events.patch(calendarId="primary", eventId="booking1", body=body))
    assert event["updated"] == made["updated"]
    assert event["etag"] != made["etag"]


def test_a_guest_may_change_only_their_own_part(google: Google) -> None:
    guests = [{"email": ANNA, "responseStatus": "declined"}, {"email": BEN}]
    google.world.put_event(ANNA, an_event(id="invited1", organizer={"email": BEN}, attendees=guests))
    event = google.run(google.events.get(calendarId="primary", eventId="invited1"))
    assert [(a.get("self"), a.get("organizer")) for a in event["attendees"]] == [(True, None), (None, True)]
    rename = google.events.patch(calendarId="primary", eventId="invited1", body={"summary": "Mine"})
    assert refused(lambda: google.run(rename)) == (403, "forbiddenForNonOrganizer")
    replace = google.events.update(calendarId="primary", eventId="invited1", body=an_event())
    assert refused(lambda: google.run(replace)) == (403, "forbiddenForNonOrganizer")
    colour = google.events.patch(calendarId="primary", eventId="invited1", body={"colorId": "3"})
    assert google.run(colour)["colorId"] == "3"


@pytest.mark.parametrize(
    ("send_updates", "told"),
    [
        ("all", ["ben@example.test", "carl@elsewhere.test"]),
        ("externalOnly", ["carl@elsewhere.test"]),
        ("none", []),
    ],
)
def test_the_mails_a_write_would_send_are_recorded(
    google: Google, send_updates: str, told: list[str]
) -> None:
    body = an_event(attendees=[{"email": BEN}, {"email": "carl@elsewhere.test"}])
    google.run(google.events.insert(calendarId="primary", body=body, sendUpdates=send_updates))
    assert [email for mail in google.world.mails for email in mail["to"]] == told


def test_nobody_is_mailed_by_default(google: Google) -> None:
    google.insert(attendees=[{"email": BEN}])
    assert not google.world.mails


def test_every_event_type_can_be_placed_as_the_person_and_programs_meet_the_rules(google: Google) -> None:
    for kind in ("outOfOffice", "focusTime", "workingLocation", "birthday", "fromGmail"):
        google.world.put_event(ANNA, an_event(eventType=kind))
    assert len(google.listed()["items"]) == 5
    assert len(google.listed(eventTypes=["focusTime", "birthday"])["items"]) == 2
    assert refused(lambda: google.insert(eventType="outOfOffice")) == (400, "invalid")
    google.insert(eventType="outOfOffice", outOfOfficeProperties={"autoDeclineMode": "declineNone"})


def test_a_conference_is_made_only_when_the_request_says_so(google: Google) -> None:
    request = {"createRequest": {"requestId": "room7", "conferenceSolutionKey": {"type": "hangoutsMeet"}}}
    assert "conferenceData" not in google.insert(conferenceData=request)
    body = an_event(conferenceData=request)
    insert = google.events.insert(calendarId="primary", body=body, conferenceDataVersion=1)
    made = google.run(insert)
    assert made["conferenceData"]["createRequest"]["status"] == {"statusCode": "pending"}
    assert "hangoutLink" not in made
    google.world.advance(timedelta(seconds=1))
    ready = google.run(google.events.get(calendarId="primary", eventId=made["id"]))
    assert ready["hangoutLink"].startswith("https://meet.google.com/")
    assert ready["etag"] != made["etag"]
    again = {"conferenceData": request}
    patch = google.events.patch(calendarId="primary", eventId=made["id"], body=again, conferenceDataVersion=1)
    assert google.run(patch)["hangoutLink"] == ready["hangoutLink"]


def test_a_conference_may_fail_and_may_not_be_allowed_at_all(google: Google) -> None:
    """google-calendar.md E18."""
    google.world.set_switches(meetings_fail=True, meetings_take_s=0)
    request = {"createRequest": {"requestId": "room8", "conferenceSolutionKey": {"type": "hangoutsMeet"}}}
    body = an_event(conferenceData=request)
    made = google.run(google.events.insert(calendarId="primary", body=body, conferenceDataVersion=1))
    failed = google.run(google.events.get(calendarId="primary", eventId=made["id"]))
    assert failed["conferenceData"]["createRequest"]["status"] == {"statusCode": "failure"}
    google.world.set_switches(meetings_allowed=False)
    insert = google.events.insert(calendarId="primary", body=body, conferenceDataVersion=1)
    assert refused(lambda: google.run(insert)) == (400, "invalid")


def test_moving_leaves_a_tombstone_with_the_id_alone(google: Google) -> None:
    other = google.world.add_calendar(ANNA, "Work")
    google.insert(id="booking1")
    google.run(google.events.move(calendarId="primary", eventId="booking1", destination=other.id))
    [tombstone] = google.world.events(ANNA, include_deleted=True)
    assert set(tombstone) == {"kind", "etag", "id", "status"}
    assert google.world.event(other.id, "booking1")["summary"] == "Massage"


def test_a_locked_event_keeps_its_times(google: Google) -> None:
    google.world.put_event(ANNA, an_event(id="locked1", locked=True))
    patch = google.events.patch(calendarId="primary", eventId="locked1", body={"summary": "New"})
    assert refused(lambda: google.run(patch)) == (403, "forbidden")
