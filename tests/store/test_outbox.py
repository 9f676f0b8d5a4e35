"""What is to be said by mail is said once, by one sender, or is known not to have been."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import event

from latesync.store.accounts import record_disconnected
from latesync.store.choices import (
    read_mail_template,
    read_waking_hours,
    write_mail_template,
    write_waking_hours,
)
from latesync.store.consents import prune_consents
from latesync.store.database import Database
from latesync.store.mail_stops import is_stopped, resume_mail, stop_mail
from latesync.store.outbox import (
    MailRow,
    claim_mail,
    count_waiting,
    end_unsent,
    last_mails,
    list_mails,
    oldest_waiting,
    prune_mails,
    put_invitation,
    put_mail,
    record_mail_ended,
    record_mail_failed,
    record_mail_put_off,
    record_mail_sent,
    steps_past,
    steps_past_by_account,
)
from latesync.store.sites import write_setting
from tests.store.builders import HOUR, NOW, SECOND, SITE, Site

LEASE = timedelta(seconds=90)
AFTER_LEASE = NOW + LEASE


def put(database: Database, key: str = "key-1", kind: str = "reminder", **changes: Any) -> bool:
    values: dict[str, Any] = {"now": NOW, "due_at": NOW}
    return put_mail(database, SITE, key, kind, **(values | changes))


def claim(database: Database, owner: str = "worker-1", now: datetime = NOW) -> MailRow:
    row = claim_mail(database, SITE, owner, now, LEASE)
    assert row is not None
    return row


def stored(database: Database, key: str = "key-1") -> MailRow:
    return next(row for row in list_mails(database, SITE) if row.key == key)


# --- noted once -------------------------------------------------------------------------------


def test_a_mail_stands_in_the_outbox_with_what_is_to_be_said_and_to_whom(site: Site) -> None:
    account_id = site.connect(agent_id=3)
    assert put(site.database, step="one_day", agent_id=3, account_id=account_id, consented_at=NOW)
    row = stored(site.database)
    assert (row.kind, row.step, row.agent_id, row.account_id, row.consented_at) == (
        "reminder", "one_day", 3, account_id, NOW,
    )  # fmt: skip
    assert (row.due_at, row.created_at, row.attempts, row.ended_as) == (NOW, NOW, 0, None)


def test_the_same_key_is_noted_once_even_after_it_was_sent(site: Site) -> None:
    assert put(site.database)
    assert not put(site.database)
    assert record_mail_sent(site.database, claim(site.database), NOW)
    assert not put(site.database)
    assert len(list_mails(site.database, SITE)) == 1


def test_keys_that_differ_in_capitals_are_different(site: Site) -> None:
    assert put(site.database, "digest:1:a")
    assert put(site.database, "digest:1:A")


def test_of_many_who_note_the_same_at_once_one_does(site: Site) -> None:
    together = Barrier(6)

    def one() -> bool:
        together.wait()
        return put(site.database)

    with ThreadPoolExecutor(6) as pool:
        answers = [future.result() for future in [pool.submit(one) for _ in range(6)]]
    assert sorted(answers) == [False] * 5 + [True]
    assert len(list_mails(site.database, SITE)) == 1


# --- claimed by one ---------------------------------------------------------------------------


def test_nothing_is_claimed_before_it_is_due_or_of_another_site(site: Site) -> None:
    put(site.database, due_at=NOW + SECOND)
    assert claim_mail(site.database, SITE, "worker-1", NOW, LEASE) is None
    assert claim_mail(site.database, "another-site", "worker-1", NOW + SECOND, LEASE) is None
    assert claim(site.database, now=NOW + SECOND).key == "key-1"


def test_the_longest_due_is_claimed_first(site: Site) -> None:
    put(site.database, "later", due_at=NOW - SECOND)
    put(site.database, "sooner", due_at=NOW - HOUR)
    assert [claim(site.database).key, claim(site.database).key] == ["sooner", "later"]


def test_senders_that_claim_at_once_get_different_mails_and_none_is_left(site: Site) -> None:
    keys = {f"key-{number}" for number in range(30)}
    for key in keys:
        put(site.database, key)
    together = Barrier(5)

    def work(owner: str) -> list[str]:
        together.wait()
        mine = []
        while (row := claim_mail(site.database, SITE, owner, NOW, LEASE)) is not None:
            mine.append(row.key)
            assert record_mail_sent(site.database, row, NOW)
        return mine

    with ThreadPoolExecutor(5) as pool:
        futures = [pool.submit(work, f"worker-{number}") for number in range(5)]
        sent = [key for future in futures for key in future.result()]
    assert sorted(sent) == sorted(keys)
    assert count_waiting(site.database, SITE) == 0


def test_a_dead_senders_mail_is_claimed_again_when_its_lease_is_over(site: Site) -> None:
    put(site.database)
    first = claim(site.database, "dead")
    assert claim_mail(site.database, SITE, "worker-2", AFTER_LEASE - SECOND, LEASE) is None
    again = claim(site.database, "worker-2", AFTER_LEASE)
    assert (again.id, again.attempts) == (first.id, 2)


@pytest.mark.parametrize("record", ["sent", "ended", "failed", "put_off"])
def test_whoever_lost_the_lease_records_nothing(site: Site, record: str) -> None:
    put(site.database)
    late = claim(site.database, "late")
    claim(site.database, "worker-2", AFTER_LEASE)
    attempts = {
        "sent": lambda: record_mail_sent(site.database, late, AFTER_LEASE),
        "ended": lambda: record_mail_ended(site.database, late, "renewed", AFTER_LEASE),
        "failed": lambda: record_mail_failed(site.database, late, "late", AFTER_LEASE),
        "put_off": lambda: record_mail_put_off(site.database, late, AFTER_LEASE),
    }
    assert not attempts[record]()
    row = stored(site.database)
    assert (row.lease_owner, row.ended_as, row.problem, row.due_at) == ("worker-2", None, None, None)


def test_what_was_recorded_once_is_not_recorded_again(site: Site) -> None:
    put(site.database)
    row = claim(site.database)
    assert record_mail_sent(site.database, row, NOW)
    assert not record_mail_failed(site.database, row, "away", NOW)
    assert stored(site.database).ended_as == "sent"


# --- what comes of it -------------------------------------------------------------------------


def test_a_failed_mail_waits_with_its_reason_and_is_sent_later(site: Site) -> None:
    put(site.database)
    assert record_mail_failed(site.database, claim(site.database), "no_answer", NOW + HOUR)
    row = stored(site.database)
    assert (row.problem, row.due_at, row.attempts, row.lease_owner) == ("no_answer", NOW + HOUR, 1, None)
    assert claim_mail(site.database, SITE, "worker-1", NOW, LEASE) is None
    second = claim(site.database, now=NOW + HOUR)
    assert second.attempts == 2
    assert record_mail_sent(site.database, second, NOW + HOUR)
    row = stored(site.database)
    assert (row.ended_as, row.ended_at, row.problem, row.due_at) == ("sent", NOW + HOUR, None, None)


def test_a_night_is_no_attempt(site: Site) -> None:
    put(site.database)
    assert record_mail_put_off(site.database, claim(site.database), NOW + HOUR)
    row = stored(site.database)
    assert (row.attempts, row.due_at, row.problem) == (0, NOW + HOUR, None)


def test_a_new_sign_in_ends_what_waits_about_the_old_one_and_nothing_else(site: Site) -> None:
    account_id, other = site.connect(1), site.connect(2)
    put(site.database, "mine", account_id=account_id, consented_at=NOW, step="one_day")
    put(site.database, "other", account_id=other, consented_at=NOW, step="one_day")
    site.connect(1, consented_at=NOW + HOUR, now=NOW + HOUR)
    mine = stored(site.database, "mine")
    assert (mine.ended_as, mine.ended_at, mine.due_at) == ("renewed", NOW + HOUR, None)
    assert stored(site.database, "other").ended_as is None


def test_only_the_steps_asked_for_are_ended(site: Site) -> None:
    account_id = site.connect()
    for step in ("two_days", "one_day", "ended"):
        put(site.database, step, account_id=account_id, consented_at=NOW, step=step)
    assert end_unsent(site.database, SITE, account_id, ["two_days", "one_day"], "superseded", NOW) == 2
    assert [stored(site.database, step).ended_as for step in ("two_days", "one_day", "ended")] == [
        "superseded", "superseded", None,
    ]  # fmt: skip


def test_what_is_being_sent_stays_its_senders_to_record_but_not_a_dead_ones(site: Site) -> None:
    account_id = site.connect()
    put(site.database, account_id=account_id, consented_at=NOW)
    row = claim(site.database)
    assert end_unsent(site.database, SITE, account_id, None, "renewed", NOW) == 0
    assert record_mail_failed(site.database, row, "no_answer", NOW)
    claim(site.database)
    assert end_unsent(site.database, SITE, account_id, None, "renewed", AFTER_LEASE) == 1


def invite(database: Database, key: str) -> bool:
    return put_invitation(database, SITE, key, agent_id=3, account_id=None, consented_at=None, now=NOW)


def test_a_newer_invitation_ends_an_unsent_one_of_the_same_agent(site: Site) -> None:
    put(site.database, "mine", "invitation", agent_id=3)
    put(site.database, "other", "invitation", agent_id=4)
    put(site.database, "reminder", agent_id=3)
    assert invite(site.database, "newer")
    assert not invite(site.database, "newer")
    ends = {row.key: row.ended_as for row in list_mails(site.database, SITE)}
    assert ends == {"mine": "superseded", "other": None, "reminder": None, "newer": None}


@contextmanager
def said_to(database: Database) -> Iterator[list[str]]:
    """The statements that the database was given."""
    statements = list[str]()

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def test_an_invitation_locks_the_site_before_any_mail_as_a_sign_in_does(site: Site) -> None:
    """In two orders, an invitation and a sign-in at the same moment would wait for each other."""
    put(site.database, "mine", "invitation", agent_id=3)
    with said_to(site.database) as statements:
        invite(site.database, "newer")
    first_lock = next(n for n, said in enumerate(statements) if "FROM sites" in said)
    first_change = next(n for n, said in enumerate(statements) if said.startswith("UPDATE outbox"))
    assert first_lock < first_change


def test_what_is_old_is_forgotten_without_a_lock_on_any_account(site: Site) -> None:
    """InnoDB locks what a DELETE reads, and a sign-in locks the account first."""
    site.connect(consented_at=NOW)
    site.connect(consented_at=NOW + HOUR, now=NOW + HOUR)
    put(site.database)
    assert record_mail_sent(site.database, claim(site.database), NOW)
    with said_to(site.database) as statements:
        assert prune_mails(site.database, NOW + HOUR) == 1
        assert prune_consents(site.database, NOW + 2 * HOUR) == 1
    deletes = [said for said in statements if said.startswith("DELETE")]
    assert len(deletes) == 2
    assert not any("accounts" in said for said in deletes)


# --- asked about ------------------------------------------------------------------------------


def test_the_steps_of_a_consent_are_known_whatever_became_of_them(site: Site) -> None:
    account_id = site.connect()
    for step in ("two_days", "one_day"):
        put(site.database, step, account_id=account_id, consented_at=NOW, step=step)
    record_mail_ended(site.database, claim(site.database), "no_mail", NOW)
    put(site.database, "older", account_id=account_id, consented_at=NOW - HOUR, step="ended")
    put(site.database, "invited", "invitation", account_id=account_id, consented_at=NOW)
    assert steps_past(site.database, account_id, NOW) == {"two_days", "one_day"}
    assert steps_past(site.database, account_id, NOW - HOUR) == {"ended"}
    assert steps_past_by_account(site.database, SITE) == {account_id: {"two_days", "one_day"}}


def test_mails_are_listed_newest_first_and_by_agent(site: Site) -> None:
    for key, agent_id in (("a", 1), ("b", 2), ("c", 1)):
        put(site.database, key, agent_id=agent_id)
    assert [row.key for row in list_mails(site.database, SITE)] == ["c", "b", "a"]
    assert [row.key for row in list_mails(site.database, SITE, agent_id=1)] == ["c", "a"]
    assert [row.key for row in list_mails(site.database, SITE, limit=1)] == ["c"]
    assert {agent: row.key for agent, row in last_mails(site.database, SITE).items()} == {1: "c", 2: "b"}
    record_mail_sent(site.database, claim(site.database), NOW)
    assert {agent: row.key for agent, row in last_mails(site.database, SITE, only_sent=True).items()} == {
        1: "a"
    }


def test_waiting_mails_are_counted_with_the_oldest(site: Site) -> None:
    assert oldest_waiting(site.database, SITE) is None
    put(site.database, "sent")
    record_mail_sent(site.database, claim(site.database), NOW)
    put(site.database, "second", now=NOW + SECOND)
    put(site.database, "first", due_at=NOW + HOUR)
    claim(site.database)
    assert count_waiting(site.database, SITE) == 2
    oldest = oldest_waiting(site.database, SITE)
    assert oldest is not None
    assert oldest.key == "first"


def test_old_mails_are_forgotten_but_not_those_about_a_consent_still_held(site: Site) -> None:
    held, left = site.connect(1), site.connect(2)
    record_disconnected(site.database, left, NOW)
    said: dict[str, dict[str, Any]] = {
        "held": {"account_id": held, "consented_at": NOW},
        "earlier": {"account_id": held, "consented_at": NOW - HOUR},
        "left": {"account_id": left, "consented_at": NOW},
        "digest": {"admin_id": 1},
    }
    for key, about in said.items():
        put(site.database, key, **about)
        record_mail_sent(site.database, claim(site.database), NOW)
    put(site.database, "waiting")
    assert prune_mails(site.database, NOW) == 0
    assert prune_mails(site.database, NOW + SECOND) == 3
    assert {row.key for row in list_mails(site.database, SITE)} == {"waiting", "held"}


# --- who wants none, and how ------------------------------------------------------------------


def test_who_asked_for_no_more_mail_is_known_until_they_want_it_again(site: Site) -> None:
    stop_mail(site.database, SITE, "agent:3", NOW)
    stop_mail(site.database, SITE, "agent:3", NOW + HOUR)
    assert is_stopped(site.database, SITE, "agent:3")
    assert not is_stopped(site.database, SITE, "agent:33")
    assert not is_stopped(site.database, "another-site", "agent:3")
    resume_mail(site.database, SITE, "agent:3")
    assert not is_stopped(site.database, SITE, "agent:3")


def test_waking_hours_are_eight_to_eight_until_others_are_chosen(site: Site) -> None:
    assert read_waking_hours(site.database, SITE) == (time(8), time(20))
    write_waking_hours(site.database, SITE, time(9, 30), time(18), NOW)
    assert read_waking_hours(site.database, SITE) == (time(9, 30), time(18))


@pytest.mark.parametrize("value", ["", "whenever", "20:00-08:00", "08:00"])
def test_waking_hours_nobody_understands_are_the_usual_ones(site: Site, value: str) -> None:
    write_setting(site.database, SITE, "waking_hours", value)
    assert read_waking_hours(site.database, SITE) == (time(8), time(20))


def test_the_owners_wording_is_kept_and_given_up(site: Site) -> None:
    assert read_mail_template(site.database, SITE, "one_day.de") is None
    write_mail_template(site.database, SITE, "one_day.de", '{"subject": "Bitte"}', NOW)
    assert read_mail_template(site.database, SITE, "one_day.de") == '{"subject": "Bitte"}'
    assert read_mail_template(site.database, SITE, "one_day.en") is None
    write_mail_template(site.database, SITE, "one_day.de", None, NOW)
    assert read_mail_template(site.database, SITE, "one_day.de") is None
