"""Listing and incremental sync: google-calendar.md §14."""

from datetime import timedelta
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from .conftest import ANNA, BEN, Google, an_event, refused

WEEKLY = {"recurrence": ["RRULE:FREQ=WEEKLY"]}


def ids(answer: dict[str, Any]) -> list[str]:
    return [item["id"] for item in answer["items"]]


def all_pages(google: Google, **parameters: Any) -> tuple[list[dict[str, Any]], str]:
    """Every item, and the sync token of the last page."""
    items: list[dict[str, Any]] = []
    page: dict[str, Any] = {"nextPageToken": None}
    while "nextPageToken" in page:
        page = google.listed(pageToken=page["nextPageToken"], **parameters)
        items += page["items"]
        assert ("nextPageToken" in page) != ("nextSyncToken" in page)
    return items, page["nextSyncToken"]


def test_only_the_last_page_carries_the_sync_token(google: Google) -> None:
    for number in range(5):
        google.insert(id=f"booking{number}")
    items, _ = all_pages(google, maxResults=2)
    assert [item["id"] for item in items] == [f"booking{number}" for number in range(5)]


@pytest.mark.parametrize("switches", [{"page_size_cap": 1}, {"empty_pages": True}])
def test_short_and_empty_pages_come_before_the_last(google: Google, switches: dict[str, Any]) -> None:
    google.world.set_switches(**switches)
    for number in range(3):
        google.insert(id=f"booking{number}")
    first = google.listed()
    assert len(first["items"]) < 3
    assert "nextPageToken" in first
    items, _ = all_pages(google)
    assert len(items) == 3


def test_a_change_made_while_paging_is_not_missed(google: Google) -> None:
    for number in range(4):
        google.insert(id=f"booking{number}")
    first = google.listed(maxResults=2)
    google.world.patch_event(ANNA, "booking0", {"summary": "Changed"})
    google.world.put_event(ANNA, an_event(id="latebird"))
    second = google.listed(maxResults=2, pageToken=first["nextPageToken"])
    third = google.listed(maxResults=2, pageToken=second["nextPageToken"])
    changed = google.listed(syncToken=third["nextSyncToken"])
    assert set(ids(first) + ids(second) + ids(third)) == {*(f"booking{n}" for n in range(4)), "latebird"}
    assert set(ids(changed)) == {"booking0", "latebird"}


def test_a_token_listing_shows_each_change_once_own_ones_and_deletions_included(google: Google) -> None:
    google.insert(id="booking1")
    google.insert(id="booking2")
    token = google.listed()["nextSyncToken"]
    assert google.listed(syncToken=token)["items"] == []
    google.run(google.events.patch(calendarId="primary", eventId="booking1", body={"summary": "A"}))
    google.run(google.events.patch(calendarId="primary", eventId="booking1", body={"summary": "B"}))
    google.world.delete_event(ANNA, "booking2")
    answer = google.listed(syncToken=token)
    assert [(item["id"], item.get("summary", item["status"])) for item in answer["items"]] == [
        ("booking1", "B"),
        ("booking2", "cancelled"),
    ]
    assert google.listed(syncToken=answer["nextSyncToken"])["items"] == []


@pytest.mark.parametrize(
    "parameter",
    [
        {"timeMin": "2026-11-01T00:00:00Z"},
        {"timeMax": "2026-12-01T00:00:00Z"},
        {"q": "massage"},
        {"iCalUID": "x"},
        {"orderBy": "updated"},
        {"updatedMin": "2026-11-01T00:00:00Z"},
        {"privateExtendedProperty": "a=b"},
        {"showDeleted": False},
        {"singleEvents": True},
    ],
)
def test_what_does_not_go_with_a_token_is_refused(google: Google, parameter: dict[str, Any]) -> None:
    token = google.listed()["nextSyncToken"]
    assert refused(lambda: google.listed(syncToken=token, **parameter))[0] == 400


def test_a_token_dies_on_demand_with_the_acl_and_by_age(google: Google) -> None:
    gone = (410, "fullSyncRequired")

    def token() -> str:
        return str(google.listed()["nextSyncToken"])

    old = token()
    google.world.kill_sync_tokens(ANNA)
    assert refused(lambda: google.listed(syncToken=old)) == gone
    old = token()
    google.world.share_calendar(ANNA, BEN, "reader")
    assert refused(lambda: google.listed(syncToken=old)) == gone
    old = token()
    google.world.set_switches(sync_token_life_days=7)
    google.world.advance(timedelta(days=8))
    google.http = google.signed_in(ANNA)
    assert refused(lambda: google.listed(syncToken=old)) == gone


