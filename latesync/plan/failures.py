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
    CLIENT_DELETED = "client_deleted"
    CLIENT_UNAUTHORIZED = "client_unauthorized"
    SECRET_EXPIRED = "secret_expired"  # noqa: S105 - the name of a problem
    TENANT_MISMATCH = "tenant_mismatch"
    WRONG_PLATFORM = "wrong_platform"
    API_DISABLED = "api_disabled"
    PROJECT_CLOSED = "project_closed"
    ORG_BLOCKED = "org_blocked"
    ORG_INTERNAL = "org_internal"
    REDIRECT_MISMATCH = "redirect_mismatch"  # met when somebody signs in, never by a run
    REQUEST_REFUSED = "request_refused"
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
# What the provider's word for a refused client or project asks of the operator (google-calendar.md §6, §7
# and §18; C3 for deleted clients, C4 for the API). Whatever stands not here: the file itself is not accepted.
_OF_CLIENT = {
    "deleted_client": Problem.CLIENT_DELETED,
    "disabled_client": Problem.CLIENT_DELETED,
    "unauthorized_client": Problem.CLIENT_UNAUTHORIZED,
    "accessNotConfigured": Problem.API_DISABLED,
    "SERVICE_DISABLED": Problem.API_DISABLED,
    "calendar_api_off": Problem.API_DISABLED,
    "CONSUMER_SUSPENDED": Problem.PROJECT_CLOSED,
    "CONSUMER_INVALID": Problem.PROJECT_CLOSED,
    "BILLING_DISABLED": Problem.PROJECT_CLOSED,
    "admin_policy_enforced": Problem.ORG_BLOCKED,
    "domainPolicy": Problem.ORG_BLOCKED,
    "org_internal": Problem.ORG_INTERNAL,
    "redirect_uri_mismatch": Problem.REDIRECT_MISMATCH,
    "redirect_mismatch": Problem.REDIRECT_MISMATCH,
    "invalid_request": Problem.REQUEST_REFUSED,
    "invalid_scope": Problem.REQUEST_REFUSED,
    "unsupported_grant_type": Problem.REQUEST_REFUSED,
    # Microsoft's numbers (microsoft-graph.md §5): its words for them are shared by many.
    "AADSTS7000222": Problem.SECRET_EXPIRED,
    "AADSTS50194": Problem.TENANT_MISMATCH,
    "AADSTS700016": Problem.TENANT_MISMATCH,
    "AADSTS90002": Problem.TENANT_MISMATCH,
    "AADSTS900021": Problem.TENANT_MISMATCH,
    "AADSTS9002331": Problem.TENANT_MISMATCH,
    "AADSTS9002332": Problem.TENANT_MISMATCH,
    "AADSTS9002327": Problem.WRONG_PLATFORM,
    "AADSTS7000218": Problem.WRONG_PLATFORM,
    "AADSTS700084": Problem.WRONG_PLATFORM,
    "AADSTS90094": Problem.ORG_BLOCKED,
    "AADSTS90095": Problem.ORG_BLOCKED,
    "AADSTS53003": Problem.ORG_BLOCKED,
    "AADSTS530032": Problem.ORG_BLOCKED,
    "AADSTS50011": Problem.REDIRECT_MISMATCH,
    "AADSTS500112": Problem.REDIRECT_MISMATCH,
    "AADSTS500113": Problem.REDIRECT_MISMATCH,
    "AADSTS900971": Problem.REDIRECT_MISMATCH,
    "AADSTS70011": Problem.REQUEST_REFUSED,
    "AADSTS28002": Problem.REQUEST_REFUSED,
    "AADSTS9002313": Problem.REQUEST_REFUSED,
}
# The operator's, one alarm for all accounts of the client. Those of runs end with the next success of each
# account that met them; a wrong redirect shows only when somebody signs in, and ends there.
CLIENT_PROBLEMS = frozenset({Problem.CLIENT_REJECTED, *_OF_CLIENT.values()})
CLIENT_PROBLEMS_OF_RUNS = CLIENT_PROBLEMS - {Problem.REDIRECT_MISMATCH}
# An access token lives for an hour (google-calendar.md T2): so long may a refused client seem to work.
TOKEN_LIFE = timedelta(hours=1)
_OURS_TO_MEND = frozenset(
    reason for reason, problem in _OF_CLIENT.items() if problem is Problem.REQUEST_REFUSED
)
# A sign-in whose key is gone is renewed by the agent; the worker sees by itself when the key is back.
LOST_KEY_PAUSE = timedelta(hours=6)
USAGE_PAUSE = timedelta(hours=1)  # use limits take hours to recover (google-calendar.md Q4)


def client_problem(reason: str) -> Problem:
    """What is wrong with a client that was refused for this reason, a provider's code."""
    return _OF_CLIENT.get(reason, Problem.CLIENT_REJECTED)


def client_works_for_others(refused_since: datetime | None, others_good_at: datetime | None) -> bool:
    """Whether a client that an account was refused with still does for the other accounts.

    others_good_at: the newest success of another account with the same client.
    """
    if refused_since is None or others_good_at is None:
        return False
    return others_good_at - refused_since > TOKEN_LIFE


def who_acts_next(
    error: LateSyncError,
    *,
    now: datetime,
    failures: int,
    spread: float,
    new_sign_in_helps: bool = False,
) -> Verdict:
    """Everything ends in one answer (law L8).

    failures: in a row, this one included. spread: 0 to 1, drawn by the caller, so that many accounts
    do not come back in the same second. new_sign_in_helps: a refused client is out of use, or refused to this
    account alone: the operator has done their part.
    """
    match error:
        case ClientRejected(reason=reason) if new_sign_in_helps and reason not in _OURS_TO_MEND:
            return Verdict(Who.AGENT, Problem.SIGN_IN_AGAIN, None)
        case AuthorizationLost(reason=reason) if _OF_CLIENT.get(reason) is Problem.ORG_BLOCKED:
            # A rule of the organisation stands in the way: its administrator acts next, asked by the owner
            # (microsoft-graph.md §5). The sign-in mostly lives, so it is tried again; where it does not, a
            # new one is the way back, and before the rule is lifted it would fail alike.
            return Verdict(Who.OPERATOR, Problem.ORG_BLOCKED, _operator_retry(now, failures, spread))
        case AuthorizationLost():
            return Verdict(Who.AGENT, Problem.SIGN_IN_AGAIN, None)
        case CalendarLost():
            return Verdict(Who.AGENT, Problem.CALENDAR_LOST, now + LONGEST_PAUSE)
        case ClientRejected(reason=reason):
            return Verdict(Who.OPERATOR, client_problem(reason), _operator_retry(now, failures, spread))
        case SecretUnreadable():
            return Verdict(Who.OPERATOR, Problem.SECRET_UNREADABLE, now + LOST_KEY_PAUSE * (1 + spread))
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
