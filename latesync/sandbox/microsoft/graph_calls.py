"""The part of Graph that this stand-in offers: every method, its parameters and what it does."""

from collections.abc import Callable
from dataclasses import dataclass

from . import delta, events, listing
from .delta_tokens import read_token
from .errors import GraphError, Json, invalid_request
from .events import Write
from .graph_calendars import CALENDAR_FIELDS, add_calendar, calendar_for, drop_calendar, show_calendar
from .graph_state import Calendar, Item, Mailbox, Subscription
from .notices import shake_hands
from .persons import Person
from .preferences import Preferences
from .series import find
from .shown import View, show
from .state import State
from .subscriptions import check_subscription, renew, show_subscription, subscription_of


@dataclass(frozen=True)
class Call:
    """A checked request."""

    state: State
    person: Person
    mailbox: Mailbox
    client_id: str
    values: dict[str, str]
    parameters: dict[str, str]
    body: Json
    preferences: Preferences
    if_match: str | None

    @property
    def view(self) -> View:
        return listing.read_view(self.parameters, self.preferences.view())

    @property
    def write(self) -> Write:
        return Write(if_match=self.if_match)

    def address(self, path: str) -> str:
        return f"{self.state.base_url}/v1.0/{path}"

    def calendar(self) -> Calendar:
        """The calendar of the path; the primary one where it names none."""
        return calendar_for(self.mailbox, self.values.get("calendar"))

    def place(self, rest: str) -> str:
        """The address of a collection under the path's calendar."""
        calendar_id = self.values.get("calendar")
        return self.address(f"me/calendars/{calendar_id}/{rest}" if calendar_id else f"me/{rest}")


Reply = tuple[int, Json | None]
CONTEXT = "@odata.context"


@dataclass(frozen=True)
class Method:
    name: str
    verb: str
    segments: tuple[str, ...]  # "{event}" stands for a value
    perform: Callable[[Call], Reply]
    parameters: frozenset[str] = frozenset()
    scope: str = "Calendars.ReadWrite"
    has_body: bool = False
    needs_mailbox: bool = True
    prepare: Callable[[Call], None] | None = None


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
    found = listing.stored_events(call.mailbox, call.calendar(), call.parameters)
    page = listing.page(call.mailbox, found, call.view, call.parameters, call.place("events"))
    return 200, page


def _view(call: Call) -> Reply:
    events.finish_meetings(call.mailbox)
    found = listing.view(call.mailbox, call.calendar(), call.parameters)
    return 200, listing.page(call.mailbox, found, call.view, call.parameters, call.place("calendarView"))


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
    if "calendar" in call.values and item.calendar_id != call.calendar().id:
        raise GraphError(404, "ErrorItemNotFound", "The specified object was not found in the store.")
    return item


def _get_event(call: Call) -> Reply:
    events.finish_meetings(call.mailbox)
    return 200, show(call.mailbox, _event(call), call.view)


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


def _try_addresses(call: Call) -> None:
    """The handshake (S2), before anything is kept."""
    with call.state.lock:
        wanted = _wanted_subscription(call)
    shake_hands(url for url in (wanted.url, wanted.lifecycle_url) if url)


def _create_subscription(call: Call) -> Reply:
    made = _wanted_subscription(call)
    call.mailbox.subscriptions[made.id] = made
    return 201, {**show_subscription(made), "clientState": made.client_state or None}


def _wanted_subscription(call: Call) -> Subscription:
    return check_subscription(call.mailbox, call.body, call.client_id, immutable=call.preferences.immutable)


def _list_subscriptions(call: Call) -> Reply:
    own = [one for one in call.mailbox.subscriptions.values() if one.client_id == call.client_id]
    return 200, {"value": [show_subscription(one) for one in own if one.ends_ts > call.state.now()]}


def _get_subscription(call: Call) -> Reply:
    return 200, show_subscription(subscription_of(call.mailbox, call.client_id, call.values["subscription"]))


def _renew_subscription(call: Call) -> Reply:
    found = subscription_of(call.mailbox, call.client_id, call.values["subscription"])
    renew(call.mailbox, found, call.body)
    return 200, show_subscription(found)


def _reauthorize(call: Call) -> Reply:
    subscription_of(call.mailbox, call.client_id, call.values["subscription"])
    return 204, None


def _delete_subscription(call: Call) -> Reply:
    found = subscription_of(call.mailbox, call.client_id, call.values["subscription"])
    del call.mailbox.subscriptions[found.id]
    return 204, None


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
_SUBSCRIPTION = ("subscriptions", "{subscription}")
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
    Method("subscriptions.list", "GET", ("subscriptions",), _list_subscriptions),
    Method(
        "subscriptions.create",
        "POST",
        ("subscriptions",),
        _create_subscription,
        has_body=True,
        prepare=_try_addresses,
    ),
    Method("subscriptions.get", "GET", _SUBSCRIPTION, _get_subscription),
    Method("subscriptions.renew", "PATCH", _SUBSCRIPTION, _renew_subscription, has_body=True),
    Method("subscriptions.reauthorize", "POST", (*_SUBSCRIPTION, "reauthorize"), _reauthorize),
    Method("subscriptions.delete", "DELETE", _SUBSCRIPTION, _delete_subscription),
)
