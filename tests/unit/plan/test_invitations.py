"""Who is invited, and who is told by mail, in every situation (law L10; users-ask.md U29, U30)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from latesync.model import Booking, Drift, Mapping, MappingState, Snapshot
from latesync.plan.content import booking_hash, content_hash
from latesync.plan.event_settings import EventChoices, EventSettings, Grouping, Privacy
from latesync.plan.invitations import (
    INTENDED,
    LEFT_OUT,
    LOOKED_WITHIN,
    MOST_AT_ONCE,
    InStep,
    Occasion,
    guest_key,
    in_step_from,
    in_step_text,
    intended_guests,
    invite,
    mails_customers,
    watched,
)
from latesync.plan.operations import AdoptEvent, CreateEvent, DeleteEvent, Operation, UpdateEvent
from latesync.plan.outbound import OutboundPolicy, plan_outbound
from tests.builders.plan import CALENDAR, WANTED, a_booking, a_mapping, a_snapshot, a_target, a_window, utc

ADA = "ada@example.org"
NOW = utc("2026-03-01 12:00")
BEFORE = InStep(newest=4000, until=a_window().end, statuses=WANTED)
INVITE = EventSettings(invite=True)
OF_NOW = Occasion(NOW, BEFORE)


def booked(booking_id: int = 4182, start: str = "2026-03-02 09:00", **fields: object) -> Booking:
    return a_booking(booking_id, start, customer_email=ADA, **fields)  # type: ignore[arg-type]


def invited(booking: Booking, **fields: object) -> Mapping:
    """The mapping of an event to which the booking's customer was invited."""
    return replace(a_mapping(booking), **{"guests_hash": guest_key(booking.id, ADA), **fields})  # type: ignore[arg-type]


@dataclass
class Situation:
    """What is known and chosen when a plan is made."""

    snapshot: Snapshot
    mappings: tuple[Mapping, ...] = ()
    settings: EventSettings = INVITE
    occasion: Occasion = OF_NOW
    calendar: str = CALENDAR

    def operations(self) -> tuple[Operation, ...]:
        choices = EventChoices.for_all(self.settings)
        policy = OutboundPolicy(events=choices)
        plan = plan_outbound(self.snapshot, self.mappings, a_target(self.calendar), policy)
        found = {key: row for key, row in self.snapshot.looked_up.items() if isinstance(row, Booking)}
        bookings = {**found, **self.snapshot.bookings}
        return invite(plan.operations, self.mappings, bookings, choices, WANTED, self.occasion)

    def only(self) -> Operation:
        (operation,) = self.operations()
        return operation


def is_mailed(operation: Operation) -> bool:
    assert isinstance(operation, CreateEvent | AdoptEvent | UpdateEvent | DeleteEvent)
    return operation.is_mailed


def guests_of(operation: Operation) -> tuple[str, ...]:
    assert isinstance(operation, CreateEvent | AdoptEvent | UpdateEvent)
    return operation.content.guests


def a_new_one(**fields: object) -> Situation:
    return replace_fields(Situation(a_snapshot(booked())), **fields)


def replace_fields(situation: Situation, **fields: object) -> Situation:
    return replace(situation, **fields)  # type: ignore[arg-type]


def a_moved_one(mapping: Callable[[Booking], Mapping] = invited, **fields: object) -> Situation:
    before, after = booked(), booked(start="2026-03-03 15:00")
    return replace_fields(Situation(a_snapshot(after), (mapping(before),)), **fields)


def a_cancelled_one(**fields: object) -> Situation:
    booking = booked()
    gone = replace(booking, status="cancelled")
    return replace_fields(Situation(a_snapshot(gone), (invited(booking),)), **fields)


CATCHING_UP = Occasion(NOW, None)
DECIDED = Occasion(NOW, BEFORE, decided_ids={4182})
GONE = {"state": MappingState.GONE, "etag": "", "content_hash": "", "echo_hash": ""}


def with_state(**changes: object) -> Callable[[Booking], Mapping]:
    return lambda booking: invited(booking, **changes)


