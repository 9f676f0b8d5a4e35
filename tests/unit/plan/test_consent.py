"""What is due to be told about a consent, spelled out hour by hour."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from latesync.past_consent import PastConsent
from latesync.plan.consent import (
    TOKEN_CAP,
    TOKENS_OFTEN,
    WEEK,
    ConsentLife,
    Step,
    due_step,
    idle_end,
    live_consents,
    near_idle_end,
    next_attempt,
    still_makes_sense,
    superseded_by,
)
from latesync.plan.waking import WakingHours, is_awake
from latesync.times import Zone
from tests.builders.plan import BERLIN, utc

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
AUCKLAND = Zone("Pacific/Auckland")
HOURS = WakingHours(zone=BERLIN)

T, O, E, W, N = Step.TWO_DAYS, Step.ONE_DAY, Step.ENDED, Step.STILL_WAITING, Step.NEW_CLIENT  # noqa: E741


def at_clock(text: str, zone: Zone = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone.tzinfo).astimezone(UTC)


def a_life(
    consented: str = "2026-11-20 14:05", *, lasts: timedelta | None = WEEK, zone: Zone = BERLIN
) -> ConsentLife:
    """Consented to at this time of the zone's clock."""
    consented_at = at_clock(consented, zone)
    return ConsentLife(consented_at, None if lasts is None else consented_at + lasts, None)


def refused(life: ConsentLife, at: datetime, *, waiting: int | None = 0) -> ConsentLife:
    return replace(life, ended_at=at, waiting=waiting)


def told(life: ConsentLife, hours: WakingHours, until: datetime) -> list[tuple[str, Step]]:
    """What is said by somebody who looks every quarter of an hour, and when on the site's clock."""
    said: list[tuple[str, Step]] = []
    now, past = life.consented_at, set[Step]()
    while now < until:
        step = due_step(life, now, hours, past)
        if step is not None:
            past |= {step, *superseded_by(step)}
            said.append((f"{now.astimezone(hours.zone.tzinfo):%a %d %H:%M}", step))
        now += timedelta(minutes=15)
    return said


def test_a_week_from_a_friday_afternoon_is_told_of_on_wednesday_and_thursday() -> None:
    life = a_life("2026-11-20 14:00")
    assert told(life, HOURS, at_clock("2026-12-05 12:00")) == [("Wed 25 14:00", T), ("Thu 26 14:00", O)]


def test_an_end_at_three_in_the_night_is_told_of_in_the_mornings_before() -> None:
    life = a_life("2026-11-18 03:00", zone=AUCKLAND)
    hours = WakingHours(zone=AUCKLAND)
    assert told(life, hours, life.consented_at + 10 * DAY) == [("Mon 23 08:00", T), ("Tue 24 08:00", O)]


@pytest.mark.parametrize(("past", "morning", "due"), [((), "2026-11-23", T), ((T,), "2026-11-24", O)])
def test_what_falls_into_a_night_waits_for_the_morning_and_is_not_said_the_evening_before(
    past: Collection[Step], morning: str, due: Step
) -> None:
    life = a_life("2026-11-18 03:00")  # ends on the 25th at 03:00
    evening = at_clock(f"{morning} 19:59") - DAY
    assert due_step(life, evening, HOURS, past) is None
    assert due_step(life, at_clock(f"{morning} 08:00"), HOURS, past) is due


def test_a_week_with_a_clock_change_still_ends_after_seven_times_24_hours() -> None:
    life = a_life("2026-10-20 19:30")  # clocks are put back on the 25th: it ends at 18:30
    assert told(life, HOURS, life.consented_at + 10 * DAY) == [("Sun 25 18:30", T), ("Mon 26 18:30", O)]


@pytest.mark.parametrize(
    ("lasts", "steps"),
    [
        (timedelta(hours=12), []),
        (timedelta(hours=24), []),
        (timedelta(hours=36), [O]),
        (timedelta(hours=48), [O]),
        (timedelta(hours=49), [T, O]),
        (timedelta(days=30), [T, O]),
        (None, []),
    ],
)
def test_a_step_that_would_lie_before_the_consent_is_none(lasts: timedelta | None, steps: list[Step]) -> None:
    life = a_life("2026-11-20 10:00", lasts=lasts)
    assert [step for _, step in told(life, HOURS, life.consented_at + 32 * DAY)] == steps


