"""What a reset deletes, what it leaves alone and why, and which bookings come afterwards. Pure.

Only what we made ourselves is ever deleted: our site's marker on an id that we derive for this agent, or
that we mapped (design.md §9, L3). People's copies, other agents' and other sites' events are left alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from latesync.model import Booking, Drift, Event, Mapping, MappingState, Marker, Snapshot
from latesync.options import NextSync, ResetEvents
from latesync.plan.content import event_key
from latesync.plan.occurrences import instant_of
from latesync.times import Zone


class Because(StrEnum):
    """Why an event of ours is deleted, or left alone. The sentences are in reset_sentences.py."""

    OF_BOOKING = "of_booking"
    DOUBLE = "double"
    KEPT = "kept"
    NOT_YET_KNOWN = "not_yet_known"
    COPY = "copy"
    OTHER_AGENT = "other_agent"
    OTHER_SITE = "other_site"
    MARKER_GONE = "marker_gone"
    OUT_OF_REACH = "out_of_reach"


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose events are looked for. subject: the provider's stable name for the person."""

    site_id: str
    agent_id: int
    subject: str


@dataclass(frozen=True, slots=True)
class ListedEvent:
    """A living event of a complete listing that carries a LateSync marker, or stands under an id of ours.

    ends_at: None for a series, or where the times cannot be read.
    created_as: the key it was made under, where the provider gives the ids.
    """

    calendar_id: str
    event_id: str
    marker: Marker | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    created_as: str = ""

    @property
    def names(self) -> tuple[str, str]:
        """By what a mapping may know it: its id, or, where no answer came, the key it was made under."""
        return self.event_id, self.created_as or self.event_id


