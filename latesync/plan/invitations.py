"""Who is invited to an event, and who is told by mail: decided here and nowhere else (law L10).

A mail needs a positive fact: that the change is of now. A first sync, what is caught up after a sign-out, a
pause or an outage, what is past, put back, made again, adopted, released by a person, or follows from a
setting, a zone or another calendar: none of these ever mails anybody. If in doubt, nobody is told
(users-ask.md U29, U30; odoo-calendar-sync.md PR 92953, PR 60379).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Sequence
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from latesync.model import Booking, EventContent, Mapping, MappingState
from latesync.plan.event_settings import EventChoices, EventSettings, Grouping, Privacy
from latesync.plan.operations import AdoptEvent, CreateEvent, DeleteEvent, Operation, Reason, UpdateEvent
from latesync.times import TimeRange

# An account is looked at every minute; after a longer silence its work is catching up.
LOOKED_WITHIN = timedelta(minutes=15)
# More at once is an import, another service name or an agent who leaves: no customer's own doing.
MOST_AT_ONCE = 10
# Longer addresses do not exist (RFC 3696, erratum 1690).
_ADDRESS = re.compile(r"(?=.{3,254}\Z)[^\s@,;:<>()\[\]\\\"]{1,64}@(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W_]{2,63}")
_GMAIL = ("gmail.com", "googlemail.com")

# What stands before the key in `Mapping.guests_hash`.
INTENDED = "?"  # a create that is to mail an invitation was recorded; whether it was asked for is not known
LEFT_OUT = "-"  # the provider would not take the guest; not tried again before the booking changes


@dataclass(frozen=True, slots=True)
class InStep:
    """What was known when an account's events were last all as wanted.

    newest: the site's highest booking number before that look. until: where the window ended. statuses: those
      whose bookings stood in the calendar.
    """

    newest: int
    until: datetime
    statuses: frozenset[str]

    def is_newly_wanted(self, booking: Booking, statuses: frozenset[str]) -> bool:
        """Whether a booking that has no event yet could not have had one then."""
        is_reached_only_now = booking.span.start >= self.until or statuses != self.statuses
        return booking.id > self.newest or not is_reached_only_now


@dataclass(frozen=True, slots=True)
class Occasion:
    """When and under what circumstances an account's plan is made.

    in_step: None: nobody knows what is new (a first sync, or catching up).
    own_addresses: of the account and its calendar, which are never invited.
    decided_ids: bookings about whose operations a person was asked.
    can_be_silent: whether the provider can write to an event with guests and mail nobody. One that cannot
      gets no guests: their event could not be put back or moved in silence later (microsoft-graph.md V1-V4).
    """

    now: datetime
    in_step: InStep | None
    own_addresses: Collection[str] = ()
    decided_ids: Collection[int] = ()
    can_be_silent: bool = True


def watched(
    in_step: InStep | None,
    *,
    now: datetime,
    looked_at: datetime | None,
    failing_since: datetime | None,
) -> InStep | None:
    """What was in step, if the account was looked at ever since; None: what is found now is caught up.

    looked_at: its last good look before this run.
    """
    if looked_at is None or not timedelta(0) <= now - looked_at <= LOOKED_WITHIN:
        return None
    if failing_since is not None and now - failing_since > LOOKED_WITHIN:
        return None
    return in_step


def has_invitations(choices: EventChoices) -> bool:
    """Whether any wish of the owner's asks for guests or meetings."""
    return any(wishes.invite or wishes.meeting for wishes in choices.by_service.values())


def mails_customers(wishes: EventSettings) -> bool:
    """Whether a provider may write to customers by these wishes."""
    has_guests = wishes.invite and wishes.privacy is Privacy.FULL and wishes.group is not Grouping.TOGETHER
    return has_guests and (wishes.mail_on_create or wishes.mail_on_change or wishes.mail_on_cancel)


def invite(
    operations: Sequence[Operation],
    mappings: Iterable[Mapping],
    bookings: MappingOf[int, Booking],
    choices: EventChoices,
    statuses: frozenset[str],
    occasion: Occasion,
) -> tuple[Operation, ...]:
    """The same operations with the guests, meetings and mails that belong to them.

    bookings: those the operations are about, as far as they were read.
    """
    by_booking = {mapping.booking_id: mapping for mapping in mappings}
    if not has_invitations(choices) and not any(mapping.guests_hash for mapping in by_booking.values()):
        return tuple(operations)
    inviter = _Inviter(choices, statuses, occasion)
    invited = [
        inviter.decide(operation, by_booking.get(operation.booking_id), bookings.get(operation.booking_id))
        for operation in operations
    ]
    if sum(1 for operation in invited if _is_mailed(operation)) > MOST_AT_ONCE:
        return tuple(_silenced(operation) for operation in invited)
    return tuple(invited)


