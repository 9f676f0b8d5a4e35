"""Writing events (google-calendar.md §10, §11, §13). Callers hold the world's lock."""

from dataclasses import dataclass

from .bodies import (
    SHARED_FIELDS,
    check_sequence,
    check_type,
    check_unchanged,
    merged,
    new_id,
    settle,
)
from .errors import ApiError, Json, forbidden, invalid, not_found
from .exceptions import drop_lost_exceptions, instance_of
from .keeping import bury, keep
from .mails import check_outside_guests, record_mails
from .meetings import is_pending, with_meeting
from .state import Calendar, Event, State, has_role


@dataclass(frozen=True)
class Write:
    """Who writes, and under which conditions.

    is_person: done in Google's own calendar page, where the limits for programs do not hold.
    """

    email: str
    if_match: str | None = None
    send_updates: str = "none"
    conference_version: int = 0
    in_batch: bool = False
    is_person: bool = False


def insert(state: State, calendar: Calendar, body: Json, write: Write) -> Event:
    """A new event. Raises ApiError: 409 `duplicate` for an id that lives or ever lived here (I1, I2)."""
    _check_writer(calendar, body, write)
    if body.get("start") is None or body.get("end") is None:
        raise ApiError(400, "required", "Missing start or end time.")
    if not write.is_person:
        check_type(state, calendar, body, in_batch=write.in_batch)
        check_outside_guests(state, calendar, body)
    event_id = str(body["id"]) if write.is_person and "id" in body else new_id(body)
    if not write.is_person:
        _check_free(state, calendar, event_id)
    fresh = _fresh(state, calendar, {**body, "id": event_id}, write)
    event = _settled(state, calendar, with_meeting(state, fresh, None, version=_version(write)))
    keep(state, calendar, event)
    _note_meeting(calendar, event)
    record_mails(state, calendar, event, None, write.send_updates, "invitation")
    return event


def update(state: State, calendar: Calendar, event_id: str, body: Json, write: Write) -> Event:
    """PUT: the whole resource is replaced; what is not sent is cleared (I6)."""
    before = _found(state, calendar, event_id, write)
    if body.get("start") is None or body.get("end") is None:
        raise ApiError(400, "required", "Missing start or end time.")
    if _is_guest_copy(calendar, before) and not write.is_person:
        raise ApiError(
            403,
            "forbiddenForNonOrganizer",
            "Shared properties can only be changed by the organizer of the event.",
            domain="calendar",
        )
    stays = (
        "kind",
        "id",
        "iCalUID",
        "created",
        "creator",
        "organizer",
        "htmlLink",
        "eventType",
        "sequence",
        "hangoutLink",
    )
    links = ("recurringEventId", "originalStartTime")
    own = {name: before.resource[name] for name in (*stays, *links) if name in before.resource}
    defaults = {"status": "confirmed", "reminders": {"useDefault": True}}
    sent = {name: value for name, value in body.items() if value is not None and name not in own}
    return _changed(state, calendar, before, {**defaults, **own, **sent}, body, write)


def patch(state: State, calendar: Calendar, event_id: str, body: Json, write: Write) -> Event:
    """PATCH: only what is sent changes (I6, E7)."""
    before = _found(state, calendar, event_id, write)
    if _is_guest_copy(calendar, before) and not write.is_person:
        _check_guest_patch(before, body)
    change = {name: value for name, value in body.items() if name not in ("sequence", "originalStartTime")}
    return _changed(state, calendar, before, merged(before.resource, change), body, write)


def delete(state: State, calendar: Calendar, event_id: str, write: Write) -> None:
    """Raises ApiError: 410 `deleted` when it is gone already, 404 when it never was (I8)."""
    _check_writer(calendar, {}, write)
    event = calendar.events.get(event_id) or instance_of(calendar, event_id)
    if event is None:
        raise not_found()
    if event.cancelled:
        raise ApiError(410, "deleted", "Resource has been deleted")
    _check_etag(event, write)
    bury(state, calendar, event)
    record_mails(state, calendar, event, None, write.send_updates, "cancellation")


def move(state: State, source: Calendar, event_id: str, target: Calendar, write: Write) -> Event:
    """To another calendar; the old one keeps a tombstone with the id alone (I10)."""
    before = _found(state, source, event_id, write)
    _check_writer(target, {}, write)
    if before.resource.get("eventType", "default") != "default" or before.master_id:
        raise invalid("Only whole default events can be moved.")
    _check_free(state, target, event_id)
    resource = {**before.resource, "organizer": _organizer(target)}
    moved = _settled(state, target, resource)
    keep(state, target, moved)
    before.resource = {
        name: before.resource[name]
        for name in ("kind", "id", "status", "start", "end", "sequence", "iCalUID")
    }
    bury(state, source, before)
    record_mails(state, target, moved, None, write.send_updates, "update")
    return moved


def _found(state: State, calendar: Calendar, event_id: str, write: Write) -> Event:
    event = calendar.events.get(event_id) or instance_of(calendar, event_id)
    if event is None:
        raise not_found()
    _check_writer(calendar, event.resource, write)
    _check_etag(event, write)
    return event


