"""A reset, worked off inside its account's run; and the look beforehand at what it would do."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import Enum

from latesync.booking_parts import booking_of
from latesync.errors import CalendarLost, SiteError
from latesync.model import Booking, Mapping, MappingState, Snapshot
from latesync.options import NextSync, ResetEvents
from latesync.plan.content import event_key
from latesync.plan.left_out import stay_out_hashes
from latesync.plan.reset import (
    CalendarsSeen,
    ListedEvent,
    NextBookings,
    ResetPlan,
    Whose,
    bookings_with_event,
    listed_event,
    plan_bookings,
    plan_reset,
)
from latesync.providers.base import CalendarProvider
from latesync.sentences.reset_sentences import PreviewCounts
from latesync.store import calendars, choices, fingerprints, held, left_out, mappings, resets
from latesync.store.accounts import AccountRow
from latesync.store.left_out import LeftOut
from latesync.store.resets import ResetRow, ResetWish
from latesync.sync.busy_time import publish_agent
from latesync.sync.parts import Brake, RunCounts, SyncParts
from latesync.sync.reset_deleting import DeletingStopped, EventDeleter
from latesync.times import Zone

log = logging.getLogger(__name__)

# A listing from here on shows everything that stands; our events are as old as our first run at most.


class Afterwards(Enum):
    """How the run goes on."""

    OUTBOUND = "outbound"  # no reset is open any more
    LATER = "later"  # it goes on with the next run; nothing outbound happens before
    DISCONNECT = "disconnect"  # the events are gone, and the account is to be disconnected


@dataclass(frozen=True)
class Preview:
    """What a reset would do, and why. busy: how many busy times the booking form loses for a moment."""

    wish: ResetWish
    plan: ResetPlan
    bookings: NextBookings
    busy: int

    @property
    def counts(self) -> PreviewCounts:
        return PreviewCounts(
            upcoming=self.plan.upcoming,
            past=self.plan.past,
            doubles=self.plan.doubles,
            ours_left=len(self.plan.untouched),
            others=self.plan.others,
            busy=self.busy,
            left_out=len(self.bookings.left_out),
            coming=len(self.bookings.coming),
        )


def work_off(
    parts: SyncParts, account: AccountRow, provider: CalendarProvider, brake: Brake, counts: RunCounts
) -> Afterwards:
    """Go on with the account's open reset, if there is one. Mails nobody (design.md §9, L10).

    Each deletion is recorded at once; whatever ends the run, the next one looks at the calendars anew and
    goes on with what still stands. Raises what the site or the provider raises.
    """
    job = resets.open_reset(parts.database, account.id)
    if job is None:
        return Afterwards.OUTBOUND
    after = _Work(parts, account, provider, brake, counts, job).go_on()
    log.info("reset worked at account=%d reset=%d then=%s", account.id, job.id, after.value)
    return after


def read_preview(
    parts: SyncParts, account: AccountRow, provider: CalendarProvider, wish: ResetWish
) -> Preview:
    """What a reset would do now. Changes nothing. Raises SiteError, ProviderError."""
    known = left_out.read_every_mapping(parts.database, account.id)
    seen = _look(parts, account, provider, known)
    plan = _plan(parts, account, wish.events, seen, known)
    busy = calendars.count_slots(parts.database, account.id) if wish.events.clears_busy else 0
    if wish.events is ResetEvents.DOUBLES or wish.then_disconnect or not account.is_written:
        return Preview(wish, plan, NextBookings(), busy)
    snapshot = _read_snapshot(parts, account.agent_id)
    with_event = bookings_with_event(plan, known, seen)
    if wish.next is NextSync.ALL and not wish.events.deletes:
        # Waits until it changes, whatever is chosen here.
        with_event |= {row.booking_id for row in known if row.state is MappingState.SET_ASIDE}
    return Preview(wish, plan, plan_bookings(snapshot, with_event, wish.next, wish.newest_booking_id), busy)


def counted_together(previews: Sequence[Preview]) -> PreviewCounts:
    """Of all of an agent's accounts; bookings come, or stay out, in the one that is written to."""
    each = [preview.counts for preview in previews]
    return PreviewCounts(
        **{field.name: sum(getattr(counts, field.name) for counts in each) for field in fields(PreviewCounts)}
    )