def has_other_guest(booking: Booking, mapping: Mapping) -> bool:
    """Whether we invited another address than the booking has now: that alone is worth a write."""
    if not is_invited(mapping.guests_hash):
        return False
    return guest_key(booking.id, booking.customer_email) != mapping.guests_hash


def is_invited(guests_hash: str) -> bool:
    """Whether somebody was invited, as far as we know."""
    return bool(guests_hash) and not guests_hash.startswith((INTENDED, LEFT_OUT))


def guest_key(booking_id: int, address: str) -> str:
    """What we remember of a guest in place of the address: enough to know it again. "" for no address."""
    if not address.strip():
        return ""
    seed = f"guest|{booking_id}|{_normal(address)}"
    return hashlib.sha256(seed.encode()).hexdigest()[:32]


def intended_guests(operation: CreateEvent) -> str:
    """What is remembered of a create before it is asked for."""
    if not operation.content.guests:
        return ""
    key = guest_key(operation.booking_id, operation.content.guests[0])
    return INTENDED + key if operation.is_mailed else key


def in_step_text(in_step: InStep) -> str:
    """As it is kept beside the account."""
    values = {
        "newest": in_step.newest,
        "until": in_step.until.isoformat(),
        "statuses": sorted(in_step.statuses),
    }
    return json.dumps(values, sort_keys=True)


def in_step_from(text: str | None) -> InStep | None:
    """What was kept; None for nothing, and for what a newer program keeps."""
    try:
        kept = json.loads(text or "")
        until = datetime.fromisoformat(kept["until"]).astimezone(UTC)
        return InStep(int(kept["newest"]), until, frozenset(map(str, kept["statuses"])))
    except (ValueError, TypeError, KeyError):
        return None


