"""Writing and reading single events: microsoft-graph.md §7, §11."""

from datetime import timedelta
from typing import Any

import pytest

from latesync.sandbox.microsoft import outlook

from .graph_stage import GUID, KEY, WINDOW, Graph, an_event, at, refusal


def test_times_come_back_in_utc_with_seven_digits(graph: Graph) -> None:
    made = graph.create()
    assert made["start"] == {"dateTime": "2026-11-03T09:00:00.0000000", "timeZone": "UTC"}
    assert made["originalStartTimeZone"] == "Romance Standard Time"


@pytest.mark.parametrize(
    ("zone", "hour"),
    [("Pacific Standard Time", "01"), ("America/Los_Angeles", "01"), ("Romance Standard Time", "10")],
)
def test_a_preferred_zone_may_have_a_windows_or_an_iana_name(graph: Graph, zone: str, hour: str) -> None:
    made = graph.create()
    read = graph.send(
        "GET", f"me/events/{made['id']}", Prefer=f'IdType="ImmutableId", outlook.timezone="{zone}"'
    )
    assert read.json()["start"] == {"dateTime": f"2026-11-03T{hour}:00:00.0000000", "timeZone": zone}
    assert f'outlook.timezone="{zone}"' in read.headers["Preference-Applied"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"start": at("2026-11-03T10:00:00Z")}, "ErrorPropertyValidationFailure"),
        ({"start": at("2026-11-03T10:00:00+01:00")}, "ErrorPropertyValidationFailure"),
        ({"start": {"dateTime": "2026-11-03T10:00:00"}}, "ErrorPropertyValidationFailure"),
        ({"start": at("2026-11-03T10:00:00", "Mars")}, "TimeZoneNotSupportedException"),
        ({"end": at("2026-11-03T08:00:00")}, "ErrorPropertyValidationFailure"),
        ({"summary": "Google's word"}, "RequestBodyRead"),
        ({"changeKey": "read-only"}, "RequestBodyRead"),
        ({"showAs": "opaque"}, "RequestBodyRead"),
        ({"isAllDay": "true"}, "RequestBodyRead"),
        ({"attendees": [{"emailAddress": {"address": "nobody"}}]}, "ErrorInvalidRecipients"),
        ({"singleValueExtendedProperties": [{"id": "latesync_key", "value": "1"}]}, "ErrorInvalidProperty"),
        ({"recurrence": {"pattern": {"type": "weekly"}}}, "ErrorPropertyValidationFailure"),
    ],
)
def test_a_body_that_graph_does_not_know_is_refused(
    graph: Graph, fields: dict[str, object], code: str
) -> None:
    assert refusal(graph.send("POST", "me/events", an_event(**fields))) == (400, code)
    assert outlook.events(graph.mailbox) == []


def test_an_all_day_event_is_of_whole_days_in_one_zone(graph: Graph) -> None:
    """E2."""
    paris = "Romance Standard Time"
    day: dict[str, Any] = {
        "start": at("2026-11-03T00:00:00", paris),
        "end": at("2026-11-04T00:00:00", paris),
        "isAllDay": True,
    }
    wrong: list[dict[str, object]] = [
        {**day, "end": at("2026-11-03T12:00:00", paris)},
        {**day, "end": at("2026-11-03T00:00:00", paris)},
        {**day, "end": at("2026-11-04T00:00:00", "UTC")},
    ]
    for fields in wrong:
        assert refusal(graph.send("POST", "me/events", an_event(**fields)))[0] == 400
    assert graph.create(**day)["isAllDay"] is True


def test_an_all_day_event_read_in_another_zone_is_shifted_unless_the_switch_says_otherwise(
    graph: Graph,
) -> None:
    """E2."""
    paris = "Romance Standard Time"
    made = graph.create(
        start=at("2026-11-03T00:00:00", paris), end=at("2026-11-04T00:00:00", paris), isAllDay=True
    )
    assert made["start"]["dateTime"] == "2026-11-02T23:00:00.0000000"
    own = graph.get(f"me/events/{made['id']}", Prefer=f'outlook.timezone="{paris}"')
    assert own["start"]["dateTime"] == "2026-11-03T00:00:00.0000000"
    graph.world.set_switches(all_day_shifts=False)
    assert graph.get(f"me/events/{made['id']}")["start"]["dateTime"] == "2026-11-03T00:00:00.0000000"


