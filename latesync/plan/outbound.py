"""Bookings → events: the decision table of design.md §4, one branch a row."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field, replace
from datetime import datetime

from latesync.booking_parts import booking_of, is_buffer
from latesync.model import (
    CANCELLED,
    OTHER_CALENDAR,
    SHARED_EVENT,
    UNANSWERED,
    Booking,
    Drift,
    EventContent,
    Mapping,
    MappingState,
    Snapshot,
    Target,
    UnreadableBooking,
)
from latesync.options import DriftPolicy
from latesync.plan.content import content_hash, event_key, is_same_booking, row_hash
from latesync.plan.elsewhere import Elsewhere
from latesync.plan.event_settings import EventChoices
from latesync.plan.groups import is_left_out
from latesync.plan.invitations import has_other_guest
from latesync.plan.operations import (
    AdoptEvent,
    CancelBooking,
    CreateEvent,
    DeleteEvent,
    MoveBooking,
    MovedTo,
    Operation,
    OutboundPlan,
    Reason,
    RetireMapping,
    UpdateEvent,
)
from latesync.plan.wanted_events import WantedEvents


@dataclass(frozen=True, slots=True)
class OutboundPolicy:
    """The owner's choices about events.

    also_wanted: statuses that stand in the calendar besides those that take up time on the site.
    keeps_cancelled: the event of a cancelled booking stays, marked and shown as free (users-ask.md U27).
    """

    events: EventChoices = field(default_factory=EventChoices)
    drift: DriftPolicy = DriftPolicy.RESTORE
    also_wanted: frozenset[str] = frozenset()
    keeps_cancelled: bool = False


def plan_outbound(
    snapshot: Snapshot,
    mappings: Iterable[Mapping],
    target: Target,
    policy: OutboundPolicy,
    elsewhere: Elsewhere | None = None,
) -> OutboundPlan:
    """What has to happen in one account so that its events match the agent's bookings.

    elsewhere: for an account that is not written to: what stands in the one that is. Nothing is made here
    then, and what is wanted goes once it stands there.
    mappings: those of the target's account. At most one operation a booking, or buffer of one: where two are
    needed (another calendar was chosen), the second follows from planning again after the first.
    """
    by_booking = {mapping.booking_id: mapping for mapping in mappings}
    leading = by_booking if elsewhere is None else elsewhere.mappings  # who is in whose event
    events = WantedEvents.of(snapshot, leading, policy.events, policy.also_wanted)
    decider = _Decider(snapshot, by_booking, target, policy, events, elsewhere)
    operations: list[Operation] = []
    set_aside: list[Mapping] = []
    in_step: list[tuple[int, str]] = []
    staying = 0
    for number in by_booking.keys() | snapshot.bookings.keys() | events.buffers():
        mapping = by_booking.get(number)
        operation = decider.decide(number, mapping)
        if operation is not None:
            operations.append(operation)
            continue
        staying += elsewhere is not None and mapping is not None and _is_in_force(mapping)
        if mapping is not None and mapping.state is MappingState.SET_ASIDE:
            set_aside.append(mapping)
        elif mapping is not None and mapping.state is MappingState.LIVE and elsewhere is None:
            in_step += decider.noted_anew(mapping)
    return OutboundPlan(
        tuple(sorted(operations, key=_soonest_first)),
        tuple(sorted(set_aside, key=lambda mapping: mapping.booking_id)),
        tuple(sorted(in_step)),
        _unreadable(snapshot),
        staying,
    )


def ids_to_look_up(snapshot: Snapshot, mappings: Iterable[Mapping]) -> list[int]:
    """Mapped bookings the snapshot does not show: only a look by primary key tells why."""
    in_force = (
        booking_of(mapping.booking_id)
        for mapping in mappings
        if mapping.state not in (MappingState.RETIRED, MappingState.GONE)
    )
    return sorted({booking_id for booking_id in in_force if booking_id not in snapshot.bookings})


def _unreadable(snapshot: Snapshot) -> tuple[UnreadableBooking, ...]:
    looked_up = (found for found in snapshot.looked_up.values() if isinstance(found, UnreadableBooking))
    by_id = {row.id: row for row in (*looked_up, *snapshot.unreadable)}
    return tuple(by_id[booking_id] for booking_id in sorted(by_id))


def _soonest_first(operation: Operation) -> tuple[datetime, bool, int]:
    """A group's event is written before those that it stands for are deleted."""
    span = operation.content.span if not isinstance(operation, _WITHOUT_CONTENT) else operation.mapping.span
    return span.start, operation.reason is Reason.IN_GROUP_EVENT, operation.booking_id


