"""What Google answers to a call, read as pages, events and calendars; anything else is no answer. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from latesync.errors import EventNotFound, ProviderUnavailable
from latesync.model import Calendar, ChangePage, Event
from latesync.providers.google.errors import Call
from latesync.providers.google.events import read_event

_WRITER_ROLES = frozenset({"writer", "owner"})  # K2: writerWithoutPrivateAccess cannot write all

Answer = Mapping[str, Any]


def as_object(call: Call, answer: object) -> Answer:
    """What is no JSON object comes as text from the library: a proxy's page, a cut answer."""
    if not isinstance(answer, Mapping):
        raise call.error(ProviderUnavailable, "unreadable_answer")
    return answer


def read_page(call: Call, answer: Answer) -> ChangePage:
    """One page of a listing; without either token it is no page of Google's (Y1), and proves nothing."""
    items = answer.get("items", [])
    next_sync_token = None if text_of(answer, "nextPageToken") else text_of(answer, "nextSyncToken")
    if not isinstance(items, list) or not (next_sync_token or text_of(answer, "nextPageToken")):
        raise call.error(ProviderUnavailable, "unreadable_answer")
    return ChangePage(
        events=tuple(event for item in items if (event := read_event(item))),
        zone=text_of(answer, "timeZone"),
        next_sync_token=next_sync_token,
    )


def readable(call: Call, answer: object) -> Event:
    event = read_event(answer)
    if event is None or not event.etag:
        raise call.error(ProviderUnavailable, "unreadable_answer")
    return event


def living(call: Call, answer: object) -> Event:
    """The event, unless the answer is the tombstone of a deleted one (I9)."""
    event = readable(call, answer)
    if event.item.is_cancelled:
        raise call.error(EventNotFound, "cancelled")
    return event


def read_calendars(answer: Answer) -> Iterator[Calendar]:
    items = answer.get("items")
    for entry in items if isinstance(items, list) else []:
        if not isinstance(entry, Mapping) or not text_of(entry, "id") or entry.get("deleted"):
            continue
        yield Calendar(
            id=entry["id"],
            name=entry.get("summaryOverride") or entry.get("summary") or entry["id"],
            is_primary=bool(entry.get("primary")),
            is_writable=entry.get("accessRole") in _WRITER_ROLES,
            zone=text_of(entry, "timeZone"),
        )


def is_alias(calendar: Calendar, calendar_id: str) -> bool:
    return calendar_id == "primary" and calendar.is_primary  # K1


def text_of(answer: Answer, key: str) -> str | None:
    value = answer.get(key)
    return value if isinstance(value, str) and value else None
