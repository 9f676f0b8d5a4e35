"""When to ask a provider to tell of changes, and when to ask again. Pure.

Polling is the guarantee (design.md §7): what is decided here only makes changes known sooner.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from urllib.parse import urlsplit

# The most there is, or was: today's reference says seven days, older texts 4,230 minutes (microsoft-graph.md
# S1). This is below both.
LIFE = timedelta(minutes=4200)
RENEWED_BEFORE = timedelta(hours=24)
REFUSED_FOR = timedelta(hours=6)  # after the provider could not reach us, until it is asked again
_NOT_REACHABLE = ("localhost", "127.0.0.1", "::1")


class Step(Enum):
    SUBSCRIBE = auto()
    RENEW = auto()


@dataclass(frozen=True, slots=True)
class Due:
    account_id: int
    step: Step


def may_be_told(base_url: str, *, standin: bool) -> bool:
    """Whether a provider can reach our address: over TLS, and not this machine's own name for itself (S2).

    standin: something on the operator's own machine or network answers in the provider's place.
    """
    parts = urlsplit(base_url)
    return standin or (parts.scheme == "https" and parts.hostname not in _NOT_REACHABLE)


def plan_subscriptions(
    accounts: Iterable[int],
    ends: Mapping[int, datetime],
    refused: Mapping[int, datetime],
    now: datetime,
) -> list[Due]:
    """What to ask for now.

    accounts: that are connected, at a provider that can tell. ends: when their subscriptions end, by account.
    refused: when a provider last would not, by account.
    """
    due: list[Due] = []
    for account_id in sorted(accounts):
        if account_id in refused and now - refused[account_id] < REFUSED_FOR:
            continue
        ends_at = ends.get(account_id)
        if ends_at is None or ends_at <= now:
            due.append(Due(account_id, Step.SUBSCRIBE))
        elif ends_at - now < RENEWED_BEFORE:
            due.append(Due(account_id, Step.RENEW))
    return due
