"""When to ask a provider to tell of changes, and when to ask again. Pure.

Polling is the guarantee (design.md §7): what is decided here only makes changes known sooner.
"""

from __future__ import annotations

import ipaddress
from collections import defaultdict
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
UNANSWERED_FOR = timedelta(minutes=2)  # after it did not answer, or was too busy to
# Between two renewals: no sooner is one taken (S5); and a provider may grant less than RENEWED_BEFORE (S1).
BETWEEN_RENEWALS = timedelta(minutes=11)
_PRIVATE_ENDS = (".localhost", ".local", ".internal", ".lan")


class Step(Enum):
    SUBSCRIBE = auto()
    RENEW = auto()
    REPLACE = auto()  # what there is tells an address that is no longer ours


@dataclass(frozen=True, slots=True)
class Told:
    """A connected account whose provider can tell.

    mailbox: of several accounts with the same one, one is enough; a second subscription is refused (S6).
    ends_at: when its subscription ends; None: it has none. tells_us: that one knows our address of today.
    """

    account_id: int
    mailbox: str
    ends_at: datetime | None = None
    tells_us: bool = True


@dataclass(frozen=True, slots=True)
class Due:
    account_id: int
    step: Step


def may_be_told(base_url: str, *, standin: bool) -> bool:
    """Whether a provider can reach our address: over TLS, and by a name or number the world knows (S2).

    standin: something on the operator's own machine or network answers in the provider's place.
    """
    parts = urlsplit(base_url)
    return standin or (parts.scheme == "https" and _is_public(parts.hostname or ""))


def plan_subscriptions(
    accounts: Iterable[Told],
    rests_until: Mapping[int, datetime],
    renewed_at: Mapping[int, datetime],
    now: datetime,
) -> list[Due]:
    """What to ask for now.

    rests_until: nothing is asked for sooner, by account. renewed_at: when a renewal was last asked for.
    """
    of_mailbox: dict[str, list[Told]] = defaultdict(list)
    for account in accounts:
        of_mailbox[account.mailbox].append(account)
    chosen = [
        min(some, key=lambda one: (not _lasts(one, now), one.account_id)) for some in of_mailbox.values()
    ]
    due: list[Due] = []
    for account in sorted(chosen, key=lambda one: one.account_id):
        step = _step(account, now)
        if step is None or rests_until.get(account.account_id, now) > now:
            continue
        last = renewed_at.get(account.account_id)
        if step is Step.RENEW and last is not None and last <= now < last + BETWEEN_RENEWALS:
            continue
        due.append(Due(account.account_id, step))
    return due


def _step(account: Told, now: datetime) -> Step | None:
    if account.ends_at is None or account.ends_at <= now:
        return Step.SUBSCRIBE
    if not account.tells_us:
        return Step.REPLACE
    return Step.RENEW if account.ends_at - now < RENEWED_BEFORE else None


def _lasts(account: Told, now: datetime) -> bool:
    return account.ends_at is not None and account.ends_at > now and account.tells_us


def _is_public(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host.strip(".") and not host.rstrip(".").endswith(_PRIVATE_ENDS)
