"""What makes an agent busy, what follows an unreadable calendar, and comparisons, as they are kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from latesync.model import AccountState
from latesync.options import AllDay, BlockingPolicy, UnreadablePolicy, WhenUnreadable
from latesync.store.accounts import choose_calendars, record_disconnected, record_needs_sign_in
from latesync.store.blocking import blocking_of, choose_blocking
from latesync.store.calendar_looks import list_looks
from latesync.store.calendars import read_calendars, read_items, record_calendar_problem, record_published
from latesync.store.choices import read_unreadable_policy, write_unreadable_policy
from latesync.store.comparisons import (
    ask_for_comparison,
    last_comparisons,
    prune_comparisons,
    record_comparison,
    record_tried,
)
from latesync.store.history import What
from latesync.store.leases import EVERYBODY
from latesync.store.schema import accounts, sites
from latesync.store.sites import write_setting
from latesync.store.trust_schema import history, pauses
from tests.store.builders import HOUR, NOW, SITE, Site, an_item

CHOSEN = BlockingPolicy(
    tentative_blocks=False, free_blocks=True, unanswered_blocks=False, all_day=AllDay.NEVER
)


def compare(site: Site, account_id: int, after: timedelta = HOUR, **found: int) -> None:
    record_comparison(
        site.database,
        SITE,
        account_id,
        1,
        NOW + after,
        events_wrong=found.get("events_wrong", 0),
        busy_wrong=found.get("busy_wrong", 0),
        form_wrong=found.get("form_wrong", 0),
    )


def noted(site: Site, what: What) -> int:
    query = select(history.c.id).where(history.c.what == what.value)
    with site.database.read() as connection:
        return len(connection.execute(query).all())


# What blocks


def test_a_new_account_blocks_as_it_comes(site: Site) -> None:
    assert blocking_of(site.account(site.connect())) == BlockingPolicy()


def test_what_was_chosen_is_kept_and_recomputed_from_what_is_known(site: Site) -> None:
    account_id = site.connect()
    ref = site.calendar(account_id).id
    site.page(ref, an_item(), expanded_for=NOW.date())
    record_published(site.database, account_id)
    choose_blocking(site.database, account_id, CHOSEN, NOW + HOUR)
    account, calendar = site.account(account_id), site.calendar(account_id)
    assert blocking_of(account) == CHOSEN
    assert account.inbound_due_at == NOW + HOUR
    assert (calendar.expanded_for, calendar.is_unpublished, calendar.sync_token) == (None, True, "token")
    assert read_items(site.database, ref) == {"event-1": an_item()}
    assert noted(site, What.SETTINGS_CHANGED) == 1


def test_whoever_works_with_the_old_choice_loses_the_lease(site: Site) -> None:
    account_id = site.connect()
    site.claim()
    choose_blocking(site.database, account_id, CHOSEN, NOW)
    assert site.account(account_id).lease_owner is None


def test_another_choice_of_calendars_leaves_what_blocks(site: Site) -> None:
    account_id = site.connect()
    choose_blocking(site.database, account_id, CHOSEN, NOW)
    choose_calendars(site.database, account_id, "primary", ["primary"], None, NOW)
    assert blocking_of(site.account(account_id)) == CHOSEN


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"all_day": "sometimes", "free_blocks": "yes"}', '{"new": 1}']
)
def test_what_a_newer_program_chose_counts_as_not_chosen(site: Site, text: str) -> None:
    account_id = site.connect()
    with site.database.write() as connection:
        connection.execute(update(accounts).values(blocking=text))
    assert blocking_of(site.account(account_id)) == BlockingPolicy()


# What follows an unreadable calendar


def test_a_day_and_then_a_warning_where_nothing_was_chosen(site: Site) -> None:
    assert read_unreadable_policy(site.database, SITE) == UnreadablePolicy(24, WhenUnreadable.WARN)


def test_the_owners_choice_is_kept_and_every_form_is_looked_at_again(site: Site) -> None:
    account_id = site.connect()
    record_published(site.database, account_id)
    chosen = UnreadablePolicy(6, WhenUnreadable.CLOSE)
    write_unreadable_policy(site.database, SITE, chosen, NOW)
    assert read_unreadable_policy(site.database, SITE) == chosen
    assert site.calendar(account_id).is_unpublished
    assert noted(site, What.SETTINGS_CHANGED) == 1


@pytest.mark.parametrize("text", ["", "[]", '{"hours": "x", "then": "warn"}', '{"hours": 1, "then": "burn"}'])
def test_a_choice_nobody_understands_is_none(site: Site, text: str) -> None:
    write_setting(site.database, SITE, "unreadable_calendar", text)
    assert read_unreadable_policy(site.database, SITE) == UnreadablePolicy()


def test_looks_tell_the_last_good_one_by_calendar_or_account(site: Site) -> None:
    account_id = site.connect()
    (never,) = list_looks(site.database, SITE)
    assert (never.good_at, never.is_lost, never.is_paused) == (None, False, False)
    site.page(site.calendar(account_id).id, an_item())
    site.claim()
    site.release(account_id, now=NOW + HOUR)
    (read,) = list_looks(site.database, SITE)
    assert read.good_at == NOW + HOUR


def test_looks_tell_what_stands_against_reading(site: Site) -> None:
    account_id = site.connect()
    record_calendar_problem(site.database, site.calendar(account_id).id, "calendar_lost", NOW + HOUR)
    (lost,) = list_looks(site.database, SITE)
    assert (lost.is_lost, lost.troubled_since) == (True, NOW + HOUR)
    record_needs_sign_in(site.database, account_id, "sign_in_again", NOW)
    (signed_out,) = list_looks(site.database, SITE, agent_id=1)
    assert (signed_out.account_state, signed_out.is_troubled) == (AccountState.NEEDS_SIGN_IN, True)
    assert list_looks(site.database, SITE, agent_id=2) == []
    record_disconnected(site.database, account_id, NOW)
    assert list_looks(site.database, SITE) == []


def test_a_calendar_that_is_only_written_to_closes_nothing(site: Site) -> None:
    account_id = site.connect()
    choose_calendars(site.database, account_id, "primary", ["team"], None, NOW)
    team = next(row for row in read_calendars(site.database, account_id) if row.reads_busy)
    (look,) = list_looks(site.database, SITE)
    assert (team.calendar_id, look.account_id) == ("team", account_id)


@pytest.mark.parametrize("agent_id", [1, EVERYBODY])
def test_looks_tell_who_is_paused_and_which_site_is_stopped(site: Site, agent_id: int) -> None:
    site.connect()
    site.connect(2)
    with site.database.write() as connection:
        connection.execute(insert(pauses).values(site_id=SITE, agent_id=agent_id, since=NOW))
    assert [look.is_paused for look in list_looks(site.database, SITE)] == [True, agent_id == EVERYBODY]
    with site.database.write() as connection:
        connection.execute(update(sites).values(stopped_for="other_home"))
    assert all(look.is_stopped for look in list_looks(site.database, SITE))


# Comparisons


def test_the_newest_comparison_of_each_account_is_shown(site: Site) -> None:
    first, second = site.connect(), site.connect(2)
    compare(site, first, busy_wrong=3)
    compare(site, second)
    compare(site, first, 2 * HOUR, events_wrong=1)
    found = last_comparisons(site.database, SITE)
    assert (found[first].events_wrong, found[first].busy_wrong, found[first].at) == (1, 0, NOW + 2 * HOUR)
    assert found[second].differences == 0
    assert site.account(first).compared_at == NOW + 2 * HOUR


def test_only_what_differed_goes_down_in_history(site: Site) -> None:
    account_id = site.connect()
    compare(site, account_id)
    assert noted(site, What.COMPARED) == 0
    compare(site, account_id, form_wrong=2)
    assert noted(site, What.COMPARED) == 1


def test_a_comparison_that_was_tried_or_asked_for_is_noted_on_the_account_alone(site: Site) -> None:
    account_id = site.connect()
    record_tried(site.database, account_id, NOW + HOUR)
    assert site.account(account_id).compared_at == NOW + HOUR
    ask_for_comparison(site.database, [account_id])
    compared_at = site.account(account_id).compared_at
    assert compared_at is not None
    assert compared_at < NOW - timedelta(days=365)
    assert last_comparisons(site.database, SITE) == {}


def test_old_comparisons_go_and_newer_ones_stay(site: Site) -> None:
    account_id = site.connect()
    compare(site, account_id)
    compare(site, account_id, 3 * HOUR)
    assert prune_comparisons(site.database, NOW + 2 * HOUR) == 1
    assert last_comparisons(site.database, SITE)[account_id].at == NOW + 3 * HOUR
