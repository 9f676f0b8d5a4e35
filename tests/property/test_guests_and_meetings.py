"""Customers invited to events, by name: who gets a mail, and who never does, in whole runs (law L10)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from latesync.bridge.client import BridgeAddress, WriteBackClient
from latesync.plan.event_settings import EventSettings, to_json
from latesync.plan.failures import USAGE_PAUSE
from latesync.store import mappings
from latesync.store.event_settings import write_event_settings
from latesync.store.history import What
from latesync.store.trust_schema import history
from latesync.times import Zone
from tests.builders.plugin import SECRET, FakePlugin, served_plugin
from tests.property.machine.people import People
from tests.property.machine.scenes import CALENDAR, book, cancel, move, ours, settle_and_check, work
from tests.property.machine.town import ANNA, Town

CUSTOMER = "robin@example.test"
INVITE = EventSettings(invite=True)
A_MOMENT = timedelta(seconds=50)


def choose(town: Town, settings: EventSettings) -> None:
    write_event_settings(town.database, town.site_id, 0, to_json(settings), town.clock())


def mails(town: Town) -> list[tuple[str, str]]:
    return [(mail["kind"], address) for mail in town.world.mails for address in mail["to"]]


def guests(town: Town) -> list[list[str]]:
    """Of each of our events, by start."""
    return [
        [attendee["email"] for attendee in event.resource.get("attendees", [])]
        for event in People(town).events(CALENDAR, ours=True)
    ]


def noted(town: Town, what: What) -> list[str]:
    """The results of what the history tells of it."""
    with town.database.read() as connection:
        query = history.select().where(history.c.what == what.value).order_by(history.c.id)
        return [row.result for row in connection.execute(query)]


@pytest.fixture
def inviting(town: Town) -> Town:
    """A town in step whose owner invites customers."""
    choose(town, INVITE)
    town.settle()
    return town


def test_nobody_is_invited_unless_the_owner_says_so(town: Town) -> None:
    """users-ask.md U29: no guests by default."""
    town.settle()
    booking = book(town)
    work(town)
    move(town, booking)
    settle_and_check(town)
    cancel(town, booking)
    settle_and_check(town)
    assert (guests(town), mails(town)) == ([], [])
    assert town.account(ANNA).in_step is None


def test_a_new_booking_is_told_once_and_its_changes_too(inviting: Town) -> None:
    booking = book(inviting)
    work(inviting)
    assert (guests(inviting), mails(inviting)) == ([[CUSTOMER]], [("invitation", CUSTOMER)])
    inviting.settle()
    move(inviting, booking)
    inviting.note_site()
    work(inviting)
    inviting.settle()
    assert mails(inviting)[1:] == [("update", CUSTOMER)]
    cancel(inviting, booking)
    work(inviting)
    inviting.settle()
    assert mails(inviting)[2:] == [("cancellation", CUSTOMER)]
    assert ours(inviting) == []
    assert noted(inviting, What.GUEST_INVITED) == [""]


def test_the_first_sync_invites_nobody(town: Town) -> None:
    """users-ask.md U30; odoo-calendar-sync.md PR 92953."""
    choose(town, INVITE)
    for day in (1, 2, 3):
        book(town, day)
    town.settle()
    assert (len(ours(town)), guests(town), mails(town)) == (3, [[], [], []], [])


def test_switching_invitations_on_tells_nobody_of_what_stands(town: Town) -> None:
    """users-ask.md U30."""
    book(town)
    town.settle()
    choose(town, INVITE)
    town.settle()
    assert (guests(town), mails(town)) == ([[]], [])
    book(town, 2)
    work(town)
    assert mails(town) == [("invitation", CUSTOMER)]


def test_what_is_caught_up_after_a_sign_out_is_silent(inviting: Town) -> None:
    """users-ask.md U30; odoo-calendar-sync.md PR 109915: a backfill mails nobody."""
    first = book(inviting, 1)
    work(inviting)
    inviting.world.revoke_grants(CALENDAR)
    before = mails(inviting)
    for _ in range(3):
        work(inviting, timedelta(minutes=20))
    book(inviting, 2)
    move(inviting, first)
    inviting.note_site()
    inviting.settle()
    assert len(ours(inviting)) == 2
    assert (guests(inviting), mails(inviting)) == ([[CUSTOMER], []], before)
    book(inviting, 3)
    work(inviting)
    assert mails(inviting)[len(before) :] == [("invitation", CUSTOMER)]


def test_a_catch_up_cut_in_two_stays_silent_to_its_end(inviting: Town) -> None:
    """The run after the first has looked a moment ago, and yet what it finds is old."""
    inviting.pass_time(timedelta(hours=3))
    for day in (1, 2, 3, 4):
        book(inviting, day)
    fault = {"status": 429, "reason": "rateLimitExceeded", "domain": "usageLimits"}
    inviting.world.add_fault("status", method="POST", path="/events$", after=1, **fault)
    inviting.work()
    assert len(ours(inviting)) == 1
    inviting.settle()
    assert (len(ours(inviting)), mails(inviting)) == (4, [])


def test_a_lost_answer_mails_once(inviting: Town) -> None:
    book(inviting)
    inviting.pass_time(A_MOMENT)
    inviting.world.add_fault("lost_answer", method="POST", path="/events$", times=2)
    inviting.work()
    inviting.world.faults.clear()
    inviting.settle()
    assert (guests(inviting), mails(inviting)) == ([[CUSTOMER]], [("invitation", CUSTOMER)])


def test_a_lost_answer_to_a_change_mails_once(inviting: Town) -> None:
    booking = book(inviting)
    work(inviting)
    inviting.settle()
    move(inviting, booking)
    inviting.note_site()
    inviting.pass_time(A_MOMENT)
    inviting.world.add_fault("lost_answer", method="PATCH", times=2)
    inviting.work()
    inviting.world.faults.clear()
    inviting.settle()
    assert mails(inviting) == [("invitation", CUSTOMER), ("update", CUSTOMER)]


def test_a_create_that_was_put_off_invites_when_its_turn_comes(inviting: Town) -> None:
    """Withdrawn before anything was asked: its customer has heard nothing yet."""
    for day in (1, 2):
        book(inviting, day)
    fault = {"status": 429, "reason": "rateLimitExceeded", "domain": "usageLimits"}
    inviting.world.add_fault("status", method="POST", path="/events$", **fault)
    work(inviting)
    assert ours(inviting) == []
    inviting.settle()
    assert mails(inviting) == [("invitation", CUSTOMER)] * 2


def test_an_event_put_back_is_silent_and_keeps_its_guest(inviting: Town) -> None:
    """users-ask.md U30: a restore mails nobody."""
    book(inviting)
    work(inviting)
    inviting.settle()
    (event,) = People(inviting).events(CALENDAR, ours=True)
    inviting.world.delete_event(CALENDAR, event.id)
    inviting.settle()
    assert (guests(inviting), len(mails(inviting))) == ([[CUSTOMER]], 1)
    (event,) = People(inviting).events(CALENDAR, ours=True)
    times = {
        "start": {"dateTime": "2026-11-25T08:00:00Z", "timeZone": "UTC"},
        "end": {"dateTime": "2026-11-25T09:00:00Z", "timeZone": "UTC"},
    }
    inviting.world.patch_event(CALENDAR, event.id, times)
    inviting.settle()
    assert (ours(inviting), len(mails(inviting))) == (["11-21 09:00"], 1)


def test_another_calendar_takes_the_guest_along_in_silence(inviting: Town) -> None:
    """users-ask.md U39: a new target moves our events silently."""
    book(inviting)
    work(inviting)
    inviting.settle()
    inviting.choose(ANNA, inviting.team, [CALENDAR])
    inviting.settle()
    assert len(mails(inviting)) == 1
    (event,) = People(inviting).events(inviting.team, ours=True)
    assert [attendee["email"] for attendee in event.resource["attendees"]] == [CUSTOMER]


def test_a_guest_who_declines_changes_no_booking_and_no_event(inviting: Town) -> None:
    booking = book(inviting)
    work(inviting)
    inviting.settle()
    (event,) = People(inviting).events(CALENDAR, ours=True)
    declined = [{"email": CUSTOMER, "responseStatus": "declined"}]
    inviting.world.patch_event(CALENDAR, event.id, {"attendees": declined})
    before = inviting.site.row("bookings", booking)
    inviting.settle()
    assert inviting.site.row("bookings", booking) == before
    (event,) = People(inviting).events(CALENDAR, ours=True)
    assert event.resource["attendees"] == declined
    assert (ours(inviting), len(mails(inviting))) == (["11-21 09:00"], 1)


def test_another_address_replaces_the_guest_and_leaves_the_agents_own(inviting: Town) -> None:
    book(inviting)
    work(inviting)
    inviting.settle()
    (event,) = People(inviting).events(CALENDAR, ours=True)
    both = [*event.resource["attendees"], {"email": "mum@example.test", "responseStatus": "accepted"}]
    inviting.world.patch_event(CALENDAR, event.id, {"attendees": both})
    inviting.settle()
    inviting.site.update("customers", 1, email="kim@example.test")
    inviting.note_site()
    inviting.settle()
    (event,) = People(inviting).events(CALENDAR, ours=True)
    answers = {each["email"]: each["responseStatus"] for each in event.resource["attendees"]}
    assert answers == {"mum@example.test": "accepted", "kim@example.test": "needsAction"}


def test_a_guest_the_provider_will_not_take_costs_no_event(inviting: Town) -> None:
    """google-calendar.md Q4."""
    inviting.world.set_switches(outside_guests_per_day=0)
    booking = book(inviting)
    work(inviting)
    assert (ours(inviting), guests(inviting), mails(inviting)) == (["11-21 09:00"], [[]], [])
    assert inviting.account(ANNA).problem is None
    assert noted(inviting, What.GUEST_LEFT_OUT) == ["quotaExceeded"]
    inviting.world.set_switches(outside_guests_per_day=None)
    inviting.settle()
    assert guests(inviting) == [[]]
    move(inviting, booking)
    inviting.note_site()
    work(inviting)
    assert (guests(inviting), mails(inviting)) == ([[CUSTOMER]], [("update", CUSTOMER)])


def test_a_use_limit_that_is_not_about_guests_holds_up_as_ever(inviting: Town) -> None:
    fault = {"status": 403, "reason": "quotaExceeded", "domain": "usageLimits"}
    inviting.world.add_fault("status", method="POST", path="/events$", times=None, **fault)
    book(inviting)
    work(inviting)
    due = inviting.account(ANNA).outbound_due_at
    assert due is not None
    assert due >= inviting.clock() + USAGE_PAUSE
    assert ours(inviting) == []


def test_an_address_google_refuses_costs_no_event(inviting: Town) -> None:
    fault = {"status": 400, "reason": "invalid"}
    inviting.world.add_fault("status", method="POST", path="/events$", **fault)
    book(inviting)
    work(inviting)
    assert (len(ours(inviting)), guests(inviting)) == (1, [[]])
    assert noted(inviting, What.GUEST_LEFT_OUT) == ["invalid"]


# Meetings


@pytest.fixture
def meeting(town: Town) -> Iterator[tuple[Town, FakePlugin]]:
    """A town in step whose bookings get a link, with a plugin that listens."""
    plugin = FakePlugin(town.site, town.clock, Zone("Europe/Berlin"))
    with served_plugin(plugin) as url:
        address = BridgeAddress(home_url=url)
        client = WriteBackClient(town.site_id, SECRET, lambda: address, town.clock)
        town.process.parts = replace(town.process.parts, write_back=client)
        choose(town, EventSettings(meeting=True))
        town.settle()
        yield town, plugin


def meeting_of(town: Town) -> str:
    (mapping,) = mappings.read_mappings(town.database, town.account(ANNA).id)
    return mapping.meeting


def test_a_link_is_made_told_to_the_site_and_mails_nobody(meeting: tuple[Town, FakePlugin]) -> None:
    town, plugin = meeting
    booking = book(town)
    work(town)
    assert meeting_of(town) == "asked"
    town.settle()
    assert meeting_of(town) == "told"
    (link,) = plugin.meetings.values()
    (event,) = People(town).events(CALENDAR, ours=True)
    assert plugin.meetings == {booking: event.resource["hangoutLink"]}
    assert link.startswith("https://meet.google.com/")
    assert (mails(town), noted(town, What.MEETING_MADE)) == ([], [""])


def test_a_link_waits_for_the_plugin_and_holds_up_no_booking(meeting: tuple[Town, FakePlugin]) -> None:
    town, plugin = meeting
    plugin.answers = [(500, {"error": "failed"})] * 2
    booking = book(town)
    for _ in range(3):
        work(town)
    assert town.account(ANNA).problem is None
    assert len(ours(town)) == 1
    town.settle()
    assert (meeting_of(town), list(plugin.meetings)) == ("told", [booking])


def test_a_link_that_is_never_made_is_given_up(meeting: tuple[Town, FakePlugin]) -> None:
    town, plugin = meeting
    town.world.set_switches(meetings_fail=True)
    book(town)
    work(town)
    town.settle()
    assert (meeting_of(town), plugin.meetings) == ("failed", {})
    assert noted(town, What.MEETING_MADE) == ["failed"]


def test_a_calendar_that_has_no_meetings_gets_its_events_all_the_same(
    meeting: tuple[Town, FakePlugin],
) -> None:
    town, plugin = meeting
    town.world.set_switches(meetings_allowed=False)
    book(town)
    work(town)
    town.settle()
    assert (len(ours(town)), meeting_of(town), plugin.meetings) == (1, "failed", {})
