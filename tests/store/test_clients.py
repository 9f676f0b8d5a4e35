"""Clients that come and go: who uses them, what is wrong with them, what they have spent, and their end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from latesync.errors import SecretUnreadable
from latesync.options import Publishing
from latesync.store.accounts import record_disconnected, record_needs_sign_in
from latesync.store.client_uploads import forget_upload, keep_upload, prune_uploads, read_upload
from latesync.store.clients import (
    PUBLISHING_STATUS,
    current_client,
    is_current_client,
    list_clients,
    others_good_at,
    read_client,
    record_client,
    record_client_problem,
    record_client_works,
    retry_accounts,
    write_publishing_status,
)
from latesync.store.consent_schema import client_uploads, consents, quota_use
from latesync.store.old_clients import count_accounts_by_client, forget_unused_clients
from latesync.store.quota import QuotaUse, add_quota_use, prune_quota_use, quota_used
from latesync.store.schema import accounts, clients, sign_ins
from latesync.store.secrets import SecretBox, new_key
from latesync.store.sign_ins import claim_sign_in, record_sign_in
from latesync.store.sites import read_setting, write_setting
from tests.store.builders import HOUR, NOW, SECOND, SITE, Site

LATER = NOW + 2 * HOUR
REFUSED = ("client_rejected", "org_blocked")


def upload(site: Site, client_id: str = "id-2", project_id: str | None = "project") -> int:
    return record_client(
        site.database, site.box, SITE, "google", client_id, f"secret of {client_id}", project_id, [], NOW
    )


def forget(site: Site, now: datetime = LATER) -> int:
    return forget_unused_clients(site.database, site.box, SITE, "google", now)


def known(site: Site) -> list[str]:
    return [client.client_id for client in list_clients(site.database, SITE, "google")]


def change_account(site: Site, account_id: int, **values: object) -> None:
    with site.database.write() as connection:
        connection.execute(update(accounts).where(accounts.c.id == account_id).values(**values))


def problem_of(site: Site) -> str | None:
    return list_clients(site.database, SITE, "google")[0].problem


# --- what is kept -----------------------------------------------------------------------------


def test_clients_are_listed_current_first_and_without_their_secrets(site: Site) -> None:
    upload(site)
    listed = list_clients(site.database, SITE, "google")
    assert [(client.client_id, client.is_current, client.client_secret) for client in listed] == [
        ("id-2", True, ""),
        ("id-1", False, ""),
    ]
    assert is_current_client(site.database, listed[0].id)
    assert not is_current_client(site.database, site.client_ref)
    assert not is_current_client(site.database, 4711)


def test_what_the_owner_says_of_publishing_is_kept_with_the_client(site: Site) -> None:
    write_publishing_status(site.database, site.client_ref, Publishing.TESTING)
    assert read_client(site.database, site.box, site.client_ref).publishing_status is Publishing.TESTING
    write_publishing_status(site.database, site.client_ref, None)
    assert read_client(site.database, site.box, site.client_ref).publishing_status is None


def test_a_word_of_a_newer_program_counts_as_nothing_said(site: Site) -> None:
    with site.database.write() as connection:
        connection.execute(update(clients).values(publishing_status="on_the_moon"))
    assert read_client(site.database, site.box, site.client_ref).publishing_status is None


def test_publishing_goes_on_with_the_project_and_not_beyond(site: Site) -> None:
    write_publishing_status(site.database, site.client_ref, Publishing.PRODUCTION)
    same, other = upload(site, "id-2"), upload(site, "id-3", "other-project")
    assert read_client(site.database, site.box, same).publishing_status is Publishing.PRODUCTION
    assert read_client(site.database, site.box, other).publishing_status is None


def test_what_was_said_before_there_was_a_client_is_taken_over_once(site: Site) -> None:
    write_setting(site.database, SITE, PUBLISHING_STATUS, "internal")
    first, second = upload(site, "id-2", "project-2"), upload(site, "id-3", "project-3")
    assert read_client(site.database, site.box, first).publishing_status is Publishing.INTERNAL
    assert read_client(site.database, site.box, second).publishing_status is None
    assert read_setting(site.database, SITE, PUBLISHING_STATUS) == ""


# --- what is wrong with them ------------------------------------------------------------------


def test_a_clients_problem_ends_with_a_success_once_no_other_account_meets_it(site: Site) -> None:
    first, second = site.connect(1), site.connect(2)
    record_client_problem(site.database, site.client_ref, "client_rejected", NOW)
    change_account(site, first, problem="client_rejected")
    assert not record_client_works(site.database, site.client_ref, second, REFUSED)
    assert problem_of(site) == "client_rejected"
    assert record_client_works(site.database, site.client_ref, first, REFUSED)
    assert problem_of(site) is None


def test_accounts_that_are_gone_or_of_another_client_keep_no_problem_alive(site: Site) -> None:
    gone, signed_out, other, good = (site.connect(agent_id) for agent_id in (1, 2, 3, 4))
    record_disconnected(site.database, gone, NOW)
    record_needs_sign_in(site.database, signed_out, "sign_in_again", NOW)
    for account_id in (gone, signed_out, other):
        change_account(site, account_id, problem="org_blocked")
    change_account(site, other, client_ref=upload(site))
    record_client_problem(site.database, site.client_ref, "org_blocked", NOW)
    assert record_client_works(site.database, site.client_ref, good, REFUSED)


def test_a_success_of_a_run_says_nothing_of_other_problems(site: Site) -> None:
    account_id = site.connect()
    record_client_problem(site.database, site.client_ref, "redirect_mismatch", NOW)
    assert not record_client_works(site.database, site.client_ref, account_id, REFUSED)
    assert problem_of(site) == "redirect_mismatch"


def test_after_an_upload_whoever_was_stopped_tries_at_once_and_nobody_else(site: Site) -> None:
    same, other, elsewhere, fine = (site.connect(agent_id) for agent_id in (1, 2, 3, 4))
    change_account(site, other, client_ref=upload(site))
    for account_id, problem in (
        (same, "client_rejected"),
        (other, "client_rejected"),
        (elsewhere, "calendar_lost"),
    ):
        change_account(site, account_id, problem=problem, failures=3, failing="inbound")
    for account_id in (same, other, elsewhere, fine):
        change_account(site, account_id, outbound_due_at=None, inbound_due_at=NOW + HOUR)

    retry_accounts(site.database, SITE, site.client_ref, REFUSED, NOW)

    due = {
        account_id: site.account(account_id).inbound_due_at for account_id in (same, other, elsewhere, fine)
    }
    assert due == {same: NOW, other: NOW, elsewhere: NOW + HOUR, fine: NOW + HOUR}
    problems = {account_id: site.account(account_id).problem for account_id in (same, other, elsewhere)}
    assert problems == {same: None, other: "client_rejected", elsewhere: "calendar_lost"}
    assert (site.account(same).failures, site.account(same).failing) == (0, None)


def test_others_success_is_the_newest_of_accounts_that_are_well(site: Site) -> None:
    own, well, ill, away = (site.connect(agent_id) for agent_id in (1, 2, 3, 4))
    assert others_good_at(site.database, site.client_ref, own) is None
    change_account(site, own, inbound_good_at=NOW + 9 * HOUR)
    change_account(site, well, inbound_good_at=NOW + HOUR, outbound_good_at=NOW)
    change_account(site, ill, inbound_good_at=NOW + 5 * HOUR, problem="org_blocked")
    change_account(site, away, inbound_good_at=NOW + 6 * HOUR, client_ref=upload(site))
    assert others_good_at(site.database, site.client_ref, own) == NOW + HOUR


# --- their end --------------------------------------------------------------------------------


def test_an_old_client_stays_while_an_account_is_signed_in_with_it(site: Site) -> None:
    moved, staying = site.connect(1), site.connect(2)
    new = upload(site)
    site.connect(1, client_ref=new, consented_at=NOW + SECOND)
    assert count_accounts_by_client(site.database, SITE) == {new: 1, site.client_ref: 1}
    assert forget(site) == 0
    assert read_client(site.database, site.box, site.client_ref).client_secret == "secret-1"
    site.connect(2, client_ref=new, consented_at=NOW + SECOND)
    assert forget(site) == 1
    assert known(site) == ["id-2"]
    assert {site.account(moved).client_ref, site.account(staying).client_ref} == {new}


def test_what_hangs_on_a_forgotten_client_goes_with_it_and_disconnected_accounts_do_not(site: Site) -> None:
    gone = site.connect(1)
    add_quota_use(site.database, site.client_ref, NOW, 5, 5)
    begin_sign_in(site, "state-1")
    record_disconnected(site.database, gone, NOW)
    new = upload(site)
    assert forget(site) == 1
    assert site.account(gone).client_ref == new
    with site.database.read() as connection:
        for table in (consents, quota_use, sign_ins):
            assert connection.execute(select(table)).all() == []


def test_a_client_nobody_works_with_keeps_its_row_for_who_is_signed_out_but_no_secret(site: Site) -> None:
    account_id = site.connect()
    record_needs_sign_in(site.database, account_id, "sign_in_again", NOW)
    upload(site)
    assert forget(site) == 0
    assert known(site) == ["id-2", "id-1"]
    assert read_client(site.database, site.box, site.client_ref).client_secret == ""
    assert site.account(account_id).client_ref == site.client_ref


def test_a_wiped_client_that_is_uploaded_again_has_its_secret(site: Site) -> None:
    record_needs_sign_in(site.database, site.connect(), "sign_in_again", NOW)
    upload(site)
    forget(site)
    assert upload(site, "id-1") == site.client_ref
    assert read_client(site.database, site.box, site.client_ref).client_secret == "secret of id-1"


def test_the_current_client_is_never_forgotten(site: Site) -> None:
    assert forget(site) == 0
    assert known(site) == ["id-1"]


def begin_sign_in(site: Site, state: str) -> None:
    record_sign_in(
        site.database, site.box, state, site_id=SITE, agent_id=1, provider="google",
        client_ref=site.client_ref, code_verifier="verifier", browser="browser", now=NOW,
    )  # fmt: skip


def test_a_client_waits_for_the_sign_in_that_is_under_way(site: Site) -> None:
    begin_sign_in(site, "state-1")
    upload(site)
    assert forget(site, NOW + HOUR - SECOND) == 0
    assert forget(site, NOW + HOUR) == 1


def test_a_sign_in_that_has_just_come_back_may_still_be_finished(site: Site) -> None:
    begin_sign_in(site, "state-1")
    upload(site)
    claim_sign_in(site.database, site.box, "state-1", "browser", NOW + SECOND, HOUR)
    assert forget(site, NOW + timedelta(minutes=4)) == 0
    assert forget(site, NOW + timedelta(minutes=6)) == 1


# --- a file that waits for a yes --------------------------------------------------------------


def test_an_upload_is_kept_sealed_for_an_hour_under_a_name_nobody_guesses(site: Site) -> None:
    first = keep_upload(site.database, site.box, SITE, "google", "the file", NOW)
    second = keep_upload(site.database, site.box, SITE, "google", "the file", NOW)
    assert first != second
    assert len(first) == 32
    with site.database.read() as connection:
        assert "the file" not in str(connection.execute(select(client_uploads)).all())
    assert read_upload(site.database, site.box, SITE, first, NOW + HOUR - SECOND) == "the file"
    assert read_upload(site.database, site.box, SITE, first, NOW + HOUR) is None
    assert read_upload(site.database, site.box, "another site", first, NOW) is None
    with pytest.raises(SecretUnreadable):
        read_upload(site.database, SecretBox([new_key()]), SITE, first, NOW)


def test_of_two_who_answer_one_is_first(site: Site) -> None:
    upload_id = keep_upload(site.database, site.box, SITE, "google", "the file", NOW)
    assert forget_upload(site.database, SITE, upload_id)
    assert not forget_upload(site.database, SITE, upload_id)
    assert read_upload(site.database, site.box, SITE, upload_id, NOW) is None


def test_uploads_nobody_answered_are_forgotten(site: Site) -> None:
    keep_upload(site.database, site.box, SITE, "google", "old", NOW)
    young = keep_upload(site.database, site.box, SITE, "google", "young", NOW + SECOND)
    assert prune_uploads(site.database, NOW + HOUR) == 1
    assert read_upload(site.database, site.box, SITE, young, NOW + HOUR) == "young"


def test_the_largest_file_that_is_taken_fits_on_every_server(site: Site) -> None:
    upload_id = keep_upload(site.database, site.box, SITE, "google", "x" * 20_000, NOW)
    assert read_upload(site.database, site.box, SITE, upload_id, NOW) == "x" * 20_000


# --- the quota --------------------------------------------------------------------------------

FULL_HOUR = NOW.replace(minute=0, second=0, microsecond=0)


def test_what_processes_spend_adds_up_and_the_busiest_minute_is_the_most_of_one(site: Site) -> None:
    for hours, units, busiest in ((0, 10, 4), (0, 5, 5), (1, 1, 1)):
        add_quota_use(site.database, site.client_ref, FULL_HOUR + hours * HOUR, units, busiest)
    assert quota_used(site.database, site.client_ref, FULL_HOUR) == QuotaUse(16, 5)
    assert quota_used(site.database, site.client_ref, FULL_HOUR + HOUR) == QuotaUse(1, 1)
    assert quota_used(site.database, site.client_ref, FULL_HOUR + 2 * HOUR) == QuotaUse(0, 0)


def test_what_a_forgotten_client_spent_is_nobodys(site: Site) -> None:
    add_quota_use(site.database, 4711, FULL_HOUR, 1, 1)
    assert quota_used(site.database, 4711, FULL_HOUR) == QuotaUse()


def test_old_spending_is_forgotten(site: Site) -> None:
    for hours in (0, 1):
        add_quota_use(site.database, site.client_ref, FULL_HOUR + hours * HOUR, 1, 1)
    assert prune_quota_use(site.database, FULL_HOUR + HOUR) == 1
    assert quota_used(site.database, site.client_ref, FULL_HOUR) == QuotaUse(1, 1)


def test_several_processes_count_at_once_and_nothing_is_lost(site: Site) -> None:
    with ThreadPoolExecutor(8) as threads:
        for _ in range(40):
            threads.submit(add_quota_use, site.database, site.client_ref, FULL_HOUR, 1, 1)
    assert quota_used(site.database, site.client_ref, FULL_HOUR).units == 40


def test_a_current_client_can_be_read_after_all_that(site: Site) -> None:
    upload(site)
    forget(site)
    current = current_client(site.database, site.box, SITE, "google")
    assert current is not None
    assert current.client_secret == "secret of id-2"
