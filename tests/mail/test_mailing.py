"""What is due is mailed: once, by day, to the right person, whatever dies or is away in between."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from datetime import time, timedelta
from email.message import EmailMessage
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import delete, event

from latesync.mailing.sending import invite
from latesync.notify.mailer import Mailer
from latesync.services import Services
from latesync.store.accounts import record_disconnected, record_needs_sign_in
from latesync.store.choices import write_mail_template, write_waking_hours
from latesync.store.clients import record_client
from latesync.store.consent_schema import outbox
from latesync.store.mail_stops import stop_mail
from latesync.store.outbox import count_waiting
from tests.mail.office import BEN, DANA, Office
from tests.property.machine.fuse import Crash, Fuse, FusedDatabase

DAY = timedelta(days=1)
WEEK = 7 * DAY
HOUR = timedelta(hours=1)
DANAS = "dana@salon-linden.example"


def sign_out(office: Office, agent_id: int = DANA) -> None:
    """Google refused the consent."""
    record_needs_sign_in(office.services.database, office.account(agent_id).id, "sign_in_again", office.now)


# --- what is said, and to whom ----------------------------------------------------------------


def test_a_reminder_goes_to_the_agents_address_on_the_site_with_a_link_of_its_own(office: Office) -> None:
    office.remember_consent(ends_at=office.now + DAY)
    assert office.look() == 0  # a grant of a day has no reminder "two days before", nor one "a day before"
    office.remember_consent(ends_at=office.now + WEEK)
    office.pass_time(5 * DAY)
    assert office.look() == 1
    (mail,) = office.postbox.mails
    assert (mail.recipient, mail.message["To"]) == (DANAS, DANAS)
    assert str(mail.message["From"]) == "Salon Linden <mail@salon-linden.example>"
    assert "Hello Dana," in mail.text
    assert "Friday 27 November, 14:05 (Europe/Berlin)" in mail.text
    assert "http://localhost:8080/connect/" in mail.text
    assert mail.message["List-Unsubscribe"].startswith("<http://localhost:8080/mail/stop/")


def test_the_link_in_a_mail_opens_the_way_to_one_sign_in_and_is_used_up_by_it(office: Office) -> None:
    office.salon.upload(mode="testing", test_users=["dana@example.com"])
    office.salon.connect(DANA)
    office.pass_time(6 * DAY)
    office.look()
    (mail,) = office.postbox.mails
    link = next(line for line in mail.text.splitlines() if "/connect/" in line)
    path = link.removeprefix("http://localhost:8080")
    assert 'action="/connect/renew"' in office.salon.visitor().get(path, follow_redirects=True).text
    office.salon.connect(DANA)
    assert 'action="/connect/renew"' not in office.salon.visitor().get(path, follow_redirects=True).text


def test_nothing_of_customers_and_no_booking_stands_in_a_mail(office: Office) -> None:
    office.remember_consent()
    sign_out(office)
    office.look()
    (mail,) = office.postbox.mails
    assert "3 bookings are not yet in your calendar" in mail.text
    for name in ("Mara", "Vogel", "Elif", "Colour", "Lindenstra"):
        assert name not in mail.message.as_string()


def test_an_agent_without_an_address_on_the_site_is_written_to_at_the_account(office: Office) -> None:
    office.change_site("UPDATE wp_latepoint_agents SET email = '' WHERE id = ?", DANA)
    office.remember_consent()
    sign_out(office)
    assert office.look() == 1
    assert office.postbox.mails[0].recipient == f"agent-{DANA}@gmail.example"


def test_an_agent_reads_their_browsers_language_or_else_the_sites(office: Office) -> None:
    office.remember_consent(DANA, language="fr")
    office.remember_consent(BEN)
    office.change_site("INSERT INTO wp_options (option_name, option_value) VALUES ('WPLANG', 'de_DE_formal')")
    sign_out(office, DANA)
    sign_out(office, BEN)
    office.look()
    languages = {mail.recipient: mail.message["Content-Language"] for mail in office.postbox.mails}
    assert languages == {DANAS: "fr", "ben@salon-linden.example": "de"}


def test_the_owners_own_wording_is_used(office: Office) -> None:
    office.remember_consent()
    name, content = "ended.en", '{"subject": "Oh, {{agent_first_name}}", "body": "{{site_name}} misses you."}'
    write_mail_template(office.services.database, office.services.site_id, name, content, office.now)
    sign_out(office)
    office.look()
    (mail,) = office.postbox.mails
    assert mail.subject == "Oh, Dana"
    assert "Salon Linden misses you." in mail.text


def test_a_replaced_client_is_told_once_and_not_after_the_new_sign_in(office: Office) -> None:
    office.remember_consent(DANA)
    office.remember_consent(BEN)
    services = office.services
    now = office.now
    record_client(services.database, services.box, services.site_id, "google", "new", "s", "p", [], now)
    office.remember_consent(BEN)  # with the new one
    assert office.look() == 1
    assert [mail.recipient for mail in office.postbox.mails] == [DANAS]
    office.pass_time(3 * DAY)
    assert office.look() == 0


# --- once -------------------------------------------------------------------------------------


def test_two_workers_at_once_send_one_of_each(office: Office) -> None:
    for agent_id in (BEN, DANA):
        office.remember_consent(agent_id)
        sign_out(office, agent_id)
    together = Barrier(4)

    def work() -> int:
        mailing = office.new_mailing()
        together.wait()
        return office.look(mailing)

    with ThreadPoolExecutor(4) as pool:
        counts = [future.result() for future in [pool.submit(work) for _ in range(4)]]
    assert sum(counts) == 2
    assert sorted(mail.recipient for mail in office.postbox.mails) == ["ben@salon-linden.example", DANAS]


def test_a_crash_between_the_servers_word_and_the_record_repeats_the_same_message(office: Office) -> None:
    office.remember_consent()
    sign_out(office)
    office.mailing.plan_mails(office.now)
    fuse = Fuse()
    dying = replace(office.services, database=FusedDatabase(office.services.database, fuse))
    fuse.light("store write", 1, fuse.crash, is_before=True)  # the claim is the first write, the record next
    with pytest.raises(Crash):
        office.new_mailing(dying).send_due(office.now)
    assert len(office.postbox.mails) == 1
    assert office.look() == 0  # the dead one's lease still runs
    office.pass_time(timedelta(seconds=90))
    assert office.look() == 1
    first, second = office.postbox.mails
    assert first.message_id == second.message_id
    assert office.ends() == [("ended", "sent")]
    office.pass_time(HOUR)
    assert office.look() == 0


def test_a_mail_whose_answer_was_lost_goes_out_again_as_the_same_message(office: Office) -> None:
    office.postbox.loses_answers = 1
    office.remember_consent()
    sign_out(office)
    assert office.look() == 0
    (row,) = office.mails()
    assert (row.problem, row.attempts) == ("dropped", 1)
    office.pass_time(timedelta(minutes=2))
    assert office.look() == 1
    assert len({mail.message_id for mail in office.postbox.mails}) == 1


def test_different_mails_are_different_messages(office: Office) -> None:
    office.remember_consent(DANA)
    office.remember_consent(BEN)
    sign_out(office, DANA)
    sign_out(office, BEN)
    office.look()
    assert len({mail.message_id for mail in office.postbox.mails}) == 2


def test_two_mails_of_the_same_number_are_different_messages(office: Office) -> None:
    """A restore brings the numbers back that were given since the backup."""
    office.remember_consent()
    sign_out(office)
    office.look()
    with office.services.database.write() as connection:
        connection.execute(delete(outbox))
    office.pass_time(HOUR)
    office.look()
    first, second = office.postbox.mails
    assert [row.id for row in office.mails()] == [1]
    assert first.message_id != second.message_id


class Choking:
    """Meets an error of our own over one person's mail."""

    def __init__(self, mailer: Mailer) -> None:
        self.sender = mailer.sender
        self._mailer = mailer

    def send(self, message: EmailMessage, recipient: str) -> None:
        if recipient == DANAS:
            raise ValueError(recipient)
        self._mailer.send(message, recipient)


