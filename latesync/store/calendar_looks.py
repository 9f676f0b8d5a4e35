"""How reading each agent's calendars has gone: what "cannot be read since" is worked out of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select

from latesync.model import AccountState
from latesync.store.database import Database, reading
from latesync.store.leases import IS_STOPPED, RESTS
from latesync.store.schema import accounts, calendars

_A, _C = accounts.c, calendars.c
_LOOKS = (
    select(
        _A.id.label("account_id"),
        _A.agent_id,
        _A.state,
        _A.problem.label("account_problem"),
        _A.problem_since.label("account_problem_since"),
        _A.inbound_good_at,
        _A.created_at,
        _C.problem,
        _C.problem_since,
        _C.good_at,
        _C.is_unpublished,
        RESTS.label("is_paused"),
        IS_STOPPED.label("is_stopped"),
    )
    .select_from(accounts)
    .join(calendars, _C.account_id == _A.id)
    .where(_C.reads_busy, _A.state != AccountState.DISCONNECTED.value)
    .order_by(_A.agent_id, _A.id, _C.id)
)


@dataclass(frozen=True, slots=True)
class CalendarLook:
    """A calendar that makes an agent busy, and how reading it has gone.

    good_at: its last good look. troubled_since: since when it cannot be read; where nothing stands against
    that, when its account was made. is_stopped: the site waits for an answer, and nothing is published.
    """

    account_id: int
    agent_id: int
    account_state: AccountState
    good_at: datetime | None
    troubled_since: datetime
    is_lost: bool
    is_troubled: bool
    is_unpublished: bool
    is_paused: bool
    is_stopped: bool


def list_looks(db: Database | Connection, site_id: str, agent_id: int | None = None) -> list[CalendarLook]:
    """Of every account that is not disconnected, by agent."""
    query = _LOOKS.where(_A.site_id == site_id)
    if agent_id is not None:
        query = query.where(_A.agent_id == agent_id)
    with reading(db) as connection:
        return [_look_from(row) for row in connection.execute(query).mappings()]


def _look_from(row: RowMapping) -> CalendarLook:
    return CalendarLook(
        account_id=row["account_id"],
        agent_id=row["agent_id"],
        account_state=AccountState(row["state"]),
        good_at=last_good(row["good_at"], row["inbound_good_at"]),
        troubled_since=row["problem_since"] or row["account_problem_since"] or row["created_at"],
        is_lost=row["problem"] is not None,
        is_troubled=row["account_problem"] is not None,
        is_unpublished=row["is_unpublished"],
        is_paused=bool(row["is_paused"]),
        is_stopped=bool(row["is_stopped"]),
    )


def last_good(good_at: datetime | None, of_account: datetime | None) -> datetime | None:
    """A look that brings nothing new is noted on the account alone (sync/inbound.py), and counts for each
    of its calendars that was ever read."""
    return good_at if good_at is None or of_account is None else max(good_at, of_account)
