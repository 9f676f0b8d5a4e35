"""The turn: one row among the accounts' notices, by which two LateSyncs with the same state find each other.

It has the agent 0, which no agent of LatePoint's has, and a provider of its own: whoever shows or counts
accounts passes it over.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from latesync.latepoint.bridge_tables import accounts_table, bridge_errors, busy_table
from latesync.times import as_utc

NOBODY = 0  # in place of an agent's id
PROVIDER = "latesync"
STATE = "turn"


def read_turn(engine: Engine, prefix: str) -> str | None:
    """The turn that was taken last; None before the first.

    Raises BridgeTableMissing, SiteUnavailable.
    """
    table = accounts_table(prefix)
    query = select(table.c.message).where(table.c.agent_id == NOBODY, table.c.provider == PROVIDER)
    with bridge_errors(table), engine.connect() as connection:
        turn: str | None = connection.scalar(query)
        return turn


def write_turn(engine: Engine, prefix: str, seen: str | None, turn: str, now: datetime) -> bool:
    """Put a turn in the place of the one that was seen (None: of none).

    False: somebody else did so first. Raises BridgeTableMissing (also where it may not be written),
    SiteUnavailable.
    """
    table = accounts_table(prefix)
    said = {"message": turn, "updated_at": as_utc(now).replace(tzinfo=None, microsecond=0)}
    ours = (table.c.agent_id == NOBODY, table.c.provider == PROVIDER)
    with bridge_errors(table), engine.connect() as connection:
        if seen is not None:
            changed = connection.execute(update(table).where(*ours, table.c.message == seen).values(**said))
            return changed.rowcount == 1
        row = {"agent_id": NOBODY, "provider": PROVIDER, "state": STATE, **said}
        try:
            connection.execute(insert(table).values(**row))
        except IntegrityError:
            return False
        return True


def clear_bridge_tables(engine: Engine, prefix: str) -> int:
    """Take every row of ours out: they were copied along with the site. How many busy times there were.

    Raises BridgeTableMissing, SiteUnavailable.
    """
    busy, notices = busy_table(prefix), accounts_table(prefix)
    with bridge_errors(busy), engine.connect() as connection:
        removed: int = connection.execute(delete(busy)).rowcount
    with bridge_errors(notices), engine.connect() as connection:
        connection.execute(delete(notices))
    return removed