MAILED = {
    "a new booking": a_new_one(),
    "a booking approved just now, though it was made before": Situation(a_snapshot(booked(3999))),
    "a new booking, its create put off before anything was asked of the provider": replace_fields(
        a_new_one(),
        mappings=(replace(invited(booked()), **GONE, guests_hash=INTENDED + guest_key(4182, ADA)),),  # type: ignore[arg-type]
    ),
    "a booking moved by the customer": a_moved_one(),
    "a booking made longer": Situation(a_snapshot(booked(minutes=90)), (invited(booked()),)),
    "a booking moved whose customer was not invited before": a_moved_one(a_mapping),
    "a booking cancelled": a_cancelled_one(),
    "a booking moved from a past time to one to come": Situation(
        a_snapshot(booked()), (invited(booked(start="2026-03-01 09:00")),)
    ),
}

SILENT = {
    "first sync": a_new_one(occasion=CATCHING_UP),
    "moved, found after a sign-out, a pause or an outage": a_moved_one(occasion=CATCHING_UP),
    "cancelled, found after a sign-out, a pause or an outage": a_cancelled_one(occasion=CATCHING_UP),
    "begun already": a_new_one(occasion=Occasion(utc("2026-03-02 09:30"), BEFORE)),
    "over already": a_new_one(occasion=Occasion(utc("2026-03-02 11:00"), BEFORE)),
    "moved into the past": Situation(a_snapshot(booked(start="2026-03-01 08:00")), (invited(booked()),)),
    "cancelled after it was over": a_cancelled_one(occasion=Occasion(utc("2026-03-02 11:00"), BEFORE)),
    "made long ago, reached by the window only now": Situation(
        a_snapshot(booked(3999, "2027-02-28 09:00")),
        occasion=Occasion(NOW, replace(BEFORE, until=utc("2027-02-28 00:00"))),
    ),
    "made long ago, wanted since another status counts": Situation(
        a_snapshot(booked(3999)),
        occasion=Occasion(NOW, replace(BEFORE, statuses=frozenset({"approved"}))),
    ),
    "put back after the agent moved it": Situation(
        a_snapshot(booked()), (invited(booked(), drift=Drift.EDITED),)
    ),
    "made again after the agent deleted it": Situation(
        a_snapshot(booked()), (invited(booked(), drift=Drift.DELETED),)
    ),
    "made again after a reset": Situation(a_snapshot(booked()), (invited(booked(), **GONE),)),
    "moved by its agent, and the booking followed": a_moved_one(with_state(drift=Drift.EDITED)),
    "adopted, its first create not meant to mail": Situation(
        a_snapshot(booked()), (invited(booked(), state=MappingState.INTENT, etag=""),)
    ),
    "wording changed": Situation(
        a_snapshot(booked()), (invited(booked()),), replace(INVITE, summary="Appointment")
    ),
    "the site's time zone changed": Situation(
        a_snapshot(booked(start="2026-03-02 08:00")),
        (replace(invited(booked()), booking_hash=booking_hash(booked(start="2026-03-02 08:00"))),),
    ),
    "another calendar chosen": Situation(a_snapshot(booked()), (invited(booked()),), calendar="team"),
    "given to another agent": Situation(a_snapshot(booked(agent_id=8)), (invited(booked()),)),
    "removed from the site": Situation(a_snapshot(looked_up={4182: None}), (invited(booked()),)),
    "agent removed": Situation(a_snapshot(booked(), agent_exists=False), (invited(booked()),)),
    "moved, released by a person": a_moved_one(occasion=DECIDED),
    "cancelled, released by a person": a_cancelled_one(occasion=DECIDED),
    "left out at first, changed now": Situation(
        a_snapshot(booked(start="2026-03-03 15:00")), (a_mapping(booked(), state=MappingState.LEFT_OUT),)
    ),
    "set aside, tried again": a_moved_one(with_state(state=MappingState.SET_ASIDE)),
    "a phone number added": Situation(a_snapshot(booked(customer_phone="0123")), (invited(booked()),)),
    "nobody knew the booking before (an upgrade)": a_moved_one(with_state(booking_hash="")),
    "one event for the whole group": a_new_one(settings=replace(INVITE, group=Grouping.TOGETHER)),
    "no names in the calendar": a_new_one(settings=replace(INVITE, privacy=Privacy.INITIALS)),
    "a provider that cannot be silent": a_new_one(occasion=Occasion(NOW, BEFORE, can_be_silent=False)),
    "no mail about new ones": a_new_one(settings=replace(INVITE, mail_on_create=False)),
    "no mail about changes": a_moved_one(settings=replace(INVITE, mail_on_change=False)),
    "no mail about cancellations": a_cancelled_one(settings=replace(INVITE, mail_on_cancel=False)),
    "invitations off, a new one": a_new_one(settings=EventSettings()),
    "invitations off, moved": a_moved_one(settings=EventSettings()),
    "invitations off, cancelled": a_cancelled_one(settings=EventSettings()),
}


