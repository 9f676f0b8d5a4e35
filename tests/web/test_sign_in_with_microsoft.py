"""The agent's way from the personal link to a connected Outlook calendar, beside Google's."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection

from latesync.consent import microsoft_client
from latesync.consent.flow import (
    agents_sharing,
    begin_sign_in,
    disconnect,
    finish_sign_in,
    read_calendar_list,
)
from latesync.consent.providers import SignInReturn
from latesync.consent.renewal import Renewal, Returning
from latesync.errors import AuthorizationLost, ClientRejected, SignInRefused, StateUnavailable
from latesync.model import AccountState
from latesync.options import NextSync
from latesync.plan.client_replacement import Change
from latesync.plan.failures import Problem
from latesync.store.accounts import AccountRow, read_refresh_token
from latesync.store.clients import current_client
from latesync.store.database import Database
from latesync.store.resets import open_reset
from latesync.sync.now import sync_now
from tests.web.salon import BEN, DANA, NOW, Salon

WORK, PRIVATE = "dana@outlook.example", "ben@hotmail.example"
BROWSER = "a browser's secret"


class LockedDatabase(Database):
    """Somebody else writes, and goes on writing."""

    @contextmanager
    def write(self) -> Iterator[Connection]:
        raise StateUnavailable("database is locked")
        yield


def connected(salon: Salon, agent_id: int = DANA, email: str = WORK) -> AccountRow:
    salon.connect_outlook(agent_id, email)
    account = salon.account(agent_id, "microsoft")
    assert account is not None
    return account


def token_of(salon: Salon, account: AccountRow) -> str:
    token = read_refresh_token(salon.services.database, salon.services.box, account.id)
    assert token is not None
    return token


def refused(salon: Salon, client: FlaskClient, address: str) -> tuple[int, str]:
    answer = client.get(address)
    assert 400 <= answer.status_code < 600, answer.text
    assert salon.account(DANA, "microsoft") is None
    return answer.status_code, answer.text


def run(salon: Salon, account: AccountRow) -> None:
    """What the worker does for this account as soon as it is due."""
    sync_now(salon.services.sync_parts(), "test", [account])


class TestSigningIn:
    def test_after_microsofts_return_nothing_more_must_be_chosen(self, salon: Salon) -> None:
        salon.register()
        client = salon.agent()
        answer = salon.sign_in_to_outlook(client)
        assert (answer.status_code, answer.location) == (302, "/connect/done")
        account = salon.account(DANA, "microsoft")
        person = salon.microsoft.person(WORK)
        assert account is not None
        assert account.subject == f"{person.oid}.{person.tid}"
        assert account.is_written
        assert account.consent_ends_at is None
        assert account.token_at == NOW
        assert account.outbound_due_at == NOW

    def test_who_was_renamed_stays_the_same_account(self, salon: Salon) -> None:
        """microsoft-graph.md H5; users-ask.md U4."""
        salon.register()
        before = connected(salon)
        salon.microsoft.change_person(WORK, email="dana.linden@outlook.example")
        salon.clock.advance(timedelta(hours=1))
        after = connected(salon, email="dana.linden@outlook.example")
        assert (after.id, after.email) == (before.id, "dana.linden@outlook.example")

    def test_cancelling_at_microsoft_connects_nothing(self, salon: Salon) -> None:
        salon.register()
        salon.microsoft.change_person(WORK, declines=True)
        client = salon.agent()
        status, text = refused(salon, client, salon.microsoft_return(client))
        assert status == 400
        assert "Microsoft" in text

    def test_expired_secret_is_kept_beside_the_client_and_explained(self, salon: Salon) -> None:
        client_id = salon.register()
        client = salon.agent()
        address = salon.microsoft_return(client)
        salon.microsoft.end_secrets(client_id)
        status, _ = refused(salon, client, address)
        assert status == 502
        row = current_client(salon.services.database, salon.services.box, salon.services.site_id, "microsoft")
        assert row is not None
        assert row.problem == Problem.SECRET_EXPIRED

    def test_return_that_is_used_twice_changes_nothing(self, salon: Salon) -> None:
        salon.register()
        client = salon.agent()
        address = salon.microsoft_return(client)
        assert client.get(address).status_code == 302
        assert client.get(address).status_code == 400

    def test_return_in_another_browser_is_refused(self, salon: Salon) -> None:
        salon.register()
        address = salon.microsoft_return(salon.agent())
        refused(salon, salon.agent(), address)

    def test_microsofts_return_is_not_taken_for_googles(self, salon: Salon) -> None:
        """One provider's code must never reach the other."""
        salon.register()
        salon.upload()
        client = salon.agent()
        address = salon.microsoft_return(client).replace("/oauth/microsoft/", "/oauth/google/")
        refused(salon, client, address)
        assert salon.account(DANA) is None
        assert not salon.google.request_counts

    def test_posted_return_goes_on_as_an_address(self, salon: Salon) -> None:
        """microsoft-graph.md P6: it comes without our cookie, so it can decide nothing itself."""
        salon.register()
        client = salon.agent()
        path, _, query = salon.microsoft_return(client).partition("?")
        given = dict(part.split("=", 1) for part in query.split("&"))
        posted = salon.visitor().post(path, data=given)
        assert posted.status_code == 303
        assert client.get(posted.location).location == "/connect/done"

    def test_unknown_provider_has_no_return(self, salon: Salon) -> None:
        assert salon.visitor().get("/oauth/caldav/callback").status_code == 404

    @pytest.mark.parametrize("status", [403, 404])
    def test_account_without_a_mailbox_is_not_connected(self, salon: Salon, status: int) -> None:
        """microsoft-graph.md §11."""
        salon.register()
        salon.microsoft.set_switches(missing_mailbox_status=status)
        salon.microsoft.set_mailbox_enabled(WORK, False)
        client = salon.agent()
        refused(salon, client, salon.microsoft_return(client))

    def test_tenant_that_does_not_exist_is_said_before_anybody_leaves(self, salon: Salon) -> None:
        form = salon.app_form() | {"tenant": "nobody.example", "account_type": "single"}
        desk = salon.services.consent_desk()
        client = microsoft_client.read_form(desk, microsoft_client.MicrosoftClientForm(**form))
        microsoft_client.take_microsoft_client(desk, client)
        with pytest.raises(SignInRefused) as caught:
            begin_sign_in(desk, DANA, BROWSER, "microsoft")
        assert (caught.value.code, caught.value.detail) == ("client_rejected", "AADSTS90002")


