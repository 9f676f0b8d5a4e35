"""Whose is an event in a listing: ours, or somebody else's? Pure.

What we derive is the key an event was created under: its id where a provider takes ours, and what its mark
says where the provider makes the ids (microsoft-graph.md E7, E10).
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass

from latesync.model import Event, Mapping, MappingState, Marker
from latesync.options import BlockingPolicy
from latesync.plan.content import event_key
from latesync.times import TimeRange, Zone


@dataclass(frozen=True, slots=True)
class Listening:
    """Whose calendar is read, for whom, and by which rules.

    calendar_zone: as the provider said; the site's zone where it said nothing.
    colleagues: (agent, subject) of others, whose events are ours as well, where no mapping may know of them.
    """

    site_id: str
    agent_id: int
    account_id: int
    subject: str
    calendar_id: str
    calendar_zone: Zone
    window: TimeRange
    policy: BlockingPolicy
    colleagues: frozenset[tuple[int, str]] = frozenset()


def is_ours(event: Event, mappings: MappingOf[str, Mapping], listening: Listening) -> bool:
    """An id we mapped, or our marker on a key we derive: a person's copy of ours blocks like anyone's."""
    names = {event.item.event_id, event.created_as, event.item.series_id}
    if names & mappings.keys():
        return True
    people = {(listening.agent_id, listening.subject), *listening.colleagues}
    derived = {derived_key(event.marker, listening, *person) for person in people} - {None}
    return bool(derived & {event.created_as, event.item.series_id}) and not _is_copy(
        event, mappings.values(), listening
    )


def may_be_a_colleague_s(event: Event, mappings: MappingOf[str, Mapping], listening: Listening) -> bool:
    """Whether only the keys derived for the site's other agents can tell if it is ours: our memory, restored
    from a backup, may be older than their event in a calendar that several share."""
    is_marked = event.marker is not None and event.marker.site_id == listening.site_id
    return is_marked and not is_ours(event, mappings, listening)


def is_certainly_ours(event: Event, listening: Listening) -> bool:
    """Our marker on the very key we derive for it: whatever our memory says, nobody else made it."""
    return event.marker is not None and derived_key(event.marker, listening) == event.created_as


def strays_of(event: Event, of_booking: MappingOf[int, Mapping], listening: Listening) -> set[str]:
    """The event's id, if it is ours beyond doubt, alive, and not the one that stands for its booking now.

    event: known to be ours. of_booking: this account's mappings.
    """
    marker = event.marker
    if marker is None or event.item.is_cancelled or not is_certainly_ours(event, listening):
        return set()
    mapping = of_booking.get(marker.booking_id)
    if mapping is None or marker.generation > mapping.generation:
        return set()  # our memory is older than the event: creating it once more will find it
    if event.key and event.item.event_id not in (mapping.event_id, mapping.earlier_event_id):
        return set()  # somebody's copy, mark and all: an event we did not make (law L3)
    is_superseded = marker.generation < mapping.generation or mapping.calendar_id != listening.calendar_id
    return {event.item.event_id} if is_superseded else set()


def moved_away(
    strays: Iterable[str], mappings: MappingOf[str, Mapping], listening: Listening
) -> tuple[Mapping, ...]:
    """Those of them that stand for their booking; an earlier generation's means nothing any more."""
    found = (mappings[event_id] for event_id in sorted(strays) if event_id in mappings)
    return tuple(
        mapping
        for mapping in found
        if mapping.state is MappingState.LIVE
        and mapping.account_id == listening.account_id
        and mapping.calendar_id != listening.calendar_id
    )


def outdated(
    events: Iterable[Event], of_booking: MappingOf[int, Mapping], listening: Listening
) -> tuple[Mapping, ...]:
    """Mappings that are older than an event of ours which stands."""
    found = set()
    for event in events:
        mapping = of_booking.get(event.marker.booking_id) if event.marker is not None else None
        if event.marker is None or mapping is None or event.item.is_cancelled:
            continue
        if is_certainly_ours(event, listening) and event.marker.generation > mapping.generation:
            found.add(mapping)
    return tuple(sorted(found, key=lambda mapping: mapping.id))


def derived_key(
    marker: Marker | None, listening: Listening, agent_id: int | None = None, subject: str = ""
) -> str | None:
    """agent_id, subject: whose; None: of whom we listen for."""
    if marker is None or marker.site_id != listening.site_id:
        return None
    if agent_id is None:
        agent_id, subject = listening.agent_id, listening.subject
    return event_key(listening.site_id, marker.booking_id, agent_id, subject, marker.generation)


def _is_copy(event: Event, mappings: Iterable[Mapping], listening: Listening) -> bool:
    """Whether it shows the key of an event of ours that stands, or stood, under another id.

    Somebody copied that one, mark and all, whatever became of it since. Not where no answer to our create is
    known: then the key is all there is to go by.
    """
    if not event.key or event.marker is None:
        return False
    booking_id, generation = event.marker.booking_id, event.marker.generation
    own = [one for one in mappings if one.account_id == listening.account_id and one.booking_id == booking_id]
    return any(
        generation < mapping.generation
        if mapping.generation != generation
        else mapping.state is not MappingState.INTENT and mapping.event_id != event.key
        for mapping in own
        if event.item.event_id != mapping.earlier_event_id
    )