@pytest.mark.parametrize("situation", MAILED.values(), ids=MAILED.keys())
def test_a_change_of_now_is_mailed(situation: Situation) -> None:
    """users-ask.md U29: one rule decides who mails."""
    assert is_mailed(situation.only())


@pytest.mark.parametrize("situation", SILENT.values(), ids=SILENT.keys())
def test_everything_else_is_silent(situation: Situation) -> None:
    """users-ask.md U30; odoo-calendar-sync.md PR 92953, PR 60379, PR 109915."""
    assert not is_mailed(situation.only())


@pytest.mark.parametrize(
    "name",
    [
        "first sync",
        "begun already",
        "made long ago, reached by the window only now",
        "left out at first, changed now",
        "one event for the whole group",
        "no names in the calendar",
        "a provider that cannot be silent",
        "invitations off, a new one",
    ],
)
def test_where_nobody_may_be_told_nobody_is_newly_invited(name: str) -> None:
    assert guests_of(SILENT[name].only()) == ()


@pytest.mark.parametrize(
    "name", ["made again after the agent deleted it", "made again after a reset", "no mail about new ones"]
)
def test_who_was_invited_stays_a_guest_in_silence(name: str) -> None:
    operation = SILENT[name].only()
    assert guests_of(operation) == (ADA,)
    assert not is_mailed(operation)


def test_a_new_booking_invites_its_customer() -> None:
    assert guests_of(a_new_one().only()) == (ADA,)


def test_an_unanswered_create_that_was_to_mail_mails_only_where_the_event_turns_out_missing() -> None:
    """The performer finds the event first; what stands is adopted without a write."""
    key = INTENDED + guest_key(4182, ADA)
    waiting = invited(booked(), state=MappingState.INTENT, etag="", guests_hash=key)
    operation = Situation(a_snapshot(booked()), (waiting,)).only()
    assert isinstance(operation, AdoptEvent)
    assert (guests_of(operation), operation.is_mailed) == ((ADA,), True)
    late = Situation(a_snapshot(booked()), (waiting,), occasion=CATCHING_UP).only()
    assert (guests_of(late), is_mailed(late)) == ((ADA,), False)


@pytest.mark.parametrize(
    "address", ["", "  ", "ada", "ada@", "@x.org", "a b@x.org", "a@x", "a@x.org,b@x.org"]
)
def test_an_address_nobody_can_be_reached_at_is_no_guest_and_no_error(address: str) -> None:
    operation = Situation(a_snapshot(replace(booked(), customer_email=address))).only()
    assert (guests_of(operation), is_mailed(operation)) == ((), False)


@pytest.mark.parametrize(
    ("customer", "own"),
    [
        ("Dana@Example.com", "dana@example.com"),
        ("d.a.n.a+salon@googlemail.com", "dana@gmail.com"),
        (ADA, "Ada@example.org "),
    ],
)
def test_the_agent_is_never_their_own_guest(customer: str, own: str) -> None:
    booking = replace(booked(), customer_email=customer)
    situation = Situation(a_snapshot(booking), occasion=Occasion(NOW, BEFORE, own_addresses=(own,)))
    assert guests_of(situation.only()) == ()


def test_another_customer_takes_the_place_of_the_first() -> None:
    after = replace(booked(), customer_email="eve@example.org")
    operation = Situation(a_snapshot(after), (invited(booked()),)).only()
    assert isinstance(operation, UpdateEvent)
    assert operation.takes_guest_off
    assert (guests_of(operation), operation.is_mailed) == (("eve@example.org",), True)


def test_an_address_that_stands_nowhere_in_the_event_is_changed_all_the_same() -> None:
    settings = replace(INVITE, description="Booking {{booking_code}}")
    content = a_mapping(booked())
    planned = Situation(a_snapshot(booked()), settings=settings).operations()[0]
    assert isinstance(planned, CreateEvent)
    known = replace(content, content_hash=content_hash(planned.content), guests_hash=guest_key(4182, ADA))
    assert Situation(a_snapshot(booked()), (known,), settings).operations() == ()
    after = replace(booked(), customer_email="eve@example.org")
    operation = Situation(a_snapshot(after), (known,), settings).only()
    assert guests_of(operation) == ("eve@example.org",)


