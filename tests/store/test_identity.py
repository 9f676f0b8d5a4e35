"""Which site the state is for: stopped, moved, or begun anew as a copy that keeps nothing of the original."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Date, Integer, Table, func, insert, select

from latesync.model import Stop
from latesync.store import identity
from latesync.store.accounts import list_accounts
from latesync.store.choices import read_waking_hours
from latesync.store.column_types import Instant
from latesync.store.database import Database
from latesync.store.guests import record_in_step_since
from latesync.store.mail_stops import is_stopped
from latesync.store.schema import admins, metadata, sites
from latesync.store.sites import ensure_site, read_setting, read_site, write_setting
from tests.store.builders import HOUR, NOW, SITE, Site

HOME, STAGING = "https://salon.example", "https://staging.salon.example"
OTHER = "ba9876543210"
NOT_OF_A_SITE = {"sites", "admins"}


# What is remembered


def test_the_first_home_address_is_remembered_and_no_later_one(site: Site) -> None:
    assert identity.remember_home(site.database, SITE, HOME)
    assert not identity.remember_home(site.database, SITE, STAGING)
    assert read_site(site.database, SITE).home_url == HOME


def test_a_stopped_site_is_claimed_by_nobody_and_says_why_and_since_when(site: Site) -> None:
    site.connect()
    identity.remember_home(site.database, SITE, HOME)
    assert identity.stop_site(site.database, SITE, Stop.OTHER_HOME, STAGING, NOW)
    assert not identity.stop_site(site.database, SITE, Stop.OTHER_STATE, None, NOW + HOUR)
    known = identity.read_identity(site.database, SITE)
    assert known is not None
    assert known.question == ("other_home", HOME, STAGING)
    assert known.stopped_at == NOW
    assert identity.site_in_use(site.database) == (SITE, "other_home")
    assert site.claim(now=NOW + HOUR) == []


def test_a_third_address_is_what_is_asked_about_then(site: Site) -> None:
    identity.stop_site(site.database, SITE, Stop.OTHER_HOME, STAGING, NOW)
    assert identity.note_other_home(site.database, SITE, "https://third.example")
    assert read_site(site.database, SITE).seen_home_url == "https://third.example"


def test_a_move_keeps_everything_and_makes_it_due(site: Site) -> None:
    account_id = site.connect()
    site.live_mapping(account_id)
    token = site.account(account_id)
    site.claim()
    site.release(account_id)
    record_in_step_since(site.database, account_id, "{}")
    identity.remember_home(site.database, SITE, HOME)
    identity.stop_site(site.database, SITE, Stop.OTHER_HOME, STAGING, NOW)
    before = _counts(site.database)
    assert identity.confirm_move(site.database, SITE, STAGING, NOW + HOUR)
    row = read_site(site.database, SITE)
    assert (row.home_url, row.stopped_for, row.stopped_at, row.seen_home_url) == (STAGING, None, None, None)
    account = site.account(account_id)
    assert account.state == token.state
    assert account.in_step is None, "what is caught up mails no guest, however short the stop was"
    assert (account.outbound_due_at, account.inbound_due_at) == (NOW + HOUR, NOW + HOUR)
    after = _counts(site.database)
    assert after.pop("history") == before.pop("history") + 1
    assert after == before


def test_an_answer_to_another_question_changes_nothing(site: Site) -> None:
    identity.stop_site(site.database, SITE, Stop.OTHER_HOME, STAGING, NOW)
    assert not identity.confirm_move(site.database, SITE, "https://third.example", NOW)
    assert not identity.confirm_move(site.database, SITE, None, NOW)
    assert read_site(site.database, SITE).stopped_for == "other_home"


def test_the_same_latesync_in_a_new_place_keeps_its_address(site: Site) -> None:
    identity.remember_home(site.database, SITE, HOME)
    identity.stop_site(site.database, SITE, Stop.OTHER_STATE, None, NOW)
    assert identity.confirm_move(site.database, SITE, None, NOW)
    assert read_site(site.database, SITE).home_url == HOME


def test_only_what_it_was_stopped_for_ends_it(site: Site) -> None:
    identity.stop_site(site.database, SITE, Stop.OTHER_STATE, None, NOW)
    assert not identity.end_stop(site.database, SITE, Stop.OTHER_HOME, NOW)
    assert identity.end_stop(site.database, SITE, Stop.OTHER_STATE, NOW)


def test_of_two_processes_with_one_state_one_takes_the_turn(site: Site) -> None:
    known = identity.read_identity(site.database, SITE)
    assert known is not None
    assert identity.note_turn(site.database, SITE, known, last=None, coming="a" * 32)
    assert not identity.note_turn(site.database, SITE, known, last=None, coming="b" * 32)
    row = read_site(site.database, SITE)
    assert (row.turn, row.next_turn) == (None, "a" * 32)


# A copy


def test_a_copy_keeps_nothing_but_choices_whatever_tables_there_are(database: Database) -> None:
    """odoo-calendar-sync.md PR 127729. Fills every table there is with a row, those to come too."""
    _fill(database, SITE)
    new_id = identity.become_copy(database, SITE, STAGING, NOW + HOUR)
    assert new_id not in (None, SITE)
    kept = {table.name for table in identity.KEPT}
    left = {name: count for name, count in _counts(database).items() if count and name not in NOT_OF_A_SITE}
    assert left == {**dict.fromkeys(kept, 1), "history": 1}
    with database.read() as connection:
        for table in metadata.sorted_tables:
            if "site_id" in table.c:
                assert set(connection.scalars(select(table.c.site_id))) <= {new_id}, table.name
        assert list(connection.scalars(select(sites.c.id))) == [new_id]
        assert connection.scalar(select(func.count()).select_from(admins)) == 1


def test_another_site_of_the_same_state_is_left_alone(database: Database) -> None:
    _fill(database, SITE)
    _fill(database, OTHER)
    before = _counts(database)
    identity.become_copy(database, SITE, STAGING, NOW)
    for name, count in _counts(database).items():
        assert count >= before[name] / 2, name
    with database.read() as connection:
        for table in metadata.sorted_tables:
            of_site = identity.belongs_to(table, OTHER)
            if of_site is not None:
                assert connection.scalar(select(func.count()).select_from(table).where(of_site)) == 1, table


def test_every_table_is_a_sites_or_is_named_as_none(database: Database) -> None:
    not_of_a_site = {
        table.name for table in metadata.sorted_tables if identity.belongs_to(table, SITE) is None
    }
    assert not_of_a_site == NOT_OF_A_SITE


def test_a_copy_is_a_site_of_its_own_from_then_on(site: Site) -> None:
    account_id = site.connect()
    site.live_mapping(account_id)
    write_setting(site.database, SITE, "waking_hours", "09:00-18:00")
    write_setting(site.database, SITE, "owner_link", "secret")
    write_setting(site.database, SITE, "set_up", "finished")
    write_setting(site.database, SITE, f"wishes_granted:{account_id}", "1")
    identity.stop_site(site.database, SITE, Stop.OTHER_HOME, STAGING, NOW)
    new_id = identity.become_copy(site.database, SITE, STAGING, NOW + HOUR)
    assert new_id is not None
    assert ensure_site(site.database, NOW + HOUR) == new_id
    assert identity.site_in_use(site.database) == (new_id, None)
    assert read_site(site.database, new_id).home_url == STAGING
    assert list_accounts(site.database, new_id) == []
    assert read_waking_hours(site.database, new_id)[0].hour == 9
    for name in ("owner_link", "set_up", f"wishes_granted:{account_id}"):
        assert read_setting(site.database, new_id, name) is None


def test_a_second_answer_finds_that_it_was_given(site: Site) -> None:
    assert identity.become_copy(site.database, SITE, STAGING, NOW)
    assert identity.become_copy(site.database, SITE, STAGING, NOW) is None


def test_who_wants_no_mail_gets_none_from_a_copy_either(database: Database) -> None:
    _fill(database, SITE)
    with database.write() as connection:
        connection.execute(metadata.tables["mail_stops"].update().values(who="agent:3"))
    new_id = identity.become_copy(database, SITE, None, NOW)
    assert new_id is not None
    assert is_stopped(database, new_id, "agent:3")


def _fill(database: Database, site_id: str) -> None:
    """One row in every table there is, each pointing at this site's."""
    made: dict[Table, dict[str, Any]] = {}
    with database.write() as connection:
        for table in metadata.sorted_tables:
            row = {column.name: _value(table, column, site_id, made) for column in table.columns}
            row = {name: value for name, value in row.items() if value is not None}
            answer = connection.execute(insert(table).values(**row))
            key = dict(zip(table.primary_key.columns.keys(), answer.inserted_primary_key or (), strict=False))
            made[table] = {**row, **key}


def _value(table: Table, column: Any, site_id: str, made: dict[Table, dict[str, Any]]) -> Any:
    for key in column.foreign_keys:
        return made[key.column.table][key.column.name]
    is_number = isinstance(column.type, Integer)
    if column.primary_key and is_number and len(table.primary_key.columns) == 1:
        return None  # given by the server
    if table is sites and column.name == "id":
        return site_id
    return _of_type(column, site_id, is_number=is_number)


def _of_type(column: Any, site_id: str, *, is_number: bool) -> Any:
    if isinstance(column.type, Boolean):
        return False
    if is_number:
        return 1
    if isinstance(column.type, Date):
        return NOW.date()
    if isinstance(column.type, Instant):
        return NOW
    return site_id[: getattr(column.type, "length", None) or 12]


def _counts(database: Database) -> dict[str, int]:
    with database.read() as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in metadata.sorted_tables
        }
