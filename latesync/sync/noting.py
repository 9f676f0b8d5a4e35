"""What both directions remember of our own events, in one way."""

from __future__ import annotations

from datetime import datetime

from latesync.booking_parts import is_buffer
from latesync.model import Mapping
from latesync.plan.drift import OwnEventSeen
from latesync.store import drift, refusals
from latesync.sync.parts import SyncParts
from latesync.sync.recording import note_drift, note_wish_refused


def note_own_event(parts: SyncParts, seen: OwnEventSeen, *, refused: str | None = None) -> None:
    """The next outbound plan decides what follows. refused: why no booking follows, whatever the policy."""
    with parts.database.write() as connection:
        drift.record_seen(
            connection,
            seen.mapping_id,
            etag=seen.etag,
            has_agent_notes=seen.has_agent_notes,
            drift=seen.drift,
            now=parts.clock(),
            stands_again=seen.stands_again,
            drift_span=seen.drift_span,
            refused=refused,
            event_id=seen.event_id,
        )
        if seen.drift is not None:
            note_drift(parts, connection, seen)


def note_refused(
    parts: SyncParts,
    mapping: Mapping,
    *,
    wish: str,
    reason: str,
    is_told: bool,
    wanted_starts_at: datetime | None = None,
    booking_code: str = "",
) -> None:
    """A drift is not taken over: the next plan puts the event back. is_told: the agent reads why.

    booking_code: where it was read; who shows the refusal asks the site for it otherwise.
    """
    now = parts.clock()
    with parts.database.write() as connection:
        drift.record_drift_refused(connection, mapping.id, reason, now)
        if is_buffer(mapping.booking_id):
            return  # nobody's booking: there is nothing to tell
        note_wish_refused(parts, connection, mapping, wish, reason, wanted_starts_at)
        if is_told:
            refusals.record_refusal(
                connection,
                parts.site_id,
                mapping.agent_id,
                mapping.booking_id,
                wish=wish,
                reason=reason,
                wanted_starts_at=wanted_starts_at,
                now=now,
                booking_code=booking_code,
                starts_at=mapping.span.start,
            )