def test_an_address_taken_out_takes_the_guest_off() -> None:
    after = replace(booked(), customer_email="")
    operation = Situation(a_snapshot(after), (invited(booked()),)).only()
    assert isinstance(operation, UpdateEvent)
    assert operation.takes_guest_off
    assert guests_of(operation) == ()


def test_a_guest_stays_as_they_are_when_invitations_are_switched_off() -> None:
    assert Situation(a_snapshot(booked()), (invited(booked()),), EventSettings()).operations() == ()
    operation = a_moved_one(settings=EventSettings()).only()
    assert isinstance(operation, UpdateEvent)
    assert not operation.takes_guest_off


def test_switching_invitations_on_writes_nothing() -> None:
    assert Situation(a_snapshot(booked()), (a_mapping(booked()),)).operations() == ()


def test_a_guest_the_provider_would_not_take_waits_for_the_booking_to_change() -> None:
    left_out = replace(a_mapping(booked()), guests_hash=LEFT_OUT + guest_key(4182, ADA))
    assert Situation(a_snapshot(booked()), (left_out,)).operations() == ()
    reworded = Situation(a_snapshot(booked()), (left_out,), replace(INVITE, summary="Appointment")).only()
    assert guests_of(reworded) == ()
    moved = Situation(a_snapshot(booked(start="2026-03-03 15:00")), (left_out,)).only()
    assert guests_of(moved) == (ADA,)


def test_more_at_once_than_customers_do_is_an_import_and_silent() -> None:
    """odoo-calendar-sync.md PR 128328: a flood of invitations."""
    few = [booked(5000 + number) for number in range(MOST_AT_ONCE)]
    assert all(is_mailed(operation) for operation in Situation(a_snapshot(*few)).operations())
    many = [*few, booked(6000)]
    operations = Situation(a_snapshot(*many)).operations()
    assert not any(is_mailed(operation) or guests_of(operation) for operation in operations)


def test_with_nothing_chosen_the_plan_is_the_very_same() -> None:
    """Defaults: no guest, no mail, no meeting."""
    snapshot = a_snapshot(booked(), booked(4183, status="cancelled"))
    mappings = (a_mapping(booked(4183)),)
    plan = plan_outbound(snapshot, mappings, a_target(), OutboundPolicy())
    decided = invite(
        plan.operations, mappings, snapshot.bookings, EventChoices(), WANTED, Occasion(NOW, BEFORE)
    )
    assert decided == plan.operations


def test_a_kept_cancelled_event_loses_its_guest_who_is_told() -> None:
    gone = replace(booked(), status="cancelled")
    choices = EventChoices.for_all(INVITE)
    policy = OutboundPolicy(events=choices, keeps_cancelled=True)
    known = (invited(booked()),)
    plan = plan_outbound(a_snapshot(gone), known, a_target(), policy)
    (operation,) = invite(plan.operations, known, {4182: gone}, choices, WANTED, Occasion(NOW, BEFORE))
    assert isinstance(operation, UpdateEvent)
    assert (operation.takes_guest_off, operation.is_mailed) == (True, True)


# Meetings


MEET = EventSettings(meeting=True)


def test_a_service_with_meetings_asks_for_one_with_the_event_and_mails_nobody() -> None:
    operation = a_new_one(settings=MEET, occasion=CATCHING_UP).only()
    assert isinstance(operation, CreateEvent)
    assert operation.content.wants_meeting
    assert not operation.is_mailed


def test_an_event_that_has_its_meeting_is_asked_for_no_other() -> None:
    for meeting in ("asked", "made", "told", "failed"):
        operation = a_moved_one(with_state(meeting=meeting), settings=MEET).only()
        assert isinstance(operation, UpdateEvent)
        assert not operation.content.wants_meeting
    operation = a_moved_one(settings=MEET).only()
    assert isinstance(operation, UpdateEvent)
    assert operation.content.wants_meeting


