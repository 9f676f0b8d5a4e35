"""What the site's settings say about every booking at once: its time zone, and which statuses count as taken.

A change of these touches no booking's row, and still every plan may follow from it. The zones before are
kept: events stand in calendars as the zone then had it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import Connection, select, update

from latesync.store.database import Database, reading, writing
from latesync.store.fingerprints import pull_forward
from latesync.store.schema import sites
from latesync.store.sites import read_setting, write_setting

MOST_ZONES_KEPT = 10
_ZONES, _STATUSES = "zones", "wanted_statuses"


@dataclass(frozen=True, slots=True)
class ZoneSeen:
    """zone: as Zone is written out. since: when it was first seen; None: before anybody noted that."""

    zone: str
    since: datetime | None


def record_site_rules(
    db: Database | Connection, site_id: str, zone: str, statuses: Collection[str], now: datetime
) -> bool:
    """Keep what was just read; where it differs from before, every account is due. Returns whether it did."""
    wanted = json.dumps(sorted(statuses))
    with writing(db) as connection:
        known_zone = connection.scalar(select(sites.c.zone).where(sites.c.id == site_id))
        known = read_setting(connection, site_id, _STATUSES)
        has_changed = known_zone not in (None, zone) or known not in (None, wanted)
        if has_changed:  # first: a run locks its account before the site, too
            pull_forward(connection, site_id, None, now, outbound=True, inbound=False)
        record_site_zone(connection, site_id, zone, now)
        if known != wanted:
            write_setting(connection, site_id, _STATUSES, wanted)
    return has_changed


def record_site_zone(db: Database | Connection, site_id: str, zone: str, now: datetime) -> None:
    """Keep the site's zone, and the one before beside it."""
    with writing(db) as connection:
        before = connection.scalar(select(sites.c.zone).where(sites.c.id == site_id))
        if before == zone:
            return
        connection.execute(update(sites).where(sites.c.id == site_id).values(zone=zone))
        seen = read_zones(connection, site_id) or ([ZoneSeen(before, None)] if before else [])
        seen = [*seen, ZoneSeen(zone, now)][-MOST_ZONES_KEPT:]
        kept = [[each.zone, each.since.isoformat() if each.since else None] for each in seen]
        write_setting(connection, site_id, _ZONES, json.dumps(kept))


def read_zones(db: Database | Connection, site_id: str) -> list[ZoneSeen]:
    """The oldest first."""
    with reading(db) as connection:
        kept = json.loads(read_setting(connection, site_id, _ZONES) or "[]")
    return [ZoneSeen(zone, datetime.fromisoformat(since) if since else None) for zone, since in kept]


def zone_before(seen: Sequence[ZoneSeen], held_at: datetime) -> str:
    """The zone that was left when something was held because of that; "" where nobody knows.

    The change next to that time was the cause: what is held stays so while the zone changes further.
    """
    changes = [
        (abs(after.since - held_at), before.zone)
        for before, after in pairwise(seen)
        if after.since is not None
    ]
    return min(changes)[1] if changes else ""
