"""The part of Graph that this stand-in offers: every method, its parameters and what it does."""

from . import delta, events, listing
from .delta_tokens import read_token
from .errors import GraphError, Json, invalid_request, not_found
from .graph_calendars import CALENDAR_FIELDS, add_calendar, drop_calendar, show_calendar
from .graph_call import Call, Method, Reply
from .graph_state import Item, Mailbox
from .series import find
from .shown import show
from .subscription_calls import METHODS as SUBSCRIPTION_METHODS

CONTEXT = "@odata.context"


def _get_me(call: Call) -> Reply:
    person = call.person
    me: Json = {
        "id": person.oid,
        "displayName": person.name,
        "mail": person.email,
        "userPrincipalName": person.email,
    }
    return 200, _selected(call, me, frozenset(me))


def _list_calendars(call: Call) -> Reply:
    calendars = list(call.mailbox.calendars.values())
    parameters = call.parameters
    shown = listing.page_of(
        calendars,
        parameters,
        call.address("me/calendars"),
        lambda one: _selected(call, show_calendar(one), CALENDAR_FIELDS),
    )
    return 200, {CONTEXT: call.address("$metadata#me/calendars"), **shown}


def _get_calendar(call: Call) -> Reply:
    return 200, _selected(call, show_calendar(call.calendar()), CALENDAR_FIELDS)


def _create_calendar(call: Call) -> Reply:
    if set(call.body) != {"name"} or not isinstance(call.body["name"], str) or not call.body["name"]:
        raise invalid_request("A new calendar takes a name.", "RequestBodyRead")
    if any(one.name == call.body["name"] for one in call.mailbox.calendars.values()):
        raise GraphError(409, "ErrorFolderExists", "A folder with the specified name already exists.")
    return 201, show_calendar(add_calendar(call.mailbox, call.body["name"]))


def _delete_calendar(call: Call) -> Reply:
    drop_calendar(call.mailbox, call.calendar())
    return 204, None


def _selected(call: Call, shown: Json, known: frozenset[str]) -> Json:
    if "$select" not in call.parameters:
        return shown
    names = {name.strip() for name in call.parameters["$select"].split(",")}
    if not names <= known:
        raise invalid_request(f"Could not find a property named '{min(names - known)[:60]}'.")
    return {name: value for name, value in shown.items() if name in names | {"id"}}


def _list_events(call: Call) -> Reply:
    events.finish_meetings(call.mailbox)
    found = _visible(call, listing.stored_events(call.mailbox, call.calendar(), call.parameters))
    page = listing.page(call.mailbox, found, call.view, call.parameters, call.place("events"))
    return 200, page


def _view(call: Call) -> Reply:
    events.finish_meetings(call.mailbox)
    found = _visible(call, listing.view(call.mailbox, call.calendar(), call.parameters))
    return 200, listing.page(call.mailbox, found, call.view, call.parameters, call.place("calendarView"))


def _visible(call: Call, items: list[Item]) -> list[Item]:
    return [item for item in items if not _is_hidden(call.mailbox, item)]


def _is_hidden(mailbox: Mailbox, item: Item) -> bool:
    """§11: what was created just now is not found everywhere at once."""
    return mailbox.now() < item.created_ts + mailbox.switches.new_events_hide_s


def _instances(call: Call) -> Reply:
    master = _event(call)
    found = listing.instances(call.mailbox, master, call.parameters)
    address = call.address(f"me/events/{call.values['event']}/instances")
    return 200, listing.page(call.mailbox, found, call.view, call.parameters, address)


def _delta(call: Call) -> Reply:
    calendar, parameters = call.calendar(), call.parameters
    if not calendar.is_default and not call.state.switches.nonprimary_delta:
        raise GraphError(400, "ErrorInvalidRequest", "Delta is offered for the primary calendar only.")  # D8
    events.finish_meetings(call.mailbox)
    tokens = parameters.keys() & {"$deltatoken", "$skiptoken"}
    if tokens and len(parameters) > 1:
        raise invalid_request("A token goes without other parameters.")  # D2
    if tokens:
        name = next(iter(tokens))
        token = read_token(parameters[name], name[1:-5], calendar, call.mailbox.secret)
    else:
        token = delta.first_token(call.mailbox, calendar, listing.read_window(parameters))
    switches = call.state.switches
    size = call.preferences.page_size or switches.delta_page_size
    size = min(size, switches.page_size_cap or size)
    address = call.place("calendarView/delta")
    page = delta.one_page(call.mailbox, calendar, token, call.preferences.view(), size, address)
    return 200, {CONTEXT: call.address("$metadata#Collection(event)"), **page}


