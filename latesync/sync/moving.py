"""Takes an event out of an account that is not written to any more, and the agent's own lines along."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import replace
from enum import Enum

from latesync.descriptions import plain_text
from latesync.errors import CalendarLost, EventNotFound, ProviderError, SecretUnreadable
from latesync.model import Mapping
from latesync.plan.content import content_hash
from latesync.plan.drift import shows
from latesync.plan.elsewhere import Elsewhere
from latesync.plan.notes import joined_notes, notes_for
from latesync.plan.operations import DeleteEvent, MovedTo
from latesync.providers.base import CalendarProvider
from latesync.store import drift, mappings, moves
from latesync.store.accounts import AccountRow, active_accounts, read_account
from latesync.sync.parts import SyncParts

log = logging.getLogger(__name__)


OpenedAccounts = dict[int, CalendarProvider | None]  # by account; opening one may cost a request


class Departure(Enum):
    GONE = "gone"
    WAS_GONE = "was gone"
    OUT_OF_REACH = "out of reach"  # its calendar is; what stands in it is not ours to touch any more
    STAYS = "stays"  # its agent's own lines could not be carried over yet


def read_elsewhere(parts: SyncParts, account: AccountRow, known: Collection[Mapping]) -> Elsewhere | None:
    """What stands in the account that is written to; None: this is it.

    known: the account's own. Of what is history there, only these are asked for.
    """
    if account.is_written:
        return None
    others = active_accounts(parts.database, parts.site_id, account.agent_id)
    written = next((other for other in others if other.is_written), None)
    if written is None:
        return Elsewhere()
    there = mappings.read_mappings(parts.database, written.id)
    missing = {mapping.booking_id for mapping in known} - {mapping.booking_id for mapping in there}
    history = mappings.mappings_of_bookings(parts.database, written.id, missing) if missing else {}
    return Elsewhere.of(written.write_calendar_id, [*there, *history.values()])


def take_out(
    parts: SyncParts,
    provider: CalendarProvider,
    account_id: int,
    operation: DeleteEvent,
    opened: OpenedAccounts,
) -> Departure:
    """Delete the event once nothing of its agent's own goes with it. Mails nobody.

    It is looked at first, whatever is known of it: lines may have been added since, or the create was never
    answered. Raises what the provider of this account raises; what the other one's raises is no trouble of
    this account, and lets the event stay.
    """
    mapping = operation.mapping
    try:
        standing = provider.get_event(mapping.calendar_id, mapping.event_id)
        if not _carry(parts, account_id, operation.moved_to, standing.agent_notes, opened):
            # Not touched after all: what happens to it from now on is its agent's doing again.
            drift.withdraw_unanswered(parts.database, {mapping.id: mapping.drift_refused}, parts.clock())
            return Departure.STAYS
        provider.delete_event(mapping.calendar_id, mapping.event_id)
    except EventNotFound:
        return Departure.WAS_GONE
    except CalendarLost:
        return Departure.OUT_OF_REACH
    return Departure.GONE


def _carry(
    parts: SyncParts, account_id: int, moved_to: MovedTo | None, notes: str, opened: OpenedAccounts
) -> bool:
    """Whether the lines stand in the other account's event now."""
    if not plain_text(notes):
        return True
    if moved_to is None or parts.open_account is None:
        return False
    here = read_account(parts.database, account_id)
    there = read_account(parts.database, moved_to.mapping.account_id)
    if here is None or there is None:
        return False
    try:
        if there.id not in opened:
            opened[there.id] = parts.open_account(there)
        provider = opened[there.id]
        if provider is None:
            return False
        _write_notes(parts, provider, moved_to, notes_for(there.provider, notes, here.provider))
    except (ProviderError, SecretUnreadable) as exc:
        log.info("notes wait account=%d to=%d error=%s", account_id, there.id, type(exc).__name__)
        return False
    return True


def _write_notes(parts: SyncParts, provider: CalendarProvider, moved_to: MovedTo, notes: str) -> None:
    """Whatever else the event says stays as it is: were it another, that would look like somebody's edit.

    Raises ProviderError, EventChanged among them.
    """
    mapping, content = moved_to.mapping, moved_to.content
    event = provider.get_event(mapping.calendar_id, mapping.event_id)
    joined = joined_notes(event.agent_notes, notes)
    if joined == event.agent_notes:
        return
    if not shows(event, content_hash(content)):
        if event.content is None:
            raise EventNotFound("calendar", account_id=mapping.account_id, operation="carry_notes")
        # Ours as they stand there: the agent may have moved it, or the owner keeps it as cancelled.
        content = replace(event.content, is_free=event.item.is_free)
    written = provider.update_event(
        mapping.calendar_id, mapping.event_id, content, etag=event.etag, agent_notes=joined
    )
    moves.record_notes_carried(
        parts.database, mapping.id, etag_before=event.etag, etag=written.etag, now=parts.clock()
    )
