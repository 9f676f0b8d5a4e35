"""A consent and what became of it, as a value. Frozen, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PastConsent:
    """A consent, and what became of it.

    told_ends_at: the end the provider named. ended_by: "refused", "replaced" or "disconnected".
    is_current: whether the account holds it now.
    """

    account_id: int
    agent_id: int
    consented_at: datetime
    told_ends_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    is_current: bool = False