@dataclass(frozen=True, slots=True)
class CalendarsSeen:
    """others: how many entries are none of ours. out_of_reach: calendars that could not be listed."""

    events: tuple[ListedEvent, ...] = ()
    others: int = 0
    out_of_reach: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one event. mapping: the one it stands for, if any."""

    event: ListedEvent
    booking_id: int | None
    because: Because
    is_upcoming: bool
    mapping: Mapping | None = None


@dataclass(frozen=True, slots=True)
class ResetPlan:
    """deletions, untouched: soonest first. doubles: events of ours that nothing stands for."""

    deletions: tuple[Verdict, ...] = ()
    untouched: tuple[Verdict, ...] = ()
    doubles: int = 0
    others: int = 0

    @property
    def upcoming(self) -> int:
        return sum(1 for verdict in self.deletions if verdict.is_upcoming)

    @property
    def past(self) -> int:
        return len(self.deletions) - self.upcoming


@dataclass(frozen=True, slots=True)
class NextBookings:
    """Bookings without an event after the reset: those that stay out until they change, those that come."""

    left_out: tuple[Booking, ...] = ()
    coming: tuple[Booking, ...] = ()


# The event is there, or may be: what of a mapping stands in a listing is meant by it.
_MEANT = (MappingState.INTENT, MappingState.LIVE, MappingState.SET_ASIDE, MappingState.RETIRED)


def listed_event(calendar_id: str, event: Event, zone: Zone) -> ListedEvent | None:
    """None for what is deleted, and for single dates of a series, which go where it goes."""
    item = event.item
    if item.is_cancelled or item.series_id is not None:
        return None
    ends = None if item.recurrence else item.ends
    starts = _instant(item.starts, zone)
    return ListedEvent(calendar_id, item.event_id, event.marker, starts, _instant(ends, zone), event.key)


def plan_reset(
    wish: ResetEvents,
    seen: CalendarsSeen,
    mappings: Iterable[Mapping],
    whose: Whose,
    *,
    now: datetime,
    of_others: Collection[str] = (),
) -> ResetPlan:
    """What a reset does to the events that stand in the account's calendars now.

    mappings: all of the account, retired and gone ones too.
    of_others: ids among the listed that are mapped for other agents of the site.
    """
    judge = _Judge(wish, whose, tuple(mappings), frozenset(of_others), seen.events)
    verdicts = [judge.verdict(event, now) for event in seen.events]
    lost = [
        judge.lost(mapping, now) for mapping in judge.mappings if mapping.calendar_id in seen.out_of_reach
    ]
    verdicts += [verdict for verdict in lost if verdict is not None]
    verdicts.sort(key=_soonest_first)
    deletes = _DELETED_BY[wish]
    return ResetPlan(
        deletions=tuple(verdict for verdict in verdicts if verdict.because in deletes),
        untouched=tuple(verdict for verdict in verdicts if verdict.because not in deletes),
        doubles=sum(1 for verdict in verdicts if verdict.because is Because.DOUBLE),
        others=seen.others,
    )


def bookings_with_event(
    plan: ResetPlan, mappings: Iterable[Mapping], seen: CalendarsSeen | None = None
) -> set[int]:
    """The bookings of which an event of ours stands after the reset.

    seen: None where no calendar was listed; then what was last known counts.
    """
    if seen is None:
        return {mapping.booking_id for mapping in mappings if _has_living_event(mapping)}
    remains = {Because.KEPT, Because.NOT_YET_KNOWN, Because.MARKER_GONE, Because.OUT_OF_REACH}
    return {
        verdict.booking_id
        for verdict in plan.untouched
        if verdict.because in remains and verdict.booking_id is not None
    }


def plan_bookings(
    snapshot: Snapshot, with_event: Collection[int], next_sync: NextSync, newest_booking_id: int | None
) -> NextBookings:
    """Which bookings are left out and which come, of those that have no event of ours after the reset.

    newest_booking_id: the newest when the person asked; a later one is new in any case. None: not known.
    """
    without = [booking for booking in wanted_bookings(snapshot) if booking.id not in with_event]
    if next_sync is NextSync.ALL:
        end = snapshot.window.end
        return NextBookings(coming=tuple(booking for booking in without if booking.span.start < end))
    is_new = {
        booking.id for booking in without if newest_booking_id is not None and booking.id > newest_booking_id
    }
    return NextBookings(
        left_out=tuple(booking for booking in without if booking.id not in is_new),
        coming=tuple(booking for booking in without if booking.id in is_new),
    )


def wanted_bookings(snapshot: Snapshot) -> list[Booking]:
    """The agent's bookings that are to stand in a calendar, beyond the window's end too, soonest first."""
    if not snapshot.agent_exists:
        return []
    wanted = (
        booking
        for booking in snapshot.bookings.values()
        if booking.agent_id == snapshot.agent_id
        and booking.status in snapshot.wanted_statuses
        and booking.span.end > snapshot.window.start
    )
    return sorted(wanted, key=lambda booking: (booking.span.start, booking.id))


_DELETED_BY: MappingOf[ResetEvents, frozenset[Because]] = {
    ResetEvents.KEEP: frozenset(),
    ResetEvents.CLEAR_BUSY: frozenset(),
    ResetEvents.DOUBLES: frozenset({Because.DOUBLE}),
    ResetEvents.DELETE_FROM_CALENDAR: frozenset({Because.OF_BOOKING, Because.DOUBLE}),
    ResetEvents.BOTH: frozenset({Because.OF_BOOKING, Because.DOUBLE}),
}


class _Judge:
    def __init__(
        self,
        wish: ResetEvents,
        whose: Whose,
        mappings: tuple[Mapping, ...],
        of_others: frozenset[str],
        events: Iterable[ListedEvent],
    ) -> None:
        self.mappings = mappings
        self._wish, self._whose, self._of_others = wish, whose, of_others
        self._by_event = {mapping.event_id: mapping for mapping in mappings}
        self._by_booking = {mapping.booking_id: mapping for mapping in mappings}
        self._generations: dict[int, set[int]] = defaultdict(set)
        self._standing: set[int] = set()  # bookings whose mapped event was seen
        for event in events:
            if event.marker is not None and self._is_ours(event):
                self._generations[event.marker.booking_id].add(event.marker.generation)
            mapping = self._mapping_of(event)
            if mapping is not None:
                self._standing.add(mapping.booking_id)

    def verdict(self, event: ListedEvent, now: datetime) -> Verdict:
        mapping, marker = self._mapping_of(event), event.marker
        booking_id = marker.booking_id if marker else (mapping.booking_id if mapping else None)
        is_upcoming = event.ends_at is None or event.ends_at > now
        return Verdict(event, booking_id, self._because(event, mapping), is_upcoming, mapping)

    def lost(self, mapping: Mapping, now: datetime) -> Verdict | None:
        """An event we know of in a calendar that cannot be looked at."""
        if not _has_living_event(mapping):
            return None
        span = mapping.span
        event = ListedEvent(mapping.calendar_id, mapping.event_id, None, span.start, span.end)
        return Verdict(event, mapping.booking_id, Because.OUT_OF_REACH, span.end > now, mapping)

    def _because(self, event: ListedEvent, mapping: Mapping | None) -> Because:
        marker = event.marker
        if marker is None:
            return Because.MARKER_GONE
        if marker.site_id != self._whose.site_id:
            return Because.OTHER_SITE
        if not self._is_ours(event):
            return Because.OTHER_AGENT if event.event_id in self._of_others else Because.COPY
        if mapping is not None:
            return Because.OF_BOOKING if self._wish.deletes else Because.KEPT
        if self._wish.deletes or self._is_superfluous(marker):
            return Because.DOUBLE
        return Because.NOT_YET_KNOWN

    def _is_ours(self, event: ListedEvent) -> bool:
        """Our marker, on an id that we derive for this agent or that one of their mappings has."""
        marker, whose = event.marker, self._whose
        if marker is None or marker.site_id != whose.site_id:
            return False
        derived = event_key(
            whose.site_id, marker.booking_id, whose.agent_id, whose.subject, marker.generation
        )
        if event.event_id in self._by_event:
            return True
        return derived in event.names and not self._is_copy(event, marker)

    def _is_copy(self, event: ListedEvent, marker: Marker) -> bool:
        """A person's copy may carry our key as well; the id that we were answered is another then, whatever
        became of ours since. Where the provider takes our ids a copy has none of them (`_is_ours`)."""
        mapping = self._by_booking.get(marker.booking_id)
        return (
            mapping is not None
            and mapping.state is not MappingState.INTENT
            and mapping.generation == marker.generation
            and mapping.event_id not in event.names
        )

    def _mapping_of(self, event: ListedEvent) -> Mapping | None:
        """The mapping an event stands for: under its id, and in its calendar."""
        mapping = self._by_event.get(event.event_id)
        if mapping is None:
            mapping = self._by_event.get(event.created_as)
        if mapping is None or mapping.calendar_id != event.calendar_id or mapping.state not in _MEANT:
            return None
        return mapping

    def _is_superfluous(self, marker: Marker) -> bool:
        """Whether an event that nothing stands for may go: not where our memory may be older than the event,
        as after a restored backup; then the next look takes it over."""
        if marker.booking_id in self._standing or marker.generation < max(
            self._generations[marker.booking_id], default=0
        ):
            return True
        mapping = self._by_booking.get(marker.booking_id)
        return mapping is not None and marker.generation <= mapping.generation


def _has_living_event(mapping: Mapping) -> bool:
    return mapping.state in _MEANT and mapping.has_event and mapping.drift is not Drift.DELETED


def _instant(moment: datetime | date | None, zone: Zone) -> datetime | None:
    return None if moment is None else instant_of(moment, zone)


def _soonest_first(verdict: Verdict) -> tuple[bool, float, str]:
    starts_at = verdict.event.starts_at
    return starts_at is None, starts_at.timestamp() if starts_at else 0.0, verdict.event.event_id
