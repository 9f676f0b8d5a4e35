"""A run writes only while the account is its own."""

from __future__ import annotations

import pytest

from latesync.errors import LeaseLost
from latesync.model import MappingState
from latesync.store.fenced import FencedDatabase
from latesync.store.mappings import read_mappings, record_gone
from tests.store.builders import LEASE, NOW, SECOND, Site


def test_the_owner_of_the_lease_writes(site: Site) -> None:
    account_id = site.connect()
    mapping_id = site.live_mapping(account_id)
    site.claim("worker-1")
    record_gone(FencedDatabase(site.database, "worker-1", account_id), mapping_id, NOW)
    (mapping,) = read_mappings(site.database, account_id)
    assert mapping.state is MappingState.GONE


def test_nothing_is_written_any_more_once_somebody_else_has_the_account(site: Site) -> None:
    account_id = site.connect()
    mapping_id = site.live_mapping(account_id)
    site.claim("worker-1")
    fenced = FencedDatabase(site.database, "worker-1", account_id)
    site.claim("worker-2", NOW + LEASE + SECOND)
    with pytest.raises(LeaseLost):
        record_gone(fenced, mapping_id, NOW)
    (mapping,) = read_mappings(fenced, account_id)
    assert mapping.state is MappingState.LIVE


def test_a_lease_that_ran_out_is_good_as_long_as_nobody_took_it(site: Site) -> None:
    account_id = site.connect()
    site.claim("worker-1")
    with FencedDatabase(site.database, "worker-1", account_id).write() as connection:
        assert connection.in_transaction()
