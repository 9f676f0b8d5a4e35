"""An account as it is kept, but for its refresh token."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from latesync.model import AccountState
from latesync.store.schema import accounts


@dataclass(frozen=True, slots=True)
class AccountRow:
    """Everything kept of an account but its refresh token. Due times are None while claimed."""

    id: int
    site_id: str
    agent_id: int
    provider: str
    subject: str
    email: str = field(repr=False)
    client_ref: int
    state: AccountState
    scopes: str
    consented_at: datetime | None
    consent_ends_at: datetime | None
    token_at: datetime | None
    write_calendar_id: str = field(repr=False)  # often an e-mail address
    tentative_blocks: bool
    blocking: str | None
    compared_at: datetime | None
    in_step: str | None
    language: str | None
    outbound_due_at: datetime | None
    inbound_due_at: datetime | None
    lease_owner: str | None
    lease_until: datetime | None
    failures: int
    problem: str | None
    problem_since: datetime | None
    failing: str | None
    outbound_good_at: datetime | None
    inbound_good_at: datetime | None
    created_at: datetime

    @property
    def is_written(self) -> bool:
        """Whether the agent's bookings go here; else it brings busy time only."""
        return self.write_calendar_id != ""


ACCOUNT_COLUMNS = tuple(column for column in accounts.c if column.name != "refresh_token")
_NAMES = tuple(column.name for column in ACCOUNT_COLUMNS)


def account_from(row: Row[Any]) -> AccountRow:
    values = {name: row._mapping[name] for name in _NAMES}
    values["state"] = AccountState(values["state"])
    return AccountRow(**values)