class TestBesideGoogle:
    def test_second_provider_brings_busy_time_only(self, salon: Salon) -> None:
        salon.upload()
        salon.register()
        client = salon.connect()
        assert salon.sign_in_to_outlook(client).status_code == 302
        google, outlook = salon.account(DANA, "google"), salon.account(DANA, "microsoft")
        assert google is not None
        assert outlook is not None
        assert (google.is_written, outlook.is_written) == (True, False)

    def test_second_provider_takes_the_bookings_where_the_agent_said_so(self, salon: Salon) -> None:
        salon.upload()
        salon.register()
        client = salon.connect()
        assert salon.sign_in_to_outlook(client, writes="yes").status_code == 302
        google, outlook = salon.account(DANA, "google"), salon.account(DANA, "microsoft")
        assert google is not None
        assert outlook is not None
        assert (google.is_written, outlook.is_written) == (False, True)

    def test_another_account_of_the_same_provider_is_refused(self, salon: Salon) -> None:
        salon.register()
        connected(salon)
        answer = salon.sign_in_to_outlook(salon.agent(), PRIVATE)
        assert answer.status_code == 400
        account = salon.account(DANA, "microsoft")
        assert account is not None
        assert account.email == WORK

    def test_mails_link_for_one_account_opens_no_other(self, salon: Salon) -> None:
        """A link for the Google account cannot add a calendar at Microsoft, nor can an old first link."""
        salon.upload()
        salon.register()
        salon.connect()
        google = salon.account(DANA, "google")
        assert google is not None
        desk = salon.services.consent_desk()
        for renewal in (Renewal(DANA, google.id, 0), Renewal(DANA, 0, 0)):
            start = begin_sign_in(desk, DANA, BROWSER, "microsoft")
            state = start.partition("&state=")[2].partition("&")[0]
            answer = SignInReturn(state, "a code")
            with pytest.raises(SignInRefused) as caught:
                finish_sign_in(desk, "microsoft", answer, Returning(BROWSER, DANA, renewal))
            assert caught.value.code in ("link_used_up", "done_already")
        assert salon.account(DANA, "microsoft") is None

    def test_agents_who_share_an_account_are_known_to_each_other(self, salon: Salon) -> None:
        salon.register()
        dana, ben = connected(salon), connected(salon, BEN)
        desk = salon.services.consent_desk()
        assert (agents_sharing(desk, dana.id), agents_sharing(desk, ben.id)) == ((BEN,), (DANA,))


