"""Google's limits as budgets we keep (google-calendar.md Q1, Q2; design.md §7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from latesync.errors import RateLimited
from latesync.providers.google.budget import ProjectBudgets, RequestBudget, Spending
from latesync.providers.google.endpoints import GOOGLE, google_endpoints

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **length: float) -> None:
        self.now += timedelta(**length)


def test_a_first_sync_of_a_thousand_bookings_stays_within_the_budget() -> None:
    clock = Clock()
    budget = RequestBudget(clock)
    for _ in range(1000):
        budget.spend("dana")
        clock.advance(milliseconds=120)
    assert budget.used_today() == 1000


def test_a_spent_budget_names_the_moment_it_has_room_again() -> None:
    clock = Clock()
    budget = RequestBudget(clock, user_per_minute=3)
    for _ in range(3):
        budget.spend("dana")
        clock.advance(seconds=10)
    with pytest.raises(RateLimited) as caught:
        budget.spend("dana")
    assert caught.value.retry_at == NOON + timedelta(seconds=61)
    assert caught.value.retry_at is not None
    clock.now = caught.value.retry_at
    budget.spend("dana")


def test_a_refused_spending_takes_nothing() -> None:
    budget = RequestBudget(Clock(), user_per_minute=3)
    budget.spend("dana", 2)
    with pytest.raises(RateLimited):
        budget.spend("dana", 2)
    budget.spend("dana", 1)
    assert budget.used_today() == 3


def test_one_person_s_haste_does_not_stop_another() -> None:
    budget = RequestBudget(Clock(), user_per_minute=3)
    budget.spend("dana", 3)
    budget.spend("robin", 3)


def test_the_project_s_minute_is_shared_by_all() -> None:
    budget = RequestBudget(Clock(), project_per_minute=5)
    budget.spend("dana", 3)
    with pytest.raises(RateLimited):
        budget.spend("robin", 3)


def test_the_day_is_counted_too_and_ends() -> None:
    clock = Clock()
    budget = RequestBudget(clock, project_per_day=4)
    budget.spend("dana", 4)
    clock.advance(hours=23)
    with pytest.raises(RateLimited):
        budget.spend("dana")
    clock.advance(hours=2)
    budget.spend("dana")
    assert budget.used_today() == 1


def test_a_quiet_person_s_minute_is_forgotten() -> None:
    clock = Clock()
    budget = RequestBudget(clock, user_per_minute=3)
    budget.spend("dana", 3)
    clock.advance(minutes=2)
    budget.spend("dana", 3)


def test_what_was_spent_is_told_once_and_by_the_hour() -> None:
    clock = Clock()
    budgets = ProjectBudgets(clock)
    budgets.of(7).spend("dana", 3)
    clock.advance(seconds=30)
    budgets.of(7).spend("robin", 4)
    clock.advance(minutes=59, seconds=45)
    budgets.of(7).spend("dana", 1)
    assert budgets.take_spent() == [Spending(7, NOON, 7, 7), Spending(7, NOON + timedelta(hours=1), 1, 1)]
    assert budgets.take_spent() == []


def test_a_refused_spending_is_not_told() -> None:
    budget = RequestBudget(Clock(), user_per_minute=3)
    with pytest.raises(RateLimited):
        budget.spend("dana", 4)
    assert budget.take_spent() == {}


def test_a_replaced_client_and_the_new_one_do_not_share_a_budget() -> None:
    budgets = ProjectBudgets(Clock())
    budgets.of(1).spend("dana", 600)
    budgets.of(2).spend("dana", 600)
    with pytest.raises(RateLimited):
        budgets.of(1).spend("dana")
    assert sorted((spent.client_ref, spent.units) for spent in budgets.take_spent()) == [(1, 600), (2, 600)]


def test_a_stand_in_has_all_its_addresses_under_one() -> None:
    endpoints = google_endpoints("http://127.0.0.1:8090/")
    assert endpoints.authorize == "http://127.0.0.1:8090/o/oauth2/v2/auth"
    assert endpoints.token == "http://127.0.0.1:8090/token"
    assert endpoints.api == "http://127.0.0.1:8090/calendar/v3/"
    assert endpoints.is_plain_http


def test_without_a_stand_in_google_itself_is_asked() -> None:
    assert google_endpoints(None) is GOOGLE
    assert not GOOGLE.is_plain_http
