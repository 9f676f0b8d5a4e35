"""Calendars that cannot be read: since when, and what the form shows (users-ask.md U11)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from latesync.errors import WrongInput
from latesync.model import AccountState
from latesync.options import UnreadablePolicy, WhenUnreadable
from latesync.plan.unreadable import (
    HICCUP,
    Looks,
    agent_unreadable_since,
    checked_hours,
    closing_slot,
    is_closed,
    is_overdue,
    unreadable_since,
)
from tests.builders.plan import BERLIN, a_window, utc

NOW = utc("2026-03-10 12:00")
MADE = utc("2026-01-01 00:00")
CLOSE = UnreadablePolicy(24, WhenUnreadable.CLOSE)


def looks(
    good_at: str | None = "2026-03-10 11:59",
    state: AccountState = AccountState.CONNECTED,
    *,
    is_lost: bool = False,
    is_troubled: bool = False,
) -> Looks:
    return Looks(state, utc(good_at) if good_at else None, MADE, is_lost, is_troubled)


SIGNED_OUT = AccountState.NEEDS_SIGN_IN


@pytest.mark.parametrize(
    ("seen", "since"),
    [
        (looks(), None),
        (looks("2026-03-01 08:00"), None),  # nothing is wrong: it was not looked at
        (looks("2026-03-10 11:00", is_lost=True), "2026-03-10 11:00"),
        (looks("2026-03-10 11:00", SIGNED_OUT), "2026-03-10 11:00"),
        (looks("2026-03-10 11:30", is_troubled=True), None),  # a hiccup
        (replace(looks(is_troubled=True), good_at=NOW - HICCUP), None),  # still one
        (looks("2026-03-10 10:30", is_troubled=True), "2026-03-10 10:30"),
        (looks(None, is_lost=True), "2026-01-01 00:00"),
        (looks("2026-03-01 08:00", AccountState.DISCONNECTED, is_lost=True), None),
    ],
)
def test_unreadable_since_the_last_good_look(seen: Looks, since: str | None) -> None:
    assert unreadable_since(seen, NOW) == (utc(since) if since else None)


def test_the_calendar_that_could_not_be_read_for_longest_counts() -> None:
    both = [looks("2026-03-10 10:00", is_lost=True), looks("2026-03-09 10:00", is_lost=True), looks()]
    assert agent_unreadable_since(both, NOW) == utc("2026-03-09 10:00")
    in_trouble = looks("2026-03-08 10:00", is_troubled=True)
    assert agent_unreadable_since([*both, in_trouble], NOW) == utc("2026-03-08 10:00")
    assert agent_unreadable_since([looks()], NOW) is None


@pytest.mark.parametrize("then", WhenUnreadable)
def test_only_the_owners_word_closes_and_only_after_the_hours(then: WhenUnreadable) -> None:
    """users-ask.md U11: warn, close or stay open; never silently, never at once."""
    policy = UnreadablePolicy(24, then)
    a_moment_early, late = NOW - timedelta(hours=24) + timedelta(seconds=1), NOW - timedelta(hours=24)
    assert not is_closed(a_moment_early, policy, NOW, is_paused=False)
    assert is_closed(late, policy, NOW, is_paused=False) is (then is WhenUnreadable.CLOSE)
    assert is_overdue(late, policy, NOW)
    assert not is_overdue(a_moment_early, policy, NOW)
    assert not is_overdue(None, policy, NOW)


def test_who_is_paused_is_not_closed() -> None:
    assert is_closed(MADE, CLOSE, NOW, is_paused=False)
    assert not is_closed(MADE, CLOSE, NOW, is_paused=True)
    assert not is_closed(None, CLOSE, NOW, is_paused=False)


@pytest.mark.parametrize(
    ("now", "start"),
    [
        ("2026-03-10 12:00", "2026-03-09 23:00"),
        ("2026-03-10 23:30", "2026-03-10 23:00"),  # after midnight in Berlin
        ("2026-07-01 12:00", "2026-06-30 22:00"),  # summer time
    ],
)
def test_one_slot_closes_from_the_sites_today_to_the_windows_end(now: str, start: str) -> None:
    slot_id, span = closing_slot("site-1", 7, a_window(), BERLIN, utc(now))
    assert (span.start, span.end) == (utc(start), a_window().end)
    assert len(slot_id) == 32


def test_the_closing_slot_keeps_its_row_and_each_agent_has_their_own() -> None:
    window = a_window()
    first, _ = closing_slot("site-1", 7, window, BERLIN, NOW)
    assert closing_slot("site-1", 7, window, BERLIN, NOW + timedelta(days=3))[0] == first
    assert closing_slot("site-1", 8, window, BERLIN, NOW)[0] != first
    assert closing_slot("site-2", 7, window, BERLIN, NOW)[0] != first


@pytest.mark.parametrize("text", ["", "0", "-3", "745", "1.5", "one", "²"])
def test_hours_that_make_no_sense_are_refused_with_the_remedy(text: str) -> None:
    with pytest.raises(WrongInput, match="whole number of hours from 1 to 744"):
        checked_hours(text)


@pytest.mark.parametrize("hours", [1, 24, 744])
def test_whole_hours_are_taken(hours: int) -> None:
    assert checked_hours(str(hours)) == hours
