"""Sealed columns: all are known, and each is sealed anew without losing what others write meanwhile."""

from __future__ import annotations

import inspect as source_of
import re
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from latesync.errors import SecretUnreadable
from latesync.store import consent_schema, schema
from latesync.store.accounts import read_refresh_token
from latesync.store.clients import read_client
from latesync.store.database import Database
from latesync.store.schema import accounts, metadata
from latesync.store.sealed import (
    SEALED,
    count_key_use,
    reseal,
    unreadable_accounts,
    wake_readable,
)
from latesync.store.secrets import FixedKeys, SecretBox, new_key
from latesync.store.sign_ins import claim_sign_in, record_sign_in
from tests.store.builders import HOUR, NOW, SITE, Site

OLD, NEW = new_key(), new_key()


@pytest.fixture
def box() -> SecretBox:
    return SecretBox([OLD])


def test_every_column_that_the_schema_calls_encrypted_is_known() -> None:
    declared = set()
    for module in (schema, consent_schema):
        table = ""
        for line in source_of.getsource(module).splitlines():
            named = re.match(r'\s*"(\w+)",$', line)
            table = named[1] if named else table
            column = re.match(r'\s*Column\("(\w+)".*# encrypted', line)
            if column:
                declared.add((table, column[1]))
    assert declared == {(column.table.name, column.name) for column in SEALED}


def test_no_column_that_sounds_like_a_secret_is_forgotten() -> None:
    sounding = {
        (table.name, column.name)
        for table in metadata.tables.values()
        for column in table.columns
        if re.search(r"secret|refresh|verifier|passphrase|password(?!_hash)", column.name)
    } - {("clients", "secret_ends_on")}  # a day
    assert sounding <= {(column.table.name, column.name) for column in SEALED}


def fill(site: Site) -> int:
    """One secret in each sealed column; returns the account."""
    account_id = site.connect()
    record_sign_in(
        site.database,
        site.box,
        "state-1",
        site_id=SITE,
        agent_id=1,
        provider="google",
        client_ref=site.client_ref,
        code_verifier="verifier-1",
        browser="browser-1",
        now=NOW,
    )
    upload = {"id": "u" * 32, "site_id": SITE, "provider": "google", "uploaded_at": NOW}
    with site.database.write() as connection:
        connection.execute(
            insert(consent_schema.client_uploads), upload | {"content": site.box.seal("file-1")}
        )
    return account_id


def test_everything_is_under_the_first_key_afterwards_and_reads_the_same(site: Site) -> None:
    account_id = fill(site)

    done = reseal(site.database, SecretBox([NEW, OLD]), NEW)

    assert (done.moved, done.unreadable) == (len(SEALED), 0)
    assert count_key_use(site.database, [NEW, OLD]).by_key == (len(SEALED), 0)
    fresh = SecretBox([NEW])
    assert read_refresh_token(site.database, fresh, account_id) == "token-1"
    assert read_client(site.database, fresh, site.client_ref).client_secret == "secret-1"
    signed_in = claim_sign_in(site.database, fresh, "state-1", "browser-1", NOW, HOUR)
    assert signed_in.code_verifier == "verifier-1"


def test_a_repeat_touches_nothing(site: Site) -> None:
    fill(site)
    both = SecretBox([NEW, OLD])
    reseal(site.database, both, NEW)
    before = stored(site.database)
    assert reseal(site.database, both, NEW).moved == 0
    assert stored(site.database) == before


def test_more_secrets_than_one_transaction_takes_are_all_sealed(site: Site) -> None:
    for agent_id in range(1, 8):
        site.connect(agent_id)
    done = reseal(site.database, SecretBox([NEW, OLD]), NEW, at_once=2)
    assert done.moved == 8  # and the client's secret
    assert count_key_use(site.database, [NEW]).unreadable == 0


