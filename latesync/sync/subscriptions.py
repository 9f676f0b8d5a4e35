"""Keeps a subscription for every account whose provider can tell of changes."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from datetime import datetime

from latesync.errors import LateSyncError, SubscriptionGone, SubscriptionRefused
from latesync.model import AccountState
from latesync.plan.subscriptions import LIFE, Due, Step, plan_subscriptions
from latesync.providers.base import Notifying
from latesync.store import subscriptions
from latesync.store.accounts import AccountRow, list_accounts
from latesync.sync.parts import SyncParts

log = logging.getLogger(__name__)


class SubscriptionKeeper:
    """Asks for what is due, one account after the other. What fails is no trouble: polling goes on.

    urls: where each provider is to tell us; a provider without one is never asked.
    """

    def __init__(self, parts: SyncParts, urls: Mapping[str, str]) -> None:
        self._parts = parts
        self._urls = urls
        self._is_stopped = False
        self._refused: dict[int, datetime] = {}  # by account; forgotten with the process

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
        ends = {account_id: row.expires_at for account_id, row in kept.items()}
        for due in plan_subscriptions(rows, ends, self._refused, parts.clock()):
            if self._is_stopped:
                return
            remote_id = kept[due.account_id].remote_id if due.account_id in kept else ""
            self._ask(due, rows[due.account_id], remote_id)

    def _is_told(self, account: AccountRow) -> bool:
        return account.state is AccountState.CONNECTED and account.provider in self._urls

    def _ask(self, due: Due, account: AccountRow, remote_id: str) -> None:
        try:
            provider = self._parts.open_account(account) if self._parts.open_account else None
            if not isinstance(provider, Notifying):
                self._refused[account.id] = self._parts.clock()
            elif due.step is Step.RENEW:
                self._renew(provider, account, remote_id)
            else:
                self._subscribe(provider, account)
        except SubscriptionRefused as exc:
            self._refused[account.id] = self._parts.clock()
            log.warning("subscription refused account=%d reason=%s", account.id, exc.reason)
        except LateSyncError as exc:
            # Whoever must act is told by the account's runs; the next look asks again.
            log.debug("subscription not kept account=%d error=%s", account.id, type(exc).__name__)

    def _renew(self, provider: Notifying, account: AccountRow, remote_id: str) -> None:
        try:
            ends_at = provider.renew_subscription(remote_id, self._parts.clock() + LIFE)
        except SubscriptionGone:
            self._subscribe(provider, account)
            return
        subscriptions.record_renewed(self._parts.database, account.id, remote_id, ends_at)

    def _subscribe(self, provider: Notifying, account: AccountRow) -> None:
        secret = secrets.token_urlsafe(32)
        made = provider.subscribe(self._urls[account.provider], secret, self._parts.clock() + LIFE)
        subscriptions.record_subscription(
            self._parts.database, account.id, made.remote_id, secret, made.expires_at, self._parts.clock()
        )
        log.info("subscribed account=%d provider=%s", account.id, account.provider)
