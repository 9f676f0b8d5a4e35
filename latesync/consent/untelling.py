"""The end of a subscription, with the end of its account: the provider need not go on telling."""

from __future__ import annotations

import logging
from collections.abc import Callable

from latesync.errors import LateSyncError
from latesync.providers.base import CalendarProvider, Notifying
from latesync.store.database import Database
from latesync.store.subscriptions import forget_subscription, read_subscription

log = logging.getLogger(__name__)


def calendars_told_of(
    database: Database, account_id: int, open_calendars: Callable[[], CalendarProvider | None]
) -> CalendarProvider | None:
    """The calendars of an account that has a subscription to end; opened while its token is still here."""
    if read_subscription(database, account_id) is None:
        return None
    try:
        return open_calendars()
    except LateSyncError:  # disconnecting must work all the same
        return None


def end_subscription(database: Database, account_id: int, calendars: CalendarProvider | None) -> None:
    """calendars: of the account, which has lost its token by now.

    What the provider makes of it stops nobody: a subscription ends by itself within days.
    """
    row = read_subscription(database, account_id)
    if row is None:
        return
    forget_subscription(database, account_id, row.remote_id)
    if isinstance(calendars, Notifying):
        try:
            calendars.end_subscription(row.remote_id)
        except LateSyncError as exc:
            log.info("subscription not ended account=%d error=%s", account_id, type(exc).__name__)
