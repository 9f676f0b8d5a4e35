"""What a booking's event contains, and how two contents are compared."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from datetime import timedelta

from latesync.descriptions import plain_text, without_notes_line
from latesync.model import Booking, Business, EventContent, InitialLook, Marker
from latesync.plan.event_settings import EventSettings, Privacy, Visibility
from latesync.plan.variables import (
    INITIALS,
    OF_CUSTOMER,
    OF_ONE_BOOKING,
    VARIABLE,
    fill,
    names_in,
    variables_of,
    variables_of_group,
)
from latesync.sentences.event_sentences import cancelled_summary, more_bookings
from latesync.times import Zone

__all__ = ["VARIABLE", "booking_hash", "content_hash", "event_key", "fill", "render_content"]

# The texts of the presets, which stand in for the owner's own (users-ask.md U40).
_PRESETS = {
    Privacy.INITIALS: (
        "{{service_name}} · {{customer_initials}}",
        "{{service_name}}\n{{customer_initials}}\n{{total_attendees_if_group}}\nBooking {{booking_code}}",
    ),
    Privacy.BOOKED: ("Booked", "Booking {{booking_code}}"),
}
# A group's list ends here: longer than anybody reads, shorter than calendars take.
LONGEST_LIST = 6000  # characters
_HALF = 32  # of a hash's characters


def event_key(site_id: str, booking_id: int, agent_id: int, subject: str, generation: int) -> str:
    """The event's id, derived so that a repeated create is the same create.

    Lower-case base32hex, 32 characters (google-calendar.md E3). subject is the provider's stable id of
    the person, so that a renewed sign-in derives the same keys; the agent is part of it because two
    agents may share one calendar.
    """
    seed = f"{site_id}|{booking_id}|{agent_id}|{subject}|{generation}"
    digest = hashlib.sha256(seed.encode()).digest()[:20]
    return base64.b32hexencode(digest).decode().lower()


def render_content(
    booking: Booking,
    zone: Zone,
    *,
    site_id: str,
    generation: int,
    settings: EventSettings | None = None,
    business: Business | None = None,
    group: Sequence[Booking] = (),
    is_cancelled: bool = False,
) -> EventContent:
    """What the booking's event says.

    group: all bookings that stand in this event, the booking among them; fewer than two are none.
    is_cancelled: the owner keeps cancelled bookings: marked, and shown as free (users-ask.md U27).
    """
    wishes, together = settings or EventSettings(), group if len(group) > 1 else (booking,)
    each = [_shown(variables_of(one, zone, business or Business()), wishes.privacy) for one in together]
    names_customers = wishes.privacy is not Privacy.BOOKED
    shared = variables_of_group(group, each[0], names_customers=names_customers) if len(each) > 1 else each[0]
    summary_template, template = _PRESETS.get(wishes.privacy, (wishes.summary, wishes.description))
    summary = " ".join(fill(summary_template, shared).strip(" ·–-:").split())
    return EventContent(
        summary=cancelled_summary(summary) if is_cancelled else summary,
        description=without_notes_line(_description(template, shared, each)),
        location=_location(wishes.location, shared),
        span=booking.span,
        zone=zone.name,
        marker=Marker(site_id, booking.id, generation),
        booking_hash=group_hash(booking, together),
        is_free=is_cancelled,
        initial=_initial_look(wishes),
    )


def content_hash(content: EventContent) -> str:
    """Equal for contents that look the same to a person: markup, spacing and zone names aside."""
    parts = (
        " ".join(content.summary.split()),
        plain_text(content.description),
        " ".join(content.location.split()),
        content.span.start.isoformat(),
        content.span.end.isoformat(),
        f"{content.marker.site_id}|{content.marker.booking_id}|{content.marker.generation}",
    )
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def booking_hash(booking: Booking) -> str:
    """Equal while the booking itself is the same, whatever our settings or the site's zone make of it.

    Its end is told by its length: LatePoint 5 fills in end columns that earlier versions left empty
    (latepoint.md §2.3).
    """
    parts = (
        *(str(booking.agent_id), booking.status, *_when(booking), booking.code, booking.service_name),
        *(booking.location_name, booking.location_address, booking.customer_name, booking.customer_email),
        *(booking.customer_phone, booking.customer_comment, str(booking.attendees)),
    )
    return _hashed(parts)


def row_hash(booking: Booking) -> str:
    """Equal while the booking's own row is the same, whatever its service, place or customer are called.

    For what was left out: another name of a service must not bring all of its bookings.
    """
    numbers = (booking.agent_id, booking.service_id, booking.location_id, booking.attendees)
    return _hashed(("row", booking.status, *_when(booking), booking.code, *map(str, numbers)))


def group_hash(booking: Booking, group: Sequence[Booking] = ()) -> str:
    """Equal while all bookings in an event are the same; of one alone it is the booking's own.

    Its first half is the leader's own in any case: is_same_booking.
    """
    own = booking_hash(booking)
    if len(group) < 2:
        return own
    digest = hashlib.sha256("".join(booking_hash(member) for member in group).encode()).hexdigest()
    return own[:_HALF] + digest[:_HALF]


def is_same_booking(one: str, other: str) -> bool:
    """Whether two hashes are of the same booking, whoever shares its event."""
    return one[:_HALF] == other[:_HALF]


def _when(booking: Booking) -> tuple[str, str]:
    """As the row has it, in the site's own time, and how many minutes long."""
    wall = booking.wall
    starts = booking.span.start.isoformat() if wall is None else f"{wall.start_date}|{wall.start_time}"
    return starts, str((booking.span.end - booking.span.start) // timedelta(minutes=1))


def _hashed(parts: Sequence[str]) -> str:
    return hashlib.sha256("\x1f".join(part.strip() for part in parts).encode()).hexdigest()


def _shown(variables: dict[str, str], privacy: Privacy) -> dict[str, str]:
    """What may stand in the calendar: the location's wording too could name a customer."""
    if privacy is Privacy.FULL:
        return variables
    hidden = OF_CUSTOMER if privacy is Privacy.INITIALS else OF_CUSTOMER | {INITIALS}
    return {**variables, **dict.fromkeys(hidden, "")}


def _initial_look(wishes: EventSettings) -> InitialLook | None:
    visibility = "" if wishes.visibility is Visibility.DEFAULT else wishes.visibility.value
    look = InitialLook(wishes.colour, visibility, wishes.reminders)
    return None if look == InitialLook() else look


def _location(template: str, variables: MappingOf[str, str]) -> str:
    """The filled-in wording; where it asks for an address and the site has none, the location's name."""
    text = fill(template, variables).strip()
    wants_address = "location_full_address" in names_in(template)
    return variables["location_name"] if wants_address and not text else text


def _without_markup(text: str) -> str:
    # Calendars show descriptions as HTML (google-calendar.md E20); what a customer typed must stay text.
    return text.replace("<", "‹").replace(">", "›")


def _description(template: str, shared: MappingOf[str, str], each: Sequence[MappingOf[str, str]]) -> str:
    """The lines about one booking are repeated for each of a group; those around them stand once."""
    lines = template.splitlines()
    own = [number for number, line in enumerate(lines) if OF_ONE_BOOKING.intersection(names_in(line))]
    if len(each) == 1 or not own:
        return _fill_lines(lines, shared)
    first, last = own[0], own[-1] + 1
    parts = [_fill_lines(lines[:first], shared)]
    parts += _listed([_fill_lines(lines[first:last], one) for one in each])
    parts.append(_fill_lines(lines[last:], shared))
    return "\n\n".join(part for part in parts if part)


def _listed(texts: list[str]) -> list[str]:
    """As many as fit, and how many more there are; the first always."""
    length, shown = 0, 0
    for text in texts:
        length += len(text)
        if shown and length > LONGEST_LIST:
            break
        shown += 1
    return texts[:shown] + ([more_bookings(len(texts) - shown)] if shown < len(texts) else [])


def _fill_lines(template: Sequence[str], variables: MappingOf[str, str]) -> str:
    """A line whose variables are all empty is left out."""
    lines = []
    for line in template:
        names = VARIABLE.findall(line)
        if not names or any(variables.get(name) for name in names):
            lines.append(fill(line, variables))
    return _without_markup("\n".join(lines))