def test_a_text_becomes_a_page_of_html_and_can_be_read_as_text(graph: Graph) -> None:
    """E18."""
    made = graph.create(body={"contentType": "text", "content": "Anna <3\nBring a towel"})
    assert made["body"]["contentType"] == "html"
    assert made["body"]["content"].startswith("<html><head>")
    assert "Anna &lt;3<br>" in made["body"]["content"]
    read = graph.get(f"me/events/{made['id']}", Prefer='outlook.body-content-type="text"')
    assert read["body"] == {"contentType": "text", "content": "Anna <3\r\nBring a towel"}
    assert made["bodyPreview"] == "Anna <3\r\nBring a towel"


def test_html_is_sanitised(graph: Graph) -> None:
    """E18."""
    dirty = (
        '<p onclick="x()">Hello<br/><script>evil()</script><a href="javascript:x">a</a> <b class=k>b</b></p>'
    )
    content = graph.create(body={"contentType": "HTML", "content": dirty})["body"]["content"]
    assert '<p>Hello<br><a>a</a> <b class="k">b</b></p>' in content
    assert "evil" not in content


def test_a_text_sent_back_as_it_was_read_stays_as_it_is(graph: Graph) -> None:
    """E18."""
    made = graph.create(body={"contentType": "html", "content": "<div>One &amp; two<br/>\n&nbsp;three</div>"})
    again = graph.patch(made["id"], body=made["body"]).json()
    assert again["body"] == made["body"]


def test_a_new_event_may_hide_for_a_while(graph: Graph) -> None:
    """§11: "brief retry after create"."""
    graph.world.set_switches(new_events_hide_s=2)
    made = graph.create()
    paths = [f"me/events/{made['id']}", "me/events", f"me/calendarView?{WINDOW}"]
    assert graph.send("GET", paths[0]).status_code == 404
    assert [graph.get(path)["value"] for path in paths[1:]] == [[], []]
    graph.world.advance(timedelta(seconds=3))
    assert [len(graph.get(path)["value"]) for path in paths[1:]] == [1, 1]


def test_patching_keeps_what_is_not_sent_and_changes_the_change_key(graph: Graph) -> None:
    """E13."""
    made = graph.create(location={"displayName": "Room 1"}, showAs="oof", sensitivity="private")
    changed = graph.patch(made["id"], subject="Long massage").json()
    assert (changed["subject"], changed["showAs"], changed["sensitivity"]) == (
        "Long massage",
        "oof",
        "private",
    )
    assert changed["location"]["displayName"] == "Room 1"
    assert changed["locations"] == made["locations"]
    assert changed["changeKey"] != made["changeKey"]
    assert changed["@odata.etag"] == f'W/"{changed["changeKey"]}"'


def test_a_stale_etag_is_a_conflict(graph: Graph) -> None:
    """E14."""
    made = graph.create()
    outlook.patch_event(graph.mailbox, made["id"], {"subject": "Hers"})
    stale = graph.send("PATCH", f"me/events/{made['id']}", {"subject": "Ours"}, If_Match=made["@odata.etag"])
    assert refusal(stale) == (412, "ErrorIrresolvableConflict")
    fresh = outlook.event(graph.mailbox, made["id"])["@odata.etag"]
    assert graph.send("DELETE", f"me/events/{made['id']}", If_Match=fresh).status_code == 204


def test_conflicts_come_without_a_reason_by_a_switch(graph: Graph) -> None:
    """E14."""
    made = graph.create()
    graph.world.set_switches(conflicts=1)
    assert graph.patch(made["id"], subject="New").status_code == 412
    assert graph.patch(made["id"], subject="New").status_code == 200


def test_deleting_twice_is_not_found_both_ways_of_asking(graph: Graph) -> None:
    made = graph.create()
    path = f"me/events/{made['id']}"
    assert graph.send("DELETE", path).status_code == 204
    assert refusal(graph.send("DELETE", path)) == (404, "ErrorItemNotFound")
    assert refusal(graph.send("GET", path)) == (404, "ErrorItemNotFound")


