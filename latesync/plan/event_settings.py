"""The owner's wishes for events: what they say, how they look at first, who is invited; per site and service.

Kept as JSON, a row for each service with wishes of its own and row 0 for all others. What was kept by a newer
program, or by hand, and cannot be understood counts as not chosen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

from latesync.errors import WrongInput
from latesync.options import COLOURS
from latesync.plan.variables import fill, unknown_variable
from latesync.sentences import event_sentences

DEFAULT_SUMMARY = "{{service_name}} · {{customer_full_name}}"
DEFAULT_DESCRIPTION = (
    "{{service_name}}\n"
    "{{customer_full_name}}\n"
    "{{customer_phone}}\n"
    "{{customer_email}}\n"
    "{{total_attendees_if_group}}\n"
    "{{customer_comment}}\n"
    "Booking {{booking_code}}"
)
DEFAULT_LOCATION = "{{location_full_address}}"  # without an address, the location's name

MOST_REMINDERS = 5  # google-calendar.md E13
LONGEST_REMINDER = 40320  # minutes: four weeks (google-calendar.md E13)

LONGEST = {"summary": 200, "description": 4000, "location": 300}  # characters of a wording, ours to choose

ALL_SERVICES = 0

# The variables of which every booking has a value.
_NEVER_EMPTY = (
    *("service_name", "booking_code", "booking_id", "booking_status", "booking_duration"),
    *("start_date", "start_time", "end_time", "total_attendees"),
)


class Privacy(StrEnum):
    """What of a customer stands in the calendar (users-ask.md U40)."""

    FULL = "full"  # as the templates say
    INITIALS = "initials"
    BOOKED = "booked"  # nothing


class Visibility(StrEnum):
    """Who else may read an event in a shared calendar."""

    DEFAULT = "default"
    PRIVATE = "private"
    PUBLIC = "public"


class Grouping(StrEnum):
    """How several bookings of one service, place and time stand in the calendar (latepoint.md §2.4)."""

    EACH = "each"  # one event for each
    TOGETHER = "together"  # one event for all of them


@dataclass(frozen=True, slots=True)
class EventSettings:
    """privacy: other than FULL, it overrides both templates and empties what names a customer.

    location: a template as well. colour, visibility and reminders hold when an event is made, and are its
      agent's afterwards. reminders: minutes before; None: as the calendar's own are.
    buffers: the times before and after a booking stand in the calendar as events of their own.
    """

    summary: str = DEFAULT_SUMMARY
    description: str = DEFAULT_DESCRIPTION
    privacy: Privacy = Privacy.FULL
    colour: str = ""
    visibility: Visibility = Visibility.DEFAULT
    reminders: tuple[int, ...] | None = None
    location: str = DEFAULT_LOCATION
    buffers: bool = False
    group: Grouping = Grouping.EACH
    invite: bool = False
    mail_on_create: bool = True
    mail_on_change: bool = True
    mail_on_cancel: bool = True
    meeting: bool = False


@dataclass(frozen=True, slots=True)
class EventChoices:
    """The wishes by service; 0 stands for every service that has none of its own."""

    by_service: MappingOf[int, EventSettings] = field(default_factory=dict)

    @classmethod
    def for_all(cls, settings: EventSettings) -> EventChoices:
        return cls({ALL_SERVICES: settings})

    def of_service(self, service_id: int | None) -> EventSettings:
        """The service's own, else those of all services, else ours. None: the booking names no service."""
        own = self.by_service.get(service_id or ALL_SERVICES)
        return own or self.by_service.get(ALL_SERVICES) or EventSettings()


def to_json(settings: EventSettings) -> str:
    """As it is kept; the same wishes are the same text."""
    values = {each.name: getattr(settings, each.name) for each in fields(EventSettings)}
    return json.dumps(values, ensure_ascii=False, sort_keys=True)


def from_json(text: str) -> EventSettings:
    """What was kept. What is missing or not understood is as where nothing was chosen."""
    try:
        kept = json.loads(text)
    except ValueError:
        return EventSettings()
    if not isinstance(kept, dict):
        return EventSettings()
    return EventSettings(**{name: read(kept[name]) for name, read in _READERS.items() if _reads(kept, name)})


