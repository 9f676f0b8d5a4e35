"""What `doctor` and the page Health say of the last full comparison."""

from __future__ import annotations

from collections.abc import Iterable

from latesync.calendar_overview import read_calendar_overview
from latesync.checks.findings import FINE, NOTE, Finding
from latesync.model import AccountState
from latesync.read_overview import read_zone
from latesync.services import Services
from latesync.store.accounts import list_accounts

SUBJECT = "last full comparison"


def check_comparison(services: Services) -> Iterable[Finding]:
    """Whether a slow look at everything found what the quick ones had missed; it should be nothing."""
    accounts = list_accounts(services.database, services.site_id)
    if not any(account.state is AccountState.CONNECTED for account in accounts):
        return
    calendars = read_calendar_overview(services.database, services.site_id, accounts, {}, services.clock())
    has_found = any(row.differences for rows in calendars.compared.values() for row in rows)
    is_noteworthy = has_found or not calendars.compared
    yield Finding(SUBJECT, NOTE if is_noteworthy else FINE, calendars.last_comparison(read_zone(services)))
