"""Keeps the site's own view of LateSync true: account states for WP admin, no busy time left behind."""

from __future__ import annotations

import logging
import threading

from latesync.errors import BridgeTableMissing
from latesync.model import AccountState
from latesync.store import accounts, calendars
from latesync.store.accounts import AccountRow
from latesync.sync.parts import SyncParts

log = logging.getLogger(__name__)


class SiteTeller:
    """Writes only what changed since it last told; several threads may share it."""

    def __init__(self, parts: SyncParts) -> None:
        self._parts = parts
        self._told: dict[int, tuple[object, ...]] = {}
        self._lock = threading.Lock()

    def tell(self, agent_id: int) -> None:
        """Publish the state of an agent's account. Without our table in the site there is nothing to tell."""
        account = accounts.active_account(self._parts.database, self._parts.site_id, agent_id)
        if account is not None:
            self._tell(account)

    def tell_all(self) -> None:
        """Tell of every account, and take back the busy time of those that were disconnected."""
        rows = accounts.list_accounts(self._parts.database, self._parts.site_id)
        for account in rows:
            if account.state is not AccountState.DISCONNECTED:
                self._tell(account)
        connected = {row.agent_id for row in rows if row.state is not AccountState.DISCONNECTED}
        for agent_id in {row.agent_id for row in rows} - connected:
            self._parts.site.publish_busy(agent_id, calendars.read_slots(self._parts.database, agent_id))

    def _tell(self, account: AccountRow) -> None:
        news = (account.provider, account.state.value, account.consent_ends_at, account.problem or "")
        with self._lock:
            if self._told.get(account.agent_id) == news:
                return
        try:
            self._parts.site.publish_account(
                account.agent_id,
                account.provider,
                account.state.value,
                account.consent_ends_at,
                account.problem or "",
            )
        except BridgeTableMissing:
            log.debug("site has no account table agent=%d", account.agent_id)
        with self._lock:
            self._told[account.agent_id] = news
