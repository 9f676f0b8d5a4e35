"""What a listing says about events of ours: noted for the next outbound plan, and put in order."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from latesync.booking_parts import is_buffer
from latesync.errors import CalendarLost, EventNotFound, EventRefused
from latesync.model import (
    OTHER_CALENDAR,
    UNANSWERED,
    UNWITNESSED,
    CalendarItem,
    ChangePage,
    Drift,
    Event,
    Mapping,
    MappingState,
)
from latesync.options import DriftPolicy
from latesync.plan.drift import OwnEventSeen, judge_own_event
from latesync.plan.inbound import InboundPlan
from latesync.providers.base import CalendarProvider
from latesync.store import choices, comparisons, drift, mappings
from latesync.store.accounts import AccountRow
from latesync.store.calendars import CalendarRow
from latesync.sync.noting import note_own_event, note_refused
from latesync.sync.parts import SyncParts
from latesync.sync.recording import note_strays

log = logging.getLogger(__name__)


@dataclass
class InboundResult:
    """has_news: busy time may have to be published. has_drift: an event of ours was changed.

    refusals: changes of those that are not taken over, and of which the agent is told.
    changed_at: when others' events changed, as far as listings of changes say so.
    changed: by calendar, the ids, and the roots, of what a listing of changes showed. listed_anew: calendars
      that were listed as a whole.
    """

    has_news: bool = False
    has_drift: bool = False
    lost_calendars: int = 0
    refusals: int = 0
    changed_at: list[datetime] = field(default_factory=list)
    changed: dict[int, set[str]] = field(default_factory=dict)
    listed_anew: set[int] = field(default_factory=set)


def changes_of(page: ChangePage, plan: InboundPlan) -> list[datetime]:
    """When what makes busy time new changed, where the provider says so."""
    return [
        event.updated_at
        for event in page.events
        if event.updated_at is not None
        and (event.item.event_id in plan.recompute or event.item.series_id in plan.recompute)
    ]


def note_moved_away(parts: SyncParts, plan: InboundPlan, result: InboundResult) -> None:
    """An event that went into another calendar is no wish to cancel its booking, though its own calendar
    says "deleted", now or before."""
    for mapping in plan.moved_away:
        if mapping.drift_refused != OTHER_CALENDAR:
            is_told = not is_buffer(mapping.booking_id) and (
                choices.read_drift_policy(parts.database, parts.site_id) is DriftPolicy.APPLY
            )
            note_refused(parts, mapping, wish="cancel", reason=OTHER_CALENDAR, is_told=is_told)
            result.refusals += is_told


def note_outdated(parts: SyncParts, plan: InboundPlan) -> None:
    ids = [mapping.id for mapping in plan.outdated if mapping.drift_refused != UNANSWERED]
    if ids:
        drift.record_unanswered(parts.database, ids, parts.clock())


def delete_strays(
    parts: SyncParts,
    account: AccountRow,
    row: CalendarRow,
    provider: CalendarProvider,
    plan: InboundPlan,
    events: Iterable[Event],
) -> None:
    """events: of the page the plan is about; their markers say which bookings the strays were for."""
    bookings = {event.item.event_id: event.marker.booking_id for event in events if event.marker is not None}
    deleted: list[int] = []
    for event_id in plan.strays:
        # One that is gone again, or that we may not touch, is nobody's concern.
        with suppress(EventNotFound, EventRefused, CalendarLost):
            provider.delete_event(row.calendar_id, event_id)
            deleted += [bookings[event_id]] if event_id in bookings else []
            log.info("stray event deleted account=%d calendar=%d", account.id, row.id)
    note_strays(parts, account.agent_id, account.id, deleted)


def ask_for_missing(
    parts: SyncParts,
    account: AccountRow,
    row: CalendarRow,
    provider: CalendarProvider,
    since: datetime,
    until: datetime | None,
    shown: set[str],
    result: InboundResult,
) -> None:
    """Ask by id for each event of ours that a full listing did not show.

    It shows nothing that was deleted (google-calendar.md X5), and absence must be proved. until: what begins
    then or later it did not have to show.
    """
    for mapping in mappings.read_mappings(parts.database, account.id):
        is_elsewhere = mapping.calendar_id != row.calendar_id or mapping.span.end <= since
        is_elsewhere |= until is not None and mapping.span.start >= until
        if is_elsewhere or mapping.event_id in shown or not mapping.etag or mapping.drift is Drift.DELETED:
            continue
        try:
            event = provider.confirm_removed(row.calendar_id, mapping.event_id)
        except EventNotFound:
            if follow_moved(parts, account, mapping, provider, result):
                continue
            event = Event(CalendarItem(mapping.event_id, None, None, is_cancelled=True), etag="")
        seen = judge_own_event(mapping, event)
        note_own_events(parts, account, [seen] if seen is not None else [], result, is_full=True)


def follow_moved(
    parts: SyncParts,
    account: AccountRow,
    mapping: Mapping,
    provider: CalendarProvider,
    result: InboundResult,
) -> bool:
    """Whether an event of ours that left its calendar was moved to another one of the account.

    Then that is where it stands, and no wish: the next plan takes it back as it does where another calendar
    was chosen, with the lines the agent wrote.
    """
    if mapping.account_id != account.id or mapping.state is not MappingState.LIVE or not mapping.etag:
        return False
    found = provider.find_moved(mapping.calendar_id, mapping.event_id)
    if found is None:
        return False
    calendar_id, event = found
    mappings.record_moved(
        parts.database,
        mapping.id,
        calendar_id,
        etag=event.etag,
        has_agent_notes=bool(event.agent_notes),
        now=parts.clock(),
    )
    result.has_drift = True
    log.info("event was moved to another calendar account=%d booking=%d", account.id, mapping.booking_id)
    return True


@dataclass
class RemovalCheck:
    """Asks for our events by id where a listing's "removed" may mean no more than "out of the listed span"
    (microsoft-graph.md D5). For one round of one calendar."""

    provider: CalendarProvider
    calendar_id: str
    gone: set[str] = field(default_factory=set)  # of the last page
    _repeated: set[str] = field(default_factory=set)  # those that became series, of which many pages tell

    def look(self, events: Iterable[Event], asked: Collection[str]) -> tuple[Event, ...]:
        """The events, those asked for as they stand. Raises what confirm_removed does, but EventNotFound."""
        listed = {event.item.event_id: event for event in events}
        self.gone.clear()
        for event_id in sorted(set(asked) - self._repeated):
            if event_id not in listed:
                self._repeated.add(event_id)
            try:
                listed[event_id] = self.provider.confirm_removed(self.calendar_id, event_id)
            except EventNotFound:
                self.gone.add(event_id)
        return tuple(listed.values())


def note_own_events(
    parts: SyncParts,
    account: AccountRow,
    own: Iterable[OwnEventSeen],
    result: InboundResult,
    *,
    is_full: bool,
) -> None:
    """is_full: everything was listed, after a return or a lost token: what differs then was maybe done while
    nobody listened, or in another life of this state, and no booking follows it. The same goes for every
    change while the state may be older than the calendars; most will be our own, and nobody is told."""
    may_be_older = comparisons.may_be_older(account.compared_at)
    for seen in own:
        result.has_drift |= seen.drift is not None
        note_own_event(parts, seen, refused=UNWITNESSED if is_full or may_be_older else None)
        if is_full and seen.drift is not None and not may_be_older:
            _tell_unwitnessed(parts, account, seen, result)


def _tell_unwitnessed(
    parts: SyncParts, account: AccountRow, seen: OwnEventSeen, result: InboundResult
) -> None:
    """The agent, where they would otherwise have seen the booking follow."""
    if choices.read_drift_policy(parts.database, parts.site_id) is not DriftPolicy.APPLY:
        return
    known = {mapping.id: mapping for mapping in mappings.read_mappings(parts.database, account.id)}
    mapping = known.get(seen.mapping_id)
    if mapping is None or mapping.drift_refused != UNWITNESSED or is_buffer(mapping.booking_id):
        return
    if seen.drift is Drift.DELETED or seen.drift_span is not None:
        moved_to = seen.drift_span.start if seen.drift_span else None
        wish = "cancel" if seen.drift is Drift.DELETED else "move"
        note_refused(parts, mapping, wish=wish, reason=UNWITNESSED, is_told=True, wanted_starts_at=moved_to)
        result.refusals += 1