def test_a_token_from_before_a_vanished_deletion_is_dead(google: Google) -> None:
    google.insert(id="booking1")
    token = google.listed()["nextSyncToken"]
    google.world.delete_event(ANNA, "booking1")
    google.world.set_switches(tombstone_life_days=0)
    assert refused(lambda: google.listed(syncToken=token)) == (410, "fullSyncRequired")


def test_gone_may_come_without_a_reason_that_says_so(google: Google) -> None:
    google.world.set_switches(bare_gone=True)
    assert refused(lambda: google.listed(syncToken="nonsense")) == (410, "gone")


def test_the_window_bounds_ends_and_starts_exclusively(google: Google) -> None:
    google.insert(id="booking1")  # 09:00-10:00 UTC on 3 November
    inside = {"timeMin": "2026-11-03T09:59:59Z", "timeMax": "2026-11-03T09:00:01Z"}
    for name, edge in (("timeMin", "2026-11-03T10:00:00Z"), ("timeMax", "2026-11-03T09:00:00Z")):
        assert ids(google.listed(**{name: inside[name]})) == ["booking1"]
        assert ids(google.listed(**{name: edge})) == []
    assert refused(lambda: google.listed(**inside)) == (400, "timeRangeEmpty")
    assert refused(lambda: google.listed(timeMin="2026-11-03T10:00:00"))[0] == 400


def test_all_day_bounds_are_the_calendars_midnights(google: Google) -> None:
    google.insert(id="feast1", start={"date": "2026-11-03"}, end={"date": "2026-11-04"})
    assert ids(google.listed(timeMin="2026-11-03T22:59:59Z")) == ["feast1"]
    assert ids(google.listed(timeMin="2026-11-03T23:00:00Z")) == []


def test_a_windowed_first_listing_gives_a_token_that_is_not_bounded(google: Google) -> None:
    token = google.listed(timeMin="2026-11-01T00:00:00Z", timeMax="2026-11-02T00:00:00Z")["nextSyncToken"]
    google.insert(id="booking1")
    assert ids(google.listed(syncToken=token)) == ["booking1"]
    google.world.set_switches(token_bounds_single_events=True)
    assert ids(google.listed(syncToken=token)) == []


def test_an_expanded_token_listing_floods_far_beyond_the_first_window(google: Google) -> None:
    window = {"timeMin": "2026-11-01T00:00:00Z", "timeMax": "2027-01-01T00:00:00Z"}
    token = google.listed(singleEvents=True, **window)["nextSyncToken"]
    google.world.put_event(ANNA, an_event(id="weekly1", **WEEKLY))
    flood = google.listed(singleEvents=True, syncToken=token, maxResults=2500)["items"]
    assert len(flood) > 700
    assert flood[-1]["start"]["dateTime"] > "2040"


def test_deleting_a_series_reports_about_six_months_of_instances(google: Google) -> None:
    google.world.put_event(ANNA, an_event(id="weekly1", **WEEKLY))
    token = google.listed(singleEvents=True, maxResults=2500)["nextSyncToken"]
    google.world.delete_event(ANNA, "weekly1")
    gone = google.listed(singleEvents=True, syncToken=token)["items"]
    assert {item["status"] for item in gone} == {"cancelled"}
    assert len(gone) == 27


def test_filters_find_what_they_name_and_give_no_sync_token(google: Google) -> None:
    google.insert(id="booking1", extendedProperties={"private": {"latesync_booking": "7"}})
    google.insert(id="booking2", summary="Haircut")
    answer = google.listed(privateExtendedProperty="latesync_booking=7")
    assert ids(answer) == ["booking1"]
    assert "nextSyncToken" not in answer
    assert ids(google.listed(q="haircut")) == ["booking2"]
    assert ids(google.listed(iCalUID="booking2@google.com")) == ["booking2"]
    assert refused(lambda: google.listed(orderBy="startTime"))[0] == 400
    assert refused(lambda: google.listed(updatedMin="2026-01-01T00:00:00Z")) == (410, "updatedMinTooLongAgo")


def test_only_the_fields_asked_for_are_sent(google: Google) -> None:
    google.insert(id="booking1")
    answer = google.listed(fields="items(id,start/dateTime),nextSyncToken")
    assert answer["items"] == [{"id": "booking1", "start": {"dateTime": "2026-11-03T10:00:00+01:00"}}]
    assert set(answer) == {"items", "nextSyncToken"}


def test_a_query_too_long_for_an_address_still_works(google: Google) -> None:
    google.insert(id="booking1")
    assert ids(google.listed(q="massage " * 300)) == ["booking1"]


def test_an_unknown_query_parameter_is_refused(google: Google) -> None:
    request = google.events.list(calendarId="primary")
    request.uri += "&noSuchParameter=1"
    with pytest.raises(HttpError, match="noSuchParameter"):
        google.run(request)
