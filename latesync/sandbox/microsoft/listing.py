"""Pages of events: /events, calendarView and instances (microsoft-graph.md D1, E9)."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from .checking import count
from .errors import GraphError, Json
from .extended import fits, read_expand, read_filter
from .graph_state import Calendar, Item, Mailbox
from .graph_times import read_instant
from .series import expanded, overlaps
from .shown import View, read_select, show

T = TypeVar("T")
PAGE, PAGE_MAX = 10, 1000  # D1
_ORDERS: dict[str, Callable[[Item], Any]] = {
    "start/dateTime": lambda item: item.start_ts,
    "end/dateTime": lambda item: item.end_ts,
    "createdDateTime": lambda item: item.created_ts,
    "lastModifiedDateTime": lambda item: item.changed_ts,
    "subject": lambda item: item.resource.get("subject", ""),
}
_LONGEST_S = 1825 * 86_400.0  # of a calendarView: five years


def stored_events(mailbox: Mailbox, calendar: Calendar | None, parameters: dict[str, str]) -> list[Item]:
    """Singles and series (D1), newest first unless ordered. calendar: None for all."""
    wanted = read_filter(parameters["$filter"]) if "$filter" in parameters else {}
    found = [
        item
        for item in mailbox.items.values()
        if not item.day and (calendar is None or item.calendar_id == calendar.id) and fits(item, wanted)
    ]
    found.sort(key=lambda item: (-item.start_ts, item.id))
    return _ordered(found, parameters)


def view(mailbox: Mailbox, calendar: Calendar, parameters: dict[str, str]) -> list[Item]:
    """Everything in a window, series expanded, by start unless ordered otherwise (D1)."""
    return _ordered(in_window(mailbox, calendar, *read_window(parameters)), parameters)


def instances(mailbox: Mailbox, master: Item, parameters: dict[str, str]) -> list[Item]:
    after_ts, before_ts = read_window(parameters)
    if not master.is_series:
        raise GraphError(400, "ErrorInvalidRequest", "Only a series has instances.")
    return _ordered(_by_start(expanded(mailbox, master, after_ts, before_ts)), parameters)


def in_window(mailbox: Mailbox, calendar: Calendar, after_ts: float, before_ts: float) -> list[Item]:
    """Singles, exceptions and occurrences, by start."""
    found: list[Item] = []
    for item in mailbox.items.values():
        if item.calendar_id != calendar.id:
            continue
        if item.is_series:
            found.extend(expanded(mailbox, item, after_ts, before_ts))
        elif not item.day and overlaps(item.start_ts, item.end_ts, after_ts, before_ts):
            found.append(item)
    return _by_start(found)


def read_window(parameters: dict[str, str]) -> tuple[float, float]:
    """Raises GraphError 400 where one end is missing, or they are the wrong way round."""
    for name in ("startDateTime", "endDateTime"):
        if name not in parameters:
            message = f"This request requires a time window: {name} is missing."
            raise GraphError(400, "ErrorInvalidParameter", message)
    after_ts = read_instant(parameters["startDateTime"], "startDateTime")
    before_ts = read_instant(parameters["endDateTime"], "endDateTime")
    if before_ts < after_ts or before_ts - after_ts > _LONGEST_S:
        raise GraphError(400, "ErrorInvalidParameter", "The time window is empty, or longer than five years.")
    return after_ts, before_ts


def page(mailbox: Mailbox, items: list[Item], how: View, parameters: dict[str, str], address: str) -> Json:
    """One page, with the address of the next: `$skip` among the same parameters."""
    return page_of(items, parameters, address, lambda item: show(mailbox, item, how))


def page_of(things: list[T], parameters: dict[str, str], address: str, shown: Callable[[T], Json]) -> Json:
    size = count(parameters, "$top", PAGE, PAGE_MAX)
    skip = count(parameters, "$skip", 0, 1_000_000, least=0)
    answer: Json = {"value": [shown(thing) for thing in things[skip : skip + size]]}
    if len(things) > skip + size:
        following = {**parameters, "$skip": str(skip + size)}
        answer = {**answer, "@odata.nextLink": f"{address}?{urlencode(following, quote_via=quote, safe='$')}"}
    return answer


def read_view(parameters: dict[str, str], base: View) -> View:
    """`$select` and `$expand` on top of what the headers say."""
    expanded_ids = read_expand(parameters["$expand"]) if "$expand" in parameters else frozenset[str]()
    selected = read_select(parameters.get("$select"))
    return View(base.immutable, base.zone_name, base.as_text, expanded_ids, selected)


def _by_start(items: Iterable[Item]) -> list[Item]:
    return sorted(items, key=lambda item: (item.start_ts, item.id))


def _ordered(items: list[Item], parameters: dict[str, str]) -> list[Item]:
    if "$orderby" not in parameters:
        return items
    name, _, direction = parameters["$orderby"].strip().partition(" ")
    order = _ORDERS.get(name)
    if order is None or direction not in ("", "asc", "desc"):
        raise GraphError(400, "ErrorInvalidUrlQueryOrderBy", f"Ordering by '{name[:40]}' is not supported.")
    if "$filter" in parameters:
        # Exchange: what is ordered by must also be filtered by, first.
        raise GraphError(400, "ErrorInvalidUrlQueryFilter", "InefficientFilter: order and filter differ.")
    return sorted(items, key=lambda item: (order(item), item.id), reverse=direction == "desc")