class ChokingServices(Services):
    @property
    def mailer(self) -> Any:
        found = super().mailer
        assert found is not None
        return Choking(found)


def test_a_mail_that_cannot_be_handed_over_holds_up_no_other(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.remember_consent(DANA)
    sign_out(office, DANA)
    office.mailing.plan_mails(office.now)
    office.remember_consent(BEN)
    sign_out(office, BEN)
    given = {part.name: getattr(office.services, part.name) for part in fields(Services) if part.init}
    assert office.look(office.new_mailing(ChokingServices(**given))) == 1
    assert office.mails(DANA)[0].problem == "internal_error"
    assert "mail broke" in caplog.text
    assert "dana" not in caplog.text


# --- away, and back ---------------------------------------------------------------------------


def test_a_mail_server_that_is_down_for_a_day_loses_and_repeats_nothing_and_leaves_no_pile(
    office: Office,
) -> None:
    office.remember_consent(ends_at=office.now + WEEK)  # Friday 20 November, 14:05
    office.remember_consent(BEN, ends_at=office.now + WEEK)
    office.go_to(25, 14)
    office.postbox.close()
    office.pass_time(timedelta(minutes=10))
    assert office.look() == 0
    assert office.ends() == [("two_days", None)] * 2
    office.live(25)
    assert office.postbox.mails == []
    assert office.mails(DANA)[0].attempts > 3
    office.postbox.open()
    office.live(4)
    assert [mail.recipient for mail in office.postbox.mails].count(DANAS) == 1
    assert {mail.subject for mail in office.postbox.mails} == {
        "Your calendar sign-in for Salon Linden is about to end"
    }
    assert len(office.postbox.mails) == 2
    assert sorted(set(office.ends())) == [("one_day", "sent"), ("two_days", "superseded")]


def test_after_a_worker_was_away_only_the_newest_step_is_said(office: Office) -> None:
    office.remember_consent(ends_at=office.now + WEEK)
    office.pass_time(6 * DAY + HOUR)
    assert office.look() == 1
    office.pass_time(HOUR)
    assert office.look() == 0
    assert office.ends() == [("one_day", "sent")]


def test_a_server_that_asks_to_come_back_later_is_asked_with_growing_pauses(office: Office) -> None:
    office.postbox.answer = "451 4.7.1 Greylisted"
    office.remember_consent()
    sign_out(office)
    pauses = []
    for _ in range(4):
        office.look()
        (row,) = office.mails()
        assert row.due_at is not None
        pauses.append(row.due_at - office.now)
        assert row.problem == "later"
        office.pass_time(row.due_at - office.now)
    assert pauses == sorted(pauses)
    assert pauses[0] >= timedelta(minutes=1)
    assert pauses[3] >= timedelta(minutes=8)
    office.postbox.answer = None
    assert office.look() == 1


def test_an_address_that_is_refused_for_good_is_not_tried_again(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.postbox.answer = "550 5.1.1 No such user"
    office.remember_consent()
    sign_out(office)
    office.look()
    assert office.ends() == [("ended", "address_refused")]
    assert "reminder not mailed" in caplog.text
    assert "salon-linden" not in caplog.text


def test_many_mails_do_not_wait_for_a_server_that_is_away_one_after_the_other(office: Office) -> None:
    """Each costs its time limit; after three the rest waits for the next look."""
    office.postbox.close()
    for agent_id in (1, BEN, DANA, 4):
        office.remember_consent(agent_id)
        sign_out(office, agent_id)
    office.look()
    assert [row.attempts for row in office.mails()] == [1, 1, 1, 0]
    office.pass_time(timedelta(seconds=20))
    office.look()
    assert [row.attempts for row in office.mails()] == [1, 1, 1, 1]


def test_a_booking_site_that_is_away_keeps_nobody_from_being_told_for_long(office: Office) -> None:
    office.remember_consent()
    office.look()
    sign_out(office)
    office.lose_site()
    for _ in range(5):
        office.look()
        office.pass_time(HOUR)
    assert [mail.recipient for mail in office.postbox.mails] == [f"agent-{DANA}@gmail.example"]


# --- no longer wanted -------------------------------------------------------------------------


def test_who_signs_in_while_a_mail_waits_does_not_get_it(office: Office) -> None:
    office.postbox.close()
    office.remember_consent()
    sign_out(office)
    office.look()
    office.pass_time(HOUR)
    office.remember_consent()
    office.postbox.open()
    assert office.look() == 0
    assert office.postbox.mails == []
    assert office.ends() == [("ended", "renewed")]


def test_who_signs_in_right_after_a_mail_was_claimed_and_failed_does_not_get_it_later(office: Office) -> None:
    """The sign-in came while the mail was in a sender's hands: it looks again."""
    office.remember_consent()
    sign_out(office)
    fuse = Fuse()
    dying = replace(office.services, database=FusedDatabase(office.services.database, fuse))
    office.mailing.plan_mails(office.now)
    fuse.light("store write", 0, fuse.crash, is_before=False)  # right after the claim
    with pytest.raises(Crash):
        office.new_mailing(dying).send_due(office.now)
    office.pass_time(timedelta(seconds=30))
    office.remember_consent()
    office.pass_time(timedelta(minutes=2))
    assert office.look() == 0
    assert office.ends() == [("ended", "renewed")]


def test_a_disconnected_agent_gets_nothing(office: Office) -> None:
    office.postbox.close()
    account_id = office.remember_consent()
    sign_out(office)
    office.look()
    record_disconnected(office.services.database, account_id, office.now)
    office.postbox.open()
    office.pass_time(HOUR)
    assert office.look() == 0
    assert office.ends() == [("ended", "disconnected")]


def test_who_wants_no_mail_gets_none(office: Office) -> None:
    stop_mail(office.services.database, office.services.site_id, f"agent:{DANA}", office.now)
    office.remember_consent()
    sign_out(office)
    assert office.look() == 0
    assert office.ends() == [("ended", "stopped")]


def test_nobody_is_reminded_that_bookings_wait_when_none_does(office: Office) -> None:
    office.change_site("DELETE FROM wp_latepoint_bookings")
    office.remember_consent()
    sign_out(office)
    came = office.live(3 * 24)
    assert len(came) == 1
    assert office.ends() == [("ended", "sent")]


# --- by day -----------------------------------------------------------------------------------


def test_what_falls_into_the_night_comes_in_the_morning(office: Office) -> None:
    office.remember_consent()
    office.go_to(20, 22)
    sign_out(office)
    came = office.live(14)
    assert [when for when, _ in came] == [(21, 8)]


def test_what_failed_in_the_evening_is_tried_again_in_the_morning(office: Office) -> None:
    office.go_to(20, 19, 55)
    office.postbox.answer = "451 later"
    office.remember_consent()
    sign_out(office)
    office.look()
    office.pass_time(timedelta(minutes=3))
    office.look()
    office.postbox.answer = None
    came = office.live(14)
    assert [when for when, _ in came] == [(21, 8)]


def test_the_owner_chooses_the_hours(office: Office) -> None:
    write_waking_hours(office.services.database, office.services.site_id, time(10), time(11), office.now)
    office.remember_consent()
    office.go_to(20, 17)
    sign_out(office)
    came = office.live(20)
    assert [when for when, _ in came] == [(21, 10)]


def test_a_mail_that_is_due_when_the_night_begins_waits_without_counting_as_an_attempt(
    office: Office,
) -> None:
    office.go_to(20, 19, 59)
    office.remember_consent()
    sign_out(office)
    office.mailing.plan_mails(office.now)
    office.pass_time(timedelta(minutes=2))
    assert office.mailing.send_due(office.now) == 0
    (row,) = office.mails()
    assert (row.attempts, row.problem) == (0, None)


# --- no mail ----------------------------------------------------------------------------------


def test_without_a_mail_server_what_falls_due_ends_at_once_and_is_not_kept_for_later(
    mailless: Office, caplog: pytest.LogCaptureFixture
) -> None:
    account_id = mailless.remember_consent()
    sign_out(mailless)
    assert mailless.look() == 0
    assert mailless.ends() == [("ended", "no_mail")]
    assert count_waiting(mailless.services.database, mailless.services.site_id) == 0
    (said,) = [record for record in caplog.records if record.name == "latesync.mailing.sending"]
    assert said.levelname == "WARNING"
    assert said.getMessage() == (
        f"reminder not mailed account={account_id} agent=3 admin=None step=ended reason=no_mail"
    )


def test_without_any_address_that_is_said_and_ends(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    office.remember_consent()
    office.lose_address()
    sign_out(office)
    assert office.look() == 0
    assert office.ends() == [("ended", "no_address")]
    assert "reason=no_address" in caplog.text


def test_the_log_of_a_week_of_mails_names_nobody(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "latesync")
    office.postbox.loses_answers = 1
    office.remember_consent()
    sign_out(office)
    office.live(3)
    assert "reminder mailed account=" in caplog.text
    for secret in ("Dana", "salon-linden.example", "/connect/", "@"):
        assert secret not in caplog.text


# --- invitations ------------------------------------------------------------------------------


def test_an_invited_agent_gets_the_link_at_any_hour(office: Office) -> None:
    office.go_to(20, 23)
    assert invite(office.services, BEN, office.now)
    assert office.look() == 1
    (mail,) = office.postbox.mails
    assert mail.recipient == "ben@salon-linden.example"
    link = next(line for line in mail.text.splitlines() if "/connect/" in line)
    path = link.removeprefix("http://localhost:8080")
    assert office.salon.visitor().get(path).location == "/connect/renew"


def test_several_invitations_that_wait_arrive_as_one(office: Office) -> None:
    office.postbox.close()
    for _ in range(3):
        assert invite(office.services, BEN, office.now)
        office.look()
        office.pass_time(timedelta(minutes=1))
    office.postbox.open()
    office.pass_time(HOUR)
    assert office.look() == 1
    assert len(office.postbox.mails) == 1


def test_an_invitation_that_cannot_be_sent_for_a_week_is_given_up(office: Office) -> None:
    office.postbox.close()
    invite(office.services, BEN, office.now)
    office.look()
    office.pass_time(8 * DAY)
    office.postbox.open()
    assert office.look() == 0
    assert office.ends() == [("invitation", "expired")]


def test_who_signed_in_before_the_invitation_went_out_does_not_get_it(office: Office) -> None:
    invite(office.services, BEN, office.now)
    office.remember_consent(BEN)
    assert office.look() == 0
    assert office.ends() == [("invitation", "renewed")]


def test_nobody_is_invited_who_cannot_be_written_to(office: Office) -> None:
    stop_mail(office.services.database, office.services.site_id, f"agent:{BEN}", office.now)
    assert not invite(office.services, BEN, office.now)
    assert not invite(office.services, 77, office.now)
    assert office.mails() == []


def test_nobody_is_invited_without_a_mail_server(mailless: Office) -> None:
    assert not invite(mailless.services, DANA, mailless.now)
    assert mailless.mails() == []


# --- what a look costs ------------------------------------------------------------------------


IDLE_STATEMENTS = 3  # the waking hours; the accounts near an end; the mails that are due


def test_an_idle_look_costs_three_statements_however_many_accounts_are_quiet(office: Office) -> None:
    office.remember_consent(agent_id=1)
    office.look()
    office.pass_time(timedelta(seconds=20))
    assert len(statements_of_a_look(office)) == IDLE_STATEMENTS
    for agent_id in range(100, 300):
        office.remember_consent(agent_id)
    office.pass_time(timedelta(seconds=20))
    assert len(statements_of_a_look(office)) == IDLE_STATEMENTS


def test_an_agent_signed_out_long_ago_costs_one_more_and_is_not_planned_for_at_each_look(
    office: Office,
) -> None:
    office.remember_consent()
    sign_out(office)
    office.look()
    office.pass_time(timedelta(seconds=20))
    assert len(statements_of_a_look(office)) == IDLE_STATEMENTS + 1  # which steps were said
    office.pass_time(2 * DAY)
    office.look()
    office.pass_time(timedelta(seconds=20))
    assert [row.ended_as for row in office.mails()] == ["sent", "sent"]
    assert len(statements_of_a_look(office)) == IDLE_STATEMENTS + 1


def statements_of_a_look(office: Office) -> list[str]:
    """What the state's database is asked."""
    asked: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            asked.append(statement)

    engine = office.services.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        office.look()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return asked
