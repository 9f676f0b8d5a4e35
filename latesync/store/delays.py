"""How long changes took to arrive: samples in milliseconds, for the promise of the last 24 hours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from latesync.store.database import Database, reading, writing
from latesync.store.trust_schema import delays

OUTBOUND, INBOUND = "outbound", "inbound"

_C = delays.c


def record_delays(
    db: Database | Connection, site_id: str, direction: str, milliseconds: Sequence[int], now: datetime
) -> None:
    if not milliseconds:
        return
    rows = [
        {"site_id": site_id, "direction": direction, "at": now, "milliseconds": one} for one in milliseconds
    ]
    with writing(db) as connection:
        connection.execute(insert(delays), rows)


def read_delays(db: Database | Connection, site_id: str, since: datetime) -> dict[str, list[int]]:
    """What was measured since, by direction, the shortest first; a direction without any is empty."""
    query = (
        select(_C.direction, _C.milliseconds)
        .where(_C.site_id == site_id, _C.direction.in_((OUTBOUND, INBOUND)), _C.at >= since)
        .order_by(_C.milliseconds)
    )
    found: dict[str, list[int]] = {OUTBOUND: [], INBOUND: []}
    with reading(db) as connection:
        for direction, milliseconds in connection.execute(query):
            found[direction].append(milliseconds)
    return found


def prune_delays(db: Database | Connection, before: datetime) -> int:
    with writing(db) as connection:
        return connection.execute(delete(delays).where(_C.at < before)).rowcount