@dataclass(frozen=True, slots=True)
class _Inviter:
    choices: EventChoices
    statuses: frozenset[str]
    occasion: Occasion

    def decide(self, operation: Operation, mapping: Mapping | None, booking: Booking | None) -> Operation:
        if booking is None:
            return operation
        wishes = self.choices.of_service(booking.service_id)
        match operation:
            case CreateEvent():
                return self._create(operation, mapping, booking, wishes)
            case AdoptEvent():
                return self._adopt(operation, booking, wishes)
            case UpdateEvent():
                return self._update(operation, booking, wishes)
            case DeleteEvent():
                return self._delete(operation, wishes)
            case _:
                return operation

    def _create(
        self, operation: CreateEvent, mapping: Mapping | None, booking: Booking, wishes: EventSettings
    ) -> CreateEvent:
        content = self._with_meeting(operation.content, wishes)
        address = self._guest(booking, wishes)
        was_never_asked_for = mapping is None or mapping.guests_hash.startswith(INTENDED)
        if was_never_asked_for and operation.reason is Reason.NEW_BOOKING and self._is_new(booking):
            return replace(
                operation, content=_with(content, address), is_mailed=bool(address) and wishes.mail_on_create
            )
        was_invited = mapping is not None and mapping.guests_hash == guest_key(booking.id, address)
        return replace(operation, content=_with(content, address if was_invited else ""))

    def _adopt(self, operation: AdoptEvent, booking: Booking, wishes: EventSettings) -> AdoptEvent:
        """Only where the event turns out not to stand is it made, and then its mail has not gone out."""
        content = self._with_meeting(operation.content, wishes)
        address = self._guest(booking, wishes)
        intended = operation.mapping.guests_hash
        if not address or intended.removeprefix(INTENDED) != guest_key(booking.id, address):
            return replace(operation, content=content)
        is_mailed = intended.startswith(INTENDED) and wishes.mail_on_create and self._is_new(booking)
        return replace(operation, content=_with(content, address), is_mailed=is_mailed)

    def _update(self, operation: UpdateEvent, booking: Booking, wishes: EventSettings) -> UpdateEvent:
        mapping = operation.mapping
        content = operation.content
        if not mapping.meeting and mapping.state is MappingState.LIVE and not operation.becomes_history:
            content = self._with_meeting(content, wishes)
        operation = replace(operation, content=content)
        if content.is_free:
            return self._mark_cancelled(operation, wishes)
        if operation.becomes_history:
            return operation
        address = self._guest(booking, wishes)
        is_live = operation.reason is Reason.BOOKING_CHANGED and self._is_of_now(mapping, content.span)
        is_told = is_live and wishes.invite and wishes.mail_on_change
        if has_other_guest(booking, mapping):
            content = _with(content, address)
            return replace(operation, content=content, takes_guest_off=True, is_mailed=is_told)
        if content.span == mapping.span:
            return operation  # a note or a phone number is no news for a customer
        if is_invited(mapping.guests_hash):
            return replace(operation, is_mailed=is_told)
        if is_live and address:
            return replace(operation, content=_with(content, address), is_mailed=is_told)
        return operation

    def _mark_cancelled(self, operation: UpdateEvent, wishes: EventSettings) -> UpdateEvent:
        """The event stays for its agent; the guest is not expected any more."""
        return replace(
            operation,
            takes_guest_off=is_invited(operation.mapping.guests_hash),
            is_mailed=self._is_cancellation_told(operation, wishes),
        )

    def _delete(self, operation: DeleteEvent, wishes: EventSettings) -> DeleteEvent:
        return replace(operation, is_mailed=self._is_cancellation_told(operation, wishes))

    def _is_cancellation_told(self, operation: UpdateEvent | DeleteEvent, wishes: EventSettings) -> bool:
        mapping = operation.mapping
        is_wished = wishes.invite and wishes.mail_on_cancel and is_invited(mapping.guests_hash)
        is_cancelled = operation.reason is Reason.BOOKING_CANCELLED
        return is_wished and is_cancelled and self._is_of_now(mapping, mapping.span)

    def _with_meeting(self, content: EventContent, wishes: EventSettings) -> EventContent:
        is_to_come = content.span.end > self.occasion.now
        return replace(content, wants_meeting=wishes.meeting and is_to_come and not content.is_free)

    def _guest(self, booking: Booking, wishes: EventSettings) -> str:
        """The address to invite, "" for nobody.

        Nobody where the owner wants no names in the calendar, and nobody to an event of several customers:
        each would read the others' addresses.
        """
        if not wishes.invite or wishes.privacy is not Privacy.FULL or wishes.group is Grouping.TOGETHER:
            return ""
        if not self.occasion.can_be_silent or booking.span.start <= self.occasion.now:
            return ""
        address = booking.customer_email.strip()
        own = {_normal(each) for each in self.occasion.own_addresses}
        return address if _ADDRESS.fullmatch(address) and _normal(address) not in own else ""

    def _is_new(self, booking: Booking) -> bool:
        in_step = self.occasion.in_step
        if in_step is None or booking.id in self.occasion.decided_ids:
            return False
        return in_step.is_newly_wanted(booking, self.statuses)

    def _is_of_now(self, mapping: Mapping, span: TimeRange) -> bool:
        """Whether an event that stood as wanted is changed now, and is still to come."""
        if self.occasion.in_step is None or mapping.booking_id in self.occasion.decided_ids:
            return False
        stood_as_wanted = mapping.state is MappingState.LIVE and mapping.drift is None
        return stood_as_wanted and bool(mapping.booking_hash) and span.start > self.occasion.now


def _is_mailed(operation: Operation) -> bool:
    return isinstance(operation, _WITH_MAIL) and operation.is_mailed


_WITH_MAIL = (CreateEvent, AdoptEvent, UpdateEvent, DeleteEvent)


def _silenced(operation: Operation) -> Operation:
    """Without its mail; and a new event without its guest: providers count them (google-calendar.md Q4)."""
    match operation:
        case CreateEvent(is_mailed=True) | AdoptEvent(is_mailed=True):
            return replace(operation, content=_with(operation.content, ""), is_mailed=False)
        case UpdateEvent() | DeleteEvent():
            return replace(operation, is_mailed=False)
        case _:
            return operation


def _with(content: EventContent, address: str) -> EventContent:
    return replace(content, guests=(address,) if address else ())


def _normal(address: str) -> str:
    """The same for all ways to write one address; Google's own ignores dots and what follows a plus."""
    name, _, domain = address.strip().casefold().rpartition("@")
    if domain in _GMAIL:
        return f"{name.partition('+')[0].replace('.', '')}@gmail.com"
    return f"{name}@{domain}"