def count_upcoming(parts: SyncParts, agent_id: int) -> int | None:
    """How many bookings a first sign-in would bring; None while the site cannot be read."""
    try:
        snapshot = _read_snapshot(parts, agent_id)
    except SiteError:
        return None
    return len(plan_bookings(snapshot, (), NextSync.ALL, None).coming)


def newest_booking_id(parts: SyncParts) -> int | None:
    """The site's newest booking now: what is made later is new. None while the site cannot be read."""
    try:
        return parts.site.newest_booking(0)[0]
    except SiteError:
        return None


@dataclass
class _Work:
    parts: SyncParts
    account: AccountRow
    provider: CalendarProvider
    brake: Brake
    counts: RunCounts
    job: ResetRow
    known: list[Mapping] = field(default_factory=list)
    hashes: dict[int, str] = field(default_factory=dict)  # of the bookings that stay out

    def go_on(self) -> Afterwards:
        parts, wish = self.parts, self.job.wish
        self.known = left_out.read_every_mapping(parts.database, self.account.id)
        # Leaving needs no site that answers.
        snapshot = _read_snapshot(parts, self.account.agent_id) if self._leaves_out else None
        seen = _look(parts, self.account, self.provider, self.known) if self._must_look else None
        plan = _plan(parts, self.account, wish.events, seen or CalendarsSeen(), self.known)
        deleter = EventDeleter(parts, self.account, self.provider, self.brake, self.counts, self.job)
        self.hashes = self._hashes(snapshot)
        deleter.begin(plan, self.hashes)
        try:
            deleter.delete_all()
        except DeletingStopped as stopped:
            return Afterwards.OUTBOUND if stopped.is_cancelled else Afterwards.LATER
        if wish.then_disconnect:
            return Afterwards.DISCONNECT
        if wish.events.clears_busy:
            self._clear_busy()
        with_event = bookings_with_event(plan, self.known, seen) | deleter.refused
        self._finish(plan, seen, snapshot, with_event)
        return Afterwards.OUTBOUND

    @property
    def _must_look(self) -> bool:
        """What stands is looked up wherever anything follows from it: our memory may be older than that."""
        events = self.job.wish.events
        return events.deletes or events is ResetEvents.DOUBLES or self._leaves_out

    @property
    def _leaves_out(self) -> bool:
        wish = self.job.wish
        is_about_bookings = wish.events is not ResetEvents.DOUBLES and not wish.then_disconnect
        return is_about_bookings and wish.next is NextSync.NEW and self.account.is_written

    def _hashes(self, snapshot: Snapshot | None) -> dict[int, str]:
        """Of the bookings that stay out once they have no event, by booking."""
        if snapshot is None:
            return {}
        left = plan_bookings(snapshot, (), NextSync.NEW, self.job.wish.newest_booking_id).left_out
        held_ids = {booking_of(key[0]) for key in held.read_known(self.parts.database, self.account.id)}
        return stay_out_hashes(left, self.known, held_ids)

    def _clear_busy(self) -> None:
        """The form shows nothing of this account's calendars; the next look reads them from the beginning."""
        parts, account = self.parts, self.account
        with parts.database.write() as connection:
            calendars.clear_calendars(connection, account.id)
        added, removed = publish_agent(parts, account.agent_id)
        calendars.record_published(parts.database, account.id)
        self.counts.busy_added += added
        self.counts.busy_removed += removed

    def _finish(
        self,
        plan: ResetPlan,
        seen: CalendarsSeen | None,
        snapshot: Snapshot | None,
        with_event: Collection[int],
    ) -> None:
        wish, account, now = self.job.wish, self.account, self.parts.clock()
        with self.parts.database.write() as connection:
            if not resets.finish_reset(connection, self.job, now):
                return
            if seen is not None and wish.events.deletes:
                gone = _without_event(self.known, plan, seen, with_event)
                left_out.record_given_up(connection, dict.fromkeys(gone), now)
            if snapshot is not None:
                bookings = plan_bookings(snapshot, with_event, wish.next, wish.newest_booking_id)
                rows = [_left_out(account, booking, self.hashes[booking.id]) for booking in bookings.left_out]
                left_out.record_left_out(connection, account.site_id, account.id, rows, now)
            elif wish.events is not ResetEvents.DOUBLES:
                left_out.take_in_again(connection, account.id, now)
            if wish.events.clears_busy:
                fingerprints.pull_inbound_forward(connection, account.site_id, account.id, now)


