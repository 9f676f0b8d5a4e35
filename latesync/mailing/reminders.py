"""Which steps of consents are due, put into the outbox; and whether a step may still be said.

The many quiet accounts cost one statement together: only those near an end are looked at one by one, and a
booking is counted only where the answer decides.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from latesync.consent.lifetimes import Lifetimes, read_all_lifetimes
from latesync.consent.links import consent_stamp
from latesync.model import AccountState
from latesync.plan.consent import WEEK, ConsentLife, Step, due_step, superseded_by
from latesync.read_overview import count_waiting_bookings
from latesync.store.accounts import active_account
from latesync.store.consent_lives import HeldConsent, list_consents_to_tell
from latesync.store.outbox import REMINDER, SUPERSEDED, end_unsent, put_mail, steps_past_by_account

if TYPE_CHECKING:
    from collections.abc import Collection

    from latesync.plan.waking import WakingHours
    from latesync.services import Services

# Two days before the end, and a day more: a night may move the first reminder forward.
NEAR_THE_END = timedelta(days=3)
# What earlier consents teach changes by the day, and what waits for a signed-out agent by the hour.
LIFETIMES_AGE = timedelta(minutes=10)
WAITING_AGE = timedelta(minutes=10)


class Reminders:
    """Reads what is known of consents; keeps for a while what is costly to work out."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._lifetimes: tuple[datetime, dict[str, Lifetimes]] | None = None
        self._waiting: dict[int, tuple[datetime, int | None]] = {}

    def plan(self, now: datetime, hours: WakingHours) -> None:
        """Put every step that is due into the outbox, once."""
        db, site_id = self._services.database, self._services.site_id
        lifetimes = self._known_lifetimes(now)
        held = list_consents_to_tell(
            db,
            site_id,
            ends_before=now + NEAR_THE_END,
            inferred_clients=[
                ref
                for of_provider in lifetimes.values()
                for ref, judged in of_provider.judgements.items()
                if judged.is_testing
            ],
            inferred_before=now + NEAR_THE_END - WEEK,
        )
        if not held:
            return
        past = steps_past_by_account(db, site_id)
        for consent in held:
            self._plan_one(consent, past.get(consent.account.id, frozenset()), now, hours)

    def life_of(self, held: HeldConsent, now: datetime, waiting: int | None) -> ConsentLife | None:
        """None for an account without a consent."""
        account = held.account
        if account.consented_at is None:
            return None
        ended_at = None
        if account.state is AccountState.NEEDS_SIGN_IN:
            ended_at = held.ended_at or account.problem_since or now
        return ConsentLife(
            consented_at=account.consented_at,
            ends_at=self._known_lifetimes(now)[account.provider].end_of(account, now).at,
            ended_at=ended_at,
            waiting=waiting,
            has_new_client=not held.is_current_client,
        )

    def _plan_one(self, held: HeldConsent, past: Collection[str], now: datetime, hours: WakingHours) -> None:
        said = {Step(step) for step in past if step in list(Step)}
        if self._due(held, 1, said, now, hours) is None:  # not even if something waited
            return
        step = self._due(held, self._count_waiting(held, now), said, now, hours)
        if step is not None:
            self._put(held, step, now)

    def _due(
        self,
        held: HeldConsent,
        waiting: int | None,
        said: Collection[Step],
        now: datetime,
        hours: WakingHours,
    ) -> Step | None:
        life = self.life_of(held, now, waiting)
        return None if life is None else due_step(life, now, hours, said)

    def _put(self, held: HeldConsent, step: Step, now: datetime) -> None:
        db, site_id, account = self._services.database, self._services.site_id, held.account
        active = active_account(db, site_id, account.agent_id, account.provider)
        if active is None or active.id != account.id:  # they go on with another one there
            return
        key = f"consent:{account.id}:{consent_stamp(account.consented_at)}:{step.value}"
        earlier = [before.value for before in superseded_by(step)]
        with db.write() as connection:
            if put_mail(
                connection,
                site_id,
                key,
                REMINDER,
                step=step.value,
                agent_id=account.agent_id,
                account_id=account.id,
                consented_at=account.consented_at,
                now=now,
                due_at=now,
            ):
                end_unsent(connection, site_id, account.id, earlier, SUPERSEDED, now)

    def _known_lifetimes(self, now: datetime) -> dict[str, Lifetimes]:
        known = self._lifetimes
        if known is None or not timedelta(0) <= now - known[0] < LIFETIMES_AGE:
            services = self._services
            known = now, read_all_lifetimes(services.database, services.site_id, now)
            self._lifetimes = known
        return known[1]

    def _count_waiting(self, held: HeldConsent, now: datetime) -> int | None:
        account = held.account
        known = self._waiting.get(account.id)
        if known is None or not timedelta(0) <= now - known[0] < WAITING_AGE:
            known = now, count_waiting_bookings(self._services, account, now)
            self._waiting[account.id] = known
        return known[1]
