"""A person's calendars as Graph shows them. Callers hold the world's lock."""

from .errors import GraphError, Json, not_found
from .graph_state import Calendar, Mailbox
from .ids import new_mutable_id
from .keeping import bury, new_change_key


def add_calendar(
    mailbox: Mailbox, name: str, *, is_default: bool = False, can_edit: bool = True, owner: Json | None = None
) -> Calendar:
    """owner: name and address of somebody else who shares it."""
    shown = (
        {"name": mailbox.name, "address": mailbox.address} if owner is None else {**owner, "foreign": True}
    )
    calendar = Calendar(
        new_mutable_id(), name, shown, is_default, can_edit, change_key=new_change_key(mailbox)
    )
    mailbox.calendars[calendar.id] = calendar
    return calendar


def drop_calendar(mailbox: Mailbox, calendar: Calendar) -> None:
    """With everything in it. Raises GraphError 403 for the primary one."""
    if calendar.is_default:
        raise GraphError(403, "ErrorCannotDeleteObject", "The default calendar cannot be deleted.")
    for item in [item for item in mailbox.items.values() if item.calendar_id == calendar.id]:
        bury(mailbox, calendar, item)
    del mailbox.calendars[calendar.id]


def calendar_for(mailbox: Mailbox, calendar_id: str | None) -> Calendar:
    """None is the primary one. Raises GraphError 404."""
    if calendar_id is None:
        return mailbox.primary
    found = mailbox.calendars.get(calendar_id)
    if found is None:
        raise not_found()
    return found


def show_calendar(calendar: Calendar) -> Json:
    own = calendar.is_own
    return {
        "id": calendar.id,
        "name": calendar.name,
        "color": calendar.colour,
        "hexColor": "",
        "isDefaultCalendar": calendar.is_default,
        "changeKey": calendar.change_key,
        "canShare": own,
        "canViewPrivateItems": own,
        "canEdit": calendar.can_edit,
        "allowedOnlineMeetingProviders": calendar.meeting_providers,
        "defaultOnlineMeetingProvider": (calendar.meeting_providers or ["unknown"])[0],
        "isTallyingResponses": calendar.is_default,
        "isRemovable": not calendar.is_default,
        "owner": {name: calendar.owner[name] for name in ("name", "address")},
    }


CALENDAR_FIELDS = frozenset(show_calendar(Calendar("", "", {"name": "", "address": ""})))