def test_what_is_over_gets_no_meeting() -> None:
    operation = a_new_one(settings=MEET, occasion=Occasion(utc("2026-03-02 11:00"), BEFORE)).only()
    assert isinstance(operation, CreateEvent)
    assert not operation.content.wants_meeting


# Whether an account was looked at all the time


def test_a_look_a_moment_ago_means_that_what_is_found_is_of_now() -> None:
    looked_at = NOW - timedelta(seconds=40)
    assert watched(BEFORE, now=NOW, looked_at=looked_at, failing_since=None) is BEFORE


@pytest.mark.parametrize(
    ("looked_at", "failing_since"),
    [(NOW, None), (NOW - LOOKED_WITHIN, None), (NOW, NOW - LOOKED_WITHIN)],
    ids=["this very moment", "a quarter of an hour ago", "failing for a quarter of an hour"],
)
def test_a_short_silence_is_none(looked_at: datetime, failing_since: datetime | None) -> None:
    assert watched(BEFORE, now=NOW, looked_at=looked_at, failing_since=failing_since) is BEFORE


@pytest.mark.parametrize(
    ("looked_at", "failing_since"),
    [
        (None, None),
        (NOW - LOOKED_WITHIN - timedelta(seconds=1), None),
        (NOW + timedelta(minutes=1), None),
        (NOW, NOW - LOOKED_WITHIN - timedelta(seconds=1)),
    ],
    ids=["never looked at", "looked at long ago", "a clock set back", "failing for long"],
)
def test_after_a_silence_what_is_found_is_caught_up(looked_at: object, failing_since: object) -> None:
    assert watched(BEFORE, now=NOW, looked_at=looked_at, failing_since=failing_since) is None  # type: ignore[arg-type]


def test_what_was_in_step_is_read_as_it_was_kept() -> None:
    assert in_step_from(in_step_text(BEFORE)) == BEFORE
    for text in (None, "", "{}", "[]", '{"newest": "x", "until": 7, "statuses": []}', "not json"):
        assert in_step_from(text) is None


def test_what_is_remembered_of_a_guest_tells_no_address() -> None:
    key = guest_key(4182, ADA)
    assert ADA not in key
    assert key == guest_key(4182, " ADA@example.org")
    assert key != guest_key(4183, ADA)


def test_a_create_remembers_whether_it_was_to_mail() -> None:
    mailed, silent = a_new_one().only(), SILENT["no mail about new ones"].only()
    assert isinstance(mailed, CreateEvent)
    assert isinstance(silent, CreateEvent)
    assert intended_guests(mailed) == INTENDED + guest_key(4182, ADA)
    assert intended_guests(silent) == guest_key(4182, ADA)


@pytest.mark.parametrize(
    "guests_hash",
    ["", INTENDED + guest_key(4182, "eve@example.org"), guest_key(4182, "eve@example.org")],
    ids=["nobody", "another address", "another address, in silence"],
)
def test_an_unanswered_create_that_meant_another_guest_or_none_invites_nobody(guests_hash: str) -> None:
    waiting = invited(booked(), state=MappingState.INTENT, etag="", guests_hash=guests_hash)
    operation = Situation(a_snapshot(booked()), (waiting,), replace(INVITE, meeting=True)).only()
    assert isinstance(operation, AdoptEvent)
    assert (guests_of(operation), operation.is_mailed) == ((), False)
    assert operation.content.wants_meeting


def test_an_unanswered_create_of_a_booking_without_an_address_any_more_invites_nobody() -> None:
    waiting = invited(booked(), state=MappingState.INTENT, etag="", guests_hash=INTENDED)
    operation = Situation(a_snapshot(replace(booked(), customer_email="")), (waiting,)).only()
    assert isinstance(operation, AdoptEvent)
    assert (guests_of(operation), operation.is_mailed) == ((), False)


def test_what_is_remembered_of_a_create_before_it_is_asked_for() -> None:
    mailed = a_new_one().only()
    quiet = a_new_one(settings=replace(INVITE, mail_on_create=False)).only()
    alone = a_new_one(settings=EventSettings()).only()
    key = guest_key(4182, ADA)
    remembered = [intended_guests(each) for each in (mailed, quiet, alone) if isinstance(each, CreateEvent)]
    assert remembered == [INTENDED + key, key, ""]


NO_MAIL = {"mail_on_create": False, "mail_on_change": False, "mail_on_cancel": False}


