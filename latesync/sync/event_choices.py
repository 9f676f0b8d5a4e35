"""What the owner wishes for events, as plans take it."""

from __future__ import annotations

from sqlalchemy import Connection

from latesync.plan.event_settings import EventChoices, EventSettings, from_json, to_json
from latesync.store.database import Database
from latesync.store.event_settings import read_event_settings, write_event_settings
from latesync.sync.parts import SyncParts


def read_event_choices(db: Database | Connection, site_id: str) -> EventChoices:
    kept = read_event_settings(db, site_id)
    return EventChoices({service_id: from_json(value) for service_id, value in kept.items()})


def with_service(choices: EventChoices, service_id: int, settings: EventSettings | None) -> EventChoices:
    """The choices, were these the service's own; None: were it without any."""
    others = {known: own for known, own in choices.by_service.items() if known != service_id}
    return EventChoices(others if settings is None else {**others, service_id: settings})


def choose_event_settings(parts: SyncParts, service_id: int, settings: EventSettings | None) -> None:
    """Keep them, and have every account's events follow; None: as all services, or as LateSync does it."""
    value = None if settings is None else to_json(settings)
    write_event_settings(parts.database, parts.site_id, service_id, value, parts.clock())
