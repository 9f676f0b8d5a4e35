"""Alarms as mails: once to whoever can act, once when it is over, none for what heals or is meant so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from latesync.notify.texts import LANGUAGES
from latesync.options import UnreadablePolicy, WhenUnreadable
from latesync.store.accounts import record_needs_sign_in
from latesync.store.alarms import list_alarms
from latesync.store.choices import write_unreadable_policy
from latesync.store.leases import EVERYBODY
from latesync.store.mail_stops import stop_mail
from latesync.store.pauses import record_paused, record_resumed
from latesync.store.people import create_admin
from latesync.store.schema import accounts, calendars, held_operations, sites
from latesync.store.sites import record_site_look, record_site_problem
from tests.mail.office import ADDRESSES, BEN, DANA, OWNER, Office

MINUTE = timedelta(minutes=1)
SECOND_OWNER = "second@salon-linden.example"


@pytest.fixture
def open_office(office: Office) -> Office:
    """A salon in step: an owner with a mail address, Dana and Ben connected."""
    office.salon.make_owner()
    office.remember_consent(DANA)
    office.remember_consent(BEN)
    minutes(office, 6)  # long enough after the start
    return office


def minutes(office: Office, number: int, *mailings: object) -> None:
    """So many minutes go by, with a look of the mail thread in each."""
    for _ in range(number):
        for mailing in mailings or (office.mailing,):
            office.look(mailing)  # type: ignore[arg-type]
        office.pass_time(MINUTE)


def break_site(office: Office) -> None:
    record_site_problem(office.services.database, office.services.site_id, "site_unavailable", office.now)


def mend_site(office: Office) -> None:
    record_site_look(office.services.database, office.services.site_id, 0, office.now)


def change(office: Office, agent_id: int = DANA, **values: object) -> None:
    with office.services.database.write() as connection:
        connection.execute(update(accounts).where(accounts.c.agent_id == agent_id).values(**values))


def hold(office: Office, bookings: int = 6) -> None:
    rows = [
        {
            "account_id": office.account(DANA).id,
            "booking_id": number,
            "operation": "delete",
            "reason": "booking removed",
            "held_at": office.now,
        }
        for number in range(bookings)
    ]
    with office.services.database.write() as connection:
        connection.execute(insert(held_operations), rows)


def subjects(office: Office, recipient: str = OWNER) -> list[str]:
    return [mail.subject for mail in office.postbox.to(recipient)]


def test_trouble_that_lasts_is_told_once_and_once_more_when_it_is_over(open_office: Office) -> None:
    """users-ask.md U9."""
    break_site(open_office)
    minutes(open_office, 60)
    assert subjects(open_office) == ["Salon Linden: the booking site cannot be read"]
    mend_site(open_office)
    minutes(open_office, 30)
    assert subjects(open_office)[1:] == ["Salon Linden: The booking site can be read again"]


def test_what_heals_within_a_quarter_of_an_hour_is_told_to_nobody(open_office: Office) -> None:
    """users-ask.md U14."""
    break_site(open_office)
    minutes(open_office, 14)
    mend_site(open_office)
    minutes(open_office, 40)
    assert subjects(open_office) == []
    assert list_alarms(open_office.services.database, open_office.services.site_id) == []


def test_every_owner_is_told_unless_they_want_no_mail(open_office: Office) -> None:
    services = open_office.services
    create_admin(services.database, SECOND_OWNER, "hash", open_office.now)
    quiet = create_admin(services.database, "quiet@salon-linden.example", "hash", open_office.now)
    stop_mail(services.database, services.site_id, f"admin:{quiet}", open_office.now)
    break_site(open_office)
    minutes(open_office, 20)
    assert len(subjects(open_office)) == len(subjects(open_office, SECOND_OWNER)) == 1
    assert subjects(open_office, "quiet@salon-linden.example") == []


def test_two_workers_tell_once(open_office: Office) -> None:
    """users-ask.md U8."""
    workers = [open_office.new_mailing(), open_office.new_mailing()]
    break_site(open_office)
    minutes(open_office, 30, *workers)
    mend_site(open_office)
    minutes(open_office, 20, *workers)
    assert len(subjects(open_office)) == 2


def test_a_restart_begins_no_duration_anew_and_repeats_nothing(open_office: Office) -> None:
    break_site(open_office)
    minutes(open_office, 12)
    again = open_office.new_mailing()
    minutes(open_office, 6, again)
    assert len(subjects(open_office)) == 1
    minutes(open_office, 20, open_office.new_mailing())
    assert len(subjects(open_office)) == 1


def test_what_comes_and_goes_is_not_told_twice_within_an_hour(open_office: Office) -> None:
    break_site(open_office)
    minutes(open_office, 18)
    for _ in range(4):
        mend_site(open_office)
        minutes(open_office, 4)
        break_site(open_office)
        minutes(open_office, 4)
    assert len(subjects(open_office)) == 1
    mend_site(open_office)
    minutes(open_office, 15)
    assert len(subjects(open_office)) == 2


def test_nothing_is_told_at_night_and_nothing_that_healed_by_the_morning(open_office: Office) -> None:
    open_office.go_to(20, 20, 30)
    minutes(open_office, 6)
    break_site(open_office)
    minutes(open_office, 120)
    assert subjects(open_office) == []
    mend_site(open_office)
    minutes(open_office, 3)
    open_office.go_to(21, 8, 1)
    minutes(open_office, 30)
    assert subjects(open_office) == []


def test_what_lasts_through_the_night_is_told_in_the_morning(open_office: Office) -> None:
    open_office.go_to(20, 20, 30)
    minutes(open_office, 6)
    break_site(open_office)
    minutes(open_office, 20)
    open_office.go_to(21, 7, 45)
    minutes(open_office, 40)
    (mail,) = open_office.postbox.to(OWNER)
    assert "For 11 hours no new or changed booking" in " ".join(mail.text.split())


def test_a_machine_that_wakes_up_tells_nobody_of_what_heals_at_once(open_office: Office) -> None:
    break_site(open_office)
    minutes(open_office, 5)
    open_office.pass_time(timedelta(hours=3))  # it sleeps
    minutes(open_office, 2)
    mend_site(open_office)
    minutes(open_office, 10)
    assert "alarm" not in {row.kind for row in open_office.mails()}


def test_waiting_bookings_are_told_with_their_number_and_time(open_office: Office) -> None:
    """users-ask.md U14: "2 bookings wait since 40 min"."""
    since = open_office.now
    change(
        open_office,
        problem="provider_unavailable",
        problem_since=since,
        failing="outbound",
        outbound_due_at=since + timedelta(days=1),
    )
    minutes(open_office, 20)
    (mail,) = open_office.postbox.to(OWNER)
    assert mail.subject == "Salon Linden: bookings wait"
    assert "3 bookings have waited for 15 minutes (Google did not answer)" in " ".join(mail.text.split())


def test_trouble_that_keeps_no_booking_waiting_is_told_to_nobody(open_office: Office) -> None:
    open_office.change_site("UPDATE wp_latepoint_bookings SET status = 'cancelled'")
    change(open_office, problem="provider_unavailable", problem_since=open_office.now, failing="outbound")
    minutes(open_office, 28)  # afterwards the digest tells of it
    assert subjects(open_office) == []


def test_a_lost_sign_in_is_told_by_its_reminder_and_the_digest_alone(open_office: Office) -> None:
    """users-ask.md U8."""
    account_id = open_office.account(DANA).id
    record_needs_sign_in(open_office.services.database, account_id, "sign_in_again", open_office.now)
    minutes(open_office, 60)
    assert [row.kind for row in open_office.mails()] == ["reminder", "digest"]


def test_a_lost_calendar_is_told_to_its_agent_in_their_language(open_office: Office) -> None:
    change(
        open_office, problem="calendar_lost", problem_since=open_office.now, failing="inbound", language="de"
    )
    minutes(open_office, 20)
    (mail,) = open_office.postbox.to(ADDRESSES[DANA])
    assert mail.subject == "Bitte wählen Sie für Salon Linden einen anderen Kalender"
    assert "/connect/" in mail.text
    change(open_office, problem=None, problem_since=None, failing=None)
    minutes(open_office, 20)
    (_, over) = open_office.postbox.to(ADDRESSES[DANA])
    assert over.subject == "Ihr Kalender ist für Salon Linden wieder erreichbar"
    assert subjects(open_office, ADDRESSES[BEN]) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_agents_alarms_have_their_wording_in_every_language(language: str) -> None:
    assert LANGUAGES[language].alarms.keys() == {"calendar_lost", "calendar_back"}


@pytest.mark.parametrize(
    ("kind", "cause"),
    [
        (
            "the WordPress plugin is off",
            lambda office: change(office, problem="plugin_rejected", problem_since=office.now),
        ),
        ("daily limit", lambda office: change(office, problem="daily_limit", problem_since=office.now)),
        (
            "is missing",
            lambda office: change(office, problem="bridge_table_missing", problem_since=office.now),
        ),
        ("let them go or refuse", hold),
        ("Nothing is being synced", lambda office: change(office, inbound_due_at=office.now)),
    ],
)
def test_the_owner_is_told_what_only_they_can_mend(
    open_office: Office, kind: str, cause: Callable[[Office], None]
) -> None:
    cause(open_office)
    minutes(open_office, 25)
    (mail,) = open_office.postbox.to(OWNER)
    assert kind in " ".join(mail.text.split())
    assert [row.kind for row in open_office.mails()] == ["alarm"]


def test_a_site_that_waits_for_an_answer_is_told_of_and_nothing_else_is(open_office: Office) -> None:
    services = open_office.services
    hold(open_office)
    stopped = update(sites).values(stopped_for="other_home", stopped_at=open_office.now)
    with services.database.write() as connection:
        connection.execute(stopped.values(home_url="https://a.example", seen_home_url="https://b.example"))
    minutes(open_office, 30)
    assert "Salon Linden: LateSync has stopped and asks you something" in subjects(open_office)
    assert [row.kind for row in list_alarms(services.database, services.site_id)] == ["site_stopped"]


def test_a_calendar_that_cannot_be_read_is_told_after_the_hours_the_owner_chose(open_office: Office) -> None:
    """users-ask.md U11."""
    services = open_office.services
    write_unreadable_policy(
        services.database, services.site_id, UnreadablePolicy(2, WhenUnreadable.WARN), open_office.now
    )
    trouble: dict[str, Any] = {
        "problem": "provider_unavailable",
        "problem_since": open_office.now,
        "failing": "inbound",
    }
    change(open_office, inbound_good_at=open_office.now, **trouble)
    with services.database.write() as connection:
        connection.execute(update(calendars).values(good_at=open_office.now))
    minutes(open_office, 110)
    assert "alarm" not in {row.kind for row in open_office.mails()}
    minutes(open_office, 20)
    (mail,) = (mail for mail in open_office.postbox.to(OWNER) if "cannot be read" in mail.subject)
    assert "Dana Reyes’s calendar was last read on Fri 20 Nov, 14:11." in " ".join(mail.text.split())


def test_an_owner_who_lets_it_stay_open_is_not_told_of_an_unread_calendar(open_office: Office) -> None:
    services = open_office.services
    policy = UnreadablePolicy(1, WhenUnreadable.STAY_OPEN)
    write_unreadable_policy(services.database, services.site_id, policy, open_office.now)
    trouble: dict[str, Any] = {
        "problem": "provider_unavailable",
        "problem_since": open_office.now,
        "failing": "inbound",
    }
    change(open_office, inbound_good_at=open_office.now, **trouble)
    minutes(open_office, 90)
    assert "alarm" not in {row.kind for row in open_office.mails()}


def test_an_alarm_of_today_is_no_reason_for_a_digest_today_but_tomorrow(open_office: Office) -> None:
    hold(open_office)
    minutes(open_office, 90)
    assert [row.kind for row in open_office.mails()] == ["alarm"]
    open_office.go_to(21, 8)
    minutes(open_office, 30)
    assert [row.kind for row in open_office.mails()] == ["alarm", "digest"]


def test_a_digest_with_another_reason_tells_of_the_alarm_too(open_office: Office) -> None:
    hold(open_office)
    minutes(open_office, 20)
    account_id = open_office.account(BEN).id
    record_needs_sign_in(open_office.services.database, account_id, "sign_in_again", open_office.now)
    minutes(open_office, 20)
    assert [row.kind for row in open_office.mails() if row.admin_id] == ["alarm", "digest"]


@pytest.mark.parametrize("whom", [DANA, EVERYBODY])
def test_who_is_paused_causes_neither_alarm_nor_digest(open_office: Office, whom: int) -> None:
    services = open_office.services
    record_paused(services.database, services.site_id, whom, open_office.now)
    hold(open_office)
    change(
        open_office, problem="calendar_lost", problem_since=open_office.now, inbound_due_at=open_office.now
    )
    minutes(open_office, 60)
    assert open_office.mails() == []


def test_a_pause_ends_no_alarm_and_says_no_all_clear(open_office: Office) -> None:
    services = open_office.services
    hold(open_office)
    minutes(open_office, 20)
    record_paused(services.database, services.site_id, DANA, open_office.now)
    minutes(open_office, 20)
    record_resumed(services.database, services.site_id, DANA, open_office.now)
    change(open_office, outbound_due_at=None, inbound_due_at=None)
    minutes(open_office, 20)
    assert [row.kind for row in open_office.mails()] == ["alarm"]


def test_without_a_mail_server_an_alarm_waits_for_one(mailless: Office) -> None:
    mailless.salon.make_owner()
    mailless.remember_consent(DANA)
    break_site(mailless)
    minutes(mailless, 40)
    assert mailless.mails() == []
    (alarm,) = list_alarms(mailless.services.database, mailless.services.site_id)
    assert alarm.told_at is None
