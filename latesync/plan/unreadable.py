"""Calendars that cannot be read: since when, and what the form shows of their agent meanwhile. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from latesync.errors import WrongInput
from latesync.model import AccountState
from latesync.options import UnreadablePolicy, WhenUnreadable
from latesync.sentences.calendar_sentences import hours_refused
from latesync.times import TimeRange, Zone, day_in, midnight

# An outage that ends by itself leaves no word behind; what lasts longer is said to be unreadable.
HICCUP = timedelta(hours=1)
MOST_HOURS = 24 * 31


def checked_hours(text: str) -> int:
    """The hours somebody typed. Raises WrongInput."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST_HOURS:
        raise WrongInput(hours_refused(MOST_HOURS))
    return int(text)


@dataclass(frozen=True, slots=True)
class Looks:
    """One calendar that makes an agent busy, and how reading it has gone.

    good_at: the last good look, by the calendar's own row or its account's; None: there was none.
    is_lost: it is gone or closed. troubled: its account is in trouble that may keep it from being read.
    since: when what keeps it from being read was met, or when the account was made: where no look was good.
    """

    account_state: AccountState
    good_at: datetime | None
    since: datetime
    is_lost: bool = False
    is_troubled: bool = False


def unreadable_since(looks: Looks, now: datetime) -> datetime | None:
    """The last good look at a calendar that cannot be read now; None: it can, or nobody wants to."""
    last = looks.good_at or looks.since
    match looks.account_state:
        case AccountState.DISCONNECTED:
            return None
        case AccountState.NEEDS_SIGN_IN:
            return last
    if looks.is_lost or (looks.is_troubled and now - last > HICCUP):
        return last
    return None


def agent_unreadable_since(calendars: Iterable[Looks], now: datetime) -> datetime | None:
    """Of the calendar that could not be read for longest."""
    return min((since for looks in calendars if (since := unreadable_since(looks, now))), default=None)


def is_overdue(since: datetime | None, policy: UnreadablePolicy, now: datetime) -> bool:
    """Whether the busy time last known is too old by the owner's choice."""
    return since is not None and now - since >= timedelta(hours=policy.hours)


def is_closed(since: datetime | None, policy: UnreadablePolicy, now: datetime, *, is_paused: bool) -> bool:
    """Whether none of the agent's times are to be offered. Who is paused is left as they are."""
    return policy.then is WhenUnreadable.CLOSE and is_overdue(since, policy, now) and not is_paused


def closing_slot(
    site_id: str, agent_id: int, window: TimeRange, zone: Zone, now: datetime
) -> tuple[str, TimeRange]:
    """(id, span) of the one busy slot that closes an agent: from the site's today to the window's end."""
    seed = f"{site_id}|{agent_id}|closed"
    slot_id = hashlib.sha256(seed.encode()).hexdigest()[:32]
    return slot_id, TimeRange(midnight(day_in(now, zone), zone), window.end)
