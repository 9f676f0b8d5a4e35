"""Teams links: asked for, made, and lost with their block in the text (microsoft-graph.md E16)."""

import hashlib

from .bodies import as_page, inner_html
from .errors import GraphError, Json
from .graph_state import Calendar, Item, Mailbox

_MARK = "________________________________________________________________________________"


def ask_for_meeting(mailbox: Mailbox, calendar: Calendar, resource: Json) -> Json:
    """The resource after a write that asks for a meeting; unchanged where it has one already.

    Raises GraphError 400 for a provider that the calendar does not allow, where the switch says so.
    """
    provider = resource.get("onlineMeetingProvider", "unknown")
    if provider == "unknown" and resource.get("isOnlineMeeting") and calendar.meeting_providers:
        provider = calendar.meeting_providers[0]
    wanted = resource.get("isOnlineMeeting", False)
    if wanted and provider not in calendar.meeting_providers:
        if mailbox.switches.disallowed_meetings == "refused":
            raise GraphError(400, "ErrorInvalidRequest", "The online meeting provider is not allowed.")
        wanted = False
    return {
        **resource,
        "isOnlineMeeting": wanted,
        "onlineMeetingProvider": provider if wanted else "unknown",
    }


def await_meeting(mailbox: Mailbox, item: Item) -> None:
    lacks_link = item.resource.get("isOnlineMeeting") and not item.resource.get("onlineMeeting")
    if lacks_link and item.id not in mailbox.pending_meetings:
        mailbox.pending_meetings.append(item.id)


def due_meetings(mailbox: Mailbox) -> list[Item]:
    """Items whose link is made now, taken off the list; gone or failed ones are taken off too."""
    due: list[Item] = []
    for event_id in list(mailbox.pending_meetings):
        item = mailbox.items.get(event_id)
        if item is not None and mailbox.now() < item.changed_ts + mailbox.switches.meetings_take_s:
            continue
        mailbox.pending_meetings.remove(event_id)
        if item is not None and not mailbox.switches.meetings_fail:
            due.append(item)
    return due


def make_link(item: Item) -> None:
    code = hashlib.sha256(item.id.encode()).hexdigest()[:24]
    link = f"https://teams.microsoft.com/l/meetup-join/19%3ameeting_{code}%40thread.v2/0"
    item.resource["onlineMeeting"] = {"joinUrl": link}
    blob = f'<div>{_MARK}</div><div><a href="{link}">Join the meeting now</a></div><div>{_MARK}</div>'
    item.resource["body"] = as_page(inner_html(item.resource.get("body", "")) + f"<br>\r\n{blob}")


def keep_meeting(before: Json, after: Json) -> Json:
    """E16: a meeting cannot be taken back, but it is lost with its block in the text."""
    if not before.get("isOnlineMeeting"):
        return after
    kept = {name: before.get(name) for name in ("isOnlineMeeting", "onlineMeetingProvider", "onlineMeeting")}
    link = (before.get("onlineMeeting") or {}).get("joinUrl", "")
    if link and link not in after.get("body", ""):
        kept = {"isOnlineMeeting": False, "onlineMeetingProvider": "unknown", "onlineMeeting": None}
    return {**after, **kept}
