"""What waits for a person, as page and command show it: by cause, then by agent, and what the site says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from latesync import messages
from latesync.booking_parts import BookingPart, booking_of, is_buffer, part_of
from latesync.errors import SiteError, WrongInput
from latesync.latepoint.settings import read_agents
from latesync.model import Booking, Mapping, UnreadableBooking
from latesync.options import Decision
from latesync.read_overview import read_zone
from latesync.sentences import held_sentences
from latesync.sentences.drift_sentences import span_words
from latesync.services import Services
from latesync.store.held import HeldRow, list_decided, list_held
from latesync.store.mappings import mappings_of_bookings
from latesync.store.readable import read_lost
from latesync.store.site_rules import read_zones, zone_before
from latesync.times import TimeRange, Zone


@dataclass(frozen=True, slots=True)
class HeldItem:
    """One operation. when: of the event as it stands; None: nothing is remembered of it."""

    row: HeldRow
    agent_name: str
    mapping: Mapping | None
    booking: Booking | UnreadableBooking | None
    zone: Zone

    @property
    def booking_id(self) -> int:
        return booking_of(self.row.booking_id)

    @property
    def part(self) -> BookingPart:
        return part_of(self.row.booking_id)

    @property
    def name(self) -> str:
        """The booking's code or number, and which buffer of it."""
        which = messages.part_words(self.part)
        return f"{self.code or self.booking_id}{f', {which}' if which else ''}"

    @property
    def code(self) -> str:
        return self.booking.code if isinstance(self.booking, Booking) else ""

    @property
    def service_name(self) -> str:
        return self.booking.service_name if isinstance(self.booking, Booking) else ""

    @property
    def when(self) -> TimeRange | None:
        return self.mapping.span if self.mapping else None

    @property
    def shift(self) -> timedelta | None:
        """By how much the event would move."""
        if self.mapping is None or not isinstance(self.booking, Booking) or is_buffer(self.row.booking_id):
            return None
        return self.booking.span.start - self.mapping.span.start

    @property
    def keeps_times(self) -> bool:
        """The event would stand where it stands; False where nobody knows."""
        if self.mapping is None or not isinstance(self.booking, Booking) or is_buffer(self.row.booking_id):
            return False
        was, to = self.mapping.span, self.booking.span
        return (was.start, was.end) == (to.start, to.end)

    @property
    def when_words(self) -> str:
        return span_words(self.mapping.span, self.zone) if self.mapping else ""

    @property
    def what(self) -> str:
        booking = None if is_buffer(self.row.booking_id) else self.booking
        return held_sentences.what_would_happen(self.row.operation, self.mapping, booking, self.zone)


@dataclass(frozen=True, slots=True)
class HeldGroup:
    """What waits for the same cause, of one agent or more."""

    operation: str
    reason: str
    items: tuple[HeldItem, ...]
    cause: held_sentences.Cause

    @property
    def title(self) -> str:
        return held_sentences.title(self.operation, self.reason, len(self.items))

    @property
    def explanation(self) -> str:
        return held_sentences.explanation(self.operation, self.reason, self.cause)

    @property
    def since(self) -> datetime:
        return min(item.row.held_at for item in self.items)

    @property
    def buttons(self) -> held_sentences.Buttons:
        return held_sentences.buttons(self.operation, len(self.items))

    @property
    def short_buttons(self) -> held_sentences.Buttons:
        return held_sentences.short_buttons(self.operation)

    def by_agent(self) -> list[HeldGroup]:
        """In the order of the agents' names; alone, the group itself."""
        whose = groupby(self.items, key=lambda item: item.row.agent_id)
        return [HeldGroup(self.operation, self.reason, tuple(items), self.cause) for _, items in whose]


@dataclass(frozen=True, slots=True)
class HeldOverview:
    """decided: what a person has answered and no run has come to yet."""

    zone: Zone
    groups: tuple[HeldGroup, ...] = ()
    decided: tuple[HeldRow, ...] = ()

    @property
    def items(self) -> list[HeldItem]:
        return [item for group in self.groups for item in group.items]

    @property
    def newest(self) -> datetime | None:
        """What was held later than this, nobody has seen here."""
        return max((item.row.held_at for item in self.items), default=None)

    @property
    def on_their_way(self) -> str:
        released = sum(1 for row in self.decided if row.decided is Decision.RELEASED)
        return held_sentences.on_their_way(released, len(self.decided) - released)


