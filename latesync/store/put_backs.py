"""How often events were put back lately, from what the history tells of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, func, select

from latesync.store.database import Database, reading
from latesync.store.history import What
from latesync.store.statements import chunks
from latesync.store.trust_schema import history

_WRITTEN = (What.EVENT_CREATED.value, What.EVENT_UPDATED.value)


def count_put_backs(
    db: Database | Connection,
    site_id: str,
    account_id: int,
    booking_ids: Collection[int],
    *,
    whys: Collection[str],
    since: datetime,
) -> dict[int, int]:
    """By booking; who was not put back is not among them. whys: the reasons that say so."""
    c = history.c
    counted: dict[int, int] = {}
    with reading(db) as connection:
        for some in chunks(sorted(booking_ids)):
            query = (
                select(c.booking_id, func.count())
                .where(c.site_id == site_id, c.booking_id.in_(some), c.at >= since)
                .where(c.account_id == account_id, c.what.in_(_WRITTEN), c.why.in_(whys))
                .group_by(c.booking_id)
            )
            counted |= {row[0]: row[1] for row in connection.execute(query)}
    return counted
