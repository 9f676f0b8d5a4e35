"""Which rows of our own should stand among LatePoint's off periods, and what brings them there."""

from __future__ import annotations

from datetime import date

from latesync.off_periods import OffPeriod, OffPeriodSeen
from latesync.plan.off_periods import OffPeriodPlan, plan_off_periods, wanted_off_periods
from latesync.times import DayMinutes, TimeRange, Zone
from tests.builders.plan import BERLIN, a_span, utc

AGENT = 7
WINDOW = TimeRange(utc("2026-11-30 23:00"), utc("2026-12-05 23:00"))  # in Berlin: the first five of December
TEN_TO_ELEVEN = DayMinutes(date(2026, 12, 1), 600, 660)
NOON_TO_ONE = DayMinutes(date(2026, 12, 1), 720, 780)


def wanted(*spans: TimeRange, zone: Zone = BERLIN, agent_id: int = AGENT) -> list[OffPeriod]:
    return wanted_off_periods(agent_id, spans, zone, WINDOW)


def a_period(minutes: DayMinutes = TEN_TO_ELEVEN, row_id: int | None = None) -> OffPeriod:
    (fresh,) = wanted(a_span("2026-12-01 09:00" if minutes is TEN_TO_ELEVEN else "2026-12-01 11:00"))
    assert fresh.minutes == minutes
    return OffPeriod(fresh.id, AGENT, minutes, row_id)


# --- what should stand there --------------------------------------------------------------------


def test_one_row_a_day_is_wanted_and_touching_times_share_one() -> None:
    found = wanted(
        a_span("2026-12-01 10:00"),
        a_span("2026-12-01 09:00"),
        a_span("2026-12-01 13:00"),
        a_span("2026-12-01 13:30", minutes=12 * 60),
    )
    assert [period.minutes for period in found] == [
        DayMinutes(date(2026, 12, 1), 600, 720),
        DayMinutes(date(2026, 12, 1), 840, 1440),
        DayMinutes(date(2026, 12, 2), 0, 150),
    ]
    assert {(period.agent_id, period.row_id) for period in found} == {(AGENT, None)}


def test_only_days_of_the_window_are_wanted() -> None:
    found = wanted(
        a_span("2026-11-30 22:00", minutes=120),  # from the day before into the first
        a_span("2026-12-05 22:00", minutes=120),  # from the last into the day after
        a_span("2026-11-30 12:00"),
        a_span("2026-12-06 12:00"),
    )
    assert [period.minutes for period in found] == [
        DayMinutes(date(2026, 12, 1), 0, 60),
        DayMinutes(date(2026, 12, 5), 1380, 1440),
    ]


def test_the_same_minutes_keep_their_id_and_others_have_their_own() -> None:
    ids = {
        period.id
        for periods in (
            wanted(a_span("2026-12-01 09:00")),
            wanted(a_span("2026-12-02 09:00")),
            wanted(a_span("2026-12-01 09:00", minutes=61)),
            wanted(a_span("2026-12-01 09:00"), zone=Zone(None, 120)),
            wanted(a_span("2026-12-01 09:00"), agent_id=8),
        )
        for period in periods
    }
    assert len(ids) == 5
    assert all(len(name) == 32 and int(name, 16) for name in ids)
    assert wanted(a_span("2026-12-01 09:00"))[0].id == wanted(a_span("2026-12-01 09:00"))[0].id


# --- what brings them there ---------------------------------------------------------------------


def test_nothing_is_done_when_all_stands_as_remembered() -> None:
    kept = [a_period(row_id=11)]
    assert plan_off_periods([a_period()], kept, [OffPeriodSeen(11, TEN_TO_ELEVEN)]) == OffPeriodPlan()


def test_what_is_new_is_inserted_and_what_is_over_is_deleted() -> None:
    old = a_period(NOON_TO_ONE, row_id=12)
    plan = plan_off_periods([a_period()], [old], [OffPeriodSeen(12, NOON_TO_ONE)])
    assert plan == OffPeriodPlan(insert=(a_period(),), delete=(old,))


def test_rows_nobody_remembers_are_left_alone() -> None:
    seen = [OffPeriodSeen(12, NOON_TO_ONE), OffPeriodSeen(13, TEN_TO_ELEVEN)]
    assert plan_off_periods([], [], seen) == OffPeriodPlan()
    assert plan_off_periods([a_period()], [], seen) == OffPeriodPlan(insert=(a_period(),))


def test_a_row_that_an_admin_deleted_is_written_anew() -> None:
    kept = a_period(row_id=11)
    assert plan_off_periods([a_period()], [kept], []) == OffPeriodPlan(
        forget=(kept.id,), insert=(a_period(),)
    )
    assert plan_off_periods([], [kept], []) == OffPeriodPlan(forget=(kept.id,))


def test_a_row_that_an_admin_changed_is_theirs_and_ours_is_written_anew() -> None:
    kept, moved = a_period(row_id=11), OffPeriodSeen(11, NOON_TO_ONE, is_untouched=False)
    assert plan_off_periods([a_period()], [kept], [moved]) == OffPeriodPlan(
        forget=(kept.id,), insert=(a_period(),)
    )
    assert plan_off_periods([], [kept], [moved]) == OffPeriodPlan(forget=(kept.id,))


def test_a_row_that_was_saved_without_a_change_stays_ours() -> None:
    kept, saved = a_period(row_id=11), OffPeriodSeen(11, TEN_TO_ELEVEN, is_untouched=False)
    assert plan_off_periods([a_period()], [kept], [saved]) == OffPeriodPlan()
    assert plan_off_periods([], [kept], [saved]) == OffPeriodPlan(delete=(kept,))


def test_a_lost_answer_is_found_again() -> None:
    begun, found = a_period(), a_period(row_id=11)
    seen = [OffPeriodSeen(11, TEN_TO_ELEVEN)]
    assert plan_off_periods([begun], [begun], seen) == OffPeriodPlan(adopt=(found,))
    assert plan_off_periods([], [begun], seen) == OffPeriodPlan(delete=(found,))


def test_an_insert_that_never_arrived_is_made_again_or_forgotten() -> None:
    begun = a_period()
    assert plan_off_periods([begun], [begun], []) == OffPeriodPlan(insert=(begun,))
    assert plan_off_periods([], [begun], []) == OffPeriodPlan(forget=(begun.id,))


def test_no_row_is_taken_for_a_lost_answer_that_may_be_another_s() -> None:
    begun, other = a_period(), a_period(NOON_TO_ONE, row_id=12)
    saved_since = OffPeriodSeen(11, TEN_TO_ELEVEN, is_untouched=False)
    assert plan_off_periods([begun], [begun], [saved_since]).insert == (begun,)
    # A row that another of ours stands for was moved there by an admin.
    moved = OffPeriodSeen(12, TEN_TO_ELEVEN)
    assert plan_off_periods([begun], [begun, other], [moved]) == OffPeriodPlan(
        forget=(other.id,), insert=(begun,)
    )


def test_of_two_rows_for_a_lost_answer_the_older_is_taken() -> None:
    begun = a_period()
    seen = [OffPeriodSeen(14, TEN_TO_ELEVEN), OffPeriodSeen(11, TEN_TO_ELEVEN)]
    assert plan_off_periods([begun], [begun], seen) == OffPeriodPlan(adopt=(a_period(row_id=11),))
