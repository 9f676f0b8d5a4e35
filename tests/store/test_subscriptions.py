"""Requests to be told of changes are kept one an account, and known by their secret."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from latesync.store.accounts import record_disconnected
from latesync.store.schema import subscriptions
from latesync.store.subscriptions import (
    find_subscription,
    forget_subscription,
    list_subscriptions,
    record_renewed,
    record_subscription,
)
from tests.store.builders import NOW, SITE, Site

IN_THREE_DAYS = NOW + timedelta(days=3)


def test_a_subscription_is_found_by_the_provider_s_name_for_it(site: Site) -> None:
    account = site.connect(agent_id=4)
    record_subscription(site.database, account, "Sub-1", "secret", IN_THREE_DAYS, NOW)
    row = find_subscription(site.database, SITE, "Sub-1")
    assert row is not None
    assert (row.account_id, row.agent_id, row.expires_at) == (account, 4, IN_THREE_DAYS)


def test_names_that_differ_in_letter_case_are_different(site: Site) -> None:
    """microsoft-graph.md E12, for every id of Microsoft's."""
    record_subscription(site.database, site.connect(), "Sub-1", "secret", IN_THREE_DAYS, NOW)
    assert find_subscription(site.database, SITE, "sub-1") is None


def test_only_its_own_secret_is_believed_and_none_is_kept(site: Site) -> None:
    record_subscription(site.database, site.connect(), "Sub-1", "secret", IN_THREE_DAYS, NOW)
    row = find_subscription(site.database, SITE, "Sub-1")
    assert row is not None
    assert row.is_told_by("secret")
    assert not row.is_told_by("another")
    with site.database.read() as connection:
        assert "secret" not in str(connection.execute(select(subscriptions)).all())


def test_a_new_subscription_takes_the_place_of_the_old_one(site: Site) -> None:
    account = site.connect()
    record_subscription(site.database, account, "Sub-1", "secret", IN_THREE_DAYS, NOW)
    record_subscription(site.database, account, "Sub-2", "secret", IN_THREE_DAYS, NOW)
    assert [row.remote_id for row in list_subscriptions(site.database, SITE)] == ["Sub-2"]


def test_a_renewal_counts_for_the_subscription_it_was_asked_for(site: Site) -> None:
    account = site.connect()
    record_subscription(site.database, account, "Sub-2", "secret", IN_THREE_DAYS, NOW)
    later = IN_THREE_DAYS + timedelta(days=1)
    record_renewed(site.database, account, "Sub-1", later)
    assert list_subscriptions(site.database, SITE)[0].expires_at == IN_THREE_DAYS
    record_renewed(site.database, account, "Sub-2", later)
    assert list_subscriptions(site.database, SITE)[0].expires_at == later


def test_who_disconnected_is_not_renewed(site: Site) -> None:
    account = site.connect()
    record_subscription(site.database, account, "Sub-1", "secret", IN_THREE_DAYS, NOW)
    record_disconnected(site.database, account, NOW)
    assert list_subscriptions(site.database, SITE) == []


def test_a_forgotten_subscription_is_gone(site: Site) -> None:
    account = site.connect()
    record_subscription(site.database, account, "Sub-1", "secret", IN_THREE_DAYS, NOW)
    forget_subscription(site.database, account)
    assert find_subscription(site.database, SITE, "Sub-1") is None
