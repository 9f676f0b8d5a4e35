"""What a booking's event contains, and how two contents are compared."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from datetime import timedelta

from latesync.descriptions import plain_text, without_notes_line
from latesync.model import Booking, EventContent, Marker
from latesync.times import Zone

VARIABLE = re.compile(r"{{\s*(\w+)\s*}}")


@dataclass(frozen=True, slots=True)
class Templates:
    """Texts with LatePoint's own variable names (latepoint.md §5).

    A description line whose variables are all empty is left out.
    """

    summary: str = "{{service_name}} · {{customer_full_name}}"
    description: str = (
        "{{service_name}}\n"
        "{{customer_full_name}}\n"
        "{{customer_phone}}\n"
        "{{customer_email}}\n"
        "{{total_attendees_if_group}}\n"
        "{{customer_comment}}\n"
        "Booking {{booking_code}}"
    )


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
    booking: Booking, zone: Zone, *, site_id: str, generation: int, templates: Templates
) -> EventContent:
    variables = _variables(booking)
    return EventContent(
        summary=" ".join(fill(templates.summary, variables).strip(" ·–-:").split()),
        description=without_notes_line(_fill_lines(templates.description, variables)),
        location=variables["location_full_address"] or variables["location_name"],
        span=booking.span,
        zone=zone.name,
        marker=Marker(site_id, booking.id, generation),
        booking_hash=booking_hash(booking),
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
    wall = booking.wall
    starts = booking.span.start.isoformat() if wall is None else f"{wall.start_date}|{wall.start_time}"
    minutes = (booking.span.end - booking.span.start) // timedelta(minutes=1)
    parts = (
        *(str(booking.agent_id), booking.status, starts, str(minutes), booking.code, booking.service_name),
        *(booking.location_name, booking.location_address, booking.customer_name, booking.customer_email),
        *(booking.customer_phone, booking.customer_comment, str(booking.attendees)),
    )
    return hashlib.sha256("\x1f".join(part.strip() for part in parts).encode()).hexdigest()


def fill(template: str, variables: MappingOf[str, str]) -> str:
    """A text with its {{variables}}; one nobody knows is empty."""
    return VARIABLE.sub(lambda match: variables.get(match.group(1), ""), template)


def _variables(booking: Booking) -> dict[str, str]:
    values = {
        "booking_id": str(booking.id),
        "booking_code": booking.code or str(booking.id),
        "booking_status": booking.status,
        "service_name": booking.service_name or "Appointment",
        "customer_full_name": booking.customer_name,
        "customer_email": booking.customer_email,
        "customer_phone": booking.customer_phone,
        "customer_comment": booking.customer_comment,
        "location_name": booking.location_name,
        "location_full_address": booking.location_address,
        "total_attendees": str(booking.attendees),
        "total_attendees_if_group": f"{booking.attendees} people" if booking.attendees > 1 else "",
    }
    return {name: value.strip() for name, value in values.items()}


def _without_markup(text: str) -> str:
    # Calendars show descriptions as HTML (google-calendar.md E20); what a customer typed must stay text.
    return text.replace("<", "‹").replace(">", "›")


def _fill_lines(template: str, variables: dict[str, str]) -> str:
    lines = []
    for line in template.splitlines():
        names = VARIABLE.findall(line)
        if not names or any(variables.get(name) for name in names):
            lines.append(fill(line, variables))
    return _without_markup("\n".join(lines))
