"""Laws of reminders (users-ask.md U1, U8): whatever the consent, zone and hours, and whoever looks when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from latesync.plan.consent import (
    ConsentLife,
    Step,
    due_step,
    next_attempt,
    still_makes_sense,
    superseded_by,
)
from latesync.plan.waking import WakingHours, is_awake, last_waking_before, next_waking
from latesync.times import Zone

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
QUARTER = timedelta(minutes=15)
ORDER = (Step.NEW_CLIENT, Step.TWO_DAYS, Step.ONE_DAY, Step.ENDED, Step.STILL_WAITING)
BEFORE_THE_END = (Step.TWO_DAYS, Step.ONE_DAY)
AFTER_IT = (Step.ENDED, Step.STILL_WAITING)

ZONES = st.sampled_from(
    [
        Zone("UTC"),
        Zone("Europe/Berlin"),
        Zone("America/New_York"),
        Zone("Pacific/Auckland"),
        Zone("Australia/Lord_Howe"),  # changes its clocks by half an hour
        Zone("America/Havana"),  # changes them at midnight
        Zone("Asia/Kathmandu"),
        Zone(None, -570),
    ]
)
# Around the clock changes of both hemispheres, and in between.
STARTS = st.sampled_from([datetime(2026, month, 20, tzinfo=UTC) for month in (3, 6, 9, 10, 11)])


@st.composite
def waking_hours(draw: st.DrawFn) -> WakingHours:
    start = draw(st.integers(0, 23 * 60 - 1))
    end = draw(st.integers(start + 60, 24 * 60 - 1))
    return WakingHours(time(start // 60, start % 60), time(end // 60, end % 60), draw(ZONES))


@st.composite
def moments(draw: st.DrawFn) -> datetime:
    return draw(STARTS) + timedelta(seconds=draw(st.integers(0, 20 * 24 * 3600)))


@st.composite
def lives(draw: st.DrawFn) -> ConsentLife:
    """A consent that may be refused before its end, at it, some time after it, or never."""
    consented_at = draw(moments())
    lasts = draw(st.none() | st.integers(1, 40 * 24).map(lambda hours: hours * HOUR) | st.just(7 * DAY))
    refused_after = draw(st.none() | st.integers(1, 60 * 24 * 12).map(lambda part: part * 5 * HOUR / 60))
    return ConsentLife(
        consented_at=consented_at,
        ends_at=None if lasts is None else consented_at + lasts,
        ended_at=None if refused_after is None else consented_at + refused_after,
        waiting=draw(st.sampled_from([None, 0, 3])),
        has_new_client=draw(st.booleans()),
    )


@dataclass
class Letterbox:
    """What was said of one consent, kept as the outbox does: a step has one key, whoever puts it there."""

    hours: WakingHours
    said: list[tuple[datetime, Step]] = field(default_factory=list)
    past: set[Step] = field(default_factory=set)

    def look(self, life: ConsentLife, now: datetime, workers: int = 1) -> None:
        """Several workers read the same facts, decide, and only then write."""
        decided = [
            due_step(as_known(life, now), now, self.hours, frozenset(self.past)) for _ in range(workers)
        ]
        for step in decided:
            if step is not None and step not in self.past:  # the key is there already
                self.said.append((now, step))
                self.past |= {step, *superseded_by(step)}

    @property
    def steps(self) -> list[Step]:
        return [step for _, step in self.said]


def as_known(life: ConsentLife, now: datetime) -> ConsentLife:
    """A refusal is known once it has happened."""
    return life if life.ended_at is None or life.ended_at <= now else replace(life, ended_at=None)


@st.composite
def looks(draw: st.DrawFn) -> list[timedelta]:
    """How long after the consent somebody looks: often at times, then not for days."""
    pauses = st.integers(1, 8).map(lambda number: number * QUARTER) | st.integers(1, 10 * 24).map(
        lambda number: number * HOUR
    )
    found, at = [], timedelta(0)
    for pause in draw(st.lists(pauses, min_size=1, max_size=40)):
        at += pause
        found.append(at)
    return found


def all_told(life: ConsentLife, hours: WakingHours, when: Sequence[timedelta], workers: int = 1) -> Letterbox:
    box = Letterbox(hours)
    for after in when:
        box.look(life, life.consented_at + after, workers)
    return box


@given(lives(), waking_hours(), looks(), st.integers(1, 3))
def test_no_step_is_said_twice_and_none_after_a_later_one(
    life: ConsentLife, hours: WakingHours, when: list[timedelta], workers: int
) -> None:
    steps = all_told(life, hours, when, workers).steps
    ranks = [ORDER.index(step) for step in steps]
    assert ranks == sorted(set(ranks))


@given(lives(), waking_hours(), looks())
def test_nothing_is_said_at_night(life: ConsentLife, hours: WakingHours, when: list[timedelta]) -> None:
    for now, _ in all_told(life, hours, when).said:
        clock = now.astimezone(hours.zone.tzinfo).time()
        assert hours.start <= clock < hours.end


@given(lives(), waking_hours(), looks())
def test_each_step_is_said_only_while_it_is_true(
    life: ConsentLife, hours: WakingHours, when: list[timedelta]
) -> None:
    for now, step in all_told(life, hours, when).said:
        assert still_makes_sense(step, as_known(life, now), now)
        match step:
            case Step.ENDED | Step.STILL_WAITING:
                assert life.ended_at is not None  # never by the clock alone
                assert now >= life.ended_at + (DAY if step is Step.STILL_WAITING else timedelta(0))
                assert step is Step.ENDED or life.waiting
            case Step.TWO_DAYS | Step.ONE_DAY:
                assert life.ends_at is not None
                assert now < life.ends_at
                assert life.ended_at is None or now < life.ended_at
                assert life.ends_at - life.consented_at > (DAY if step is Step.ONE_DAY else 2 * DAY)
            case Step.NEW_CLIENT:
                assert life.has_new_client


@given(lives(), waking_hours(), looks())
def test_of_an_unknown_end_nothing_is_said_before_it_is_refused(
    life: ConsentLife, hours: WakingHours, when: list[timedelta]
) -> None:
    unknown = replace(life, ends_at=None)
    assert not set(all_told(unknown, hours, when).steps) & set(BEFORE_THE_END)


@given(moments(), st.integers(25, 24 * 40), waking_hours())
def test_who_looks_often_enough_gives_warning_before_every_end(
    consented_at: datetime, hours_long: int, hours: WakingHours
) -> None:
    life = ConsentLife(consented_at, consented_at + hours_long * HOUR, None)
    assert life.ends_at is not None
    last_day = life.ends_at - DAY
    said = all_told(life, hours, [number * QUARTER for number in range(4 * hours_long + 96)]).said
    # An hour of every 24 is a waking one, except in the night in which clocks are put back.
    if next_waking(last_day, hours) + QUARTER < life.ends_at:
        assert Step.ONE_DAY in [step for _, step in said]
    if hours_long > 49:
        assert said, "two days never pass without a waking hour"
    assert all(at < life.ends_at for at, _ in said)
    assert all(at >= life.ends_at - 2 * DAY or is_moved(at, life, hours) for at, _ in said)


def is_moved(at: datetime, life: ConsentLife, hours: WakingHours) -> bool:
    """Said earlier, since from its own moment on it is night until the next step."""
    assert life.ends_at is not None
    return any(
        next_waking(life.ends_at - before, hours) >= life.ends_at - before + DAY for before in (DAY, 2 * DAY)
    )


@given(lives(), waking_hours(), st.integers(0, 60 * 24))
def test_after_a_downtime_only_the_newest_is_said(
    life: ConsentLife, hours: WakingHours, away_hours: int
) -> None:
    back = next_waking(life.consented_at + away_hours * HOUR, hours)
    box, diligent = Letterbox(hours), Letterbox(hours)
    for _ in range(4):
        box.look(life, back)
    now = life.consented_at
    while now < back:
        diligent.look(life, now)
        now += QUARTER
    diligent.look(life, back)
    assert len(box.said) <= 1
    if box.said and box.steps != diligent.steps[-1:]:  # older, only where the newest came and went meanwhile
        newest = diligent.steps[-1]
        assert ORDER.index(box.steps[0]) < ORDER.index(newest)
        assert not still_makes_sense(newest, as_known(life, back), back)


@given(lives(), waking_hours(), looks(), looks())
def test_a_renewal_ends_all_that_was_due_of_the_consent_before(
    life: ConsentLife, hours: WakingHours, before: list[timedelta], after: list[timedelta]
) -> None:
    """A sign-in makes another consent: another moment, no refusal, the current client, and nothing said.

    The outbox keys what was said by that moment, so the caller passes none of the old consent's steps, and
    asks about the old one no more.
    """
    all_told(life, hours, before)
    renewed_at = life.consented_at + before[-1]
    renewed = ConsentLife(renewed_at, renewed_at + 7 * DAY, None, waiting=life.waiting)
    box = all_told(renewed, hours, after)
    assert not set(box.steps) - set(BEFORE_THE_END)
    assert all(at >= renewed_at + 4 * DAY for at, _ in box.said)
    # What of the old one waits to be sent is asked again: it makes no sense for the new one.
    assert not any(still_makes_sense(step, renewed, renewed_at) for step in (*AFTER_IT, Step.NEW_CLIENT))


@given(moments(), st.integers(0, 5_000), waking_hours(), st.floats(0, 1))
def test_the_next_attempt_lies_ahead_and_by_day(
    now: datetime, attempts: int, hours: WakingHours, spread: float
) -> None:
    again = next_attempt(now, attempts, hours, spread)
    assert is_awake(again, hours)
    assert again > now
    assert again <= max(now + HOUR, next_waking(now + HOUR, hours))


@given(moments(), waking_hours())
def test_waking_moments_lie_where_they_should(at: datetime, hours: WakingHours) -> None:
    following, before = next_waking(at, hours), last_waking_before(at, hours)
    assert is_awake(following, hours)
    assert is_awake(before, hours)
    assert before <= at <= following
    assert (before == at == following) is is_awake(at, hours)
    if not is_awake(at, hours):
        assert not is_awake(following - timedelta(microseconds=1), hours)
        assert not is_awake(before + timedelta(minutes=1), hours)


@given(moments(), waking_hours())
def test_a_waking_day_has_no_hole(at: datetime, hours: WakingHours) -> None:
    """Also in the hour that comes twice."""
    evening = last_waking_before(at, hours)
    day = evening.astimezone(hours.zone.tzinfo).date()
    while is_awake(evening, hours) and evening.astimezone(hours.zone.tzinfo).date() == day:
        evening -= QUARTER
    # Asleep from here back to the day before, or it is the day before.
    while evening.astimezone(hours.zone.tzinfo).date() == day:
        assert not is_awake(evening, hours)
        evening -= QUARTER
