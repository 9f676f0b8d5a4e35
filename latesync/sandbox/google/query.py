"""What an events.list asks for, and what it refuses (google-calendar.md Y3-Y11)."""

import math
from dataclasses import dataclass

from .errors import ApiError, Json, invalid
from .moments import DAY_S
from .state import Calendar, State
from .tokens import SyncToken, fingerprint

# Y3: refused together with a sync token.
_NOT_WITH_TOKEN = (
    "iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "timeMin", "timeMax",
    "updatedMin",
)  # fmt: skip
# Y5: a first listing with one of these gives no sync token.
_NO_TOKEN_WITH = (
    "orderBy", "q", "privateExtendedProperty", "sharedExtendedProperty", "updatedMin", "iCalUID",
)  # fmt: skip


@dataclass(frozen=True)
class Query:
    """One listing, from its parameters.

    since: an incremental listing shows changes after this number.
    horizon_ts: how far endless series are expanded.
    """

    parameters: Json
    role: str
    since: int | None
    after_ts: float
    before_ts: float
    horizon_ts: float

    @property
    def incremental(self) -> bool:
        return self.since is not None

    @property
    def single(self) -> bool:
        # X2: who sees free/busy only always gets the expanded view.
        return bool(self.parameters.get("singleEvents")) or self.role == "freeBusyReader"

    @property
    def shows_deleted(self) -> bool:
        return self.incremental or "updatedMin" in self.parameters or bool(self.parameters.get("showDeleted"))

    def includes_span(self, start_ts: float, end_ts: float) -> bool:
        """Both bounds are exclusive (Y11)."""
        return end_ts > self.after_ts and start_ts < self.before_ts


def read_query(
    state: State, calendar: Calendar, parameters: Json, role: str, sync: SyncToken | None
) -> Query:
    window = [parameters.get("timeMin"), parameters.get("timeMax")]
    if sync and state.switches.token_bounds_single_events:
        window = sync.window
    after = -math.inf if window[0] is None else window[0]
    before = math.inf if window[1] is None else window[1]
    if before <= after:
        raise ApiError(400, "timeRangeEmpty", "The specified time range is empty.", domain="calendar")
    if parameters.get("orderBy") == "startTime" and not parameters.get("singleEvents"):
        message = "The requested ordering is not available for the particular query."
        raise ApiError(400, "badRequest", message, location="orderBy")
    if any("=" not in text for text in _properties(parameters)):
        raise invalid("An extended property filter is name=value.")
    oldest = parameters.get("updatedMin")
    if oldest is not None and oldest < state.now() - state.switches.updated_min_days * DAY_S:
        message = "The requested minimum modification time lies too far in the past."
        raise ApiError(410, "updatedMinTooLongAgo", message, domain="calendar", location="updatedMin")
    horizon = state.now() + state.switches.expansion_days * DAY_S
    return Query(parameters, role, sync.number if sync else None, after, before, min(before, horizon))


def read_sync_token(state: State, calendar: Calendar, parameters: Json) -> SyncToken | None:
    """Raises ApiError: 400 for parameters that do not go with a token, 410 for a dead one (Y3, Y9)."""
    text = parameters.get("syncToken")
    if text is None:
        return None
    for name in _NOT_WITH_TOKEN:
        if name in parameters:
            raise ApiError(400, "badRequest", f"{name} cannot be used with a sync token.", location=name)
    if parameters.get("showDeleted") is False:
        raise ApiError(400, "badRequest", "Sync tokens always show what was deleted.", location="showDeleted")
    token = SyncToken.read(text)
    life = state.switches.sync_token_life_days
    dead = (
        token is None
        or token.calendar_id != calendar.id
        or token.age != calendar.token_age
        or token.number < calendar.vanished_through
        or (life is not None and token.made_ts < state.now() - life * DAY_S)
    )
    if token is None or dead:
        raise _gone(state)
    if state.switches.token_fixes_parameters and token.fixed != _fixed(parameters):
        raise ApiError(400, "badRequest", "The parameters differ from the listing that gave the sync token.")
    return token


def next_token(
    state: State, calendar: Calendar, parameters: Json, upto: int, sync: SyncToken | None
) -> SyncToken | None:
    """The token for the next listing; None where this one yields none (Y5)."""
    if any(name in parameters for name in _NO_TOKEN_WITH):
        return None
    first = sync.window if sync else [parameters.get("timeMin"), parameters.get("timeMax")]
    return SyncToken(calendar.id, upto, state.now(), calendar.token_age, _fixed(parameters), first)


def _gone(state: State) -> ApiError:
    if state.switches.bare_gone:
        return ApiError(410, "gone", "Gone")
    message = "Sync token is no longer valid, a full sync is required."
    return ApiError(410, "fullSyncRequired", message, domain="calendar", location="syncToken")


def _fixed(parameters: Json) -> str:
    """What must stay the same from one incremental listing to the next (Y4)."""
    chosen = {
        name: parameters.get(name)
        for name in ("singleEvents", "eventTypes", "showHiddenInvitations")
        if parameters.get(name)
    }
    return fingerprint(chosen)


def _properties(parameters: Json) -> list[str]:
    return [*parameters.get("privateExtendedProperty", ()), *parameters.get("sharedExtendedProperty", ())]