def _event(call: Call) -> Item:
    """Raises GraphError 404, also for an event of another calendar than the path's."""
    item = find(call.mailbox, call.values["event"])
    elsewhere = "calendar" in call.values and item.calendar_id != call.calendar().id
    if elsewhere or _is_hidden(call.mailbox, item):
        raise not_found()
    return item


def _get_event(call: Call) -> Reply:
    events.finish_meetings(call.mailbox)
    return 200, show(call.mailbox, _event_by_id(call), call.view)


def _event_by_id(call: Call) -> Item:
    """As `_event`; by a switch wherever it is (E11)."""
    if not call.state.switches.gets_find_what_moved:
        return _event(call)
    deleted = call.mailbox.deleted_items.get(call.values["event"])
    item = deleted or find(call.mailbox, call.values["event"])
    if _is_hidden(call.mailbox, item):
        raise not_found()
    return item


def _create_event(call: Call) -> Reply:
    count = len(call.mailbox.items)
    item = events.create(call.mailbox, call.calendar(), call.body, call.write)
    is_old = len(call.mailbox.items) == count and call.state.switches.duplicate_answer == "existing_200"
    if call.state.switches.meetings_take_s <= 0:
        events.finish_meetings(call.mailbox)
    # E9: extended properties are not echoed.
    return 200 if is_old else 201, show(call.mailbox, item, call.preferences.view())


def _patch_event(call: Call) -> Reply:
    _event(call)
    item = events.change(call.mailbox, call.values["event"], call.body, call.write)
    if call.state.switches.meetings_take_s <= 0:
        events.finish_meetings(call.mailbox)
    return 200, show(call.mailbox, item, call.preferences.view())


def _delete_event(call: Call) -> Reply:
    _event(call)
    events.remove(call.mailbox, call.values["event"], call.write)
    return 204, None


def _cancel_event(call: Call) -> Reply:
    if set(call.body) - {"comment"}:
        raise invalid_request("Cancelling takes a comment.", "RequestBodyRead")
    if not _event(call).resource.get("attendees"):
        message = "Your request can't be completed. You need to be an organizer of a meeting to cancel it."
        raise GraphError(400, "ErrorInvalidRequest", message)
    events.remove(call.mailbox, call.values["event"], call.write)
    return 202, None


_SHAPE = frozenset({"$select", "$expand"})
_PAGED = _SHAPE | {"$top", "$skip", "$orderby"}  # D1: no $filter on a view
_WINDOW = frozenset({"startDateTime", "endDateTime"})
_TOKENS = frozenset({"$deltatoken", "$skiptoken"})
_CALENDARS = (("me",), ("me", "calendar"), ("me", "calendars", "{calendar}"))


def _of_calendars() -> list[Method]:
    """Events and views of the primary calendar, by two paths, and of any other."""
    made: list[Method] = []
    for root in _CALENDARS:
        event = (*root, "events", "{event}")
        made += [
            Method("events.list", "GET", (*root, "events"), _list_events, _PAGED | {"$filter"}),
            Method("events.create", "POST", (*root, "events"), _create_event, has_body=True),
            Method("events.get", "GET", event, _get_event, _SHAPE),
            Method("events.patch", "PATCH", event, _patch_event, has_body=True),
            Method("events.delete", "DELETE", event, _delete_event),
            Method("events.cancel", "POST", (*event, "cancel"), _cancel_event),
            Method("events.instances", "GET", (*event, "instances"), _instances, _PAGED | _WINDOW),
            Method("calendarView.list", "GET", (*root, "calendarView"), _view, _PAGED | _WINDOW),
            # D4: none of the usual parameters.
            Method("calendarView.delta", "GET", (*root, "calendarView", "delta"), _delta, _WINDOW | _TOKENS),
        ]
    return made


_CALENDAR = ("me", "calendars", "{calendar}")
METHODS = (
    Method("me.get", "GET", ("me",), _get_me, frozenset({"$select"}), "User.Read", needs_mailbox=False),
    Method(
        "calendars.list", "GET", ("me", "calendars"), _list_calendars, frozenset({"$top", "$skip", "$select"})
    ),
    Method("calendars.create", "POST", ("me", "calendars"), _create_calendar, has_body=True),
    Method("calendars.get", "GET", ("me", "calendar"), _get_calendar, frozenset({"$select"})),
    Method("calendars.get", "GET", _CALENDAR, _get_calendar, frozenset({"$select"})),
    Method("calendars.delete", "DELETE", _CALENDAR, _delete_calendar),
    *_of_calendars(),
    *SUBSCRIPTION_METHODS,
)
