"""Note a change: for deltas, for subscribers, and in the item itself. Callers hold the world's lock."""

import hashlib

from .errors import Json
from .graph_state import Calendar, Item, Mailbox
from .notices import tell
from .series import rhythm


def new_change_key(mailbox: Mailbox) -> str:
    """E13: another one after every edit, in this mailbox."""
    digest = hashlib.sha256(f"{mailbox.secret} {mailbox.next_number()}".encode()).hexdigest()
    return f"{digest[:24]}AAA"


def keep(mailbox: Mailbox, item: Item, change: str) -> None:
    """change: "created" or "updated"."""
    item.change_key = new_change_key(mailbox)
    item.changed_ts = mailbox.now()
    mailbox.keep(item)
    mailbox.calendars[item.calendar_id].changes.note(item.id)
    tell(mailbox, item, change)


def bury(mailbox: Mailbox, calendar: Calendar, item: Item) -> None:
    """No longer in this calendar: deltas report it, and all that a series had, as removed."""
    note_gone(calendar, item)
    mailbox.drop(item)
    if item.id in mailbox.pending_meetings:
        mailbox.pending_meetings.remove(item.id)
    tell(mailbox, item, "deleted")


def note_gone(calendar: Calendar, item: Item) -> None:
    was: list[Json] = [*item.was, rhythm(item)] if item.is_series else []
    calendar.gone[item.id] = {"mutable_id": item.mutable_id, "was": was}
    calendar.changes.note(item.id)
