"""The WordPress plugin as it last presented itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from latesync.store.database import Database, reading, writing
from latesync.store.schema import bridges
from latesync.store.sites import read_setting, write_setting
from latesync.store.statements import upsert_rows

HEARD_EVERY = timedelta(minutes=1)  # a busy site's notes need not each be written down
_PROTOCOL = "bridge_protocol"
_UNLISTED = "bridge_unlisted"


@dataclass(frozen=True, slots=True)
class BridgeRow:
    """heard_at: the last signed note. greeted_at: when it said the rest, None if it never did.

    is_unlisted: it greeted while WordPress' list of the site's active plugins did not hold it.
    """

    heard_at: datetime
    greeted_at: datetime | None
    plugin_version: str | None
    wordpress_version: str | None
    latepoint_version: str | None
    home_url: str | None
    rest_url: str | None
    protocol: int | None
    is_unlisted: bool = False


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a plugin says of itself; "" where it said nothing."""

    plugin_version: str
    wordpress_version: str
    latepoint_version: str
    home_url: str
    rest_url: str
    protocol: int


_C = bridges.c
_SHOWN = tuple(column for column in _C if column.name != "site_id")
_GREETED = ("plugin_version", "wordpress_version", "latepoint_version", "home_url", "rest_url")


def read_bridge(db: Database | Connection, site_id: str) -> BridgeRow | None:
    """None: no plugin was ever heard from."""
    with reading(db) as connection:
        row = connection.execute(select(*_SHOWN).where(_C.site_id == site_id)).first()
        if row is None:
            return None
        protocol = read_setting(connection, site_id, _PROTOCOL)
        is_unlisted = read_setting(connection, site_id, _UNLISTED) == "yes"
    return BridgeRow(**row._mapping, protocol=int(protocol) if protocol else None, is_unlisted=is_unlisted)


def record_heard(db: Database | Connection, site_id: str, now: datetime) -> None:
    """A signed note came; written down at most once in HEARD_EVERY."""
    with writing(db) as connection:
        heard_at = connection.scalar(select(_C.heard_at).where(_C.site_id == site_id))
        if heard_at is None or now - heard_at >= HEARD_EVERY:
            upsert_rows(connection, bridges, [{"site_id": site_id, "heard_at": now}], ["heard_at"])


def record_greeting(
    db: Database | Connection, site_id: str, greeting: Greeting, now: datetime, *, is_unlisted: bool = False
) -> None:
    """The plugin said what it is; what it said before is forgotten."""
    said = {name: getattr(greeting, name) or None for name in _GREETED}
    row = {"site_id": site_id, "heard_at": now, "greeted_at": now, **said}
    with writing(db) as connection:
        upsert_rows(connection, bridges, [row], ["heard_at", "greeted_at", *_GREETED])
        write_setting(connection, site_id, _PROTOCOL, str(greeting.protocol))
        write_setting(connection, site_id, _UNLISTED, "yes" if is_unlisted else "no")
