"""Mails that Exchange would have sent: recorded, never sent (microsoft-graph.md V1-V3)."""

from .errors import Json
from .graph_state import Item, Mailbox


def guests_of(mailbox: Mailbox, resource: Json | None) -> set[str]:
    """Everyone invited but the mailbox's own person."""
    attendees = (resource or {}).get("attendees") or []
    return {one["emailAddress"]["address"] for one in attendees} - {mailbox.address}


def record_invitation(mailbox: Mailbox, item: Item) -> None:
    """V1: a new event with attendees always invites them."""
    _record(mailbox, item, "invitation", guests_of(mailbox, item.resource))


def record_update(mailbox: Mailbox, item: Item, before: Json, body: Json) -> None:
    """V2: a change of attendees alone tells those only whom it concerns; any other tells all."""
    had, have = guests_of(mailbox, before), guests_of(mailbox, item.resource)
    _record(mailbox, item, "invitation", have - had)
    _record(mailbox, item, "cancellation", had - have)
    if set(body) - {"attendees"}:
        _record(mailbox, item, "update", had & have)


def record_cancellation(mailbox: Mailbox, item: Item) -> None:
    """V3."""
    _record(mailbox, item, "cancellation", guests_of(mailbox, item.resource))


def _record(mailbox: Mailbox, item: Item, kind: str, to: set[str]) -> None:
    if to:
        mailbox.mails.append(
            {"time": mailbox.now(), "kind": kind, "event_id": item.id, "to": sorted(to)},
        )
