"""The owner's wishes for events, a row for each service that has its own; 0 is every other."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from latesync.store.choices import record_choice
from latesync.store.database import Database, reading, writing
from latesync.store.fingerprints import pull_forward
from latesync.store.trust_schema import event_settings


def read_event_settings(db: Database | Connection, site_id: str) -> dict[int, str]:
    """As they were kept (plan/event_settings.py: from_json), by service."""
    rows = select(event_settings.c.service_id, event_settings.c.value).where(
        event_settings.c.site_id == site_id
    )
    with reading(db) as connection:
        return {int(service_id): str(value) for service_id, value in connection.execute(rows)}


def write_event_settings(
    db: Database | Connection, site_id: str, service_id: int, value: str | None, now: datetime
) -> None:
    """Keep a service's wishes, or with None forget them, and make every account due: both or neither."""
    row = (event_settings.c.site_id == site_id) & (event_settings.c.service_id == service_id)
    with writing(db) as connection:
        connection.execute(delete(event_settings).where(row))
        if value is not None:
            connection.execute(
                insert(event_settings).values(site_id=site_id, service_id=service_id, value=value)
            )
        chosen = f"{'own' if value is not None else 'standard'}, service {service_id}"
        record_choice(connection, site_id, "events", now, chosen=chosen)
        pull_forward(connection, site_id, None, now, outbound=True, inbound=False)
