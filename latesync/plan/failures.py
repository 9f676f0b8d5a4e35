"""Who acts next after a failure (design.md §7), and when the machine tries again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from latesync.errors import (
    AuthorizationLost,
    BridgeRejected,
    BridgeTableMissing,
    BridgeUnavailable,
    CalendarLost,
    ClientRejected,
    EventRefused,
    LateSyncError,
    RateLimited,
    SchemaNotUnderstood,
    SecretUnreadable,
    SiteError,
    SyncTokenExpired,
    UsageLimited,
)


class Who(StrEnum):
    MACHINE = "machine"
    AGENT = "agent"
    OPERATOR = "operator"
    NOBODY = "nobody"


class Problem(StrEnum):
    """Codes kept beside an account, calendar, client or site; messages.py has their sentences."""

    PROVIDER_UNAVAILABLE = "provider_unavailable"
    RATE_LIMITED = "rate_limited"
    USAGE_LIMITED = "usage_limited"
    DAILY_LIMIT = "daily_limit"
    SIGN_IN_AGAIN = "sign_in_again"
    CLIENT_REJECTED = "client_rejected"
    API_DISABLED = "api_disabled"
    CALENDAR_LOST = "calendar_lost"
    EVENT_REFUSED = "event_refused"
    SITE_UNAVAILABLE = "site_unavailable"
    SCHEMA_NOT_UNDERSTOOD = "schema_not_understood"
    BRIDGE_TABLE_MISSING = "bridge_table_missing"
    PLUGIN_UNAVAILABLE = "plugin_unavailable"
    PLUGIN_REJECTED = "plugin_rejected"
    INTERNAL_ERROR = "internal_error"
    SECRET_UNREADABLE = "secret_unreadable"  # noqa: S105 - the name of a problem


@dataclass(frozen=True, slots=True)
class Verdict:
    """retry_at: when the machine tries by itself again; None when only a person can change anything."""

    who: Who
    problem: Problem
    retry_at: datetime | None


FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=15)  # an outage that ends is noticed within a quarter of an hour
# What an operator mends is picked up without a restart, and a table that is away for a moment (a restore
# swaps tables) is not missed for long: the pauses begin short and grow to this.
OPERATOR_PAUSE = timedelta(minutes=5)
# google-calendar.md C4 and §18: the Calendar API is not enabled in the client's project.
_API_DISABLED = ("accessNotConfigured", "SERVICE_DISABLED")
USAGE_PAUSE = timedelta(hours=1)  # use limits take hours to recover (google-calendar.md Q4)


def who_acts_next(error: LateSyncError, *, now: datetime, failures: int, spread: float) -> Verdict:
    """Everything ends in one answer (law L8).

    failures: in a row, this one included. spread: 0 to 1, drawn by the caller, so that many accounts
    do not come back in the same second.
    """
    match error:
        case AuthorizationLost():
            return Verdict(Who.AGENT, Problem.SIGN_IN_AGAIN, None)
        case CalendarLost():
            return Verdict(Who.AGENT, Problem.CALENDAR_LOST, now + LONGEST_PAUSE)
        case ClientRejected(reason=reason) if reason in _API_DISABLED:
            return Verdict(Who.OPERATOR, Problem.API_DISABLED, _operator_retry(now, failures, spread))
        case ClientRejected():
            return Verdict(Who.OPERATOR, Problem.CLIENT_REJECTED, _operator_retry(now, failures, spread))
        case SecretUnreadable():
            return Verdict(Who.OPERATOR, Problem.SECRET_UNREADABLE, _operator_retry(now, failures, spread))
        case SchemaNotUnderstood():
            return Verdict(
                Who.OPERATOR, Problem.SCHEMA_NOT_UNDERSTOOD, _operator_retry(now, failures, spread)
            )
        case BridgeTableMissing():
            return Verdict(Who.OPERATOR, Problem.BRIDGE_TABLE_MISSING, _operator_retry(now, failures, spread))
        case BridgeRejected():
            return Verdict(Who.OPERATOR, Problem.PLUGIN_REJECTED, _operator_retry(now, failures, spread))
        case EventRefused():
            return Verdict(Who.NOBODY, Problem.EVENT_REFUSED, None)
        case UsageLimited(reason="dailyLimitExceeded"):
            return Verdict(Who.OPERATOR, Problem.DAILY_LIMIT, now + USAGE_PAUSE * (1 + spread))
        case UsageLimited():
            return Verdict(Who.MACHINE, Problem.USAGE_LIMITED, now + USAGE_PAUSE * (1 + spread))
        case RateLimited(retry_at=datetime() as retry_at):
            return Verdict(Who.MACHINE, Problem.RATE_LIMITED, max(retry_at, now) + FIRST_PAUSE * spread)
        case RateLimited():
            return Verdict(Who.MACHINE, Problem.RATE_LIMITED, now + pause_after(failures, spread))
        case SyncTokenExpired():
            return Verdict(Who.MACHINE, Problem.PROVIDER_UNAVAILABLE, now + FIRST_PAUSE)
        case _:
            return Verdict(Who.MACHINE, _machine_problem(error), now + pause_after(failures, spread))


def _operator_retry(now: datetime, failures: int, spread: float) -> datetime:
    return now + min(pause_after(failures, spread), OPERATOR_PAUSE)


def pause_after(failures: int, spread: float) -> timedelta:
    """Truncated exponential pause with jitter (google-calendar.md Q2)."""
    doubled = FIRST_PAUSE * (1 << min(max(failures, 1) - 1, 10))
    return min(doubled, LONGEST_PAUSE) * (0.5 + 0.5 * spread)


def _machine_problem(error: LateSyncError) -> Problem:
    if isinstance(error, BridgeUnavailable):
        return Problem.PLUGIN_UNAVAILABLE
    return Problem.SITE_UNAVAILABLE if isinstance(error, SiteError) else Problem.PROVIDER_UNAVAILABLE
