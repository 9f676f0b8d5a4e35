"""Request quotas in sliding one-minute windows of the world's clock (google-calendar.md Q1, Q2, I6, I11)."""

from .errors import ApiError
from .state import State
from .windows import Window

_MINUTE_S = 60.0
_WRITES = frozenset({"events.insert", "events.update", "events.patch", "events.delete", "events.move"})


def units_of(verb: str) -> int:
    return 3 if verb == "PATCH" else 1  # I6


def charge(
    state: State, method_id: str, verb: str, email: str, project: str, calendar_id: str | None
) -> None:
    """Count one request, or refuse it. Raises ApiError 403 or 429."""
    switches = state.switches
    if switches.quotas:
        units = units_of(verb)
        _count(
            state, f"user {project} {email}", units, switches.quota_per_user_minute, "userRateLimitExceeded"
        )
        _count(state, f"project {project}", units, switches.quota_per_project_minute, "rateLimitExceeded")
    if switches.writes_per_calendar_minute is not None and method_id in _WRITES:
        calendar_key = email if calendar_id == "primary" else calendar_id
        _count(state, f"calendar {calendar_key}", 1, switches.writes_per_calendar_minute, "rateLimitExceeded")


def _count(state: State, key: str, units: int, limit: int, reason: str) -> None:
    window = state.windows.setdefault(key, Window(_MINUTE_S))
    if window.spend(state.now(), units, limit):
        return
    status = state.switches.quota_status
    retry_after = state.switches.quota_retry_after_s
    message = "Rate Limit Exceeded" if reason == "rateLimitExceeded" else "User Rate Limit Exceeded"
    raise ApiError(
        status,
        "rateLimitExceeded" if status == 429 else reason,
        message,
        domain="usageLimits",
        headers={} if retry_after is None else {"Retry-After": str(retry_after)},
    )
