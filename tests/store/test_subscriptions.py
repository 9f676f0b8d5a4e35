"""Requests to be told of changes are kept one an account, and known by their secret."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from latesync.store.accounts import record_disconnected
from latesync.store.schema import subscriptions
from latesync.store.subscriptions import (
    accounts_told,
    forget_subscription,
    list_subscriptions,
    read_subscription,
    record_renewed,
    record_subscription,
)
from tests.store.builders import NOW, SITE, Site

IN_THREE_DAYS = NOW + timedelta(days=3)
URL = "https://sync.example.com/hooks/microsoft"


def subscribed(site: Site, account_id: int, remote_id: str = "Sub-1") -> int:
    record_subscription(
        site.database,
        account_id,
        remote_id,
        secret="secret",
        notify_url=URL,
        expires_at=IN_THREE_DAYS,
        now=NOW,
    )
    return account_id


def test_a_subscription_is_kept_with_its_end(site: Site) -> None:
    account = subscribed(site, site.connect())
    (row,) = list_subscriptions(site.database, SITE)
    assert (row.account_id, row.remote_id, row.expires_at) == (account, "Sub-1", IN_THREE_DAYS)
    assert read_subscription(site.database, account) == row
    assert read_subscription(site.database, account + 1) is None


def test_another_site_s_are_not_shown(site: Site) -> None:
    subscribed(site, site.connect())
    assert list_subscriptions(site.database, "another site") == []


def test_only_its_own_secret_is_believed_and_none_is_kept(site: Site) -> None:
    account = subscribed(site, site.connect())
    row = read_subscription(site.database, account)
    assert row is not None
    assert row.is_told_by("secret")
    assert not row.is_told_by("another")
    with site.database.read() as connection:
        assert "secret" not in str(connection.execute(select(subscriptions)).all())


def test_it_is_known_which_address_of_ours_is_told(site: Site) -> None:
    account = subscribed(site, site.connect())
    row = read_subscription(site.database, account)
    assert row is not None
    assert row.tells(URL)
    assert not row.tells("https://elsewhere.example.com/hooks/microsoft")


def test_a_new_subscription_takes_the_place_of_the_old_one(site: Site) -> None:
    account = subscribed(site, site.connect())
    subscribed(site, account, "Sub-2")
    assert [row.remote_id for row in list_subscriptions(site.database, SITE)] == ["Sub-2"]


def test_a_renewal_counts_for_the_subscription_it_was_asked_for(site: Site) -> None:
    account = subscribed(site, site.connect(), "Sub-2")
    later = IN_THREE_DAYS + timedelta(days=1)
    record_renewed(site.database, account, "Sub-1", later)
    assert list_subscriptions(site.database, SITE)[0].expires_at == IN_THREE_DAYS
    record_renewed(site.database, account, "Sub-2", later)
    assert list_subscriptions(site.database, SITE)[0].expires_at == later


def test_only_the_subscription_that_is_meant_is_forgotten(site: Site) -> None:
    """Names that differ in letter case are different (microsoft-graph.md E12, for all of Microsoft's ids)."""
    account = subscribed(site, site.connect())
    forget_subscription(site.database, account, "sub-1")
    assert read_subscription(site.database, account) is not None
    forget_subscription(site.database, account, "Sub-1")
    assert read_subscription(site.database, account) is None


def test_what_changes_in_a_mailbox_concerns_every_connected_account_of_it(site: Site) -> None:
    of_salon = {"provider": "microsoft", "subject": "salon"}
    one, two, three = (site.connect(number, **of_salon) for number in (1, 2, 3))
    site.connect(4, provider="microsoft", subject="somebody")
    site.connect(5, provider="google", subject="salon")
    record_disconnected(site.database, three, NOW)
    assert accounts_told(site.database, SITE, [one]) == {one, two}
    assert accounts_told(site.database, SITE, [three]) == {one, two}
    assert accounts_told(site.database, SITE, []) == set()
    assert accounts_told(site.database, "another site", [one]) == set()
