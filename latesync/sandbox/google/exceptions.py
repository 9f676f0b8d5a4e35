"""Instances of a series as events, and the exceptions stored for them (google-calendar.md X1-X6)."""

from .errors import Json
from .keeping import bury
from .series import Instance, instance_by_id
from .state import Calendar, Event, State

# What an instance does not take from its series.
_OF_THE_MASTER = ("recurrence", "id", "start", "end")


def instance_of(calendar: Calendar, event_id: str) -> Event | None:
    """The instance an id names, made from its living series; stored only once it is changed."""
    master = calendar.events.get(event_id.rpartition("_")[0])
    if master is None or master.cancelled or not master.is_series:
        return None
    found = instance_by_id(master.resource, calendar.time_zone, event_id)
    return None if found is None else as_event(master, found)


def as_event(master: Event, instance: Instance) -> Event:
    resource: Json = {name: value for name, value in master.resource.items() if name not in _OF_THE_MASTER}
    resource |= {
        "id": instance.id,
        **instance.times(),
        "recurringEventId": master.id,
        "originalStartTime": instance.original_start(),
    }
    return Event(resource, instance.start_ts, instance.end_ts, master.updated_ts)


def drop_lost_exceptions(state: State, calendar: Calendar, master: Event) -> None:
    """Exceptions whose original start the changed rule no longer has are gone."""
    for event_id in sorted(calendar.exceptions.get(master.id, ())):
        exception = calendar.events.get(event_id)
        if exception is None or exception.cancelled:
            continue
        if not master.is_series or instance_by_id(master.resource, calendar.time_zone, event_id) is None:
            bury(state, calendar, exception)
