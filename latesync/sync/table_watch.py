"""Notices that LateSync's own tables in the site's database are there by now, whoever made them."""

from __future__ import annotations

from dataclasses import dataclass

from latesync.errors import SiteError
from latesync.latepoint.bridge_tables import missing_bridge_tables
from latesync.model import AccountState
from latesync.plan.failures import Problem
from latesync.store.accounts import list_accounts
from latesync.store.fingerprints import pull_forward
from latesync.sync.parts import SyncParts


@dataclass
class TableWatch:
    """Asks the site only while an account's last run missed a table.

    are_there: as last seen. A table that may be read and not written leaves the accounts as they are, and is
      no news a second time.
    """

    parts: SyncParts
    are_there: bool = False

    def look(self) -> bool:
        """Whether accounts that waited for the tables are due now."""
        parts = self.parts
        waiting = {
            account.agent_id
            for account in list_accounts(parts.database, parts.site_id)
            if account.state is AccountState.CONNECTED and account.problem == Problem.BRIDGE_TABLE_MISSING
        }
        if not waiting:
            self.are_there = False
            return False
        before = self.are_there
        try:
            self.are_there = not missing_bridge_tables(parts.site.engine, parts.site.prefix)
        except SiteError:  # the probe speaks of that
            return False
        if before or not self.are_there:
            return False
        pull_forward(parts.database, parts.site_id, waiting, parts.clock(), outbound=True, inbound=True)
        return True
