"""Several bookings of one service, place and time as one event (latepoint.md §2.4).

The event is its leader's: its key, marker and mapping are that booking's. The others have none of their own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass

from latesync.model import Booking, Mapping, MappingState, Snapshot
from latesync.plan.content import row_hash
from latesync.plan.event_settings import EventChoices, Grouping
from latesync.times import TimeRange

Slot = tuple[int, int, TimeRange]


@dataclass(frozen=True, slots=True)
class Group:
    """leader: whose event it is. members: by id, the leader among them; at least two."""

    leader: int
    members: tuple[Booking, ...]


def fold(
    snapshot: Snapshot,
    mappings: MappingOf[int, Mapping],
    choices: EventChoices,
    wanted: frozenset[str],
) -> dict[int, Group]:
    """The group of each booking that shares its event with others, by booking id.

    mappings: by booking id. wanted: the statuses that stand in the calendar; who cancelled is in no group.
    The order of bookings and mappings makes no difference.
    """
    slots: dict[Slot, list[Booking]] = defaultdict(list)
    for booking in snapshot.bookings.values():
        if booking.agent_id == snapshot.agent_id and booking.status in wanted and is_folded(booking, choices):
            slots[booking.service_id, booking.location_id, booking.span].append(booking)
    found: dict[int, Group] = {}
    for members in slots.values():
        found.update((booking.id, group) for group in _groups(members, mappings) for booking in group.members)
    return found


def is_folded(booking: Booking, choices: EventChoices) -> bool:
    return choices.of_service(booking.service_id).group is Grouping.TOGETHER


def _groups(members: list[Booking], mappings: MappingOf[int, Mapping]) -> Iterable[Group]:
    # What was left out when the agent asked for new bookings only leads nothing: it waits until it changes.
    leading = [booking for booking in members if not is_left_out(booking, mappings.get(booking.id))]
    if len(members) > 1 and leading:
        leader = min(leading, key=lambda booking: _rank(booking, mappings.get(booking.id)))
        yield Group(leader.id, tuple(sorted(members, key=lambda booking: booking.id)))


def is_left_out(booking: Booking, mapping: Mapping | None) -> bool:
    """Whether it waits until it changes, and has not."""
    return (
        mapping is not None
        and mapping.state is MappingState.LEFT_OUT
        and mapping.booking_hash == row_hash(booking)
    )


def _rank(booking: Booking, mapping: Mapping | None) -> tuple[bool, bool, bool, int]:
    """Lowest leads: who has the event, at this time already; what a provider refused comes last."""
    if mapping is None:
        return True, False, False, booking.id
    if mapping.has_event and mapping.state is not MappingState.RETIRED:
        return False, mapping.span != booking.span, False, booking.id
    return True, False, mapping.state is MappingState.SET_ASIDE, booking.id
