"""Graph's limits for a mailbox as a budget we keep (microsoft-graph.md L1, L4; design.md §7)."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest

from latesync.errors import RateLimited
from latesync.providers.microsoft.budget import MailboxBudget, MailboxBudgets

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def a_budget(clock: Clock | None = None, *, per_ten_minutes: int = 10_000) -> MailboxBudget:
    return MailboxBudget(clock or Clock(), per_ten_minutes=per_ten_minutes, patience_s=0)


def test_four_requests_are_under_way_at_once_and_no_fifth() -> None:
    budget = a_budget()
    with ExitStack() as under_way:
        for _ in range(4):
            under_way.enter_context(budget.spend())
        with pytest.raises(RateLimited) as caught, budget.spend():
            pass
        assert caught.value.reason == "own_budget"
        assert caught.value.retry_at == NOON + timedelta(seconds=10)
    with budget.spend():
        pass


def test_a_batch_takes_all_four_places() -> None:
    budget = a_budget()
    with budget.spend(20), pytest.raises(RateLimited), budget.spend():
        pass
    with budget.spend(3), budget.spend(), pytest.raises(RateLimited), budget.spend():
        pass


def test_a_place_is_given_back_after_a_failure() -> None:
    budget = a_budget()
    for _ in range(5):
        with pytest.raises(OSError), budget.spend():
            raise OSError
    with budget.spend(4):
        pass


def test_ten_minutes_have_a_limit_that_counts_what_is_in_a_batch() -> None:
    clock = Clock()
    budget = a_budget(clock, per_ten_minutes=21)
    with budget.spend(20):
        pass
    with budget.spend():
        pass
    with pytest.raises(RateLimited) as caught, budget.spend():
        pass
    assert caught.value.retry_at == NOON + timedelta(minutes=10, seconds=5)
    clock.now = caught.value.retry_at
    with budget.spend():
        pass


def test_what_was_refused_for_want_of_a_place_is_not_counted() -> None:
    budget = a_budget(per_ten_minutes=5)
    with budget.spend(4), pytest.raises(RateLimited), budget.spend():
        pass
    with budget.spend():
        pass


def test_each_mailbox_has_a_budget_of_its_own_that_its_accounts_share() -> None:
    budgets = MailboxBudgets(Clock())
    assert budgets.of("dana") is budgets.of("dana")
    assert budgets.of("dana") is not budgets.of("robin")


def test_a_quiet_mailbox_is_forgotten_and_a_busy_one_is_not() -> None:
    clock = Clock()
    budgets = MailboxBudgets(clock)
    quiet, busy = budgets.of("quiet"), budgets.of("busy")
    with quiet.spend():
        pass
    with busy.spend():
        clock.now += timedelta(minutes=11)
        assert budgets.of("quiet") is not quiet
        assert budgets.of("busy") is busy
