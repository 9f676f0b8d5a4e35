"""An event as Graph shows it (microsoft-graph.md §7)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from .bodies import as_text
from .errors import Json, invalid_request
from .extended import shown_properties
from .graph_state import Item, Mailbox
from .graph_times import instant, show_time, stamp, wall

NO_PLACE: Json = {
    "displayName": "",
    "locationType": "default",
    "uniqueIdType": "unknown",
    "address": {},
    "coordinates": {},
}
DEFAULTS: Json = {
    "subject": "",
    "body": "",
    "importance": "normal",
    "sensitivity": "normal",
    "showAs": "busy",
    "isAllDay": False,
    "isReminderOn": True,
    "reminderMinutesBeforeStart": 15,
    "categories": [],
    "attendees": [],
    "hideAttendees": False,
    "responseRequested": True,
    "allowNewTimeProposals": True,
    "isOnlineMeeting": False,
    "onlineMeetingProvider": "unknown",
    "onlineMeeting": None,
    "isCancelled": False,
    "recurrence": None,
    "transactionId": None,
}


@dataclass(frozen=True)
class View:
    """How somebody wants to see events.

    expanded: extended properties to show; None for all, empty for none.
    selected: fields to show; None for all.
    """

    immutable: bool = True
    zone_name: str = "UTC"
    as_text: bool = False
    expanded: frozenset[str] | None = frozenset()
    selected: frozenset[str] | None = None


OWNERS_VIEW = View(expanded=None)


def show(mailbox: Mailbox, item: Item, view: View) -> Json:
    """The whole event, or what was selected; id and etag always."""
    shown = {"@odata.etag": item.etag, "id": shown_id(item, view), **_fields(mailbox, item, view)}
    if view.selected is not None:
        wanted = view.selected | {"id", "@odata.etag"}
        shown = {name: value for name, value in shown.items() if name in wanted}
    properties = shown_properties(item, view.expanded)
    return {**shown, **({"singleValueExtendedProperties": properties} if properties else {})}


def bare(mailbox: Mailbox, item: Item, view: View) -> Json:
    """An occurrence as a delta shows it: the rest is the series' (microsoft-graph-docs issue 7632)."""
    full = _fields(mailbox, item, view)
    names = ("seriesMasterId", "type", "start", "end")
    kind = {"@odata.type": "#microsoft.graph.event", "@odata.etag": item.etag}
    return {**kind, "id": shown_id(item, view), **{name: full[name] for name in names}}


def shown_id(item: Item, view: View) -> str:
    return item.id if view.immutable else item.mutable_id


def _fields(mailbox: Mailbox, item: Item, view: View) -> Json:
    resource = {**DEFAULTS, **item.resource}
    body = resource.pop("body")
    shown: Json = {
        "createdDateTime": stamp(item.created_ts),
        "lastModifiedDateTime": stamp(item.changed_ts),
        "changeKey": item.change_key,
        "originalStartTimeZone": item.start_zone,
        "originalEndTimeZone": item.end_zone,
        "iCalUId": _universal_id(item),
        "hasAttachments": False,
        "isDraft": False,
        "type": item.kind,
        "seriesMasterId": _master_id(mailbox, item, view),
        "webLink": f"{_base(mailbox)}/owa/?itemid={shown_id(item, view)}&exvsurl=1&path=/calendar/item",
        "onlineMeetingUrl": None,
        "bodyPreview": as_text(body)[:255],
        "body": _body(body, view),
        "location": NO_PLACE,
        "locations": [],
        "isOrganizer": True,
        "organizer": {"emailAddress": {"name": mailbox.name, "address": mailbox.address}},
        "responseStatus": {"response": "organizer", "time": "0001-01-01T00:00:00Z"},
        **resource,
        **_times(mailbox, item, view),
    }
    if item.day:
        shown["originalStart"] = stamp(_original_start(mailbox, item))[:-9] + "Z"
    return shown


def _times(mailbox: Mailbox, item: Item, view: View) -> Json:
    start_ts, end_ts = item.start_ts, item.end_ts
    if item.resource.get("isAllDay") and not mailbox.switches.all_day_shifts:
        start_ts = instant(wall(start_ts, item.start_zone), view.zone_name)
        end_ts = instant(wall(end_ts, item.end_zone), view.zone_name)
    return {"start": show_time(start_ts, view.zone_name), "end": show_time(end_ts, view.zone_name)}


def _body(page: str, view: View) -> Json:
    if view.as_text:
        return {"contentType": "text", "content": as_text(page)}
    return {"contentType": "html", "content": page}


def _master_id(mailbox: Mailbox, item: Item, view: View) -> str | None:
    master = mailbox.items.get(item.master_id)
    if not item.master_id or master is None:
        return item.master_id or None
    return shown_id(master, view)


def _original_start(mailbox: Mailbox, item: Item) -> float:
    master = mailbox.items.get(item.master_id)
    if master is None:
        return item.start_ts
    at = wall(master.start_ts, master.start_zone).time().isoformat()
    return instant(datetime.fromisoformat(f"{item.day}T{at}"), master.start_zone)


def _universal_id(item: Item) -> str:
    """E10: read-only, and another for every occurrence."""
    stem = (item.master_id or item.id)[8:40]
    return f"040000008200E000{stem}" + (item.day.replace("-", "") if item.day else "")


def _base(mailbox: Mailbox) -> str:
    return "" if mailbox.world is None else mailbox.world.base_url


def removed(event_id: str) -> Json:
    """D5: gone, or not (any longer) in the window."""
    return {
        "@odata.type": "#microsoft.graph.event",
        "id": event_id,
        "@removed": {"reason": "deleted"},
    }


def read_select(text: str | None, extra: Iterable[str] = ()) -> frozenset[str] | None:
    """Raises GraphError 400 for a field that an event does not have."""
    if text is None:
        return None
    names = frozenset(name.strip() for name in text.split(","))
    unknown = names - KNOWN - set(extra)
    if unknown:
        name = min(unknown)
        raise invalid_request(
            f"Could not find a property named '{name[:60]}' on type 'microsoft.graph.event'."
        )
    return names


KNOWN = frozenset(DEFAULTS) | {
    "id", "start", "end", "createdDateTime", "lastModifiedDateTime", "changeKey", "originalStartTimeZone",
    "originalEndTimeZone", "originalStart", "iCalUId", "hasAttachments", "isDraft", "type", "seriesMasterId",
    "webLink", "onlineMeetingUrl", "bodyPreview", "location", "locations", "isOrganizer", "organizer",
    "responseStatus",
}  # fmt: skip
