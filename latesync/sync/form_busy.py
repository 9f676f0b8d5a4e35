"""What the booking form is to show of an agent: their busy time, or nothing at all while it is too old."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from latesync.options import UnreadablePolicy, WhenUnreadable
from latesync.plan.unreadable import Looks, agent_unreadable_since, closing_slot, is_closed, is_overdue
from latesync.store import calendars, choices
from latesync.store.calendar_looks import CalendarLook, list_looks
from latesync.store.database import Database
from latesync.sync.parts import SyncParts
from latesync.times import TimeRange


@dataclass(frozen=True, slots=True)
class UnreadableAgent:
    """since: the last good look at the calendar that could not be read for longest. is_overdue: that is
    longer ago than the owner wants. is_closed: the form offers none of the agent's times."""

    agent_id: int
    since: datetime
    is_overdue: bool = False
    is_closed: bool = False


def list_unreadable_agents(
    database: Database, site_id: str, now: datetime, agent_id: int | None = None
) -> dict[int, UnreadableAgent]:
    """By agent: those of whom a calendar that makes them busy cannot be read now."""
    looks = looks_by_agent(database, site_id, agent_id)
    return unreadable_agents(looks, choices.read_unreadable_policy(database, site_id), now)


def looks_by_agent(
    database: Database, site_id: str, agent_id: int | None = None
) -> dict[int, list[CalendarLook]]:
    found: dict[int, list[CalendarLook]] = defaultdict(list)
    for look in list_looks(database, site_id, agent_id):
        found[look.agent_id].append(look)
    return found


def unreadable_agents(
    looks: Mapping[int, Iterable[CalendarLook]], policy: UnreadablePolicy, now: datetime
) -> dict[int, UnreadableAgent]:
    found = {}
    for agent_id, of_agent in looks.items():
        since = agent_unreadable_since([_looks_of(look) for look in of_agent], now)
        if since is not None:
            is_paused = any(look.is_paused for look in of_agent)
            closed = is_closed(since, policy, now, is_paused=is_paused)
            found[agent_id] = UnreadableAgent(agent_id, since, is_overdue(since, policy, now), closed)
    return found


def busy_on_form(parts: SyncParts, agent_id: int) -> dict[str, TimeRange]:
    """Every busy time the form is to show of an agent, by row id: also of what cannot be read now, as it was
    last known; and one slot over everything where the owner closes an agent then."""
    slots = calendars.read_slots(parts.database, agent_id)
    if choices.read_unreadable_policy(parts.database, parts.site_id).then is not WhenUnreadable.CLOSE:
        return slots
    found = list_unreadable_agents(parts.database, parts.site_id, parts.clock(), agent_id).get(agent_id)
    if found is None or not found.is_closed:
        return slots
    slot_id, span = closing_slot_of(parts, agent_id)
    return {**slots, slot_id: span}


def closing_slot_of(parts: SyncParts, agent_id: int) -> tuple[str, TimeRange]:
    """(id, span) of the slot that closes an agent today."""
    site = parts.site
    return closing_slot(parts.site_id, agent_id, site.window(), site.zone(), parts.clock())


def _looks_of(look: CalendarLook) -> Looks:
    return Looks(look.account_state, look.good_at, look.troubled_since, look.is_lost, look.is_troubled)
