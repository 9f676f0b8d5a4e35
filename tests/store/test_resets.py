"""A reset's queue: one open job for an account, counted at once, ended once."""

from __future__ import annotations

import pytest

from latesync.errors import WrongInput
from latesync.model import AccountState, MappingState
from latesync.options import NextSync, ResetEvents
from latesync.store import resets
from latesync.store.accounts import record_disconnected
from latesync.store.history import Who
from latesync.store.left_out import (
    LeftOut,
    count_left_out,
    count_standing,
    read_every_mapping,
    record_given_up,
    record_left_out,
    take_in_again,
)
from latesync.store.mappings import read_mappings, record_intents
from latesync.store.resets import ResetWish
from tests.store.builders import HOUR, NOW, SITE, Site, a_span, an_intent

DELETE_ALL = ResetWish(ResetEvents.DELETE_FROM_CALENDAR, NextSync.ALL)
LEAVE = ResetWish(ResetEvents.DELETE_FROM_CALENDAR, NextSync.ALL, then_disconnect=True)


def a_left_out(booking_id: int, value: str = "h1") -> LeftOut:
    return LeftOut(booking_id, 1, "primary", f"never-{booking_id}", a_span(), value)


def test_asking_makes_the_account_due_and_keeps_the_wish(site: Site) -> None:
    account_id = site.connect()
    site.claim()
    site.release(account_id)
    wish = ResetWish(ResetEvents.BOTH, NextSync.NEW, newest_booking_id=41)
    job = resets.ask_reset(site.database, account_id, wish, Who.AGENT, NOW)
    assert site.account(account_id).outbound_due_at == NOW
    assert job == resets.open_reset(site.database, account_id)
    assert (job.wish, job.state, job.asked_by, job.asked_at) == (wish, resets.WAITING, Who.AGENT, NOW)


def test_a_second_reset_is_refused_while_one_is_open(site: Site) -> None:
    """odoo-calendar-sync.md §2.4: asking again is blocked until the queue is empty."""
    account_id = site.connect()
    other_id = site.connect(2)
    resets.ask_reset(site.database, account_id, DELETE_ALL, Who.OWNER, NOW)
    with pytest.raises(WrongInput, match="under way"):
        resets.ask_reset(site.database, account_id, DELETE_ALL, Who.AGENT, NOW)
    resets.ask_reset(site.database, other_id, DELETE_ALL, Who.AGENT, NOW)


def test_progress_goes_on_over_several_runs(site: Site) -> None:
    account_id = site.connect()
    job = resets.ask_reset(site.database, account_id, DELETE_ALL, Who.OWNER, NOW)
    resets.begin_reset(site.database, job.id, 3)
    assert resets.record_deleted(site.database, job.id)
    resets.record_refused(site.database, job.id)
    resets.begin_reset(site.database, job.id, 2)
    again = resets.open_reset(site.database, account_id)
    assert again is not None
    assert (again.state, again.total, again.done, again.refused) == (resets.RUNNING, 3, 1, 0)


def test_progress_never_says_less_than_before_after_a_kill(site: Site) -> None:
    """Events that a killed run had deleted, and not noted, are gone from the next listing."""
    account_id = site.connect()
    job = resets.ask_reset(site.database, account_id, DELETE_ALL, Who.OWNER, NOW)
    resets.begin_reset(site.database, job.id, 60)
    for _ in range(7):
        resets.record_deleted(site.database, job.id)
    resets.begin_reset(site.database, job.id, 47)
    again = resets.open_reset(site.database, account_id)
    assert again is not None
    assert (again.total, again.done) == (60, 13)


