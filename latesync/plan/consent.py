"""What is due to be told about a consent, and when. Pure: from the facts and the hour to a step.

A consent begins with nothing said: whoever asks passes the steps that were said of *this* consent, so a new
sign-in starts anew and the old one's steps are never asked for again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from latesync.past_consent import PastConsent
from latesync.plan.waking import WakingHours, is_awake, last_waking_before, next_waking

WEEK = timedelta(days=7)  # a consent given while the app is in Testing (google-calendar.md L4)
TOKEN_CAP = 100  # live refresh tokens of one person and client; the oldest ends silently (L3)
TOKENS_OFTEN = 70  # when to warn of it: there is time left
# How long a sign-in lasts that is not used: google-calendar.md L2; microsoft-graph.md T1, T2, where each use
# renews it. A running LateSync uses all of them every hour.
IDLE_LIFE = {"google": timedelta(days=180), "microsoft": timedelta(days=90)}
RENEWED_BY_USE = frozenset({"microsoft"})  # and LateSync knows when (accounts.token_at)
IDLE_IS_NEAR = timedelta(days=30)

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
SPREAD = 0.25  # so that the mails of one evening do not all come back in the same second
_DAY = timedelta(days=1)


class Step(StrEnum):
    """In the order of their urgency: a later one says all that an earlier one would have said."""

    NEW_CLIENT = "new_client"  # the owner replaced the client; the account goes on with the old one
    TWO_DAYS = "two_days"  # 48 hours before the end
    ONE_DAY = "one_day"  # 24 hours before
    ENDED = "ended"  # the provider refused the consent
    STILL_WAITING = "still_waiting"  # 24 hours after that, once bookings wait


_ORDER = tuple(Step)
_BEFORE = {Step.TWO_DAYS: timedelta(hours=48), Step.ONE_DAY: timedelta(hours=24)}


@dataclass(frozen=True, slots=True)
class ConsentLife:
    """A consent that an account holds, or held last.

    ends_at: known or inferred (plan/publishing.infer_end). ended_at: when the provider refused it; the clock
    alone ends nothing (users-ask.md U8). waiting: bookings not yet written; None: not known now.
    has_new_client: the site uses another client than the one this consent was given to.
    """

    consented_at: datetime
    ends_at: datetime | None
    ended_at: datetime | None
    waiting: int | None = 0
    has_new_client: bool = False


def due_step(life: ConsentLife, now: datetime, hours: WakingHours, past: Collection[Step]) -> Step | None:
    """What is to be said now, if anything: the newest step that has come and was not said.

    past: the steps of this consent that were said or superseded; after one of them, no earlier one is due.
    None at night, whatever has come.
    """
    if not is_awake(now, hours):
        return None
    for step in reversed(_ORDER):
        if step in past:
            return None
        if _has_come(step, life, now, hours):
            return step
    return None


def superseded_by(step: Step) -> tuple[Step, ...]:
    """The earlier steps: what they would say, this one says."""
    return _ORDER[: _ORDER.index(step)]


def still_makes_sense(step: Step, life: ConsentLife, now: datetime) -> bool:
    """Whether a step that was due may still be said: asked again right before it is sent."""
    if step is Step.ENDED:
        return life.ended_at is not None
    if step is Step.STILL_WAITING:
        return life.ended_at is not None and life.waiting != 0
    if life.ended_at is not None:
        return False
    if step is Step.NEW_CLIENT:
        return life.has_new_client
    if life.ends_at is None:
        return False
    # In the last day "tomorrow" is said, not "in two days".
    return now < life.ends_at - (_DAY if step is Step.TWO_DAYS else timedelta(0))


def next_attempt(now: datetime, attempts: int, hours: WakingHours, spread: float) -> datetime:
    """When to try a mail again that failed `attempts` times: pauses double up to an hour, never at night.

    spread: 0 to 1, drawn by the caller.
    """
    doubled = FIRST_PAUSE * 2 ** max(0, min(attempts, 10) - 1)
    pause = min(doubled, LONGEST_PAUSE / (1 + SPREAD)) * (1 + SPREAD * spread)
    return next_waking(now + pause, hours)


def idle_end(last_used_at: datetime, provider: str) -> datetime:
    """When a sign-in ends that is not used any more."""
    return last_used_at + IDLE_LIFE[provider]


def idle_began(ends_at: datetime, provider: str) -> datetime:
    """When a sign-in was last used that ends so."""
    return ends_at - IDLE_LIFE[provider]


def near_idle_end(last_used_at: datetime, provider: str, now: datetime) -> datetime | None:
    """The same while it is near: whoever is paused, or a worker that was off, comes that far."""
    ends_at = idle_end(last_used_at, provider)
    return ends_at if ends_at - now <= IDLE_IS_NEAR else None


def live_consents(history: Sequence[PastConsent], now: datetime) -> int:
    """How many sign-ins of one person with one client may still live at Google.

    Replaced ones count too: the provider keeps them until they end by themselves (google-calendar.md L3).
    """
    return sum(1 for consent in history if _may_live(consent, now))


def _may_live(consent: PastConsent, now: datetime) -> bool:
    if consent.ended_by == "refused" or (consent.told_ends_at is not None and consent.told_ends_at <= now):
        return False
    return consent.ended_at is None or idle_end(consent.ended_at, "google") > now


def _has_come(step: Step, life: ConsentLife, now: datetime, hours: WakingHours) -> bool:
    if not still_makes_sense(step, life, now):
        return False
    comes_at = _comes_at(step, life, hours)
    return comes_at is not None and comes_at <= now


def _comes_at(step: Step, life: ConsentLife, hours: WakingHours) -> datetime | None:
    """When a step that makes sense falls due; None where it is none of this consent's.

    A night is not worked around here but by `is_awake`, except where it lasts until the next step.
    """
    if step is Step.NEW_CLIENT:
        return life.consented_at
    if step is Step.ENDED:
        return life.ended_at
    if step is Step.STILL_WAITING:
        return life.ended_at + _DAY if life.ended_at and life.waiting else None
    if life.ends_at is None:
        return None
    nominal = life.ends_at - _BEFORE[step]
    if nominal <= life.consented_at:  # a grant of 36 hours has no two days
        return None
    follows = life.ends_at if step is Step.ONE_DAY else life.ends_at - _BEFORE[Step.ONE_DAY]
    if next_waking(nominal, hours) < follows:
        return nominal
    return last_waking_before(nominal, hours)
