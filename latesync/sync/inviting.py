"""Carries out what plan/invitations.py decides, and keeps what it decides from."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from latesync.errors import EventRefused, GuestsRefused
from latesync.model import Booking, Event, EventContent, Mapping, Snapshot
from latesync.plan.event_settings import EventChoices
from latesync.plan.invitations import (
    LEFT_OUT,
    InStep,
    Occasion,
    guest_key,
    has_invitations,
    in_step_from,
    in_step_text,
    invite,
    watched,
)
from latesync.plan.operations import AdoptEvent, CreateEvent, Operation, UpdateEvent
from latesync.providers.base import CalendarProvider
from latesync.store import guests
from latesync.store.accounts import AccountRow
from latesync.store.history import What
from latesync.sync.parts import SyncParts
from latesync.sync.recording import note_done

log = logging.getLogger(__name__)


@dataclass
class Inviter:
    """For one run of one account. in_step: as far as it can be relied upon."""

    parts: SyncParts
    account: AccountRow
    can_be_silent: bool
    in_step: InStep | None

    @classmethod
    def for_run(cls, parts: SyncParts, account: AccountRow, provider: CalendarProvider) -> Inviter:
        """Forgets what was in step where this run catches up: the next one must not take that for news."""
        in_step = watched(
            in_step_from(account.in_step),
            now=parts.clock(),
            looked_at=account.inbound_good_at,
            failing_since=account.problem_since if account.problem else None,
        )
        if account.in_step and in_step is None:
            guests.record_in_step_since(parts.database, account.id, None)
        return cls(parts, account, provider.can_invite_silently, in_step)

    def invite(
        self,
        operations: Sequence[Operation],
        snapshot: Snapshot,
        known: Collection[Mapping],
        choices: EventChoices,
        statuses: frozenset[str],
        decided_ids: Collection[int],
    ) -> list[Operation]:
        looked_up = snapshot.looked_up.items()
        found = {booking_id: row for booking_id, row in looked_up if isinstance(row, Booking)}
        occasion = Occasion(
            now=self.parts.clock(),
            in_step=self.in_step,
            own_addresses=(self.account.email, self.account.write_calendar_id),
            decided_ids=decided_ids,
            can_be_silent=self.can_be_silent,
        )
        return list(invite(operations, known, {**found, **snapshot.bookings}, choices, statuses, occasion))

    def note_in_step(
        self, newest: int, snapshot: Snapshot, choices: EventChoices, statuses: frozenset[str]
    ) -> None:
        """All events are as wanted. newest: the site's highest booking number before this snapshot."""
        if not has_invitations(choices):
            return
        before = self.in_step
        if before is not None and (before.newest, before.statuses) == (newest, statuses):
            return
        self.in_step = InStep(newest, snapshot.window.end, statuses)
        text = in_step_text(self.in_step)
        guests.record_in_step_since(self.parts.database, self.account.id, text)


@dataclass(frozen=True, slots=True)
class Written:
    """content: what of it the provider took. left_out: why not all of it; "" where it did."""

    event: Event
    content: EventContent
    left_out: str = ""


def write_what_is_taken(write: Callable[[EventContent], Event], content: EventContent) -> Written:
    """Write an event, if need be without its guest and its meeting: neither is worth losing it for.

    Raises what the write raises when the event alone is not taken either.
    """
    *wishes, alone = _ever_plainer(content)
    left_out = ""
    for wish in wishes:
        try:
            return Written(write(wish), wish, left_out)
        except (GuestsRefused, EventRefused) as exc:
            left_out = exc.reason or "refused"
    return Written(write(alone), alone, left_out)


def _ever_plainer(content: EventContent) -> Iterator[EventContent]:
    yield content
    if content.guests:
        yield replace(content, guests=())
    if content.wants_meeting:
        yield replace(content, guests=(), wants_meeting=False)


def remember_invitation(
    parts: SyncParts,
    connection: Connection,
    account_id: int,
    operation: Operation,
    mapping_id: int,
    outcome: Written,
) -> None:
    """What was asked of the provider besides our fields, and what came of it; nothing where nothing was."""
    if not isinstance(operation, CreateEvent | AdoptEvent | UpdateEvent):
        return
    asked, written = operation.content, outcome.content
    takes_off = isinstance(operation, UpdateEvent) and operation.takes_guest_off
    if asked.guests or takes_off:
        guests.record_guests(connection, mapping_id, _guests_hash(operation.booking_id, asked, written))
    if asked.guests and written.guests:
        detail = {"mailed": int(operation.is_mailed)}
        note_done(parts, connection, account_id, operation, What.GUEST_INVITED, detail=detail)
    elif asked.guests:
        note_done(parts, connection, account_id, operation, What.GUEST_LEFT_OUT, result=outcome.left_out)
        log.warning("guest left out account=%d booking=%d", account_id, operation.booking_id)
    if asked.wants_meeting:
        word = guests.ASKED if written.wants_meeting else guests.FAILED
        guests.record_meeting(connection, mapping_id, word, parts.clock())


def forget_intention(connection: Connection, mapping_id: int, operation: Operation) -> None:
    """A create was asked for, and what stands there is not ours: its guest may have been mailed."""
    if isinstance(operation, CreateEvent | AdoptEvent) and operation.content.guests:
        key = guest_key(operation.booking_id, operation.content.guests[0])
        guests.record_guests(connection, mapping_id, key)


def _guests_hash(booking_id: int, asked: EventContent, written: EventContent) -> str:
    if written.guests:
        return guest_key(booking_id, written.guests[0])
    return LEFT_OUT + guest_key(booking_id, asked.guests[0]) if asked.guests else ""