def test_a_token_that_is_saved_meanwhile_is_not_overwritten(site: Site) -> None:
    """Somebody signs in between the look at the old token and the new seal on it."""
    account_id = fill(site)

    class Meddling(SecretBox):
        def sealed_anew(self, token: str) -> str:
            if self.open(token) == "token-1":
                site.connect(refresh_token="token-2")
            return super().sealed_anew(token)

    reseal(site.database, Meddling([NEW, OLD]), NEW)

    assert read_refresh_token(site.database, SecretBox([NEW, OLD]), account_id) == "token-2"


def test_what_cannot_be_read_is_left_as_it_is_and_counted(site: Site) -> None:
    fill(site)
    before = stored(site.database)
    done = reseal(site.database, SecretBox([NEW]), NEW)
    assert (done.moved, done.unreadable) == (0, len(SEALED))
    assert stored(site.database) == before
    assert count_key_use(site.database, [NEW]).unreadable == len(SEALED)


def test_accounts_whose_token_or_client_is_under_a_lost_key_are_named(site: Site) -> None:
    account_id = site.connect()
    assert unreadable_accounts(site.database, site.box, SITE) == set()
    assert unreadable_accounts(site.database, SecretBox([NEW]), SITE) == {account_id}
    with site.database.write() as connection:  # the token is readable, its client's secret is not
        connection.execute(update(accounts).values(refresh_token=SecretBox([NEW]).seal("token-2")))
    assert unreadable_accounts(site.database, SecretBox([NEW]), SITE) == {account_id}


def test_an_account_comes_at_once_when_its_key_is_back_and_not_before(site: Site) -> None:
    account_id = site.connect()
    site.claim()
    later = NOW + 6 * HOUR
    site.release(account_id, problem="secret_unreadable", outbound_due_at=later, inbound_due_at=later)
    after = NOW + timedelta(seconds=10)

    assert wake_readable(site.database, SecretBox([NEW]), SITE, after) == 0
    assert site.account(account_id).outbound_due_at == later

    assert wake_readable(site.database, SecretBox([NEW, OLD]), SITE, after) == 1
    row = site.account(account_id)
    assert (row.outbound_due_at, row.inbound_due_at) == (after, after)
    assert wake_readable(site.database, SecretBox([NEW, OLD]), SITE, after) == 0


def test_an_account_in_other_trouble_is_not_woken(site: Site) -> None:
    account_id = site.connect()
    site.claim()
    later = NOW + HOUR
    site.release(account_id, problem="usage_limited", outbound_due_at=later, inbound_due_at=later)
    assert wake_readable(site.database, site.box, SITE, NOW) == 0


def test_a_box_follows_keys_that_are_replaced() -> None:
    source = Replaceable([OLD])
    box = SecretBox(source)
    before = box.seal("x")
    source.replace([NEW, OLD])
    assert SecretBox([NEW]).open(box.seal("y")) == "y"
    assert box.open(before) == "x"


def test_a_box_opens_what_another_process_sealed_with_a_newer_key() -> None:
    source = Replaceable([OLD])
    box = SecretBox(source)
    source.replace([NEW, OLD])
    assert box.open(SecretBox([NEW]).seal("x")) == "x"


def test_a_box_whose_keys_are_away_goes_on_with_those_it_has() -> None:
    source = Replaceable([OLD])
    box = SecretBox(source)
    source.replace([])
    assert box.open(box.seal("x")) == "x"
    with pytest.raises(SecretUnreadable):
        box.open(SecretBox([NEW]).seal("x"))


class Replaceable(FixedKeys):
    """Keys that somebody else changes. None: they cannot be read."""

    def __init__(self, keys: list[str]) -> None:
        super().__init__(keys)
        self._number = 0

    def replace(self, keys: list[str]) -> None:
        self._keys, self._number = tuple(keys), self._number + 1

    def stamp(self) -> object:
        return self._number


def stored(database: Database) -> list[str | None]:
    with database.read() as connection:
        return [connection.scalar(select(column)) for column in SEALED]
