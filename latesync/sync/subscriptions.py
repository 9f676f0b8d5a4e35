"""Keeps a subscription for every mailbox whose provider can tell of changes."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from datetime import datetime

from latesync.errors import LateSyncError, RateLimited, SubscriptionGone, SubscriptionRefused
from latesync.model import AccountState
from latesync.plan.subscriptions import (
    LIFE,
    REFUSED_FOR,
    UNANSWERED_FOR,
    Due,
    Step,
    Told,
    plan_subscriptions,
)
from latesync.providers.base import Notifying
from latesync.store import subscriptions
from latesync.store.accounts import AccountRow, list_accounts
from latesync.store.fingerprints import pull_inbound_forward
from latesync.store.subscriptions import SubscriptionRow
from latesync.sync.parts import SyncParts

log = logging.getLogger(__name__)


class SubscriptionKeeper:
    """Asks for what is due, one account after the other. What fails is no trouble: polling goes on.

    urls: where each provider is to tell us; a provider without one is never asked. Two keepers of one state
    may end each other's newest subscription; the next renewal mends that.
    """

    def __init__(self, parts: SyncParts, urls: Mapping[str, str]) -> None:
        self._parts = parts
        self._urls = urls
        self._is_stopped = False
        # By account; forgotten with the process.
        self._rests_until: dict[int, datetime] = {}
        self._renewed_at: dict[int, datetime] = {}

    def stop(self) -> None:
        """The account it is at is the last."""
        self._is_stopped = True

    def keep(self) -> None:
        """Subscribe and renew what is due; two reads when that is nothing, none where nobody can tell."""
        if not self._urls:
            return
        parts = self._parts
        rows = {row.id: row for row in list_accounts(parts.database, parts.site_id) if self._is_told(row)}
        kept = {
            row.account_id: row for row in subscriptions.list_subscriptions(parts.database, parts.site_id)
        }
        told = [self._told(row, kept.get(row.id)) for row in rows.values()]
        for due in plan_subscriptions(told, self._rests_until, self._renewed_at, parts.clock()):
            if self._is_stopped:
                return
            self._ask(due, rows[due.account_id], kept.get(due.account_id))

    def _is_told(self, account: AccountRow) -> bool:
        return account.state is AccountState.CONNECTED and account.provider in self._urls

    def _told(self, account: AccountRow, row: SubscriptionRow | None) -> Told:
        mailbox = f"{account.provider} {account.subject}"
        if row is None:
            return Told(account.id, mailbox)
        return Told(account.id, mailbox, row.expires_at, row.tells(self._urls[account.provider]))

    def _ask(self, due: Due, account: AccountRow, row: SubscriptionRow | None) -> None:
        now = self._parts.clock()
        try:
            provider = self._parts.open_account(account) if self._parts.open_account else None
            if not isinstance(provider, Notifying):  # signed out meanwhile, or nobody who tells
                self._rests_until[account.id] = now + UNANSWERED_FOR
            elif due.step is Step.RENEW and row is not None:
                self._renewed_at[account.id] = now
                self._renew(provider, account, row)
            else:
                if due.step is Step.REPLACE and row is not None:
                    provider.end_subscription(row.remote_id)
                self._subscribe(provider, account)
        except SubscriptionRefused as exc:
            self._rests_until[account.id] = now + REFUSED_FOR
            log.info("subscription refused account=%d reason=%s", account.id, exc.reason)
        except LateSyncError as exc:
            # Whoever must act is told by the account's runs.
            retry_at = exc.retry_at if isinstance(exc, RateLimited) else None
            self._rests_until[account.id] = max(retry_at or now, now + UNANSWERED_FOR)
            log.debug("subscription not kept account=%d error=%s", account.id, type(exc).__name__)

    def _renew(self, provider: Notifying, account: AccountRow, row: SubscriptionRow) -> None:
        try:
            ends_at = provider.renew_subscription(row.remote_id, self._parts.clock() + LIFE)
        except SubscriptionGone:
            self._subscribe(provider, account)
            return
        subscriptions.record_renewed(self._parts.database, account.id, row.remote_id, ends_at)

    def _subscribe(self, provider: Notifying, account: AccountRow) -> None:
        """What changed before is read now: nobody told of it (microsoft-graph.md S5, S6)."""
        parts, url, secret = self._parts, self._urls[account.provider], secrets.token_urlsafe(32)
        made = provider.subscribe(url, secret, parts.clock() + LIFE)
        subscriptions.record_subscription(
            parts.database,
            account.id,
            made.remote_id,
            secret=secret,
            notify_url=url,
            expires_at=made.expires_at,
            now=parts.clock(),
        )
        for told in subscriptions.accounts_told(parts.database, parts.site_id, [account.id]):
            pull_inbound_forward(parts.database, parts.site_id, told, parts.clock())
        log.info("subscribed account=%d provider=%s", account.id, account.provider)
