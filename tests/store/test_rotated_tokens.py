"""A refresh token that is replaced at every use: none is lost (microsoft-graph.md T1)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from latesync.errors import SecretUnreadable
from latesync.model import AccountState
from latesync.store.accounts import read_refresh_token, record_disconnected
from latesync.store.sealed import reseal
from latesync.store.secrets import SecretBox, new_key
from latesync.store.sign_ins import claim_sign_in, record_sign_in
from latesync.store.tokens import record_rotated_token, record_token_given
from tests.store.builders import HOUR, NOW, SITE, Site


def connect(site: Site) -> int:
    return site.connect(provider="microsoft", subject="oid.tid", refresh_token="token-1")


def rotate(site: Site, account_id: int, old: str, new: str) -> bool:
    return record_rotated_token(site.database, site.box, account_id, old, new, NOW + HOUR)


def stored(site: Site, account_id: int) -> str | None:
    return read_refresh_token(site.database, site.box, account_id)


def test_new_token_takes_the_old_one_s_place_and_its_moment_is_kept(site: Site) -> None:
    """microsoft-graph.md T2: ninety idle days are counted from here."""
    account_id = connect(site)
    assert rotate(site, account_id, "token-1", "token-2")
    assert stored(site, account_id) == "token-2"
    assert site.account(account_id).token_at == NOW + HOUR


def test_who_comes_second_changes_nothing(site: Site) -> None:
    account_id = connect(site)
    assert rotate(site, account_id, "token-1", "token-2")
    assert not rotate(site, account_id, "token-1", "token-3")
    assert stored(site, account_id) == "token-2"


def test_of_workers_that_renew_at_once_exactly_one_is_kept(site: Site) -> None:
    account_id = connect(site)
    together = threading.Barrier(4)

    def renew(number: int) -> bool:
        together.wait()
        return rotate(site, account_id, "token-1", f"new-{number}")

    with ThreadPoolExecutor(4) as pool:
        kept = list(pool.map(renew, range(4)))
    assert kept.count(True) == 1
    assert stored(site, account_id) == f"new-{kept.index(True)}"


def test_sign_in_that_came_meanwhile_stays(site: Site) -> None:
    account_id = connect(site)
    site.connect(provider="microsoft", subject="oid.tid", refresh_token="newest", consented_at=NOW + HOUR)
    assert not rotate(site, account_id, "token-1", "token-2")
    assert stored(site, account_id) == "newest"


def test_disconnected_account_gets_no_token_back(site: Site) -> None:
    account_id = connect(site)
    record_disconnected(site.database, account_id, NOW)
    assert not rotate(site, account_id, "token-1", "token-2")
    assert site.account(account_id).state is AccountState.DISCONNECTED
    assert stored(site, account_id) is None


def test_key_that_is_replaced_meanwhile_loses_neither_token(site: Site) -> None:
    account_id = connect(site)
    key = new_key()
    both = [key, *site.box.source.read()]

    class ReplacedMeanwhile(SecretBox):
        """The key is replaced, and all is sealed anew, right after the stored token was read."""

        def open(self, token: str) -> str:
            opened = super().open(token)
            resealed.append(reseal(site.database, SecretBox(both), key).moved)
            return opened

    resealed: list[int] = []
    box = ReplacedMeanwhile(both)
    assert record_rotated_token(site.database, box, account_id, "token-1", "token-2", NOW)
    assert resealed[0] > 0
    assert read_refresh_token(site.database, SecretBox([key]), account_id) == "token-2"


def test_token_under_a_lost_key_is_not_overwritten(site: Site) -> None:
    """Nobody knows whether it is the one that was used."""
    account_id = connect(site)
    with pytest.raises(SecretUnreadable):
        record_rotated_token(site.database, SecretBox([new_key()]), account_id, "token-1", "token-2", NOW)
    assert stored(site, account_id) == "token-1"


def test_sign_in_starts_the_count(site: Site) -> None:
    account_id = connect(site)
    assert site.account(account_id).token_at is None
    record_token_given(site.database, account_id, NOW)
    assert site.account(account_id).token_at == NOW


@pytest.mark.parametrize("writes", [True, False])
def test_sign_in_keeps_whether_the_bookings_are_to_go_there(site: Site, writes: bool) -> None:
    record_sign_in(
        site.database,
        site.box,
        "state",
        site_id=SITE,
        agent_id=5,
        provider="microsoft",
        client_ref=site.client_ref,
        code_verifier='{"code_verifier": "v", "nonce": "n"}',
        browser="browser",
        now=NOW,
        writes=writes,
    )
    found = claim_sign_in(site.database, site.box, "state", "browser", NOW, HOUR)
    assert (found.provider, found.writes) == ("microsoft", writes)
    assert found.code_verifier == '{"code_verifier": "v", "nonce": "n"}'
