"""Store what changed, bury what was deleted. Callers hold the world's lock."""

from .moments import DAY_S, stamp
from .state import Calendar, Event, State


def keep(state: State, calendar: Calendar, event: Event) -> None:
    """Put the event in its place with a new etag, so that listings see it (E8)."""
    resource = event.resource
    resource["etag"] = state.next_etag()
    resource.setdefault("created", stamp(state.now()))
    resource["updated"] = stamp(event.updated_ts)
    calendar.etag = resource["etag"]
    calendar.events[event.id] = event
    calendar.changes.note(event.id)
    if event.master_id:
        calendar.exceptions.setdefault(event.master_id, set()).add(event.id)


def bury(state: State, calendar: Calendar, event: Event) -> None:
    """Leave a tombstone; a series takes its exceptions with it (X4)."""
    event.resource["status"] = "cancelled"
    event.updated_ts = state.now()
    keep(state, calendar, event)
    for exception_id in sorted(calendar.exceptions.get(event.id, ())):
        exception = calendar.events.get(exception_id)
        if exception is not None and not exception.cancelled:
            bury(state, calendar, exception)


def is_lasting(calendar: Calendar, event: Event) -> bool:
    """Whether a cancelled event is an exception of a living series, which stays for the series' life (X4)."""
    master = calendar.events.get(event.master_id) if event.master_id else None
    return master is not None and not master.cancelled


def sweep(state: State, calendar: Calendar) -> None:
    """Let tombstones vanish once they are old enough (I9)."""
    life = state.switches.tombstone_life_days
    if life is None:
        return
    limit = state.now() - life * DAY_S
    for event_id, event in list(calendar.events.items()):
        if event.cancelled and event.updated_ts <= limit and not is_lasting(calendar, event):
            number = calendar.changes.numbers.pop(event_id, 0)
            calendar.vanished_through = max(calendar.vanished_through, number)
            calendar.vanished.add(event_id)
            del calendar.events[event_id]
