"""Access tokens and the refresh tokens behind them: kept before they are used, renewed once for everybody."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from latesync.consent.microsoft_app import MsalApps
from latesync.consent.microsoft_tokens import MicrosoftTokens, TokenCache
from latesync.consent.oauth_client import OAuthClient
from latesync.errors import (
    AuthorizationLost,
    ClientRejected,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    StateUnavailable,
)
from latesync.providers.microsoft.endpoints import microsoft_endpoints
from tests.consent.microsoft import DANA, NOW, Clock, Microsoft
from tests.consent.odd_microsoft import TOKEN, Answer, odd_microsoft


class TestRenewing:
    def test_new_refresh_token_is_kept_before_the_access_token_is_used(self, microsoft: Microsoft) -> None:
        """microsoft-graph.md T1."""
        old = microsoft.granted()
        kept: list[tuple[str, str]] = []
        access = microsoft.tokens(old, kept).token()
        assert access in microsoft.world.access_tokens
        ((before, new),) = kept
        assert before == old
        assert new in microsoft.world.refresh_tokens

    def test_every_renewal_uses_the_newest_token(self, microsoft: Microsoft) -> None:
        kept: list[tuple[str, str]] = []
        tokens = microsoft.tokens(microsoft.granted(), kept)
        for _ in range(3):
            tokens.renew(tokens.token())
        assert [new for _, new in kept[:-1]] == [old for old, _ in kept[1:]]

    def test_state_that_is_locked_means_the_answer_is_not_used(self, microsoft: Microsoft) -> None:
        old, tried = microsoft.granted(), []

        def keep(before: str, new: str) -> None:
            tried.append(before)
            if len(tried) == 1:
                raise StateUnavailable("database is locked")

        tokens = MicrosoftTokens(
            microsoft.apps, microsoft.client, account_id=7, refresh_token=old, keep=keep, now=microsoft.clock
        )
        with pytest.raises(StateUnavailable):
            tokens.token()
        assert tokens.token() in microsoft.world.access_tokens
        assert tried == [old, old]

    def test_access_token_serves_until_five_minutes_before_its_end(self, microsoft: Microsoft) -> None:
        """microsoft-graph.md C5, P10."""
        microsoft.world.set_switches(access_token_life_s=3600)
        tokens = microsoft.tokens(microsoft.granted())
        first = tokens.token()
        microsoft.clock.advance(minutes=54, seconds=59)
        assert tokens.token() == first
        microsoft.clock.advance(seconds=1)
        assert tokens.token() != first

    def test_threads_that_need_a_token_at_once_ask_once(self, microsoft: Microsoft) -> None:
        tokens = microsoft.tokens(microsoft.granted())
        together = threading.Barrier(8)

        def ask(_: int) -> str:
            together.wait()
            return tokens.token()

        with ThreadPoolExecutor(8) as pool:
            found = set(pool.map(ask, range(8)))
        assert len(found) == 1
        assert microsoft.asked_for_tokens() == 1

    def test_threads_that_were_refused_the_same_token_ask_once(self, microsoft: Microsoft) -> None:
        tokens = microsoft.tokens(microsoft.granted())
        refused = tokens.token()
        with ThreadPoolExecutor(4) as pool:
            found = set(pool.map(lambda _: tokens.renew(refused), range(4)))
        assert len(found) == 1
        assert found != {refused}
        assert microsoft.asked_for_tokens() == 2

    def test_two_processes_that_renew_at_once_both_go_on(self, microsoft: Microsoft) -> None:
        """microsoft-graph.md T1: the old token is not revoked, so neither is signed out."""
        old = microsoft.granted()
        apps = MsalApps(microsoft.endpoints, microsoft.clock)  # the other process'
        ours = microsoft.tokens(old)
        theirs = MicrosoftTokens(
            apps,
            microsoft.client,
            account_id=7,
            refresh_token=old,
            keep=lambda *_: None,
            now=microsoft.clock,
        )
        first, second = ours.token(), theirs.token()
        assert first != second
        assert {ours.renew(first), theirs.renew(second)} <= set(microsoft.world.access_tokens)

    def test_claims_that_graph_demands_are_asked_for(self, microsoft: Microsoft) -> None:
        """microsoft-graph.md §11: continuous access evaluation."""
        claims = '{"access_token":{"nbf":{"essential":true,"value":"1"}}}'
        microsoft.world.change_person(DANA, claims_challenge=claims)
        tokens = microsoft.tokens(microsoft.granted())
        tokens.renew(tokens.token(), claims)
        assert microsoft.person.claims_challenge == ""

    def test_only_what_was_granted_is_asked_for(self, microsoft: Microsoft) -> None:
        scopes = ["openid", "profile", "offline_access", "Calendars.ReadWrite"]
        granted = microsoft.world.grant(DANA, microsoft.client.client_id, scopes)["refresh_token"]
        all_of_them = microsoft.tokens(granted)
        with pytest.raises(AuthorizationLost):
            all_of_them.token()
        tokens = MicrosoftTokens(
            microsoft.apps,
            microsoft.client,
            account_id=7,
            refresh_token=granted,
            keep=lambda *_: None,
            now=microsoft.clock,
            scopes=["https://graph.microsoft.com/Calendars.ReadWrite"],
        )
        assert tokens.token()


class TestRefusals:
    @pytest.mark.parametrize(
        ("name", "kind", "reason"),
        [
            ("revoked", AuthorizationLost, "AADSTS50173"),
            ("mfa", AuthorizationLost, "AADSTS50076"),
            ("blocked", AuthorizationLost, "AADSTS53003"),
            ("blocked_by_security_policy", AuthorizationLost, "AADSTS530032"),
            ("no_consent", AuthorizationLost, "AADSTS65001"),
            ("password_expired", AuthorizationLost, "AADSTS50055"),
            ("disabled", AuthorizationLost, "AADSTS50057"),
            ("sign_in_frequency", AuthorizationLost, "AADSTS70043"),
            ("spa", AuthorizationLost, "AADSTS700084"),
            ("no_app", ClientRejected, "AADSTS700016"),
            ("secret_expired", ClientRejected, "AADSTS7000222"),
            ("transient", ProviderUnavailable, "AADSTS90033"),
            ("server_error", ProviderUnavailable, "AADSTS90090"),
        ],
    )
    def test_who_acts_next_follows_from_the_error(
        self, microsoft: Microsoft, name: str, kind: type[ProviderError], reason: str
    ) -> None:
        """microsoft-graph.md §5, T4."""
        tokens = microsoft.tokens(microsoft.granted())
        microsoft.world.change_person(DANA, refusal=name)
        with pytest.raises(ProviderError) as caught:
            tokens.token()
        assert type(caught.value) is kind
        assert (caught.value.provider, caught.value.account_id) == ("microsoft", 7)
        assert caught.value.reason == reason

    def test_error_decides_and_no_number(self) -> None:
        """microsoft-graph.md §5: the numbers may change."""
        error = refused({"error": "interaction_required", "suberror": "basic_action"})
        assert (type(error), error.reason) == (AuthorizationLost, "basic_action")
        error = refused({"error": "invalid_grant", "error_codes": [7000222]})
        assert type(error) is AuthorizationLost

    def test_ninety_idle_days_end_a_sign_in(self, microsoft: Microsoft) -> None:
        """microsoft-graph.md T2."""
        tokens = microsoft.tokens(microsoft.granted())
        microsoft.world.advance(timedelta(days=90))
        with pytest.raises(AuthorizationLost) as caught:
            tokens.token()
        assert caught.value.reason == "AADSTS700082"

    def test_account_that_is_used_never_ends(self, microsoft: Microsoft) -> None:
        tokens = microsoft.tokens(microsoft.granted())
        for _ in range(2):
            microsoft.world.advance(timedelta(days=89))
            microsoft.clock.advance(days=89)
            assert tokens.token() in microsoft.world.access_tokens

    def test_wrong_secret_is_the_operator_s_and_nobody_is_signed_out(self, microsoft: Microsoft) -> None:
        """microsoft-graph.md §5, M3: agents keep their tokens, and the new secret counts at once."""
        granted = microsoft.granted()
        microsoft.world.add_secret(microsoft.client.client_id, keep_old=False)
        with pytest.raises(ClientRejected) as caught:
            microsoft.tokens(granted).token()
        assert caught.value.reason == "AADSTS7000215"
        secret = microsoft.world.client_json(microsoft.client.client_id)["secret"]
        microsoft.client = OAuthClient(microsoft.client.client_id, secret, "common")
        assert microsoft.tokens(granted).token()

    def test_throttling_says_until_when(self, microsoft: Microsoft) -> None:
        """microsoft-graph.md §5: 90055; P12: the wait is the schedule's, not MSAL's."""
        tokens = microsoft.tokens(microsoft.granted())
        microsoft.world.change_person(DANA, refusal="throttled")
        with pytest.raises(RateLimited) as caught:
            tokens.token()
        assert caught.value.retry_at == NOW + timedelta(seconds=30)
        microsoft.world.change_person(DANA, refusal="")
        assert tokens.token()

    def test_sign_in_that_is_mended_is_believed_at_once(self, microsoft: Microsoft) -> None:
        """microsoft-graph.md P12: MSAL's memory would say no for a minute."""
        tokens = microsoft.tokens(microsoft.granted())
        microsoft.world.change_person(DANA, refusal="disabled")
        with pytest.raises(AuthorizationLost):
            tokens.token()
        microsoft.world.change_person(DANA, refusal="")
        assert tokens.token()

    @pytest.mark.parametrize("kind", ["drop", "garbage", "status"])
    def test_network_trouble_signs_nobody_out(self, microsoft: Microsoft, kind: str) -> None:
        """users-ask.md U8."""
        tokens = microsoft.tokens(microsoft.granted())
        microsoft.world.add_fault(kind, path="/token", status=502, times=None)
        with pytest.raises(ProviderUnavailable):
            tokens.token()
        microsoft.world.clear_faults()
        assert tokens.token()

    @pytest.mark.parametrize("answer", ["<html>Dana</html>", "", [], [1], "null", 5, {}, {"scope": "x"}])
    def test_what_is_no_answer_changes_nothing(self, answer: Answer) -> None:
        error = refused(answer)
        assert type(error) is ProviderUnavailable
        assert "Dana" not in str(error)

    def test_nothing_secret_is_logged(self, microsoft: Microsoft, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        old = microsoft.granted()
        tokens = microsoft.tokens(old)
        access = tokens.token()
        microsoft.world.change_person(DANA, refusal="revoked")
        with pytest.raises(AuthorizationLost):
            tokens.renew(access)
        for secret in (old, access, microsoft.client.client_secret, DANA):
            assert secret not in caplog.text
            assert secret not in repr(tokens)


class TestCache:
    def test_tokens_are_made_once_until_the_person_signs_in_again(self, microsoft: Microsoft) -> None:
        cache, token = TokenCache(), microsoft.granted()

        def of(account_id: int, consented: int = 0, client: OAuthClient = microsoft.client) -> object:
            at = NOW + timedelta(hours=consented)
            return cache.tokens(account_id, token, client, at, lambda: microsoft.tokens(token))

        first = of(1)
        assert of(1) is first
        assert of(2) is not first
        assert of(1, consented=1) is not first
        replaced = OAuthClient(microsoft.client.client_id, "another secret", "common")
        assert of(2, client=replaced) is not of(2)

    def test_token_another_process_stored_is_used_and_the_access_token_goes_on(
        self, microsoft: Microsoft
    ) -> None:
        cache, first = TokenCache(), microsoft.granted()
        kept: list[tuple[str, str]] = []

        def of(stored: str) -> MicrosoftTokens:
            return cache.tokens(1, stored, microsoft.client, NOW, lambda: microsoft.tokens(stored, kept))

        access = of(first).token()
        elsewhere = microsoft.granted()
        assert of(elsewhere).token() == access
        of(elsewhere).renew(access)
        assert kept[-1][0] == elsewhere

    def test_token_read_before_it_was_replaced_is_not_gone_back_to(self, microsoft: Microsoft) -> None:
        kept: list[tuple[str, str]] = []
        old = microsoft.granted()
        tokens = microsoft.tokens(old, kept)
        access = tokens.token()
        tokens.take_over(old)
        tokens.renew(access)
        assert kept[1][0] == kept[0][1]


def refused(answer: Answer) -> ProviderError:
    with odd_microsoft() as odd:
        odd.says(answer, 400 if isinstance(answer, dict) and "error" in answer else 200)
        clock = Clock()
        apps = MsalApps(microsoft_endpoints(odd.url), clock)
        client = OAuthClient("id", "secret", "common")
        tokens = MicrosoftTokens(
            apps, client, account_id=7, refresh_token="rt", keep=lambda *_: None, now=clock
        )
        with pytest.raises(ProviderError) as caught:
            tokens.token()
        return caught.value


@pytest.mark.parametrize("seconds", ["3600", 3600, 3600.0])
def test_life_of_a_token_may_come_as_text(seconds: object) -> None:
    with odd_microsoft() as odd:
        odd.says(TOKEN | {"expires_in": seconds})
        clock = Clock()
        tokens = MicrosoftTokens(
            MsalApps(microsoft_endpoints(odd.url), clock),
            OAuthClient("id", "secret", "common"),
            account_id=7,
            refresh_token="rt",
            keep=lambda *_: None,
            now=clock,
        )
        tokens.token()
        clock.advance(minutes=54)
        tokens.token()
        assert len(odd.asked) == 1
        clock.advance(minutes=2)
        tokens.token()
        assert len(odd.asked) == 2