def read_held(services: Services, *, agent_id: int | None = None) -> HeldOverview:
    """agent_id: only that agent's. A site that does not answer is a finding, not an error.

    Raises StateUnavailable.
    """
    database, site_id = services.database, services.site_id
    rows = [row for row in list_held(database, site_id) if agent_id in (None, row.agent_id)]
    decided = tuple(row for row in list_decided(database, site_id) if agent_id in (None, row.agent_id))
    site = _ask_site(services, rows) if rows else _SiteNow(read_zone(services))
    known = _mappings(services, rows)
    items = [
        HeldItem(
            row,
            site.names.get(row.agent_id, f"Agent {row.agent_id}"),
            known.get((row.account_id, row.booking_id)),
            site.bookings.get(booking_of(row.booking_id)),
            site.zone,
        )
        for row in rows
    ]
    return HeldOverview(site.zone, tuple(_groups(services, items, site)), decided)


@dataclass(frozen=True, slots=True)
class _SiteNow:
    """What the site says of what waits; nothing but the zone, as last seen, where it does not answer."""

    zone: Zone
    names: dict[int, str] = field(default_factory=dict)
    bookings: dict[int, Booking | UnreadableBooking | None] = field(default_factory=dict)
    is_empty: bool = False
    not_readable: tuple[str, ...] = ()


def _ask_site(services: Services, rows: Sequence[HeldRow]) -> _SiteNow:
    try:
        site = services.site
        facts = site.facts()
        bookings = site.look_up({booking_of(row.booking_id) for row in rows})
        return _SiteNow(
            zone=facts.settings.zone,
            names={agent.id: agent.name for agent in read_agents(site.engine, facts.schema)},
            bookings=bookings,
            is_empty=not any(bookings.values()) and site.newest_booking(0)[0] == 0,
            not_readable=facts.schema.not_granted,
        )
    except (SiteError, WrongInput):
        return _SiteNow(read_zone(services))


def _mappings(services: Services, rows: Sequence[HeldRow]) -> dict[tuple[int, int], Mapping]:
    found: dict[tuple[int, int], Mapping] = {}
    for account_id in {row.account_id for row in rows}:
        ids = {row.booking_id for row in rows if row.account_id == account_id}
        for mapping in mappings_of_bookings(services.database, account_id, ids).values():
            found[account_id, mapping.booking_id] = mapping
    return found


def _groups(services: Services, items: list[HeldItem], site: _SiteNow) -> list[HeldGroup]:
    """By cause, within it by agent and by when the event is."""

    def cause_of(item: HeldItem) -> tuple[str, str]:
        return item.row.operation, item.row.reason

    items.sort(key=lambda item: (*cause_of(item), item.agent_name, item.row.agent_id, *_soonest_first(item)))
    groups = []
    for (operation, reason), members in groupby(items, key=cause_of):
        waiting = tuple(members)
        groups.append(HeldGroup(operation, reason, waiting, _cause(services, waiting, site)))
    return groups


def _soonest_first(item: HeldItem) -> tuple[bool, float, int]:
    return item.when is None, item.when.start.timestamp() if item.when else 0.0, item.row.booking_id


def _cause(services: Services, items: Sequence[HeldItem], site: _SiteNow) -> held_sentences.Cause:
    since = min(item.row.held_at for item in items)
    return held_sentences.Cause(
        zone=site.zone,
        is_site_empty=site.is_empty,
        zone_before=zone_before(read_zones(services.database, services.site_id), since),
        shifts=frozenset(shift for item in items if (shift := item.shift)),
        statuses=tuple(item.booking.status for item in items if isinstance(item.booking, Booking)),
        not_readable=site.not_readable,
        lost=read_lost(services.database, services.site_id, site.not_readable),
        keeps_times=all(item.keeps_times for item in items),
    )
