"""Writing events (microsoft-graph.md §7). Callers hold the world's lock."""

from dataclasses import dataclass, replace

from .bodies import as_html
from .checking import check_event
from .errors import GraphError, Json, access_denied, invalid_request
from .extended import read_properties
from .graph_state import Calendar, Item, Mailbox
from .graph_times import check_span, read_time
from .ids import new_id, new_mutable_id
from .keeping import bury, keep, note_gone
from .mails import record_cancellation, record_invitation, record_update
from .meetings import ask_for_meeting, await_meeting, due_meetings, keep_meeting, make_link
from .notices import tell
from .series import check_neighbours, find, first_span, rhythm
from .shown import NO_PLACE


@dataclass(frozen=True)
class Write:
    """Under which conditions somebody writes. is_person: in Outlook itself."""

    if_match: str | None = None
    is_person: bool = False


def create(mailbox: Mailbox, calendar: Calendar, body: Json, write: Write) -> Item:
    """A new event, or the earlier one of this transactionId where the switch says so (E8).

    Raises GraphError: 400 or 409 ErrorDuplicateTransactionId, 403 where the calendar cannot be written.
    """
    body = check_event(body)
    _check_writer(calendar, write)
    for name in ("start", "end"):
        if name not in body:
            raise invalid_request(f"Required property '{name}' is missing.", "ErrorInvalidRequest")
    earlier = _earlier(mailbox, body.get("transactionId"))
    if earlier is not None:
        return earlier
    item = _blank(mailbox, calendar)
    item = _applied(mailbox, calendar, item, body)
    if item.resource.get("transactionId"):
        mailbox.transactions[item.resource["transactionId"]] = item.id
    keep(mailbox, item, "created")
    await_meeting(mailbox, item)
    record_invitation(mailbox, item)
    return item


def change(mailbox: Mailbox, event_id: str, body: Json, write: Write) -> Item:
    """PATCH: only what is sent changes. An occurrence becomes an exception."""
    body = check_event(body)
    before = find(mailbox, event_id)
    calendar = mailbox.calendars[before.calendar_id]
    _check_writer(calendar, write)
    check_match(mailbox, before, write)
    if body.get("transactionId", before.resource.get("transactionId")) != before.resource.get(
        "transactionId"
    ):
        raise invalid_request("transactionId cannot be changed.")  # E7
    if before.day and body.get("recurrence") is not None:
        raise invalid_request("An occurrence has no recurrence of its own.")
    after = _applied(mailbox, calendar, before, body)
    _check_and_join_series(mailbox, before, after)
    _drop_changed_exceptions(mailbox, calendar, before, after)
    keep(mailbox, after, "updated")
    await_meeting(mailbox, after)
    record_update(mailbox, after, before.resource, body)
    return after


def remove(mailbox: Mailbox, event_id: str, write: Write) -> None:
    """Raises GraphError 404 when it is not there, also the second time (§11)."""
    item = find(mailbox, event_id)
    calendar = mailbox.calendars[item.calendar_id]
    _check_writer(calendar, write)
    check_match(mailbox, item, write)
    record_cancellation(mailbox, item)
    if item.day:
        _leave_series(mailbox, item)
    for exception_id in item.exceptions.values():
        bury(mailbox, calendar, mailbox.items[exception_id])
    bury(mailbox, calendar, item)
    if mailbox.switches.gets_find_what_moved and not item.day:
        mailbox.deleted_items[item.id] = item


def move(mailbox: Mailbox, event_id: str, target: Calendar) -> Item:
    """To another calendar, as a person does it: the mutable id is another one then (E11)."""
    item = find(mailbox, event_id)
    if item.day:
        raise invalid_request("Only a whole series can be moved to another calendar.")
    for one in [item, *(mailbox.items[event_id] for event_id in item.exceptions.values())]:
        note_gone(mailbox.calendars[one.calendar_id], one)
        mailbox.drop(one)
        tell(mailbox, one, "deleted")
        one.calendar_id = target.id
        one.was = []
        one.mutable_id = (
            new_mutable_id() if one is item else item.mutable_id + one.mutable_id[len(item.mutable_id) :]
        )
        keep(mailbox, one, "created")
    return item


def cancel(mailbox: Mailbox, event_id: str) -> None:
    """As the organiser of a meeting would: the item stays, cancelled (E4)."""
    item = find(mailbox, event_id)
    cancelled = replace(item, resource={**item.resource, "isCancelled": True, "showAs": "free"})
    _check_and_join_series(mailbox, item, cancelled)
    keep(mailbox, cancelled, "updated")


def finish_meetings(mailbox: Mailbox) -> None:
    """Make the links that are due; each changes its event, as Exchange's own completion does (E16)."""
    for item in due_meetings(mailbox):
        make_link(item)
        keep(mailbox, item, "updated")


def check_match(mailbox: Mailbox, item: Item, write: Write) -> None:
    """Raises GraphError 412 for a stale etag, and by a switch without any reason (E14)."""
    if write.is_person:
        return
    switches = mailbox.switches
    stale = write.if_match not in (None, "*", item.etag)
    if not stale and switches.conflicts > 0:
        switches.conflicts -= 1
        stale = True
    if stale:
        message = (
            "The send or update operation could not be performed because the change key passed in the request"
            " does not match the current change key for the item."
        )
        raise GraphError(412, "ErrorIrresolvableConflict", message)