def parse_settings(values: MappingOf[str, Any], before: EventSettings) -> EventSettings:
    """The wishes with what a person gave; what is not among values stays as it was before.

    values: as to_json writes them. Raises WrongInput, which names the first thing wrong and the remedy.
    """
    given: dict[str, Any] = {}
    for name, value in values.items():
        if name not in _READERS:
            raise WrongInput(event_sentences.unknown_setting(name, sorted(_READERS)))
        given[name] = _read_given(name, value)
    settings = replace(before, **given)
    _check_wording(settings)
    return settings


def parse_reminders(text: str) -> tuple[int, ...]:
    """ "10, 60" → (10, 60); longest before the event first, each once. Raises WrongInput."""
    parts = [part for part in text.replace(",", " ").split() if part]
    if not all(part.isdecimal() and part.isascii() for part in parts):
        raise WrongInput(event_sentences.REMINDERS_UNREADABLE)
    minutes = tuple(sorted({int(part) for part in parts}, reverse=True))
    if len(minutes) > MOST_REMINDERS:
        raise WrongInput(event_sentences.TOO_MANY_REMINDERS)
    if any(each > LONGEST_REMINDER for each in minutes):
        raise WrongInput(event_sentences.REMINDER_OUT_OF_RANGE)
    return minutes


def _read_given(name: str, value: Any) -> Any:
    if name == "reminders" and isinstance(value, list | tuple):
        return parse_reminders(" ".join(map(str, value)))
    try:
        return _READERS[name](value)
    except (TypeError, ValueError) as exc:
        raise WrongInput(event_sentences.not_among(name, _POSSIBLE.get(name, _TEXTS))) from exc


def _check_wording(settings: EventSettings) -> None:
    for name in ("summary", "description", "location"):
        text = getattr(settings, name)
        if len(text) > LONGEST[name]:
            raise WrongInput(event_sentences.too_long(name, LONGEST[name]))
        unknown = unknown_variable(text)
        if unknown:
            raise WrongInput(event_sentences.unknown_variable(*unknown))
    if not settings.summary.strip(" ·–-:\n"):
        raise WrongInput(event_sentences.NO_SUMMARY)
    fixed = fill(settings.summary, dict.fromkeys(_NEVER_EMPTY, "x")).strip(" ·–-:\n")
    if not fixed:
        raise WrongInput(event_sentences.SUMMARY_ONLY_GAPS)


def _reads(kept: dict[str, Any], name: str) -> bool:
    try:
        _READERS[name](kept[name])
    except (KeyError, TypeError, ValueError):
        return False
    return True


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _colour(value: Any) -> str:
    if value not in ("", *COLOURS):
        raise ValueError(value)
    return str(value)


def _reminders(value: Any) -> tuple[int, ...] | None:
    if value is None:
        return None
    minutes = tuple(value)
    if len(minutes) > MOST_REMINDERS or not all(
        type(each) is int and 0 <= each <= LONGEST_REMINDER for each in minutes
    ):
        raise ValueError(value)
    return minutes


_READERS: dict[str, Any] = {
    "summary": _text,
    "description": _text,
    "privacy": Privacy,
    "colour": _colour,
    "visibility": Visibility,
    "reminders": _reminders,
    "location": _text,
    "buffers": _switch,
    "group": Grouping,
    "invite": _switch,
    "mail_on_create": _switch,
    "mail_on_change": _switch,
    "mail_on_cancel": _switch,
    "meeting": _switch,
}

_SWITCH = ["true", "false"]
_TEXTS = ["a text"]
_POSSIBLE: dict[str, list[str]] = {
    "privacy": [each.value for each in Privacy],
    "colour": ["(empty)", *COLOURS],
    "visibility": [each.value for each in Visibility],
    "reminders": ["null (as the calendar's own)", "a list of minutes"],
    "group": [each.value for each in Grouping],
    **dict.fromkeys(("buffers", "invite", "meeting"), _SWITCH),
    **dict.fromkeys(("mail_on_create", "mail_on_change", "mail_on_cancel"), _SWITCH),
}