@pytest.mark.parametrize(
    ("looks_at", "past", "due"),
    [
        ("2026-11-25 14:04", (), None),
        ("2026-11-25 14:05", (), T),
        ("2026-11-25 14:06", (T,), None),
        ("2026-11-25 20:00", (), None),  # at night nothing is due
        ("2026-11-26 08:00", (), T),
        ("2026-11-26 14:05", (), O),  # and the older one not any more
        ("2026-11-26 14:05", (T,), O),
        ("2026-11-26 15:00", (T, O), None),
        ("2026-11-27 14:04", (), O),
        ("2026-11-27 14:05", (), None),  # the end has passed: the provider has the word now
        ("2026-12-01 12:00", (), None),
    ],
)
def test_what_is_due_of_a_week_at_one_look(looks_at: str, past: Collection[Step], due: Step | None) -> None:
    assert due_step(a_life(), at_clock(looks_at), HOURS, past) is due


def test_a_refused_consent_is_told_of_at_once_and_once_more_while_bookings_wait() -> None:
    life = refused(a_life(), at_clock("2026-11-27 14:15"), waiting=3)
    assert told(life, HOURS, at_clock("2026-12-10 12:00"))[-1] == ("Sat 28 14:20", W)
    assert due_step(life, at_clock("2026-11-27 14:14"), HOURS, {T, O}) is None
    assert due_step(life, at_clock("2026-11-27 14:15"), HOURS, {T, O}) is E
    assert due_step(life, at_clock("2026-11-28 14:14"), HOURS, {T, O, E}) is None
    assert due_step(life, at_clock("2026-11-28 14:15"), HOURS, {T, O, E}) is W
    assert due_step(life, at_clock("2026-11-28 14:30"), HOURS, {T, O, E, W}) is None


@pytest.mark.parametrize(("waiting", "due"), [(0, None), (None, None), (1, W)])
def test_the_second_note_comes_only_once_bookings_wait(waiting: int | None, due: Step | None) -> None:
    life = refused(a_life(), at_clock("2026-11-27 14:15"), waiting=waiting)
    assert due_step(life, at_clock("2026-12-02 10:00"), HOURS, {E}) is due


def test_a_consent_refused_at_night_is_told_of_in_the_morning() -> None:
    life = refused(a_life(), at_clock("2026-11-24 23:00"), waiting=1)
    assert due_step(life, at_clock("2026-11-25 07:59"), HOURS, ()) is None
    assert due_step(life, at_clock("2026-11-25 08:00"), HOURS, ()) is E


def test_a_consent_without_a_known_end_is_told_of_only_when_it_is_refused() -> None:
    life = a_life(lasts=None)
    assert told(life, HOURS, life.consented_at + 200 * DAY) == []
    life = refused(life, life.consented_at + 200 * DAY)
    assert due_step(life, life.consented_at + 200 * DAY, HOURS, ()) is E


def test_after_a_downtime_only_the_newest_is_said() -> None:
    life = refused(a_life(), at_clock("2026-11-27 14:15"), waiting=2)
    assert due_step(life, at_clock("2026-12-03 10:00"), HOURS, ()) is W
    assert superseded_by(W) == (N, T, O, E)
    assert due_step(life, at_clock("2026-12-03 10:15"), HOURS, {W, *superseded_by(W)}) is None


def test_a_replaced_client_is_told_of_once_by_day() -> None:
    life = replace(a_life(lasts=None), has_new_client=True)
    assert due_step(life, at_clock("2026-11-20 22:00"), HOURS, ()) is None
    assert due_step(life, at_clock("2026-11-21 08:00"), HOURS, ()) is N
    assert due_step(life, at_clock("2026-11-21 08:15"), HOURS, {N}) is None


def test_who_is_asked_to_renew_anyway_is_not_told_of_the_client_as_well() -> None:
    life = replace(a_life(), has_new_client=True)
    assert due_step(life, at_clock("2026-11-25 15:00"), HOURS, {T}) is None
    assert due_step(life, at_clock("2026-11-25 15:00"), HOURS, {N}) is T


def test_what_was_due_but_is_not_sent_yet_is_looked_at_again() -> None:
    life = a_life()
    in_time, last_day, over = (at_clock(f"2026-11-{day} 14:05") for day in (25, 26, 27))
    assert [still_makes_sense(T, life, now) for now in (in_time, last_day, over)] == [True, False, False]
    assert [still_makes_sense(O, life, now) for now in (in_time, last_day, over)] == [True, True, False]
    gone = refused(life, over, waiting=1)
    assert [still_makes_sense(step, gone, over + DAY) for step in (T, O, E, W)] == [False, False, True, True]
    assert not still_makes_sense(W, replace(gone, waiting=0), over + DAY)
    assert still_makes_sense(W, replace(gone, waiting=None), over + DAY)  # not known is not none
    assert not still_makes_sense(O, a_life(lasts=None), last_day)


