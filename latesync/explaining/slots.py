"""Why a time of an agent's is, or is not, blocked: what stands in the calendars then, and by which rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from latesync.errors import SiteError, WrongInput
from latesync.explaining.finding import read_site_zone
from latesync.model import Booking
from latesync.options import BusyWay
from latesync.plan.explain_slots import EntryAt, entries_at
from latesync.plugin import read_plugin
from latesync.services import Services
from latesync.store.accounts import AccountRow, active_accounts, was_connected
from latesync.store.blocking import blocking_of
from latesync.store.calendar_looks import last_good
from latesync.store.choices import read_busy_way
from latesync.store.explaining import Rest, read_read_calendars, read_rest, slots_at
from latesync.sync.form_busy import UnreadableAgent, list_unreadable_agents
from latesync.times import MomentAsked, TimeRange, Zone, zone_named

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class CalendarAt:
    """A calendar that brings busy time, and what stands in it at the time.

    number: counted from 1 over all of the agent's. provider: whose calendar it is.
    """

    calendar_id: str
    number: int
    entries: tuple[EntryAt, ...]
    good_at: datetime | None
    is_lost: bool
    is_unpublished: bool
    provider: str = ""


@dataclass(frozen=True, slots=True)
class MomentFacts:
    """slots: the busy times the form is told of that cover the time. bookings: the agent's own then, buffers
    among them; None while the site cannot be read.
    """

    at: datetime
    calendars: tuple[CalendarAt, ...]
    slots: tuple[TimeRange, ...]
    bookings: tuple[Booking, ...] | None

    @property
    def is_blocked(self) -> bool:
        return bool(self.slots) or any(entry.passed_over is None for entry in self.entries)

    @property
    def entries(self) -> Iterable[EntryAt]:
        return (entry for calendar in self.calendars for entry in calendar.entries)


@dataclass(frozen=True, slots=True)
class SlotFacts:
    """moments: one, or two where clocks are put back and the time comes twice.

    accounts: the one that bookings go to first.
    way_works: whether busy time reaches the booking form by the way the owner chose.
    was_connected: the agent had an account, which is disconnected.
    """

    agent_id: int
    zone: Zone
    now: datetime
    asked: MomentAsked
    accounts: tuple[AccountRow, ...]
    moments: tuple[MomentFacts, ...]
    rest: Rest
    unreadable: UnreadableAgent | None
    way_works: bool
    was_connected: bool = False

    @property
    def account(self) -> AccountRow | None:
        return self.accounts[0] if self.accounts else None


def explain_slot(services: Services, agent_id: int, asked: MomentAsked, now: datetime) -> SlotFacts:
    """Everything that answers why. Raises StateUnavailable."""
    db, site_id = services.database, services.site_id
    accounts = tuple(active_accounts(db, site_id, agent_id))
    zone = read_site_zone(services)
    bookings = _bookings_of(services, agent_id)
    return SlotFacts(
        agent_id,
        zone,
        now,
        asked,
        accounts,
        tuple(_moment(services, accounts, agent_id, at, bookings, zone) for at in asked.instants),
        read_rest(db, site_id, agent_id),
        list_unreadable_agents(db, site_id, now, agent_id).get(agent_id),
        _way_works(services),
        was_connected=not accounts and was_connected(db, site_id, agent_id),
    )


def _moment(
    services: Services,
    accounts: Sequence[AccountRow],
    agent_id: int,
    at: datetime,
    bookings: tuple[Booking, ...] | None,
    zone: Zone,
) -> MomentFacts:
    minute = TimeRange(at, at + _MINUTE)
    own = None if bookings is None else tuple(each for each in bookings if each.span.overlaps(minute))
    found = [
        (account, row, items)
        for account in accounts
        for row, items in read_read_calendars(services.database, account.id)
    ]
    calendars = tuple(
        CalendarAt(
            row.calendar_id,
            number,
            tuple(entries_at(items, at, blocking_of(account), _zone(row.zone, zone))),
            row.good_at if row.problem else last_good(row.good_at, account.inbound_good_at),
            row.problem is not None,
            row.is_unpublished,
            account.provider,
        )
        for number, (account, row, items) in enumerate(found, 1)
    )
    slots = (
        span for account in accounts for span in slots_at(services.database, agent_id, account.id, minute)
    )
    return MomentFacts(at, calendars, tuple(sorted(slots, key=lambda span: (span.start, span.end))), own)


def _bookings_of(services: Services, agent_id: int) -> tuple[Booking, ...] | None:
    """The agent's bookings that take up time, in the window."""
    try:
        snapshot = services.site.read_snapshot(agent_id)
    except (SiteError, WrongInput):
        return None
    taking = (each for each in snapshot.bookings.values() if each.status in snapshot.wanted_statuses)
    return tuple(sorted(taking, key=lambda booking: (booking.span, booking.id)))


def _way_works(services: Services) -> bool:
    if read_busy_way(services.database, services.site_id) is BusyWay.OFF_PERIODS:
        return True
    return read_plugin(services).shows_busy_time


def _zone(name: str | None, site_zone: Zone) -> Zone:
    """As inbound runs take it: the calendar's own, or the site's."""
    try:
        return zone_named(name) if name else site_zone
    except ValueError:
        return site_zone
