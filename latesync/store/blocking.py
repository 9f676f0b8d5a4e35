"""What makes an agent busy, as they chose it: kept with the account."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, null, update

from latesync.options import AllDay, BlockingPolicy
from latesync.store.accounts import AccountRow
from latesync.store.database import Database, writing
from latesync.store.history import What, Who, record_of_account
from latesync.store.schema import accounts, calendars

_DEFAULT = BlockingPolicy()


def blocking_of(account: AccountRow) -> BlockingPolicy:
    """As chosen; as it comes where nothing was, or where a newer program wrote what we do not know."""
    chosen = _known(account.blocking)
    return BlockingPolicy(
        tentative_blocks=account.tentative_blocks,
        free_blocks=_switch(chosen, "free_blocks"),
        unanswered_blocks=_switch(chosen, "unanswered_blocks"),
        out_of_office_blocks=_switch(chosen, "out_of_office_blocks"),
        focus_time_blocks=_switch(chosen, "focus_time_blocks"),
        from_mail_blocks=_switch(chosen, "from_mail_blocks"),
        working_elsewhere_blocks=_switch(chosen, "working_elsewhere_blocks"),
        all_day=_all_day(chosen),
    )


def choose_blocking(
    db: Database | Connection, account_id: int, policy: BlockingPolicy, now: datetime
) -> None:
    """Keep what a person chose. Busy time is worked out anew from what is kept of the calendars, at once;
    whoever is at work with the old choice loses the lease.
    """
    chosen = {name: value for name, value in asdict(policy).items() if name != "tentative_blocks"}
    with writing(db) as connection:
        connection.execute(
            update(accounts)
            .where(accounts.c.id == account_id)
            .values(
                tentative_blocks=policy.tentative_blocks,
                blocking=json.dumps(chosen, sort_keys=True),
                inbound_due_at=now,
                # What a worker that died left undone is known by its lease alone.
                outbound_due_at=now,
                lease_owner=null(),
                lease_until=null(),
            )
        )
        of_account = calendars.c.account_id == account_id
        connection.execute(update(calendars).where(of_account).values(expanded_for=None, is_unpublished=True))
        record_of_account(connection, account_id, What.SETTINGS_CHANGED, now, who=Who.AGENT, why="blocking")


def _known(text: str | None) -> Mapping[str, object]:
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _switch(chosen: Mapping[str, object], name: str) -> bool:
    value = chosen.get(name)
    return value if isinstance(value, bool) else bool(getattr(_DEFAULT, name))


def _all_day(chosen: Mapping[str, object]) -> AllDay:
    value = chosen.get("all_day")
    return next((one for one in AllDay if one.value == value), _DEFAULT.all_day)