class TestAfterwards:
    def test_calendars_are_listed_and_the_token_that_came_with_them_is_kept(self, salon: Salon) -> None:
        """microsoft-graph.md T1."""
        salon.register()
        account = connected(salon)
        before = token_of(salon, account)
        salon.clock.advance(timedelta(days=1))
        calendars = read_calendar_list(salon.services.consent_desk(), account)
        assert [calendar.is_primary for calendar in calendars].count(True) == 1
        after = token_of(salon, account)
        assert after != before
        assert after in salon.microsoft.refresh_tokens
        kept = salon.account(DANA, "microsoft")
        assert kept is not None
        assert kept.token_at == NOW + timedelta(days=1)

    def test_processes_that_look_at_once_lose_nothing(self, salon: Salon) -> None:
        salon.register()
        account = connected(salon)
        others = replace(salon.services)  # with tokens of its own, as another process has
        together = threading.Barrier(2)

        def look(number: int) -> int:
            desk = (salon.services, others)[number].consent_desk()
            together.wait()
            return len(read_calendar_list(desk, account))

        with ThreadPoolExecutor(2) as pool:
            assert all(pool.map(look, range(2)))
        assert token_of(salon, account) in salon.microsoft.refresh_tokens
        fresh = replace(salon.services).consent_desk()
        assert read_calendar_list(fresh, account)

    def test_locked_state_keeps_the_old_token_and_the_next_try_works(self, salon: Salon) -> None:
        """microsoft-graph.md T1: an access token whose refresh token could not be kept is not used."""
        salon.register()
        account = connected(salon)
        before = token_of(salon, account)
        locked = replace(salon.services, database=LockedDatabase(salon.services.config.database_url))
        salon.microsoft.forget_requests()
        with pytest.raises(StateUnavailable):
            read_calendar_list(locked.consent_desk(), account)
        assert all(
            request.path.endswith(("/token", "-configuration")) for request in salon.microsoft.requests
        )
        assert token_of(salon, account) == before
        assert read_calendar_list(salon.services.consent_desk(), account)

    def test_disconnecting_forgets_the_token_and_asks_nothing_of_microsoft(self, salon: Salon) -> None:
        """microsoft-graph.md §5: there is nothing to ask; revoking all sessions would sign the person out of
        everything."""
        salon.register()
        account = connected(salon)
        salon.microsoft.forget_requests()
        disconnect(salon.services.consent_desk(), account)
        assert read_refresh_token(salon.services.database, salon.services.box, account.id) is None
        assert not salon.microsoft.requests
        assert salon.microsoft.is_let_in(WORK)

    def test_consent_that_was_withdrawn_at_microsoft_shows(self, salon: Salon) -> None:
        salon.register()
        account = connected(salon)
        salon.microsoft.withdraw_consent(WORK)
        with pytest.raises(AuthorizationLost):
            read_calendar_list(salon.services.consent_desk(), account)


class TestRuns:
    def test_what_is_booked_comes_into_outlook(self, salon: Salon) -> None:
        salon.register()
        account = connected(salon)
        run(salon, account)
        after = salon.account(DANA, "microsoft")
        assert after is not None
        assert (after.problem, after.outbound_good_at) == (None, NOW)

    @pytest.mark.parametrize(
        ("refusal", "state", "problem"),
        [
            ("revoked", AccountState.NEEDS_SIGN_IN, Problem.SIGN_IN_AGAIN),
            ("mfa", AccountState.NEEDS_SIGN_IN, Problem.SIGN_IN_AGAIN),
            ("blocked", AccountState.CONNECTED, Problem.ORG_BLOCKED),
            ("transient", AccountState.CONNECTED, Problem.PROVIDER_UNAVAILABLE),
            ("secret_expired", AccountState.CONNECTED, Problem.SECRET_EXPIRED),
        ],
    )
    def test_run_that_is_refused_a_token_says_who_acts_next(
        self, salon: Salon, refusal: str, state: AccountState, problem: Problem
    ) -> None:
        """microsoft-graph.md §5; users-ask.md U8: only what a person can mend alone signs them out."""
        salon.register()
        account = connected(salon)
        salon.microsoft.change_person(WORK, refusal=refusal)
        run(salon, account)
        after = salon.account(DANA, "microsoft")
        assert after is not None
        assert (after.state, after.problem) == (state, problem)

    def test_rule_of_the_organisation_that_is_lifted_needs_no_sign_in(self, salon: Salon) -> None:
        """microsoft-graph.md T4."""
        salon.register()
        account = connected(salon)
        salon.microsoft.change_person(WORK, refusal="blocked")
        run(salon, account)
        salon.microsoft.change_person(WORK, refusal="")
        run(salon, account)
        after = salon.account(DANA, "microsoft")
        assert after is not None
        assert (after.state, after.problem) == (AccountState.CONNECTED, None)


