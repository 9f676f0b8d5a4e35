"""When something is wrong for so long that somebody has to be told, and when it is over. Pure.

An alarm is a condition that lasts and costs something, never an event (users-ask.md U8, U9, U14):

| kind | who is told | after | it ends when |
| --- | --- | --- | --- |
| site_stopped | owner | 15 minutes | somebody has said whether it is a move or a copy |
| site_unreachable | owner, while anybody is connected | 15 minutes | the site was read completely |
| form_not_told | owner, while anybody is connected | 15 minutes | LateSync's tables are there again |
| client_refused, app_refused | owner, while an account works with it | 15 minutes | it is taken again |
| secret_ends | owner | 30 days, 7 days, 1 day before, and when it has ended | a new one is in |
| plugin_off | owner, where the plugin is what closes times | 15 minutes | WordPress lists it as active |
| plugin_silent | owner, where an agent's wish waits for the plugin | 15 minutes | it answers |
| daily_limit | owner | 15 minutes | the provider allows more |
| work_late | owner | 15 minutes | due work is taken up |
| bookings_wait | owner, for 1 booking or more | 15 minutes; 10 for 5 bookings or more | all are written |
| held_plan | owner | 15 minutes | everything was released or rejected |
| calendar_unreadable | owner, unless all is to stay open | the hours the owner chose | it can be read |
| calendar_lost | the agent: only they can choose another | 15 minutes | all their calendars are there |

A sign-in that ends is no alarm: the reminders of its consent tell the agent, and the digest the owner.
Who is paused causes none, and what cannot be told at the moment neither begins nor ends one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

PATIENCE = timedelta(minutes=15)
MANY_BOOKINGS, PATIENCE_FOR_MANY = 5, timedelta(minutes=10)
# The owner's hours have passed already; what is seen but once may be a look in between.
SEEN_FOR = timedelta(minutes=5)
CALM = timedelta(minutes=10)  # so long something must be over before anybody is told that it is
SELDOM = timedelta(hours=1)  # between two mails about the same thing that comes and goes
# Between two looks. A longer gap was a sleep or a restart, and what is wrong then has had no time to heal.
LOOK_EVERY = timedelta(minutes=1)
GAP, WAKING_UP = timedelta(minutes=5), timedelta(minutes=5)


class Kind(StrEnum):
    SITE_STOPPED = "site_stopped"
    SITE_UNREACHABLE = "site_unreachable"
    FORM_NOT_TOLD = "form_not_told"
    CLIENT_REFUSED = "client_refused"  # Google's
    APP_REFUSED = "app_refused"  # Microsoft's
    SECRET_ENDS = "secret_ends"  # noqa: S105 - the name of an alarm
    PLUGIN_OFF = "plugin_off"
    PLUGIN_SILENT = "plugin_silent"
    DAILY_LIMIT = "daily_limit"
    WORK_LATE = "work_late"
    BOOKINGS_WAIT = "bookings_wait"
    HELD_PLAN = "held_plan"
    CALENDAR_UNREADABLE = "calendar_unreadable"
    CALENDAR_LOST = "calendar_lost"


TELLS_AGENT = frozenset({Kind.CALENDAR_LOST})  # all others are the owner's

Key = tuple[Kind, int]

_OF_REFUSAL = {"google": Kind.CLIENT_REFUSED, "microsoft": Kind.APP_REFUSED}
# Which alarm tells of an account's problem (plan/failures.py); of others the digest alone does.
_OF_PROBLEM = {
    "provider_unavailable": Kind.BOOKINGS_WAIT,
    "rate_limited": Kind.BOOKINGS_WAIT,
    "usage_limited": Kind.BOOKINGS_WAIT,
    "internal_error": Kind.BOOKINGS_WAIT,
    "daily_limit": Kind.DAILY_LIMIT,
    "bridge_table_missing": Kind.FORM_NOT_TOLD,
    "plugin_unavailable": Kind.PLUGIN_SILENT,
    "plugin_rejected": Kind.PLUGIN_SILENT,
    "sign_in_again": Kind.CALENDAR_UNREADABLE,
    "calendar_lost": Kind.CALENDAR_UNREADABLE,
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong now. agent_id: 0 for the whole site. since: as far back as anybody knows.

    count: what it costs: bookings that wait, changes that are held, calendars that stand still.
    cause: a code for the sentence. provider: where that matters.
    again_at: whoever was told before then is told once more: it has become more urgent.
    """

    kind: Kind
    since: datetime
    agent_id: int = 0
    count: int = 1
    cause: str = ""
    provider: str = ""
    again_at: datetime | None = None

    @property
    def key(self) -> Key:
        return self.kind, self.agent_id