@pytest.mark.parametrize(
    ("wishes", "mails"),
    [
        (INVITE, True),
        (EventSettings(), False),
        (replace(INVITE, privacy=Privacy.INITIALS), False),
        (replace(INVITE, group=Grouping.TOGETHER), False),
        (replace(INVITE, **NO_MAIL), False),  # type: ignore[arg-type]
        *[(replace(INVITE, **{**NO_MAIL, occasion: True}), True) for occasion in NO_MAIL],  # type: ignore[arg-type]
    ],
)
def test_customers_get_mail_where_they_are_guests_and_any_mail_is_wished(
    wishes: EventSettings, mails: bool
) -> None:
    assert mails_customers(wishes) is mails


def test_a_booking_at_the_edge_of_what_was_in_step_counts_as_caught_up() -> None:
    """Of the highest number known then, and of the first moment the window did not hold."""
    last_known = Situation(
        a_snapshot(booked(BEFORE.newest, "2027-02-28 00:00")),
        occasion=Occasion(NOW, replace(BEFORE, until=utc("2027-02-28 00:00"))),
    )
    assert not is_mailed(last_known.only())


def test_what_is_moved_to_begin_this_moment_is_no_news() -> None:
    moved_to_now = Situation(a_snapshot(booked(start="2026-03-01 12:00")), (invited(booked()),))
    assert not is_mailed(moved_to_now.only())


def test_a_customer_without_an_address_is_no_guest_when_their_booking_moves() -> None:
    after = replace(booked(start="2026-03-03 15:00"), customer_email="")
    before = replace(booked(), customer_email="")
    operation = Situation(a_snapshot(after), (a_mapping(before),)).only()
    assert (guests_of(operation), is_mailed(operation)) == ((), False)


def test_whom_nobody_may_be_told_of_is_not_invited_by_a_move_either() -> None:
    operation = a_moved_one(a_mapping, occasion=CATCHING_UP).only()
    assert (guests_of(operation), is_mailed(operation)) == ((), False)


def test_a_flood_of_changes_or_cancellations_is_silent_too() -> None:
    """Law L10: whoever moves or cancels that much at once is no customer."""
    numbers = range(5000, 5001 + MOST_AT_ONCE)
    known = tuple(invited(booked(number)) for number in numbers)
    moved = [booked(number, "2026-03-03 15:00") for number in numbers]
    cancelled = [booked(number, status="cancelled") for number in numbers]
    for bookings in (moved, cancelled):
        few = Situation(a_snapshot(*bookings[1:]), known[1:]).operations()
        many = Situation(a_snapshot(*bookings), known).operations()
        assert [is_mailed(operation) for operation in few] == [True] * MOST_AT_ONCE
        assert [is_mailed(operation) for operation in many] == [False] * (MOST_AT_ONCE + 1)


def test_a_flood_leaves_what_was_silent_before_as_it_was() -> None:
    again = invited(booked(7000), drift=Drift.DELETED)
    many = [booked(5000 + number) for number in range(MOST_AT_ONCE + 1)]
    found = Situation(a_snapshot(*many, booked(7000)), (again,)).operations()
    assert {each.booking_id: guests_of(each) for each in found}[7000] == (ADA,)


def test_each_service_invites_by_its_own_wishes() -> None:
    choices = EventChoices({0: EventSettings(), 3: INVITE})
    snapshot = a_snapshot(booked(5000), booked(5001, service_id=3))
    plan = plan_outbound(snapshot, (), a_target(), OutboundPolicy(events=choices))
    found = invite(plan.operations, (), snapshot.bookings, choices, WANTED, OF_NOW)
    assert {each.booking_id: is_mailed(each) for each in found} == {5000: False, 5001: True}


def test_what_begins_this_moment_invites_nobody_and_what_ends_this_moment_has_no_meeting() -> None:
    begins = a_new_one(occasion=Occasion(utc("2026-03-02 09:00"), BEFORE)).only()
    ends = a_new_one(settings=MEET, occasion=Occasion(utc("2026-03-02 10:00"), BEFORE)).only()
    assert guests_of(begins) == ()
    assert isinstance(ends, CreateEvent)
    assert not ends.content.wants_meeting


def test_no_address_leaves_nothing_to_remember() -> None:
    assert guest_key(4182, " ") == ""