_WITHOUT_CONTENT = (DeleteEvent, RetireMapping, MoveBooking, CancelBooking)


@dataclass(frozen=True, slots=True)
class _Decider:
    snapshot: Snapshot
    mappings: MappingOf[int, Mapping]  # by booking
    target: Target
    policy: OutboundPolicy
    events: WantedEvents
    elsewhere: Elsewhere | None = None

    def noted_anew(self, mapping: Mapping) -> list[tuple[int, str]]:
        """What its event says is as wanted; a later change must be told from one of our settings."""
        row = self.snapshot.bookings.get(booking_of(mapping.booking_id))
        booking = None if row is None else self.events.part(row, mapping.booking_id)
        if booking is None or mapping.booking_hash == self.events.hash_of(booking):
            return []
        return [(mapping.id, self.events.hash_of(booking))]

    def decide(self, number: int, mapping: Mapping | None) -> Operation | None:
        booking_id = booking_of(number)
        booking = self.snapshot.bookings.get(booking_id)
        if booking is None:
            if mapping is None or booking_id not in self.snapshot.looked_up:
                return None  # unknown is not gone
            found = self.snapshot.looked_up[booking_id]
            if found is None:
                return self._delete(mapping, Reason.BOOKING_REMOVED)
            if isinstance(found, UnreadableBooking):
                return None
            booking = found
        if is_buffer(number):
            return self._decide_buffer(booking, number, mapping)
        return self._decide_known(booking, mapping)

    def _decide_buffer(self, booking: Booking, number: int, mapping: Mapping | None) -> Operation | None:
        """A buffer stands where its booking does, and is decided about as one; nothing is asked of it."""
        window = self.snapshot.window
        if mapping is None or mapping.state is MappingState.GONE:
            is_reached = booking.span.end > window.start and booking.span.start < window.end
            if not is_reached:
                return None
        buffer = self.events.part(booking, number)
        stays_out = is_left_out(booking, self.mappings.get(booking.id))
        if booking.agent_id == self.snapshot.agent_id and buffer is not None and not stays_out:
            return self._decide_known(buffer, mapping)
        if booking.agent_id != self.snapshot.agent_id:
            return self._delete(mapping, Reason.OTHER_AGENT)
        if mapping is not None and mapping.span.end <= window.start:
            return self._retire(mapping)
        return self._delete(mapping, Reason.NO_BUFFER)

    def _decide_known(self, booking: Booking, mapping: Mapping | None) -> Operation | None:
        if booking.agent_id != self.snapshot.agent_id:
            return self._delete(mapping, Reason.OTHER_AGENT)
        is_past = booking.span.end <= self.snapshot.window.start
        if is_past and (mapping is None or self._stands_in_the_past(mapping)):
            return self._retire(mapping)
        if not self.snapshot.agent_exists:
            return self._delete(mapping, Reason.AGENT_REMOVED)
        if self.elsewhere is not None:
            return self._leave_to_other_account(booking, mapping, self.elsewhere, is_past=is_past)
        if booking.status not in self.events.statuses:
            return self._decide_unwanted(booking, mapping)
        if self.events.is_in_another_s(booking) and not is_past:
            return self._leave_to_group(booking, mapping)
        if mapping is None or mapping.state is MappingState.GONE:
            return self._create(booking, mapping, Reason.NEW_BOOKING)
        if is_past:
            return self._take_into_the_past(booking, mapping)
        return self._keep_in_step(booking, mapping)

    def _leave_to_other_account(
        self, booking: Booking, mapping: Mapping | None, elsewhere: Elsewhere, *, is_past: bool
    ) -> Operation | None:
        """Nothing is made here. What stands here goes when it stands there, and not before: unknown is not
        gone. Edits here are no wishes any more: the agent has said which calendar counts."""
        if mapping is None or mapping.state in _WITHOUT_EVENT:
            return None
        is_wanted = booking.status in self.events.statuses
        leader = self.events.leader_of(booking) if is_wanted else None
        in_another_s = leader is not None and leader != booking_of(booking.id)
        into = elsewhere.standing(leader if in_another_s and leader is not None else booking.id)
        if not is_wanted and (into is None or not self._is_kept_cancelled(booking)):
            return self._decide_unwanted(booking, mapping)
        if not mapping.has_event or mapping.drift is Drift.DELETED:
            return RetireMapping(mapping, Reason.OTHER_ACCOUNT)
        if into is None:
            if is_past:
                return self._take_into_the_past(booking, mapping)
            return None if in_another_s else self._follow_meanwhile(booking, mapping)
        shown = self.snapshot.bookings.get(into.booking_id, booking) if in_another_s else booking
        content = self.events.content(shown, into.generation, is_cancelled=not is_wanted)
        return DeleteEvent(mapping, Reason.OTHER_ACCOUNT, moved_to=MovedTo(into, content))

    def _follow_meanwhile(self, booking: Booking, mapping: Mapping) -> Operation | None:
        """What waits here, maybe for long, at least says where its booking is now; no wish of the owner's is
        followed any more."""
        known = is_same_booking(mapping.booking_hash, self.events.hash_of(booking))
        if known or mapping.state is not MappingState.LIVE:
            return None
        content = self.events.content(booking, mapping.generation)
        if content_hash(content) == mapping.content_hash:
            return None
        return UpdateEvent(mapping, content, Reason.BOOKING_CHANGED)

    def _decide_unwanted(self, booking: Booking, mapping: Mapping | None) -> Operation | None:
        """A cancelled booking's event may stay, marked as such; none is made for it, moved or put back."""
        if mapping is None or not self._may_stay_cancelled(booking, mapping):
            return self._delete(mapping, Reason.BOOKING_CANCELLED)
        if booking.span.end <= self.snapshot.window.start:
            return RetireMapping(mapping)
        content = self.events.content(booking, mapping.generation, is_cancelled=True)
        if content_hash(content) == mapping.content_hash:
            return None
        why = self.events.why_differs(booking, mapping)
        return UpdateEvent(
            mapping, content, Reason.BOOKING_CANCELLED if why is Reason.BOOKING_CHANGED else why
        )

    def _may_stay_cancelled(self, booking: Booking, mapping: Mapping) -> bool:
        is_in_its_calendar = mapping.calendar_id == self.target.calendar_id
        return (
            self._is_kept_cancelled(booking)
            and mapping.state in (MappingState.LIVE, MappingState.SET_ASIDE)
            and mapping.has_event
            and mapping.drift is not Drift.DELETED
            and (is_in_its_calendar or self.elsewhere is not None)
        )

    def _is_kept_cancelled(self, booking: Booking) -> bool:
        """Whether an event of it stays, if it has one."""
        return self.policy.keeps_cancelled and booking.status == CANCELLED and not is_buffer(booking.id)

    def _leave_to_group(self, booking: Booking, mapping: Mapping | None) -> Operation | None:
        if mapping is None or mapping.state is MappingState.LEFT_OUT:
            return None
        operation = self._delete(mapping, Reason.IN_GROUP_EVENT)
        if isinstance(operation, DeleteEvent):
            return replace(operation, leader=self.events.leader_of(booking))
        return operation

    def _keep_in_step(self, booking: Booking, mapping: Mapping) -> Operation | None:
        if mapping.state is MappingState.LEFT_OUT:
            has_changed = mapping.booking_hash != row_hash(booking)
            return self._create(booking, mapping, Reason.BOOKING_CHANGED) if has_changed else None
        content = self.events.content(booking, mapping.generation)
        differs = content_hash(content) != mapping.content_hash or has_other_guest(booking, mapping)
        is_elsewhere = mapping.calendar_id != self.target.calendar_id
        if mapping.state is MappingState.SET_ASIDE and not differs and not is_elsewhere:
            return None  # waits until the booking changes, or another calendar is chosen
        if mapping.state in (MappingState.SET_ASIDE, MappingState.RETIRED) and not mapping.has_event:
            reason = Reason.BOOKING_CHANGED if differs else Reason.CALENDAR_CHANGED
            return self._create(booking, mapping, reason)
        if is_elsewhere:
            return DeleteEvent(mapping, Reason.CALENDAR_CHANGED)
        if mapping.state is MappingState.INTENT:
            return AdoptEvent(mapping, content)
        if self.policy.drift is DriftPolicy.LEAVE and _may_be_left(mapping):
            return self._follow_booking_only(booking, mapping, content) if differs else None
        if self.policy.drift is DriftPolicy.APPLY and self._may_be_applied(mapping, booking):
            refused = SHARED_EVENT if self.events.is_shared(booking) else ""
            if mapping.drift is Drift.DELETED:
                return CancelBooking(mapping, booking, refused=refused)
            if mapping.drift_span is not None:
                return MoveBooking(mapping, booking, mapping.drift_span, refused=refused)
        if mapping.drift is Drift.DELETED:
            return self._create(booking, mapping, Reason.DELETED_IN_CALENDAR)
        if differs or mapping.state is MappingState.RETIRED:  # retired: back from the past
            return UpdateEvent(mapping, content, self.events.why_differs(booking, mapping))
        if mapping.drift is Drift.EDITED:
            return UpdateEvent(mapping, content, Reason.EDITED_IN_CALENDAR)
        return None

    def _follow_booking_only(
        self, booking: Booking, mapping: Mapping, content: EventContent
    ) -> Operation | None:
        """Drift is left alone until the booking changes: what is written then is the booking's."""
        if mapping.drift is Drift.DELETED:
            return self._create(booking, mapping, Reason.BOOKING_CHANGED)
        return UpdateEvent(mapping, content, self.events.why_differs(booking, mapping))

    def _create(self, booking: Booking, mapping: Mapping | None, reason: Reason) -> CreateEvent | None:
        if mapping is None and booking.span.start >= self.snapshot.window.end:
            return None  # comes when the window reaches it
        generation = 0 if mapping is None else mapping.generation + 1
        return CreateEvent(
            booking_id=booking.id,
            agent_id=booking.agent_id,
            calendar_id=self.target.calendar_id,
            event_id=event_key(
                self.snapshot.site_id, booking.id, booking.agent_id, self.target.subject, generation
            ),
            content=self.events.content(booking, generation),
            reason=reason,
        )

    def _may_be_applied(self, mapping: Mapping, booking: Booking) -> bool:
        """Whether the booking may follow its event: not where the site has moved it meanwhile, or said no.

        A title is no booking, nor is a buffer: where the times were left alone there is nothing to apply.
        The span of what was set aside is that of the refused content, and proves nothing. An event kept
        although cancelled may have been dragged about: should its booking come back, it is put where that
        says.
        """
        is_live = mapping.state is MappingState.LIVE and mapping.drift is not None
        is_live &= not is_buffer(booking.id)
        is_as_known = not self.policy.keeps_cancelled or is_same_booking(
            mapping.booking_hash, self.events.hash_of(booking)
        )
        return is_live and is_as_known and not mapping.drift_refused and booking.span == mapping.span

    def _delete(self, mapping: Mapping | None, reason: Reason) -> Operation | None:
        if mapping is None or mapping.state in (MappingState.GONE, MappingState.RETIRED):
            return None
        if not mapping.has_event or mapping.drift is Drift.DELETED:
            return RetireMapping(mapping, reason)  # there is no event to delete
        return DeleteEvent(mapping, reason)

    def _stands_in_the_past(self, mapping: Mapping) -> bool:
        if mapping.state in (MappingState.GONE, MappingState.RETIRED):
            return True
        # What was set aside and is past is nobody's work any more: it would be refused again, run after run.
        is_drifted = mapping.drift is Drift.EDITED and mapping.state is not MappingState.SET_ASIDE
        is_drifted &= self.policy.drift is not DriftPolicy.LEAVE and self.elsewhere is None
        return mapping.span.end <= self.snapshot.window.start and not is_drifted

    def _take_into_the_past(self, booking: Booking, mapping: Mapping) -> Operation:
        """A booking was moved into the past: its event becomes history there, not where it stands now."""
        if not mapping.has_event or mapping.drift is Drift.DELETED:
            return RetireMapping(mapping)
        if mapping.state is MappingState.INTENT:
            return DeleteEvent(mapping, Reason.PAST)  # if it stands at all, then where it must not
        if self.events.may_have_lost_its_group(booking) and booking.span == mapping.span:
            return RetireMapping(mapping)
        content = self.events.content(booking, mapping.generation)
        return UpdateEvent(mapping, content, Reason.BOOKING_CHANGED, becomes_history=True)

    def _retire(self, mapping: Mapping | None) -> Operation | None:
        if mapping is None or mapping.state in (MappingState.GONE, MappingState.RETIRED):
            return None
        return RetireMapping(mapping)


_WITHOUT_EVENT = (MappingState.GONE, MappingState.RETIRED, MappingState.LEFT_OUT)


def _is_in_force(mapping: Mapping) -> bool:
    return mapping.has_event and mapping.state not in _WITHOUT_EVENT


def _may_be_left(mapping: Mapping) -> bool:
    """What went into another calendar was taken away there (plan/inbound.py), and comes back to its own.

    And what may be our own doing, nobody has wished.
    """
    return mapping.drift is not None and mapping.drift_refused not in (OTHER_CALENDAR, UNANSWERED)
