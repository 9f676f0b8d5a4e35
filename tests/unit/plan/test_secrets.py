"""A secret that ends stops all agents of its app at once: told a month, a week and a day before, and then."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from latesync.plan.alarms import Kind, Known, Trouble, decide
from latesync.plan.secrets import Stage, secret_stage, stage_begins

ENDS_ON = date(2028, 11, 20)
NOW = datetime(2028, 11, 13, 9, 0, tzinfo=UTC)
BEGAN = datetime(2028, 11, 13, tzinfo=UTC)  # of the last week


@pytest.mark.parametrize(
    ("days_before", "stage"),
    [
        (31, None),
        (30, Stage.MONTH),
        (8, Stage.MONTH),
        (7, Stage.WEEK),
        (2, Stage.WEEK),
        (1, Stage.DAY),
        (0, Stage.DAY),
        (-1, Stage.ENDED),
        (-400, Stage.ENDED),
    ],
)
def test_each_stage_comes_on_its_day(days_before: int, stage: Stage | None) -> None:
    """microsoft-graph.md M2."""
    assert secret_stage(ENDS_ON, ENDS_ON - timedelta(days=days_before)) is stage


@pytest.mark.parametrize("stage", Stage)
def test_a_stage_begins_on_the_first_day_it_is_seen(stage: Stage) -> None:
    first = stage_begins(stage, ENDS_ON)
    assert secret_stage(ENDS_ON, first) is stage
    assert secret_stage(ENDS_ON, first - timedelta(days=1)) is not stage


def a_trouble(count: int = 1) -> Trouble:
    return Trouble(Kind.SECRET_ENDS, BEGAN, 0, count, ENDS_ON.isoformat(), "microsoft", again_at=BEGAN)


def told(at: datetime) -> Known:
    return Known(1, Kind.SECRET_ENDS, 0, at - timedelta(minutes=15), at)


def test_whoever_was_told_before_the_stage_is_told_once_more() -> None:
    assert decide([a_trouble()], [told(BEGAN - timedelta(days=20))], NOW).tell_again == (1,)


@pytest.mark.parametrize("at", [BEGAN, NOW])
def test_nobody_is_told_twice_of_the_same_stage(at: datetime) -> None:
    decision = decide([a_trouble()], [told(at)], NOW)
    assert (decision.tell, decision.tell_again) == ((), ())


def test_nobody_is_told_again_right_after_a_sleep_or_where_another_alarm_says_it() -> None:
    row = told(BEGAN - timedelta(days=20))
    assert decide([a_trouble()], [row], NOW, is_settled=False).tell_again == ()
    assert decide([a_trouble(count=0)], [row], NOW).tell_again == ()


def test_a_new_secret_ends_the_alarm() -> None:
    assert decide([], [told(BEGAN)], NOW).end == (1,)
