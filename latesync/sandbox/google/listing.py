"""Listing events: filters, expansion, paging and sync tokens (google-calendar.md §14)."""

import math
from collections.abc import Iterator
from typing import Any

from .errors import Json
from .exceptions import as_event
from .keeping import is_lasting
from .moments import DAY_S, stamp, zone
from .query import Query, next_token, read_query, read_sync_token
from .series import instances
from .shown import show
from .state import Calendar, Event, State
from .tokens import PageToken, fingerprint

Key = list[Any]


def list_events(state: State, calendar: Calendar, parameters: Json, role: str) -> Json:
    """One page of events.list. Raises ApiError 400 and 410."""
    sync = read_sync_token(state, calendar, parameters)
    query = read_query(state, calendar, parameters, role, sync)
    page = PageToken.read(parameters.get("pageToken"), fingerprint(parameters))
    upto = page.upto if page else calendar.changes.last
    rows = sorted(_rows(state, calendar, query), key=lambda row: row[0])
    if page:
        rows = [row for row in rows if row[0] > page.after]
    size = min(parameters.get("maxResults", 250), 2500, state.switches.page_size_cap)
    empty = state.switches.empty_pages and bool(rows) and not (page and page.was_empty)
    shown = [] if empty else rows[:size]
    answer = envelope(state, calendar, parameters, role)
    answer["items"] = [
        show(
            state,
            calendar,
            event,
            role=role,
            zone_name=parameters.get("timeZone"),
            max_attendees=parameters.get("maxAttendees"),
        )
        for _, event in shown
    ]
    if len(rows) > len(shown):
        last = shown[-1][0] if shown else (page.after if page else [-1])
        answer["nextPageToken"] = PageToken(last, upto, empty, fingerprint(parameters)).text()
    elif token := next_token(state, calendar, parameters, upto, sync):
        answer["nextSyncToken"] = token.text()
    return answer


def expanded(state: State, calendar: Calendar, after_ts: float, before_ts: float) -> list[Event]:
    """Living single events and instances between two instants, by start."""
    parameters = {"singleEvents": True, "orderBy": "startTime"}
    query = Query(parameters, "owner", None, after_ts, before_ts, before_ts)
    return [event for _, event in sorted(_rows(state, calendar, query), key=lambda row: row[0])]


def envelope(state: State, calendar: Calendar, parameters: Json, role: str) -> Json:
    answer: Json = {
        "kind": "calendar#events",
        "etag": calendar.etag,
        "summary": calendar.summary,
        "description": calendar.description,
        "updated": stamp(state.now()),
        "timeZone": parameters.get("timeZone", calendar.time_zone),
        "accessRole": role,
        "defaultReminders": [{"method": "popup", "minutes": 10}] if calendar.primary else [],
    }
    zone(answer["timeZone"])
    return answer


def _rows(state: State, calendar: Calendar, query: Query) -> Iterator[tuple[Key, Event]]:
    """Everything the listing shows, each with the key it is sorted by."""
    numbers = calendar.changes.numbers
    changed = calendar.changes.since(query.since) if query.since is not None else list(numbers.items())
    for event_id, number in changed:
        for event in _versions(state, calendar, calendar.events[event_id], query):
            if _wanted(state, event, query):
                yield _key(event, number, query), event


def _key(event: Event, number: int, query: Query) -> Key:
    order = query.parameters.get("orderBy")
    if order == "startTime":
        return [event.start_ts, event.id]
    if order == "updated":
        return [event.updated_ts, event.start_ts, event.id]
    # In the order of change: what changes while pages are fetched moves to the end and is not missed (Y1).
    return [number, event.start_ts, event.id]


def _versions(state: State, calendar: Calendar, event: Event, query: Query) -> Iterator[Event]:
    """The event itself or, in an expanded listing, the instances that stand for a series."""
    if event.cancelled and not query.shows_deleted and (query.single or not is_lasting(calendar, event)):
        return
    if not query.single:
        if _series_in_window(calendar, event, query):
            yield event
    elif event.is_series or event.was:
        yield from _expanded(state, calendar, event, query)
    elif query.includes_span(event.start_ts, event.end_ts) or (event.cancelled and query.incremental):
        yield event


def _series_in_window(calendar: Calendar, event: Event, query: Query) -> bool:
    if event.cancelled and query.incremental:
        return True
    if not event.is_series:
        return query.includes_span(event.start_ts, event.end_ts)
    if query.after_ts == -math.inf:
        return event.start_ts < query.before_ts
    found = instances(event.resource, calendar.time_zone, after_ts=query.after_ts, before_ts=query.before_ts)
    return next(found, None) is not None


def _expanded(state: State, calendar: Calendar, master: Event, query: Query) -> Iterator[Event]:
    """Instances without an exception of their own; then those that are gone since (X5, X7)."""
    exceptions = calendar.exceptions.get(master.id, set())
    alive: set[str] = set()
    if not master.is_series:  # it was one once
        if query.includes_span(master.start_ts, master.end_ts):
            yield master
    elif not master.cancelled:
        for instance in instances(
            master.resource, calendar.time_zone, after_ts=query.after_ts, before_ts=query.horizon_ts
        ):
            alive.add(instance.id)
            if instance.id not in exceptions:
                yield as_event(master, instance)
    if query.shows_deleted and (query.incremental or query.parameters.get("showDeleted")):
        yield from _gone_instances(state, calendar, master, alive | exceptions, query)


def _gone_instances(
    state: State, calendar: Calendar, master: Event, known: set[str], query: Query
) -> Iterator[Event]:
    days = state.switches.cancelled_instances_days
    limit = query.horizon_ts if days is None else min(query.horizon_ts, state.now() + days * DAY_S)
    for rhythm in [*master.was, *([master.resource] if master.cancelled else [])]:
        if not rhythm.get("recurrence"):
            continue
        for instance in instances(rhythm, calendar.time_zone, after_ts=query.after_ts, before_ts=limit):
            if instance.id not in known:
                known.add(instance.id)
                gone = as_event(master, instance)
                gone.resource["status"] = "cancelled"
                yield gone


def _wanted(state: State, event: Event, query: Query) -> bool:
    parameters = query.parameters
    resource = event.resource
    types = parameters.get("eventTypes")
    if types and resource.get("eventType", "default") not in types:
        return False
    if "updatedMin" in parameters and event.updated_ts < parameters["updatedMin"]:
        return False
    if "iCalUID" in parameters and resource.get("iCalUID") != parameters["iCalUID"]:
        return False
    if "q" in parameters and not _mentions(resource, parameters["q"]):
        return False
    return _has_properties(state, resource, parameters)


def _mentions(resource: Json, words: str) -> bool:
    text = " ".join(str(resource.get(name, "")) for name in ("summary", "description", "location"))
    return all(word in text.casefold() for word in words.casefold().split())


def _has_properties(state: State, resource: Json, parameters: Json) -> bool:
    """Repeated filters: all or any of them, by switch (E6)."""
    found: list[bool] = []
    stored = resource.get("extendedProperties", {})
    for kind in ("private", "shared"):
        for text in parameters.get(f"{kind}ExtendedProperty", ()):
            name, _, value = text.partition("=")
            found.append(stored.get(kind, {}).get(name) == value)
    if not found:
        return True
    return all(found) if state.switches.repeated_properties_all_match else any(found)