@dataclass(frozen=True, slots=True)
class Known:
    """An alarm as it is remembered. began_at: when it was first seen. told_at, ended_at: None: not yet."""

    id: int
    kind: str
    agent_id: int
    began_at: datetime
    told_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """begin: what is to be noted. tell, tell_again, end, go_on: ids of what is noted."""

    begin: tuple[Key, ...] = ()
    tell: tuple[int, ...] = ()
    end: tuple[int, ...] = ()
    go_on: tuple[int, ...] = ()
    tell_again: tuple[int, ...] = ()


def kind_of_refusal(provider: str) -> Kind:
    """Which alarm tells that a provider refuses its client."""
    return _OF_REFUSAL[provider]


def kind_of_problem(code: str | None) -> Kind | None:
    return _OF_PROBLEM.get(code or "")


def decide(
    troubles: Sequence[Trouble],
    known: Iterable[Known],
    now: datetime,
    *,
    unsure: Collection[tuple[str, int]] = (),
    is_settled: bool = True,
) -> Decision:
    """What follows from what is wrong now.

    known: what is open, and what ended within the last hour. unsure: of what cannot be told whether it goes
    on. is_settled: False right after a sleep or a start: nobody is told then of what may heal at once.
    """
    rows = sorted(known, key=lambda row: row.id)
    is_open = {(row.kind, row.agent_id): row for row in rows if row.ended_at is None}
    before = {(row.kind, row.agent_id): row for row in rows if row.ended_at is not None}
    begin, tell, go_on, again = [], [], [], []
    for trouble in {trouble.key: trouble for trouble in troubles}.values():
        row, last = is_open.get(trouble.key), before.get(trouble.key)
        if row is None and last is not None and _is_the_same(last, now):
            go_on.append(last.id)
        elif row is None:
            begin.append(trouble.key)
        elif row.told_at is None and is_settled and _is_ripe(trouble, row, now) and _may_tell(last, now):
            tell.append(row.id)
        elif row.told_at is not None and is_settled and _is_due_again(trouble, row.told_at, now):
            again.append(row.id)
    goes_on: set[tuple[str, int]] = {trouble.key for trouble in troubles} | set(unsure)
    end = [row.id for key, row in is_open.items() if key not in goes_on]
    return Decision(tuple(begin), tuple(tell), tuple(end), tuple(go_on), tuple(again))


def _is_ripe(trouble: Trouble, row: Known, now: datetime) -> bool:
    if trouble.count < 1:
        return False
    patience = PATIENCE
    if trouble.kind is Kind.BOOKINGS_WAIT and trouble.count >= MANY_BOOKINGS:
        patience = PATIENCE_FOR_MANY
    if trouble.kind is Kind.CALENDAR_UNREADABLE:
        patience = SEEN_FOR
    return now - row.began_at >= patience


def _is_due_again(trouble: Trouble, told_at: datetime, now: datetime) -> bool:
    return trouble.count > 0 and trouble.again_at is not None and told_at < trouble.again_at <= now


def _is_the_same(last: Known, now: datetime) -> bool:
    """Whether it came back before anybody could be told that it is over."""
    return last.told_at is not None and last.ended_at is not None and now - last.ended_at < CALM


def _may_tell(last: Known | None, now: datetime) -> bool:
    """Not twice within an hour: the newest mail was the one that said it was over."""
    return last is None or last.ended_at is None or now - (last.ended_at + CALM) >= SELDOM