def test_what_was_cancelled_neither_goes_on_nor_ends_a_second_time(site: Site) -> None:
    account_id = site.connect()
    job = resets.ask_reset(site.database, account_id, DELETE_ALL, Who.OWNER, NOW)
    assert resets.cancel_reset(site.database, account_id, Who.OWNER, NOW + HOUR)
    assert not resets.record_deleted(site.database, job.id)
    with site.database.write() as connection:
        assert not resets.finish_reset(connection, job, NOW + HOUR)
    assert not resets.cancel_reset(site.database, account_id, Who.OWNER, NOW + HOUR)
    last = resets.last_reset(site.database, account_id)
    assert last is not None
    assert (last.state, last.ended_at, last.done) == (resets.CANCELLED, NOW + HOUR, 1)


def test_disconnecting_ends_an_open_job_as_it_stands(site: Site) -> None:
    account_id = site.connect()
    job = resets.ask_reset(site.database, account_id, LEAVE, Who.AGENT, NOW)
    resets.begin_reset(site.database, job.id, 2)
    resets.record_deleted(site.database, job.id)
    record_disconnected(site.database, account_id, NOW)
    assert site.account(account_id).state is AccountState.DISCONNECTED
    last = resets.last_reset(site.database, account_id)
    assert last is not None
    assert last.state == resets.CANCELLED


def test_disconnecting_is_the_last_step_of_leaving(site: Site) -> None:
    account_id = site.connect()
    job = resets.ask_reset(site.database, account_id, LEAVE, Who.AGENT, NOW)
    resets.begin_reset(site.database, job.id, 2)
    resets.record_deleted(site.database, job.id)
    resets.record_refused(site.database, job.id)
    record_disconnected(site.database, account_id, NOW)
    last = resets.last_reset(site.database, account_id)
    assert last is not None
    assert last.is_done


# What stays out


def test_left_out_bookings_are_remembered_with_their_hash(site: Site) -> None:
    account_id = site.connect()
    known = site.live_mapping(account_id, 7)
    record_left_out(site.database, SITE, account_id, [a_left_out(7), a_left_out(8, "h2")], NOW)
    rows = {row.booking_id: row for row in read_mappings(site.database, account_id)}
    assert {row.state for row in rows.values()} == {MappingState.LEFT_OUT}
    assert (rows[7].id, rows[7].booking_hash, rows[8].booking_hash) == (known, "h1", "h2")
    assert not any(row.has_event for row in rows.values())
    assert count_left_out(site.database, account_id) == 2


def test_leaving_out_twice_is_leaving_out_once(site: Site) -> None:
    account_id = site.connect()
    for _ in range(2):
        record_left_out(site.database, SITE, account_id, [a_left_out(8)], NOW)
    assert count_left_out(site.database, account_id) == 1


def test_what_was_left_out_may_come_again(site: Site) -> None:
    account_id, other_id = site.connect(), site.connect(2)
    for each in (account_id, other_id):
        record_left_out(site.database, SITE, each, [a_left_out(8)], NOW)
    assert take_in_again(site.database, account_id, NOW) == 1
    (row,) = read_every_mapping(site.database, account_id)
    assert row.state is MappingState.GONE
    assert count_left_out(site.database, other_id) == 1


def test_an_event_that_was_given_up_leaves_its_generation(site: Site) -> None:
    account_id = site.connect()
    first, second = site.live_mapping(account_id, 7), site.live_mapping(account_id, 8)
    assert count_standing(site.database, account_id) == 2
    record_given_up(site.database, {first: None, second: "h1"}, NOW)
    rows = {row.id: row for row in read_every_mapping(site.database, account_id)}
    assert (rows[first].state, rows[second].state) == (MappingState.GONE, MappingState.LEFT_OUT)
    assert rows[second].booking_hash == "h1"
    assert {row.etag for row in rows.values()} == {""}
    assert count_standing(site.database, account_id) == 0


def test_a_booking_left_out_can_be_written_like_any_other(site: Site) -> None:
    account_id = site.connect()
    record_left_out(site.database, SITE, account_id, [a_left_out(7)], NOW)
    record_intents(site.database, [an_intent(account_id, 7, generation=1)], NOW)
    (row,) = read_mappings(site.database, account_id)
    assert (row.state, row.generation) == (MappingState.INTENT, 1)
