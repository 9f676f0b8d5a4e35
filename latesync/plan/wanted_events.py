"""Which bookings stand in the calendar, in whose event, and what it says."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass

from latesync.booking_parts import booking_of, is_buffer, part_of
from latesync.model import CANCELLED, Booking, EventContent, Mapping, MappingState, Snapshot
from latesync.plan.buffers import buffer_numbers, buffer_of, render_buffer
from latesync.plan.content import booking_hash, group_hash, is_same_booking, render_content
from latesync.plan.event_settings import EventChoices
from latesync.plan.groups import Group, fold, is_folded
from latesync.plan.operations import Reason


@dataclass(frozen=True, slots=True)
class WantedEvents:
    """statuses: whose bookings stand in the calendar. groups: by booking id, of those that share an event.

    apart: who of these has stood in an event of their own until now, at this very time.
    """

    snapshot: Snapshot
    choices: EventChoices
    statuses: frozenset[str]
    groups: MappingOf[int, Group]
    apart: frozenset[int] = frozenset()

    @classmethod
    def of(
        cls,
        snapshot: Snapshot,
        mappings: MappingOf[int, Mapping],
        choices: EventChoices,
        also_wanted: frozenset[str],
    ) -> WantedEvents:
        """mappings: by booking id. also_wanted: statuses besides those that take up time on the site."""
        statuses = snapshot.wanted_statuses | (also_wanted - {CANCELLED})
        groups = fold(snapshot, mappings, choices, statuses)
        apart = {number for number in groups if _stands_as(snapshot.bookings[number], mappings)}
        return cls(snapshot, choices, statuses, groups, frozenset(apart))

    def buffers(self) -> set[int]:
        """The numbers of the buffers of all bookings in the snapshot."""
        return buffer_numbers(self.snapshot, self.choices)

    def part(self, booking: Booking, number: int) -> Booking | None:
        """What of a booking has this number: itself, or a buffer of it; None: that one is not wanted."""
        return buffer_of(booking, part_of(number), self.choices) if is_buffer(number) else booking

    def content(self, booking: Booking, generation: int, *, is_cancelled: bool = False) -> EventContent:
        if is_buffer(booking.id):
            return self._buffer_content(booking, generation)
        return render_content(
            booking,
            self.snapshot.zone,
            site_id=self.snapshot.site_id,
            generation=generation,
            settings=self.choices.of_service(booking.service_id),
            business=self.snapshot.business,
            group=self._members(booking),
            is_cancelled=is_cancelled,
        )

    def hash_of(self, booking: Booking) -> str:
        """Of the booking, and of all that stand in its event."""
        return group_hash(booking, self._members(booking))

    def is_shared(self, booking: Booking) -> bool:
        return booking.id in self.groups

    def is_in_another_s(self, booking: Booking) -> bool:
        """A group has its leader's buffers."""
        return self.leader_of(booking) not in (None, booking_of(booking.id))

    def leader_of(self, booking: Booking) -> int | None:
        """In whose event it stands, being one of several; None: it is alone."""
        group = self.groups.get(booking_of(booking.id))
        return None if group is None else group.leader

    def may_have_lost_its_group(self, booking: Booking) -> bool:
        """Looked up alone, as what is past is, it does not tell who else stood in its event."""
        return booking.id not in self.snapshot.bookings and (
            is_folded(booking, self.choices) and not is_buffer(booking.id)
        )

    def why_differs(self, booking: Booking, mapping: Mapping) -> Reason:
        """Whether it changed, or what we, or the site's zone, make of it: that concerns all at once."""
        now = self.hash_of(booking)
        if not is_same_booking(mapping.booking_hash, now) or mapping.state is MappingState.RETIRED:
            return Reason.BOOKING_CHANGED
        if mapping.booking_hash != now:
            return Reason.SETTINGS_CHANGED if self._is_regrouped(booking) else Reason.GROUP_CHANGED
        return Reason.SETTINGS_CHANGED if booking.span == mapping.span else Reason.SITE_ZONE_CHANGED

    def _buffer_content(self, buffer: Booking, generation: int) -> EventContent:
        return render_buffer(
            buffer,
            self.snapshot.zone,
            site_id=self.snapshot.site_id,
            generation=generation,
            settings=self.choices.of_service(buffer.service_id),
        )

    def _is_regrouped(self, booking: Booking) -> bool:
        """Whether the owner's wish for groups changed: they stood at one time already, each in its own
        event; or they still do, and no group is wanted."""
        others = {member.id for member in self._members(booking)} - {booking.id}
        return not is_folded(booking, self.choices) or bool(others & self.apart)

    def _members(self, booking: Booking) -> tuple[Booking, ...]:
        """All that stand in the booking's event, itself among them; () where it is alone, or in another's."""
        group = self.groups.get(booking.id)
        return group.members if group is not None and group.leader == booking.id else ()


def _stands_as(booking: Booking, mappings: MappingOf[int, Mapping]) -> bool:
    """Whether an event of the booking's own shows it as it is now."""
    mapping = mappings.get(booking.id)
    return (
        mapping is not None
        and mapping.state is MappingState.LIVE
        and mapping.span == booking.span
        and is_same_booking(mapping.booking_hash, booking_hash(booking))
    )