def _earlier(mailbox: Mailbox, transaction_id: str | None) -> Item | None:
    """E8: the several answers to a transactionId that was used before."""
    event_id = mailbox.transactions.get(transaction_id or "")
    if event_id is None:
        return None
    item, switches = mailbox.items.get(event_id), mailbox.switches
    if switches.duplicate_answer == "created" or (
        item is None and not switches.transaction_ids_outlive_events
    ):
        return None
    if switches.duplicate_answer.startswith("existing") and item is not None:
        return item
    status = 409 if switches.duplicate_answer.startswith("409") else 400
    names_it = switches.duplicate_answer.endswith("_with_id")
    message = (
        "Your request can't be completed. The TransactionId specified in the request has already been used to"
        " create a different event."
    )
    extra = {"@event.existingEventId": event_id} if names_it else {}
    raise GraphError(status, "ErrorDuplicateTransactionId", message, extra=extra)


def _blank(mailbox: Mailbox, calendar: Calendar) -> Item:
    now = mailbox.now()
    return Item(new_id(mailbox), new_mutable_id(), calendar.id, {}, 0.0, 0.0, "UTC", "UTC", now, now, "")


def _applied(mailbox: Mailbox, calendar: Calendar, before: Item, body: Json) -> Item:
    """The item after a write. Raises GraphError 400 for times that do not fit together (E2)."""
    resource = _merged(before.resource, body)
    if "isOnlineMeeting" in body or "onlineMeetingProvider" in body:
        resource = ask_for_meeting(mailbox, calendar, resource)
    resource = keep_meeting(before.resource, resource)
    after = replace(before, resource=resource, properties=dict(before.properties))
    after.properties |= read_properties(body.get("singleValueExtendedProperties") or [])
    if "start" in body:
        after.start_ts, after.start_zone = read_time(body["start"], "start")
    if "end" in body:
        after.end_ts, after.end_zone = read_time(body["end"], "end")
    all_day = bool(resource.get("isAllDay"))
    check_span(after.start_ts, after.end_ts, after.start_zone, after.end_zone, all_day=all_day)
    return _with_rhythm(before, after)


def _with_rhythm(before: Item, after: Item) -> Item:
    if after.day:
        return after
    after.kind = "seriesMaster" if after.resource.get("recurrence") else "singleInstance"
    if after.is_series:
        after.start_ts, after.end_ts = first_span(after)
    if before.is_series and (not after.is_series or rhythm(before) != rhythm(after)):
        after.was = [*before.was, rhythm(before)]
    return after


def _merged(stored: Json, body: Json) -> Json:
    result = dict(stored)
    for name, value in body.items():
        if name in ("start", "end", "singleValueExtendedProperties"):
            continue
        if value is None:
            result.pop(name, None)
        else:
            result[name] = _kept(name, value)
    if "location" in body and "locations" not in body:
        place = result.get("location")
        result["locations"] = [place] if place and place["displayName"] else []
    return result


def _kept(name: str, value: object) -> object:
    """A field as Graph stores and shows it."""
    if name == "body" and isinstance(value, dict):
        return as_html(value.get("content", ""), str(value.get("contentType", "text")).lower())
    if name == "location" and isinstance(value, dict):
        return {**NO_PLACE, **value}
    if name == "attendees" and isinstance(value, list):
        return [_attendee(one) for one in value]
    if name == "recurrence" and isinstance(value, dict):
        pattern = {
            "month": 0,
            "dayOfMonth": 0,
            "firstDayOfWeek": "sunday",
            "index": "first",
            **value["pattern"],
        }
        return {"pattern": pattern, "range": dict(value["range"])}
    return value


def _attendee(value: Json) -> Json:
    address = value["emailAddress"]
    return {
        "type": value.get("type", "required"),
        "status": {"response": "none", "time": "0001-01-01T00:00:00Z"},
        "emailAddress": {"name": address.get("name", address["address"]), "address": address["address"]},
    }


def _check_and_join_series(mailbox: Mailbox, before: Item, after: Item) -> None:
    """A changed occurrence is an exception from now on, within its neighbours' days."""
    if not after.day:
        return
    master = mailbox.items[after.master_id]
    if (after.start_ts, after.end_ts) != (before.start_ts, before.end_ts):
        check_neighbours(mailbox, master, after.day, after.start_ts, after.end_ts)
    after.kind = "exception"
    master.exceptions[after.day] = after.id


def _leave_series(mailbox: Mailbox, item: Item) -> None:
    master = mailbox.items[item.master_id]
    master.exceptions.pop(item.day, None)
    master.cancelled_days.append(item.day)


def _drop_changed_exceptions(mailbox: Mailbox, calendar: Calendar, before: Item, after: Item) -> None:
    """A series whose times or pattern change starts afresh, as in Outlook."""
    if not before.is_series or after.was == before.was:
        return
    for event_id in before.exceptions.values():
        bury(mailbox, calendar, mailbox.items[event_id])
    after.exceptions, after.cancelled_days = {}, []


def _check_writer(calendar: Calendar, write: Write) -> None:
    if not calendar.can_edit and not write.is_person:
        raise access_denied()
