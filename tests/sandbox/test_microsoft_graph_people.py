"""What people do with events, and who is told: microsoft-graph.md E4, E11, E12, E15, E16, V1-V4."""

from datetime import timedelta
from typing import Any

from latesync.sandbox.microsoft import outlook

from .graph_stage import ANNA, KEY, Graph, an_event, refusal


def test_a_moved_event_keeps_its_immutable_id_only(graph: Graph) -> None:
    """E11."""
    made = graph.create()
    mutable = graph.get("me/events", Prefer="return=minimal")["value"][0]["id"]
    assert mutable != made["id"]
    work = outlook.make_calendar(graph.mailbox, "Work")["id"]
    outlook.move_event_to_calendar(graph.mailbox, made["id"], work)
    assert refusal(graph.send("GET", f"me/events/{mutable}")) == (404, "ErrorItemNotFound")
    assert graph.get(f"me/calendars/{work}/events/{made['id']}")["subject"] == "Massage"
    assert graph.send("GET", f"me/calendars/{graph.main}/events/{made['id']}").status_code == 404
    assert graph.get(f"me/events/{made['id']}", Prefer="return=minimal")["id"] not in (mutable, made["id"])


def test_two_ids_may_differ_by_case_only(graph: Graph) -> None:
    """E12."""
    graph.world.set_switches(ids_differ_by_case=True)
    one, two = graph.create(subject="One"), graph.create(subject="Two")
    assert one["id"] != two["id"]
    assert one["id"].lower() == two["id"].lower()
    assert graph.get(f"me/events/{one['id']}")["subject"] == "One"


def test_attendees_are_always_mailed(graph: Graph) -> None:
    """V1, V2, V3."""
    made = graph.create(attendees=[{"emailAddress": {"address": "cy@example.test"}, "type": "required"}])
    both = [*made["attendees"], {"emailAddress": {"address": "di@example.test"}}]
    graph.patch(made["id"], attendees=both)
    graph.patch(made["id"], subject="Later")
    graph.send("DELETE", f"me/events/{made['id']}")
    everybody = ["cy@example.test", "di@example.test"]
    assert [(mail["kind"], mail["to"]) for mail in graph.world.mails()] == [
        ("invitation", ["cy@example.test"]),
        ("invitation", ["di@example.test"]),
        ("update", everybody),
        ("cancellation", everybody),
    ]


def test_an_event_without_attendees_mails_nobody(graph: Graph) -> None:
    """V4."""
    made = graph.create()
    graph.patch(made["id"], subject="Later")
    graph.send("DELETE", f"me/events/{made['id']}")
    assert graph.world.mails() == []


def test_only_a_meeting_can_be_cancelled_with_a_comment(graph: Graph) -> None:
    """V3."""
    alone = graph.create()
    meeting = graph.create(attendees=[{"emailAddress": {"address": "cy@example.test"}}])
    assert graph.send("POST", f"me/events/{alone['id']}/cancel", {"comment": "Sorry"}).status_code == 400
    assert graph.send("POST", f"me/events/{meeting['id']}/cancel", {"comment": "Sorry"}).status_code == 202
    assert [event["id"] for event in outlook.events(graph.mailbox)] == [alone["id"]]


def test_an_online_meeting_gets_a_link_and_a_block_in_the_text(graph: Graph) -> None:
    """E16."""
    made = graph.create(isOnlineMeeting=True, onlineMeetingProvider="teamsForBusiness")
    link = made["onlineMeeting"]["joinUrl"]
    assert link in made["body"]["content"]
    assert graph.patch(made["id"], isOnlineMeeting=False).json()["isOnlineMeeting"] is True
    kept = graph.patch(made["id"], body={"contentType": "html", "content": f'New <a href="{link}">Join</a>'})
    assert kept.json()["onlineMeeting"] == {"joinUrl": link}
    lost = graph.patch(made["id"], body={"contentType": "html", "content": "New"}).json()
    assert (lost["isOnlineMeeting"], lost["onlineMeeting"]) == (False, None)


def test_a_meetings_link_may_come_later_or_never(graph: Graph) -> None:
    """E16."""
    graph.world.set_switches(meetings_take_s=5)
    made = graph.create(isOnlineMeeting=True, onlineMeetingProvider="teamsForBusiness")
    assert made["onlineMeeting"] is None
    graph.world.advance(timedelta(seconds=6))
    assert graph.get(f"me/events/{made['id']}")["onlineMeeting"]["joinUrl"].startswith("https://teams")
    graph.world.set_switches(meetings_take_s=0, meetings_fail=True)
    assert graph.create(isOnlineMeeting=True)["onlineMeeting"] is None


def test_a_calendar_that_allows_no_provider_makes_no_meeting(graph: Graph) -> None:
    """E16."""
    outlook.change_calendar(graph.mailbox, graph.main, meeting_providers=[])
    wanted: dict[str, Any] = {"isOnlineMeeting": True, "onlineMeetingProvider": "teamsForBusiness"}
    assert graph.create(**wanted)["isOnlineMeeting"] is False
    graph.world.set_switches(disallowed_meetings="refused")
    assert graph.send("POST", "me/events", an_event(**wanted)).status_code == 400


def test_reminders_and_categories_are_kept(graph: Graph) -> None:
    made = graph.create(
        categories=["Red"], isReminderOn=False, reminderMinutesBeforeStart=5, importance="high"
    )
    read = graph.get(f"me/events/{made['id']}")
    assert (read["categories"], read["isReminderOn"], read["reminderMinutesBeforeStart"]) == (
        ["Red"],
        False,
        5,
    )
    assert read["importance"] == "high"


def test_cancelled_and_declined_events_say_so(graph: Graph) -> None:
    """E4, E15."""
    off, declined = graph.create(), graph.create()
    outlook.cancel_as_organizer(graph.mailbox, off["id"])
    outlook.answer_invitation(graph.mailbox, declined["id"], "declined")
    assert graph.get(f"me/events/{off['id']}")["isCancelled"] is True
    answered = graph.get(f"me/events/{declined['id']}")
    assert (answered["responseStatus"]["response"], answered["isOrganizer"]) == ("declined", False)


def test_a_persons_copy_has_another_id_and_carries_our_marks_by_switch(graph: Graph) -> None:
    made = graph.create(transactionId="t", singleValueExtendedProperties=[{"id": KEY, "value": "abc"}])
    copy = outlook.copy_event(graph.mailbox, made["id"])
    assert copy["id"] != made["id"]
    assert (copy["transactionId"], copy["singleValueExtendedProperties"][0]["value"]) == ("t", "abc")
    graph.world.set_switches(copies_carry_marks=False)
    bare = outlook.copy_event(graph.mailbox, made["id"])
    assert bare["transactionId"] is None
    assert "singleValueExtendedProperties" not in bare


def test_a_mailbox_survives_the_file(graph: Graph, tmp_path: object) -> None:
    made = graph.create(singleValueExtendedProperties=[{"id": KEY, "value": "abc"}])
    path = f"{tmp_path}/world.json"
    graph.world.save(path)
    again = type(graph.world).load(path)
    assert outlook.event(again.mailbox(ANNA), made["id"]) == outlook.event(graph.mailbox, made["id"])
    again.set_switches(all_day_shifts=False)
    assert again.mailbox(ANNA).switches.all_day_shifts is False
