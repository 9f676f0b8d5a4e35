"""What a run is given: values and connected parts, never configuration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from latesync.bridge.client import WriteBackClient
from latesync.options import SafetyLimits
from latesync.plan.outbound import OutboundPolicy
from latesync.providers.base import CalendarProvider
from latesync.store.accounts import AccountRow
from latesync.store.database import Database
from latesync.store.leases import Claim
from latesync.sync.bell import Bell
from latesync.sync.site import BookingSite


class Progress(Protocol):
    """Somebody who watches; called from several threads."""

    def planned(self, steps: int) -> None: ...

    def performed(self) -> None: ...


class NobodyWatches:
    def planned(self, steps: int) -> None:
        pass

    def performed(self) -> None:
        pass


@dataclass(frozen=True)
class SyncParts:
    """connect: the calendars of a claimed account, ready to call; may raise ClientRejected.

    write_back: asks the plugin to move and cancel bookings. disconnect: ends an account here and gives its
      consent back to the provider; None: here alone. policy: but for drift, which the owner may
      change at any time and every plan reads anew. limits: where the owner chose none.
    clock: aware UTC now. spread: a fresh number from 0 to 1, for jitter.
    open_account: another account of an agent, which may be worked at elsewhere, ready to call; None: it is
      signed out. May raise SecretUnreadable, ProviderError.
    run: 32 hex that everything one run does has in common (store/history.py); None outside of a run.
    """

    database: Database
    site_id: str
    site: BookingSite
    connect: Callable[[Claim], CalendarProvider]
    clock: Callable[[], datetime]
    spread: Callable[[], float]
    policy: OutboundPolicy = field(default_factory=OutboundPolicy)
    limits: SafetyLimits = field(default_factory=SafetyLimits)
    progress: Progress = field(default_factory=NobodyWatches)
    write_back: WriteBackClient | None = None
    disconnect: Callable[[AccountRow], None] | None = None
    open_account: Callable[[AccountRow], CalendarProvider | None] | None = None
    run: str | None = None


@dataclass
class Brake:
    """Tells a run to stop after the operation it is at: shutting down, or the lease was lost."""

    stopping: Bell
    lost: set[int] = field(default_factory=set)

    def is_on_for(self, account_id: int) -> bool:
        return self.stopping.is_set() or account_id in self.lost


@dataclass
class RunCounts:
    """What a run changed in the world.

    events_staying: how many events are to go from an account that is not written to, and cannot yet.
    written: bookings whose own change stands in the calendar now, since when. changes_read: when the calendar
    changed, of each change that was read; shown_at: when the site showed them. For sync/measuring.py.
    """

    events_created: int = 0
    events_updated: int = 0
    events_deleted: int = 0
    busy_added: int = 0
    busy_removed: int = 0
    operations_held: int = 0
    events_staying: int = 0
    set_aside: int = 0
    bookings_moved: int = 0
    bookings_cancelled: int = 0
    refusals: int = 0
    written: dict[int, datetime] = field(default_factory=dict)
    changes_read: list[datetime] = field(default_factory=list)
    shown_at: datetime | None = None

    @property
    def changed_anything(self) -> bool:
        return bool(
            self.events_created
            or self.events_updated
            or self.events_deleted
            or self.busy_added
            or self.busy_removed
            or self.operations_held
            or self.set_aside
            or self.answered_wishes
        )

    @property
    def answered_wishes(self) -> bool:
        """Whether a booking followed its event, or an agent has to be told why not."""
        return bool(self.bookings_moved or self.bookings_cancelled or self.refusals)