def _changed(
    state: State, calendar: Calendar, before: Event, resource: Json, body: Json, write: Write
) -> Event:
    if before.cancelled:
        _check_revival(state, body, write)
    check_unchanged(before, body)
    _check_lock(before, resource, write)
    check_sequence(before, body)
    if resource.get("status") == "cancelled":
        bury(state, calendar, before)
        record_mails(state, calendar, before, None, write.send_updates, "cancellation")
        return before
    if not write.is_person:
        check_outside_guests(state, calendar, body)
    resource = with_meeting(state, resource, before, version=_version(write))
    after = _settled(state, calendar, resource)
    after.was = before.was
    _count_sequence(before, after, body)
    _keep_update_time(before, after)
    if before.is_series and _rhythm(before) != _rhythm(after):
        after.was = [*before.was, _rhythm(before)]
    keep(state, calendar, after)
    _note_meeting(calendar, after)
    drop_lost_exceptions(state, calendar, after)
    record_mails(state, calendar, after, before.resource, write.send_updates, "update")
    return after


def _rhythm(event: Event) -> Json:
    return {name: event.resource.get(name) for name in ("id", "start", "end", "recurrence")}


def _count_sequence(before: Event, after: Event, body: Json) -> None:
    """Google raises SEQUENCE when times change, unless the caller did (E10)."""
    given = body.get("sequence") or 0
    moved = _rhythm(before) != _rhythm(after) or before.cancelled
    after.resource["sequence"] = max(given, before.resource["sequence"] + (1 if moved else 0))


def _keep_update_time(before: Event, after: Event) -> None:
    """Changing reminders alone does not touch `updated` (E9)."""
    unlike = {
        name
        for name in before.resource.keys() | after.resource.keys()
        if before.resource.get(name) != after.resource.get(name)
    }
    if unlike <= {"reminders", "etag", "updated"}:
        after.updated_ts = before.updated_ts


def _check_revival(state: State, body: Json, write: Write) -> None:
    """Whether a deleted event can come back is contested, hence a switch (I3)."""
    wants_life = body.get("status") in ("confirmed", "tentative")
    if not write.is_person and (state.switches.revive != "allowed" or not wants_life):
        raise forbidden()


def _check_lock(before: Event, resource: Json, write: Write) -> None:
    """A locked copy keeps its main fields (E20)."""
    if before.resource.get("locked") and not write.is_person:
        fields = ("summary", "description", "location", "start", "end", "recurrence")
        if any(before.resource.get(name) != resource.get(name) for name in fields):
            raise forbidden("This event is locked.")


def _check_writer(calendar: Calendar, resource: Json, write: Write) -> None:
    """Raises ApiError 403 for roles that cannot write here (K2)."""
    role = calendar.role_of(write.email)
    if has_role(role, "writer"):
        return
    if role == "writerWithoutPrivateAccess" and resource.get("visibility") not in ("private", "confidential"):
        return
    raise forbidden("You need to have writer access to this calendar.", "requiredAccessLevel")


def _check_etag(event: Event, write: Write) -> None:
    if write.if_match not in (None, "*", event.resource["etag"]):
        raise ApiError(
            412, "conditionNotMet", "Precondition Failed", location="If-Match", location_type="header"
        )


def _check_free(state: State, calendar: Calendar, event_id: str) -> None:
    if state.switches.undetected_collision:
        return
    stays_taken = state.switches.vanished_ids_stay_taken and event_id in calendar.vanished
    if event_id in calendar.events or stays_taken:
        raise ApiError(409, "duplicate", "The requested identifier already exists.")


def _is_guest_copy(calendar: Calendar, event: Event) -> bool:
    return not event.resource.get("organizer", {}).get("self", False)


def _check_guest_patch(before: Event, body: Json) -> None:
    shared = SHARED_FIELDS & body.keys()
    shared |= {"shared"} & (body.get("extendedProperties") or {}).keys()
    if shared and not before.resource.get("guestsCanModify"):
        raise ApiError(
            403,
            "forbiddenForNonOrganizer",
            "Shared properties can only be changed by the organizer of the event.",
            domain="calendar",
        )


def _fresh(state: State, calendar: Calendar, body: Json, write: Write) -> Json:
    """The fields Google itself gives a new event."""
    return {
        "status": "confirmed",
        "reminders": {"useDefault": True},
        "eventType": "default",
        "sequence": 0,
        "iCalUID": f"{body['id']}@google.com",
        "organizer": _organizer(calendar),
        "creator": {"email": write.email, **({"self": True} if write.email == calendar.id else {})},
        **{name: value for name, value in body.items() if value is not None},
        "kind": "calendar#event",
        "htmlLink": f"{state.base_url}/calendar/event?eid={body['id']}",
        "created": None,
    }


def _organizer(calendar: Calendar) -> Json:
    name = {} if calendar.primary else {"displayName": calendar.summary}
    return {"email": calendar.id, **name, "self": True}


def _version(write: Write) -> int:
    """Google's own page knows conference data, as a program does that says so (E18)."""
    return 1 if write.is_person else write.conference_version


def _note_meeting(calendar: Calendar, event: Event) -> None:
    if is_pending(event) and event.id not in calendar.pending_meetings:
        calendar.pending_meetings.append(event.id)


def _settled(state: State, calendar: Calendar, resource: Json) -> Event:
    settled, start_ts, end_ts = settle(state, calendar, resource)
    return Event(settled, start_ts, end_ts, state.now())
