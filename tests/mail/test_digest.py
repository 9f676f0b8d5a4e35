"""The admins' digest: one a day while something needs a person, none otherwise."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from latesync.store.accounts import record_needs_sign_in
from latesync.store.mail_stops import stop_mail
from latesync.store.people import create_admin
from latesync.store.schema import accounts
from tests.mail.office import BERLIN, DANA, OWNER, Office

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
SECOND_OWNER = "second@salon-linden.example"


def digests(office: Office) -> list[tuple[int, int]]:
    """(day, hour) of each digest in the outbox that was sent."""
    return [
        (local.day, local.hour)
        for row in office.mails()
        if row.kind == "digest" and row.ended_as == "sent" and row.ended_at
        for local in [row.ended_at.astimezone(BERLIN.tzinfo)]
    ]


def need_a_person(office: Office) -> None:
    """Dana's sign-in has ended."""
    office.remember_consent(DANA)
    account_id = office.account(DANA).id
    record_needs_sign_in(office.services.database, account_id, "sign_in_again", office.now)


def heal(office: Office) -> None:
    office.remember_consent(DANA)


def live(office: Office, hours: int) -> None:
    office.live(hours)


def test_an_owner_who_does_nothing_gets_exactly_one_a_day_and_none_once_it_is_mended(office: Office) -> None:
    office.salon.make_owner()
    office.remember_consent(DANA)
    live(office, 24)
    assert office.postbox.to(OWNER) == []
    need_a_person(office)  # Saturday 21 November, 14:05
    live(office, 4 * 24)
    assert digests(office) == [(21, 15), (22, 8), (23, 8), (24, 8), (25, 8)]
    assert len(office.postbox.to(OWNER)) == 5
    heal(office)
    live(office, 3 * 24)
    assert len(office.postbox.to(OWNER)) == 5


def test_work_that_a_sleeping_machine_left_undone_is_no_alarm(office: Office) -> None:
    office.salon.make_owner()
    office.remember_consent(DANA)
    for _ in range(4):  # it wakes, and sleeps again before the worker has come to its work
        with office.services.database.write() as connection:
            connection.execute(update(accounts).values(inbound_due_at=office.now - HOUR))
        office.look()
        office.pass_time(4 * HOUR)
    assert office.postbox.to(OWNER) == []


def test_work_that_is_left_undone_while_the_machine_is_awake_is_told(office: Office) -> None:
    office.salon.make_owner()
    office.remember_consent(DANA)
    with office.services.database.write() as connection:
        connection.execute(update(accounts).values(inbound_due_at=office.now - HOUR))
    for _ in range(12):
        office.look()
        office.pass_time(4 * MINUTE)
    (mail,) = office.postbox.to(OWNER)
    assert "Nothing is being synced" in mail.text


def test_it_says_what_needs_whom_and_what_was_mailed(office: Office) -> None:
    office.salon.make_owner()
    need_a_person(office)
    live(office, 2)
    (mail,) = office.postbox.to(OWNER)
    assert mail.subject == "Salon Linden: 1 thing needs you"
    assert "Dana Reyes" in mail.text
    assert "Last mail to this person, Fri 20 Nov, 14:05: the sign-in has ended (sent)." in " ".join(
        mail.text.split()
    )
    assert "http://localhost:8080/" in mail.text
    assert "/connect/" not in mail.text


def test_it_says_that_an_agent_could_not_be_written_to(office: Office) -> None:
    office.salon.make_owner()
    office.remember_consent(DANA)
    office.lose_address(DANA)
    record_needs_sign_in(office.services.database, office.account(DANA).id, "sign_in_again", office.now)
    live(office, 2)
    (mail,) = office.postbox.to(OWNER)
    assert "not sent: no e-mail address is known" in " ".join(mail.text.split())


def test_every_admin_gets_their_own_unless_they_want_none(office: Office) -> None:
    office.salon.make_owner()
    second = create_admin(office.services.database, SECOND_OWNER, "hash", office.now)
    need_a_person(office)
    live(office, 24)
    assert len(office.postbox.to(OWNER)) == 2  # Friday's and Saturday's
    assert len(office.postbox.to(SECOND_OWNER)) == 2
    stop_mail(office.services.database, office.services.site_id, f"admin:{second}", office.now)
    live(office, 24)
    assert len(office.postbox.to(OWNER)) == 3
    assert len(office.postbox.to(SECOND_OWNER)) == 2


def test_what_heals_within_a_quarter_of_an_hour_is_no_alarm(office: Office) -> None:
    office.salon.make_owner()
    need_a_person(office)
    for _ in range(2):
        office.look()
        office.pass_time(6 * MINUTE)
    heal(office)
    office.look()
    office.pass_time(6 * MINUTE)
    record_needs_sign_in(office.services.database, office.account(DANA).id, "sign_in_again", office.now)
    office.look()
    assert office.postbox.to(OWNER) == []  # the second need is new
    office.pass_time(16 * MINUTE)
    office.look()
    assert len(office.postbox.to(OWNER)) == 1


def test_a_restart_does_not_begin_the_quarter_of_an_hour_anew(office: Office) -> None:
    office.salon.make_owner()
    need_a_person(office)
    for _ in range(4):
        office.look(office.new_mailing())
        office.pass_time(5 * MINUTE)
    assert len(office.postbox.to(OWNER)) == 1


def test_two_workers_send_one(office: Office) -> None:
    office.salon.make_owner()
    need_a_person(office)
    workers = [office.new_mailing(), office.new_mailing()]
    for _ in range(10):
        for worker in workers:
            office.look(worker)
        office.pass_time(5 * MINUTE)
    assert len(office.postbox.to(OWNER)) == 1


def test_it_is_not_written_at_night_but_in_the_morning(office: Office) -> None:
    office.salon.make_owner()
    office.go_to(20, 21)
    need_a_person(office)
    live(office, 14)
    assert digests(office) == [(21, 8)]


def test_yesterdays_that_could_not_be_sent_is_dropped_for_todays(office: Office) -> None:
    office.salon.make_owner()
    need_a_person(office)
    office.postbox.close()
    live(office, 20)
    office.postbox.open()
    live(office, 5)
    assert len(office.postbox.to(OWNER)) == 1
    assert [row.ended_as for row in office.mails() if row.kind == "digest"] == ["expired", "sent"]


def test_one_that_waits_is_not_sent_when_nothing_needs_anybody_any_more(office: Office) -> None:
    office.salon.make_owner()
    need_a_person(office)
    office.postbox.close()
    live(office, 2)
    heal(office)
    office.postbox.open()
    live(office, 2)
    assert office.postbox.to(OWNER) == []
    assert [row.ended_as for row in office.mails() if row.kind == "digest"] == ["needless"]


def test_a_booking_site_that_is_away_is_told_of_too(office: Office) -> None:
    office.salon.make_owner()
    office.remember_consent(DANA)
    office.look()
    office.lose_site()
    live(office, 3)
    (mail,) = office.postbox.to(OWNER)
    assert "booking site" in mail.text
    assert mail.subject == "LateSync: 1 thing needs you"


def test_without_a_mail_server_none_is_kept_for_later(mailless: Office) -> None:
    mailless.salon.make_owner()
    need_a_person(mailless)
    live(mailless, 3)
    assert [row for row in mailless.mails() if row.kind == "digest"] == []