@pytest.mark.parametrize(
    ("name", "others"), [("google", ["msal"]), ("microsoft", ["google", "googleapiclient"])]
)
def test_libraries_of_a_provider_nobody_uses_are_not_loaded(
    name: str, others: list[str], tmp_path: Path
) -> None:
    """They take a second, and the memory of everything else together."""
    program = f"""
import sys
from latesync.config import read_config
from latesync.services import open_services
services = open_services(read_config({{"LATESYNC_HOME": {str(tmp_path)!r}}}), require_schema=False)
import latesync.consent.flow, latesync.sync.run
assert not {{"msal", "googleapiclient"}} & set(sys.modules)
services.calendars.provider({name!r})
sys.exit(bool({set(others)!r} & set(sys.modules)))
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


class TestReplacingTheSecret:
    def test_new_secret_signs_nobody_out_and_counts_at_once(self, salon: Salon) -> None:
        """microsoft-graph.md M3."""
        client_id = salon.register()
        account = connected(salon)
        renewed = salon.microsoft.add_secret(client_id, keep_old=False)
        desk = salon.services.consent_desk()
        with pytest.raises(ClientRejected):
            read_calendar_list(desk, account)
        form = microsoft_client.MicrosoftClientForm(
            client_id, "", "any_and_personal", renewed["secret"], "2027-01-31"
        )
        client = microsoft_client.read_form(desk, form)
        replacement = microsoft_client.look_at_microsoft_client(desk, client)
        assert replacement.change is Change.SAME_CLIENT
        assert replacement.unnoticed == (DANA,)
        assert replacement.needs_a_yes
        upload = microsoft_client.keep_microsoft_for_a_yes(desk, client)
        assert microsoft_client.take_kept_microsoft(desk, upload) == replacement
        assert microsoft_client.take_kept_microsoft(desk, upload) is None
        assert read_calendar_list(desk, account)
        kept = salon.account(DANA, "microsoft")
        assert kept is not None
        assert kept.state is AccountState.CONNECTED

    def test_another_app_asks_everybody_for_one_more_sign_in(self, salon: Salon) -> None:
        salon.register()
        connected(salon)
        desk = salon.services.consent_desk()
        form = microsoft_client.MicrosoftClientForm(**salon.app_form())
        replacement = microsoft_client.look_at_microsoft_client(desk, microsoft_client.read_form(desk, form))
        assert (replacement.change, replacement.sign_in_again) == (Change.OTHER_CLIENT, (DANA,))

    def test_the_same_once_more_is_no_change(self, salon: Salon) -> None:
        form = microsoft_client.MicrosoftClientForm(**salon.app_form())
        desk = salon.services.consent_desk()
        client = microsoft_client.read_form(desk, form)
        microsoft_client.take_microsoft_client(desk, client)
        for again in (form, replace(form, secret="")):
            typed = microsoft_client.read_form(desk, again)
            assert microsoft_client.look_at_microsoft_client(desk, typed).change is Change.SAME_FILE

    def test_empty_secret_keeps_no_other_apps_secret(self, salon: Salon) -> None:
        salon.register()
        form = microsoft_client.MicrosoftClientForm(**(salon.app_form() | {"secret": ""}))
        with pytest.raises(microsoft_client.FormMistakes) as caught:
            microsoft_client.read_form(salon.services.consent_desk(), form)
        assert caught.value.codes == ("secret_missing",)

    def test_google_is_not_concerned(self, salon: Salon) -> None:
        salon.upload()
        salon.connect()
        form = microsoft_client.MicrosoftClientForm(**salon.app_form())
        desk = salon.services.consent_desk()
        client = microsoft_client.read_form(desk, form)
        replacement = microsoft_client.look_at_microsoft_client(desk, client)
        assert (replacement.change, replacement.needs_a_yes) == (Change.FIRST, False)


@pytest.mark.parametrize("has_google", [False, True])
def test_only_the_calendar_that_is_written_to_begins_with_new_bookings_only(
    salon: Salon, has_google: bool
) -> None:
    """Elsewhere there is no booking that could be left out."""
    salon.upload()
    salon.register()
    client = salon.connect() if has_google else salon.agent()
    assert salon.sign_in_to_outlook(client, next=NextSync.NEW.value).status_code == 302
    account = salon.account(DANA, "microsoft")
    assert account is not None
    wished = open_reset(salon.services.database, account.id)
    assert (wished is None) == has_google
