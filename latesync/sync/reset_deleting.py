"""Deletes the events a reset is about, one after the other, each recorded at once."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from itertools import groupby, islice

from latesync.errors import CalendarLost, EventNotFound, EventRefused, ProviderError, ProviderUnavailable
from latesync.model import Event
from latesync.plan.reset import Because, ResetPlan, Verdict
from latesync.providers.base import CalendarProvider, GoneEvent
from latesync.store import drift, left_out, resets
from latesync.store.accounts import AccountRow
from latesync.store.history import Entry, What, record_history
from latesync.store.resets import ResetRow
from latesync.sync.parts import Brake, RunCounts, SyncParts

log = logging.getLogger(__name__)

# One event the provider stumbles over is passed by; three in a row are an outage (as in sync/outbound.py).
FAILURES_IN_A_ROW = 3
WHY = "reset"  # the reason in the history


class DeletingStopped(Exception):
    """Not everything was tried: the job was cancelled meanwhile, or the run has to end."""

    def __init__(self, *, is_cancelled: bool) -> None:
        super().__init__()
        self.is_cancelled = is_cancelled


@dataclass
class EventDeleter:
    """refused: bookings whose event stands still, for we were not allowed to delete it."""

    parts: SyncParts
    account: AccountRow
    provider: CalendarProvider
    brake: Brake
    counts: RunCounts
    job: ResetRow
    refused: set[int] = field(default_factory=set)
    _deletions: tuple[Verdict, ...] = ()
    _stay_out: MappingOf[int, str] = field(default_factory=dict)
    # What a write of ours may have done to an event must not pass for its agent's wish: by mapping, what
    # stood there before.
    _untried: dict[int, str] = field(default_factory=dict)

    def begin(self, plan: ResetPlan, stay_out: MappingOf[int, str]) -> None:
        """stay_out: by booking, the hash of those that stay out once their event is gone."""
        self._deletions, self._stay_out = plan.deletions, stay_out
        lost = sum(1 for verdict in plan.untouched if verdict.because is Because.OUT_OF_REACH)
        lost *= self.job.wish.events.deletes
        with self.parts.database.write() as connection:
            resets.begin_reset(connection, self.job.id, len(plan.deletions) + lost)
            if lost:
                resets.record_refused(connection, self.job.id, lost)
        self.parts.progress.planned(len(plan.deletions))

    def delete_all(self) -> None:
        """Raises DeletingStopped, and what the provider raises; what was not tried stays as it was."""
        mapped = [verdict.mapping for verdict in self._deletions if verdict.mapping is not None]
        self._untried = {mapping.id: mapping.drift_refused for mapping in mapped}
        if self._untried:
            drift.record_unanswered(self.parts.database, list(self._untried), self.parts.clock())
        try:
            self._delete_in_order()
        finally:
            self._withdraw(self._untried)

    def _delete_in_order(self) -> None:
        failed: list[ProviderUnavailable] = []
        in_a_row = 0
        for batch in self._batches():
            if self.brake.is_on_for(self.account.id):
                raise DeletingStopped(is_cancelled=False)
            ends = self._ask(batch)
            stopped, troubles = self._take_up(batch, ends)
            failed += troubles
            # A request that failed for all that was asked for in it failed once.
            in_a_row = in_a_row + 1 if len(troubles) == len(batch) else 0
            if stopped is not None:
                raise stopped
            if in_a_row == FAILURES_IN_A_ROW:
                break
        if failed:
            raise failed[-1]

    def _batches(self) -> Iterator[list[Verdict]]:
        """In order, as many at once as the provider takes, those of one calendar together."""
        for _, alike in groupby(self._deletions, key=lambda verdict: verdict.event.calendar_id):
            while batch := list(islice(alike, self.provider.writes_together)):
                yield batch

    def _ask(self, batch: list[Verdict]) -> Sequence[Event | ProviderError | None]:
        """What came of each. Raises what the provider raises where nothing was tried."""
        calendar_id, first = batch[0].event.calendar_id, batch[0].event.event_id
        if len(batch) > 1:
            gone = [GoneEvent(verdict.event.event_id) for verdict in batch]
            return self.provider.write_together(calendar_id, gone)
        try:
            self.provider.delete_event(calendar_id, first)
        except ProviderError as exc:
            return [exc]
        return [None]

    def _take_up(
        self, batch: list[Verdict], ends: Sequence[Event | ProviderError | None]
    ) -> tuple[Exception | None, list[ProviderUnavailable]]:
        """(what ends the work, what may have failed): each end is recorded, whatever the others are."""
        stopped: Exception | None = None
        failed = []
        for verdict, end in zip(batch, ends, strict=True):
            match end:
                case ProviderUnavailable():  # whether it is gone, the next look tells
                    self._is_tried(verdict)
                    failed.append(end)
                case EventRefused() | CalendarLost():  # a calendar one may only read by now is the same
                    self._refused(verdict, end.reason)
                case ProviderError() if not isinstance(end, EventNotFound):
                    stopped = stopped or end
                case _:  # gone by now, or gone already
                    if not self._deleted(verdict):
                        stopped = stopped or DeletingStopped(is_cancelled=True)
        return stopped, failed

    def _deleted(self, verdict: Verdict) -> bool:
        """False: the job was cancelled meanwhile."""
        self._is_tried(verdict)
        now = self.parts.clock()
        with self.parts.database.write() as connection:
            if verdict.mapping is not None:
                stays_out = self._stay_out.get(verdict.mapping.booking_id)
                left_out.record_given_up(connection, {verdict.mapping.id: stays_out}, now)
            record_history(connection, self.parts.site_id, [self._entry(verdict)])
            is_open = resets.record_deleted(connection, self.job.id)
        self.counts.events_deleted += 1
        self.parts.progress.performed()
        return is_open

    def _refused(self, verdict: Verdict, reason: str) -> None:
        log.warning("event not deleted account=%d reason=%s", self.account.id, reason or "refused")
        if verdict.booking_id is not None:
            self.refused.add(verdict.booking_id)
        with self.parts.database.write() as connection:
            resets.record_refused(connection, self.job.id)
            record_history(connection, self.parts.site_id, [self._entry(verdict, result="refused")])
        self.parts.progress.performed()

    def _entry(self, verdict: Verdict, result: str = "") -> Entry:
        starts_at = verdict.event.starts_at
        return Entry(
            at=self.parts.clock(),
            who=self.job.asked_by,
            what=What.STRAY_DELETED if verdict.because is Because.DOUBLE else What.EVENT_DELETED,
            why=WHY,
            result=result,
            agent_id=self.account.agent_id,
            account_id=self.account.id,
            booking_id=verdict.booking_id,
            run=self.parts.run,
            detail={"starts_at": starts_at.isoformat()} if starts_at else {},
        )

    def _is_tried(self, verdict: Verdict) -> None:
        if verdict.mapping is not None:
            self._untried.pop(verdict.mapping.id, None)

    def _withdraw(self, before: MappingOf[int, str]) -> None:
        if before:
            drift.withdraw_unanswered(self.parts.database, before, self.parts.clock())
