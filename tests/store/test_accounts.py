"""Consent, clients, secrets, and what is kept over a disconnect and a return."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from latesync.errors import SecretUnreadable, WrongInput
from latesync.model import AccountState
from latesync.store.accounts import (
    active_account,
    choose_calendars,
    list_accounts,
    read_account,
    read_refresh_token,
    record_disconnected,
    record_needs_sign_in,
)
from latesync.store.calendars import read_calendars, read_items, read_slots
from latesync.store.clients import current_client, read_client, record_client, record_client_problem
from latesync.store.mappings import read_mappings
from latesync.store.schema import accounts, clients
from latesync.store.secrets import SecretBox, new_key
from tests.store.builders import HOUR, NOW, SECOND, SITE, Site, a_slot, an_item

# --- consent ----------------------------------------------------------------------------------


def test_a_new_account_reads_and_writes_its_calendar_at_once(site: Site) -> None:
    account_id = site.connect(agent_id=4, ends_at=NOW + HOUR, write_calendar_id="primary")
    account = site.account(account_id)
    assert (account.state, account.agent_id, account.consent_ends_at) == ("connected", 4, NOW + HOUR)
    assert (account.outbound_due_at, account.inbound_due_at) == (NOW, NOW)
    (calendar,) = read_calendars(site.database, account_id)
    assert (calendar.calendar_id, calendar.reads_busy, calendar.sync_token) == ("primary", True, None)


def test_a_renewed_consent_finds_everything_as_it_was(site: Site) -> None:
    account_id = site.connect()
    choose_calendars(site.database, account_id, "work", ["work", "team"], False, NOW)
    mapping_id = site.live_mapping(account_id)
    site.full_listing(site.calendar(account_id).id, an_item(), slots=(a_slot(),))
    calendars = read_calendars(site.database, account_id)
    record_needs_sign_in(site.database, account_id, "revoked", NOW)

    later = NOW + HOUR
    again = site.connect(
        refresh_token="token-2", email="new@example.com", consented_at=later, ends_at=later + HOUR, now=later
    )

    assert again == account_id
    account = site.account(account_id)
    assert (account.state, account.failures, account.problem, account.problem_since) == (
        AccountState.CONNECTED, 0, None, None,
    )  # fmt: skip
    assert (account.email, account.consented_at, account.consent_ends_at) == (
        "new@example.com", later, later + HOUR,
    )  # fmt: skip
    assert (account.outbound_due_at, account.inbound_due_at) == (later, later)
    assert (account.write_calendar_id, account.tentative_blocks) == ("work", False)
    assert read_refresh_token(site.database, site.box, account_id) == "token-2"
    assert read_calendars(site.database, account_id) == calendars
    assert [mapping.id for mapping in read_mappings(site.database, account_id)] == [mapping_id]
    assert read_slots(site.database, 1).keys() == {a_slot().id}


def test_another_person_is_another_account(site: Site) -> None:
    first = site.connect(subject="private")
    record_disconnected(site.database, first, NOW)
    second = site.connect(subject="Private", consented_at=NOW + SECOND)
    assert first != second
    assert _active(site) == second
    record_needs_sign_in(site.database, second, "revoked", NOW)
    assert _active(site) == second
    record_disconnected(site.database, second, NOW)
    assert _active(site) is None
    assert [account.id for account in list_accounts(site.database, SITE)] == [first, second]


def test_one_person_may_serve_as_two_agents(site: Site) -> None:
    assert site.connect(1, subject="dana") != site.connect(2, subject="dana")


def test_a_lost_consent_keeps_what_waits_and_since_when(site: Site) -> None:
    account_id = site.connect()
    assert record_needs_sign_in(site.database, account_id, "revoked", NOW)
    assert record_needs_sign_in(site.database, account_id, "revoked", NOW + HOUR)
    account = site.account(account_id)
    assert (account.state, account.problem, account.problem_since) == ("needs_sign_in", "revoked", NOW)
    assert (account.outbound_due_at, account.inbound_due_at) == (NOW, NOW)


def test_a_disconnected_account_does_not_ask_for_a_sign_in(site: Site) -> None:
    account_id = site.connect()
    record_disconnected(site.database, account_id, NOW)
    assert not record_needs_sign_in(site.database, account_id, "revoked", NOW)
    assert site.account(account_id).state is AccountState.DISCONNECTED


def test_a_disconnect_forgets_the_token_and_the_busy_time_but_not_the_choices(site: Site) -> None:
    account_id, other = site.connect(1), site.connect(2)
    for agent_id, each in ((1, account_id), (2, other)):
        slot = a_slot(f"{agent_id:032x}", agent_id=agent_id)
        site.full_listing(site.calendar(each).id, an_item(), slots=(slot,))
    site.live_mapping(account_id)

    record_disconnected(site.database, account_id, NOW)

    account = site.account(account_id)
    assert (account.state, account.outbound_due_at, account.inbound_due_at) == ("disconnected", None, None)
    assert read_refresh_token(site.database, site.box, account_id) is None
    calendar = site.calendar(account_id)
    assert (calendar.calendar_id, calendar.sync_token, calendar.good_at) == ("primary", None, None)
    assert read_items(site.database, calendar.id) == {}
    assert read_slots(site.database, 1) == {}
    assert len(read_mappings(site.database, account_id)) == 1
    assert len(read_slots(site.database, 2)) == 1


def test_an_unknown_account_is_none(site: Site) -> None:
    assert read_account(site.database, 4711) is None


# --- calendars a person chooses ---------------------------------------------------------------


def test_chosen_calendars_are_added_and_removed_with_all_that_was_read(site: Site) -> None:
    account_id = site.connect()
    primary = site.calendar(account_id)
    site.full_listing(primary.id, an_item(), slots=(a_slot(),))

    choose_calendars(site.database, account_id, "work", ["team"], False, NOW + SECOND)

    found = {row.calendar_id: row.reads_busy for row in read_calendars(site.database, account_id)}
    assert found == {"work": False, "team": True}
    assert read_items(site.database, primary.id) == {}
    assert read_slots(site.database, 1) == {}
    account = site.account(account_id)
    assert (account.write_calendar_id, account.tentative_blocks) == ("work", False)
    assert (account.outbound_due_at, account.inbound_due_at) == (NOW + SECOND, NOW + SECOND)


def test_a_calendar_that_stays_chosen_keeps_its_place_and_is_expanded_anew(site: Site) -> None:
    account_id = site.connect()
    before = site.calendar(account_id)
    site.full_listing(before.id, an_item(), slots=(a_slot(),))
    site.page(before.id, expanded_for=NOW.date())

    choose_calendars(site.database, account_id, "primary", ["primary", "team"], True, NOW)

    after = site.calendar(account_id)
    assert (after.id, after.sync_token, after.expanded_for) == (before.id, "token", None)
    assert read_items(site.database, before.id).keys() == {"event-1"}
    assert len(read_slots(site.database, 1)) == 1


def test_a_calendar_only_written_to_brings_no_busy_time(site: Site) -> None:
    account_id = site.connect()
    site.full_listing(site.calendar(account_id).id, an_item(), slots=(a_slot(),))
    choose_calendars(site.database, account_id, "primary", [], True, NOW)
    calendar = site.calendar(account_id)
    assert (calendar.reads_busy, calendar.sync_token) == (False, None)
    assert read_slots(site.database, 1) == {}


# --- clients ----------------------------------------------------------------------------------


def test_a_second_upload_becomes_current_and_accounts_keep_theirs(site: Site) -> None:
    account_id = site.connect()
    uris = ["https://sync.example.com/oauth/google/callback"]
    second = record_client(site.database, site.box, SITE, "google", "id-2", "secret-2", None, uris, NOW)
    current = current_client(site.database, site.box, SITE, "google")
    assert current is not None
    assert (current.id, current.client_secret, current.redirect_uris) == (second, "secret-2", tuple(uris))
    assert site.account(account_id).client_ref == site.client_ref
    first = read_client(site.database, site.box, site.client_ref)
    assert (first.client_secret, first.is_current) == ("secret-1", False)


def test_the_same_client_again_takes_the_new_secret_and_loses_its_problem(site: Site) -> None:
    record_client_problem(site.database, site.client_ref, "client rejected", NOW)
    again = record_client(site.database, site.box, SITE, "google", "id-1", "secret-3", None, [], NOW)
    assert again == site.client_ref
    client = read_client(site.database, site.box, again)
    assert (client.client_secret, client.problem, client.problem_since) == ("secret-3", None, None)
    assert client.is_current


def test_a_clients_problem_remembers_since_when(site: Site) -> None:
    for hours in range(2):
        record_client_problem(site.database, site.client_ref, "client rejected", NOW + hours * HOUR)
    client = read_client(site.database, site.box, site.client_ref)
    assert (client.problem, client.problem_since) == ("client rejected", NOW)
    assert "secret-1" not in repr(client)
    record_client_problem(site.database, site.client_ref, None, NOW)
    assert read_client(site.database, site.box, site.client_ref).problem_since is None


def test_a_provider_without_an_upload_has_no_client(site: Site) -> None:
    assert current_client(site.database, site.box, SITE, "microsoft") is None


# --- secrets ----------------------------------------------------------------------------------


def test_no_secret_is_stored_as_it_is(site: Site) -> None:
    site.connect()
    with site.database.read() as connection:
        token = connection.scalar(select(accounts.c.refresh_token))
        secret = connection.scalar(select(clients.c.client_secret))
    assert "token-1" not in str(token)
    assert "secret-1" not in str(secret)


def test_the_first_key_seals_and_every_key_opens() -> None:
    old, new = new_key(), new_key()
    sealed_before = SecretBox([old]).seal("refresh-token ✓")
    box = SecretBox([new, old])
    assert box.open(sealed_before) == "refresh-token ✓"
    assert SecretBox([new]).open(box.seal("x")) == "x"
    assert SecretBox([new]).open(box.sealed_anew(sealed_before)) == "refresh-token ✓"


def test_a_secret_under_a_lost_key_says_so(site: Site) -> None:
    account_id = site.connect()
    with pytest.raises(SecretUnreadable):
        read_refresh_token(site.database, SecretBox([new_key()]), account_id)
    with pytest.raises(SecretUnreadable):
        site.box.open("not sealed at all")


def test_keys_are_hidden_and_wrong_ones_explained() -> None:
    key = new_key()
    assert key not in repr(SecretBox([key]))
    with pytest.raises(WrongInput, match="usable keys"):
        SecretBox(["short"])
    with pytest.raises(WrongInput, match="usable keys"):
        SecretBox([])


def _active(site: Site) -> int | None:
    account = active_account(site.database, SITE, 1)
    return None if account is None else account.id
