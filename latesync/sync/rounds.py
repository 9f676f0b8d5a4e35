"""Performs what one round of planning came to, in order, and owes no answer for what it never tried."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from latesync.errors import BridgeError, ProviderError, ProviderUnavailable
from latesync.plan.operations import CreateEvent, DeleteEvent, Operation, UpdateEvent, WriteBack
from latesync.plan.safety import OperationKey, operation_key
from latesync.store import drift, held, mappings
from latesync.sync.parts import Brake
from latesync.sync.perform import Outcome, Performer

# One event the provider stumbles over is passed by; three requests in a row are an outage.
FAILURES_IN_A_ROW = 3


def perform_all(
    performer: Performer,
    operations: list[Operation],
    released: Collection[OperationKey],
    brake: Brake,
    plugin_trouble: list[BridgeError],
) -> bool:
    """Perform in order; True: plan again. What was never tried is withdrawn, so that no answer is owed.

    released: those that a person had to be asked about.
    plugin_trouble: takes what the plugin's calls raise; after the first, it is not asked again.
    """
    round_ = _Round(performer, operations, released, plugin_trouble)
    try:
        for operation in operations:
            if not round_.begin(operation, brake):
                return False
            round_.perform(operation)
    finally:
        _withdraw_untried(performer, round_.untried)
    if round_.failed:
        raise round_.failed[-1]
    return round_.plan_again


@dataclass
class _Round:
    """untried: what is to be withdrawn, should it end now. requests: those begun, for one or for many."""

    performer: Performer
    operations: list[Operation]
    released: Collection[OperationKey]
    plugin_trouble: list[BridgeError]
    plan_again: bool = False
    failed: list[ProviderUnavailable] = field(default_factory=list)
    _tried: int = 0
    _turned_away: list[Operation] = field(default_factory=list)
    _requests: int = 0
    _failed_request: int = 0
    _in_a_row: int = 0
    _ended: ProviderError | None = None

    @property
    def untried(self) -> list[Operation]:
        return self._turned_away + self.operations[self._tried :]

    def begin(self, operation: Operation, brake: Brake) -> bool:
        """False: stopped by the brake. What was asked for together with others is taken up in any case."""
        together = self.performer.together
        if not together.is_open:
            if brake.is_on_for(self.performer.account_id):
                return False
            self._requests += 1
            following = self.operations[self._tried :]
            self._turned_away += together.ask(following, self.performer.notes)
        self._tried += 1
        return True

    def perform(self, operation: Operation) -> None:
        """Raises what ends the run, once everything that was asked for together is recorded."""
        if self.plugin_trouble and isinstance(operation, WriteBack):
            return
        try:
            self._perform(operation)
        except BridgeError as exc:
            self.plugin_trouble.append(exc)
        except ProviderUnavailable as exc:
            self._note_failure(exc)
        except ProviderError as exc:
            self._ended = self._ended or exc
        if self._ended is not None and not self.performer.together.is_open:
            raise self._ended

    def _perform(self, operation: Operation) -> None:
        performer = self.performer
        outcome = performer.perform(operation)
        self.plan_again |= outcome is Outcome.PLAN_AGAIN
        if outcome is Outcome.DONE and operation_key(operation) in self.released:
            held.forget_held(performer.parts.database, performer.account_id, operation.booking_id)
        performer.parts.progress.performed()
        self._in_a_row = 0

    def _note_failure(self, failure: ProviderUnavailable) -> None:
        """A request that failed for all that was asked for in it failed once."""
        self.failed.append(failure)
        self._in_a_row += self._failed_request != self._requests
        self._failed_request = self._requests
        if self._in_a_row == FAILURES_IN_A_ROW:
            self._ended = self._ended or failure


def _withdraw_untried(performer: Performer, untried: list[Operation]) -> None:
    database, now = performer.parts.database, performer.parts.clock()
    rows = [performer.intents[op.booking_id] for op in untried if isinstance(op, CreateEvent)]
    before = {
        op.mapping.id: op.mapping.drift_refused for op in untried if isinstance(op, UpdateEvent | DeleteEvent)
    }
    with database.write() as connection:
        mappings.withdraw_intents(connection, rows, now)
        drift.withdraw_unanswered(connection, before, now)