def _read_snapshot(parts: SyncParts, agent_id: int) -> Snapshot:
    """With the statuses that the owner added to those wanted anyway, as plans have it. Raises SiteError."""
    snapshot = parts.site.read_snapshot(agent_id)
    also_wanted = choices.read_event_statuses(parts.database, parts.site_id).also_wanted
    return replace(snapshot, wanted_statuses=snapshot.wanted_statuses | also_wanted)


def _look(
    parts: SyncParts, account: AccountRow, provider: CalendarProvider, known: Collection[Mapping]
) -> CalendarsSeen:
    """List every calendar in which an event of ours may stand, from the beginning. Raises ProviderError."""
    ids, zone = {mapping.event_id for mapping in known}, _zone(parts)
    events: list[ListedEvent] = []
    out_of_reach: set[str] = set()
    others = 0
    written = {account.write_calendar_id} if account.is_written else set()
    for calendar_id in sorted(written | {mapping.calendar_id for mapping in known}):
        try:
            for event in provider.list_everything(calendar_id):
                listed = listed_event(calendar_id, event, zone)
                if listed is not None and (listed.marker is not None or ids.intersection(listed.names)):
                    events.append(listed)
                elif listed is not None:
                    others += 1
        except CalendarLost:
            out_of_reach.add(calendar_id)
            events = [event for event in events if event.calendar_id != calendar_id]
    return CalendarsSeen(tuple(events), others, frozenset(out_of_reach))


def _plan(
    parts: SyncParts,
    account: AccountRow,
    events: ResetEvents,
    seen: CalendarsSeen,
    known: Collection[Mapping],
) -> ResetPlan:
    listed = {event.event_id for event in seen.events}
    mapped = mappings.mappings_of_events(parts.database, parts.site_id, listed)
    return plan_reset(
        events,
        seen,
        known,
        Whose(parts.site_id, account.agent_id, account.subject),
        now=parts.clock(),
        of_others={key for key, mapping in mapped.items() if mapping.account_id != account.id},
    )


def _without_event(
    known: Collection[Mapping], plan: ResetPlan, seen: CalendarsSeen, with_event: Collection[int]
) -> list[int]:
    """Mappings whose event a complete listing did not show: somebody had deleted it, or it was never made."""
    deleted = {verdict.mapping.id for verdict in plan.deletions if verdict.mapping is not None}
    in_force = (MappingState.INTENT, MappingState.LIVE, MappingState.SET_ASIDE)
    return [
        mapping.id
        for mapping in known
        if mapping.state in in_force
        and mapping.id not in deleted
        and mapping.booking_id not in with_event
        and mapping.calendar_id not in seen.out_of_reach
    ]


def _left_out(account: AccountRow, booking: Booking, row_hash: str) -> LeftOut:
    return LeftOut(
        booking_id=booking.id,
        agent_id=booking.agent_id,
        calendar_id=account.write_calendar_id,
        event_id=event_key(account.site_id, booking.id, booking.agent_id, account.subject, 0),
        span=booking.span,
        row_hash=row_hash,
    )


def _zone(parts: SyncParts) -> Zone:
    """For telling past all-day events from upcoming ones; a site that does not answer holds up no leaving."""
    try:
        return parts.site.zone()
    except SiteError:
        return Zone("UTC")