def test_a_consent_that_lives_again_is_not_said_to_have_ended() -> None:
    assert not any(still_makes_sense(step, a_life(lasts=None), utc("2026-12-01 12:00")) for step in Step)


def test_a_night_of_24_hours_before_the_end_is_worked_around_beforehand() -> None:
    """With a single waking hour, and an hour more in the night in which clocks are put back."""
    hours = WakingHours(time(8), time(9), BERLIN)
    ends_at = at_clock("2026-10-25 08:00")  # the moment people wake; 24 hours before, they fell asleep
    life = ConsentLife(ends_at - WEEK, ends_at, None)
    assert due_step(life, at_clock("2026-10-24 08:58"), hours, {T}) is None
    assert due_step(life, at_clock("2026-10-24 08:59"), hours, {T}) is O


@pytest.mark.parametrize(
    ("attempts", "shortest", "longest"),
    [(0, 1, 1.25), (1, 1, 1.25), (2, 2, 2.5), (3, 4, 5), (6, 32, 40), (7, 48, 60), (1_000, 48, 60)],
)
def test_pauses_between_attempts_grow_to_an_hour(attempts: int, shortest: float, longest: float) -> None:
    now = at_clock("2026-11-25 10:00")
    pauses = [next_attempt(now, attempts, HOURS, spread) - now for spread in (0.0, 1.0)]
    assert pauses == [timedelta(minutes=shortest), timedelta(minutes=longest)]


def test_nothing_is_tried_again_at_night() -> None:
    assert next_attempt(at_clock("2026-11-25 19:59"), 1, HOURS, 0.5) == at_clock("2026-11-26 08:00")
    assert is_awake(next_attempt(at_clock("2026-11-25 03:00"), 9, HOURS, 0.5), HOURS)


def a_past(given: str, **fates: object) -> PastConsent:
    return replace(PastConsent(7, 3, utc(given)), **fates)  # type: ignore[arg-type]


def test_replaced_sign_ins_count_until_they_end_by_themselves() -> None:
    now = utc("2026-11-20 12:00")
    history = [
        a_past("2025-01-01 10:00", is_current=True),  # in use all the time
        a_past("2026-11-01 10:00", ended_at=utc("2026-11-02 10:00"), ended_by="replaced"),
        a_past("2025-01-01 10:00", ended_at=utc("2026-05-25 10:00"), ended_by="replaced"),  # used until then
        a_past("2026-01-01 10:00", ended_at=utc("2026-05-20 10:00"), ended_by="replaced"),  # six months ago
        a_past("2026-11-01 10:00", ended_at=utc("2026-11-05 10:00"), ended_by="refused"),
        a_past("2026-11-01 10:00", told_ends_at=utc("2026-11-08 10:00"), ended_by="replaced"),
        a_past("2026-11-18 10:00", told_ends_at=utc("2026-11-25 10:00"), is_current=True),
    ]
    assert live_consents(history, now) == 4
    assert live_consents([], now) == 0


def test_a_sign_in_with_a_named_end_is_over_at_that_moment() -> None:
    ends_at = utc("2026-11-08 10:00")
    history = [a_past("2026-11-01 10:00", told_ends_at=ends_at, is_current=True)]
    assert live_consents(history, ends_at - timedelta(seconds=1)) == 1
    assert live_consents(history, ends_at) == 0


def test_the_warning_comes_while_there_is_time_left() -> None:
    assert TOKENS_OFTEN < TOKEN_CAP == 100
    assert idle_end(utc("2026-01-01 12:00"), "google") == utc("2026-01-01 12:00") + timedelta(days=180)


def test_a_sign_in_with_microsoft_that_is_not_used_ends_after_ninety_days() -> None:
    """microsoft-graph.md T1, T2: each use renews it, so that nobody hears of it while LateSync runs."""
    used_at = utc("2026-01-01 12:00")
    assert idle_end(used_at, "microsoft") == utc("2026-04-01 12:00")
    assert near_idle_end(used_at, "microsoft", utc("2026-02-01 12:00")) is None
    assert near_idle_end(used_at, "microsoft", utc("2026-03-02 12:00")) == utc("2026-04-01 12:00")
