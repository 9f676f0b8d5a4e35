"""The owner's wishes for events, kept by service and site."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from latesync.options import EventStatuses
from latesync.store.choices import read_event_statuses, write_event_statuses
from latesync.store.event_settings import read_event_settings, write_event_settings
from latesync.store.schema import accounts
from latesync.store.sites import write_setting
from latesync.store.trust_schema import history
from tests.store.builders import HOUR, NOW, SITE, Site


def test_each_service_keeps_its_own(site: Site) -> None:
    write_event_settings(site.database, SITE, 0, "{}", NOW)
    write_event_settings(site.database, SITE, 4, '{"a": 1}', NOW)
    write_event_settings(site.database, SITE, 4, '{"a": 2}', NOW)
    assert read_event_settings(site.database, SITE) == {0: "{}", 4: '{"a": 2}'}
    write_event_settings(site.database, SITE, 4, None, NOW)
    assert read_event_settings(site.database, SITE) == {0: "{}"}


def test_any_letters_are_kept(site: Site) -> None:
    text = json.dumps({"summary": "Прийом 🎉 · naïve"}, ensure_ascii=False)
    write_event_settings(site.database, SITE, 1, text, NOW)
    assert read_event_settings(site.database, SITE) == {1: text}


def test_every_account_is_due_and_the_history_says_so_without_a_word_of_it(site: Site) -> None:
    account_id = site.connect()
    later = NOW + HOUR
    with site.database.write() as connection:
        connection.execute(
            accounts.update().values(outbound_due_at=later + HOUR, inbound_due_at=later + HOUR)
        )
    write_event_settings(site.database, SITE, 4, '{"summary": "secret"}', later)
    with site.database.read() as connection:
        row = connection.execute(select(accounts).where(accounts.c.id == account_id)).one()
        written = connection.execute(select(history)).all()
    assert row.outbound_due_at == later
    assert row.inbound_due_at == later + HOUR
    assert [entry.why for entry in written if entry.what == "settings_changed"] == ["events"]
    assert "secret" not in str(written)


def test_statuses_are_the_sites_own_until_some_are_chosen(site: Site) -> None:
    assert read_event_statuses(site.database, SITE) == EventStatuses()
    chosen = EventStatuses(frozenset({"completed", "no_show"}), keeps_cancelled=True)
    write_event_statuses(site.database, SITE, chosen, NOW)
    assert read_event_statuses(site.database, SITE) == chosen


@pytest.mark.parametrize("text", ["", "nonsense", "[]", "{}", '{"also": 5, "keeps_cancelled": true}'])
def test_what_cannot_be_understood_counts_as_not_chosen(site: Site, text: str) -> None:
    write_setting(site.database, SITE, "event_statuses", text)
    assert read_event_statuses(site.database, SITE) == EventStatuses()