@pytest.mark.parametrize(
    ("answer", "status", "names_it"),
    [("400", 400, False), ("400_with_id", 400, True), ("409", 409, False), ("409_with_id", 409, True)],
)
def test_a_repeated_transaction_is_refused_in_the_ways_seen(
    graph: Graph, answer: str, status: int, names_it: bool
) -> None:
    """E8."""
    graph.world.set_switches(duplicate_answer=answer)
    made = graph.create(transactionId="booking-1")
    again = graph.send("POST", "me/events", an_event(transactionId="booking-1"))
    assert refusal(again) == (status, "ErrorDuplicateTransactionId")
    named = again.json()["error"].get("@event.existingEventId")
    assert named == (made["id"] if names_it else None)
    assert len(outlook.events(graph.mailbox)) == 1


@pytest.mark.parametrize(("answer", "status"), [("existing", 201), ("existing_200", 200)])
def test_a_repeated_transaction_may_be_answered_with_the_earlier_event(
    graph: Graph, answer: str, status: int
) -> None:
    """E8."""
    graph.world.set_switches(duplicate_answer=answer)
    made = graph.create(transactionId="booking-1")
    again = graph.send("POST", "me/events", an_event(transactionId="booking-1", subject="Other"))
    assert (again.status_code, again.json()["id"], again.json()["subject"]) == (status, made["id"], "Massage")


def test_whether_a_deleted_events_transaction_is_free_again_is_a_switch(graph: Graph) -> None:
    """E8."""
    made = graph.create(transactionId="booking-1")
    outlook.delete_event(graph.mailbox, made["id"])
    assert graph.send("POST", "me/events", an_event(transactionId="booking-1")).status_code == 400
    graph.world.set_switches(transaction_ids_outlive_events=False)
    assert graph.create(transactionId="booking-1")["id"] != made["id"]


def test_a_transaction_id_never_changes(graph: Graph) -> None:
    """E7."""
    made = graph.create(transactionId="booking-1")
    assert refusal(graph.patch(made["id"], transactionId="booking-2")) == (400, "ErrorInvalidRequest")
    assert graph.patch(made["id"], transactionId="booking-1").status_code == 200


def test_extended_properties_are_told_only_when_asked_for(graph: Graph) -> None:
    """E9."""
    other = f"String {GUID} Name latesync_site"
    properties = [{"id": KEY, "value": "abc"}, {"id": other, "value": "site"}]
    made = graph.create(singleValueExtendedProperties=properties)
    assert "singleValueExtendedProperties" not in made
    path = f"me/events/{made['id']}"
    assert "singleValueExtendedProperties" not in graph.get(path)
    asked = graph.get(
        f"{path}?$expand=singleValueExtendedProperties($filter=id eq '{KEY}' or id eq '{KEY}x')"
    )
    assert asked["singleValueExtendedProperties"] == [{"id": KEY, "value": "abc"}]


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        (KEY, "abc", True),
        (KEY, "ABC", True),
        (KEY.replace("66f5a359", "66F5A359"), "abc", True),
        (KEY.replace("latesync_key", "LateSync_Key"), "abc", False),
        (KEY, "ab", False),
    ],
)
def test_an_event_is_found_by_its_property_whatever_the_values_case(
    graph: Graph, name: str, value: str, found: bool
) -> None:
    """E9: the name is case-sensitive, the value is not."""
    made = graph.create(singleValueExtendedProperties=[{"id": KEY, "value": "aBc"}])
    graph.create(singleValueExtendedProperties=[{"id": KEY, "value": "other"}])
    wanted = f"singleValueExtendedProperties/Any(ep: ep/id eq '{name}' and ep/value eq '{value}')"
    answer = graph.get(f"me/calendars/{graph.main}/events?$filter={wanted}")
    assert [event["id"] for event in answer["value"]] == ([made["id"]] if found else [])


@pytest.mark.parametrize(
    "query",
    [
        "$filter=subject eq 'Massage'",
        "$search=x",
        "$expand=attachments",
        "$orderby=id",
        "$top=0",
        "$select=x",
    ],
)
def test_other_query_options_are_refused(graph: Graph, query: str) -> None:
    assert graph.send("GET", f"me/events?{query}").status_code == 400


def test_events_come_ten_to_a_page_with_the_next_pages_address(graph: Graph) -> None:
    """D1."""
    for number in range(12):
        graph.create(subject=f"{number:02d}")
    first = graph.get("me/events?$select=subject&$orderby=subject desc")
    assert len(first["value"]) == 10
    assert set(first["value"][0]) == {"@odata.etag", "id", "subject"}
    second = graph.get(first["@odata.nextLink"])
    assert [event["subject"] for event in second["value"]] == ["01", "00"]
    assert "@odata.nextLink" not in second
