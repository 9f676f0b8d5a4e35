"""Alarms: looks once a minute, lets plan/alarms.py decide, and puts what is to be told into the outbox.

What is noted and the mails that tell of it go into one transaction, and every mail has a key of its own: two
workers, or one that dies in between, tell nobody twice.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from latesync.consent.links import consent_stamp
from latesync.mailing.troubles import Found, find_troubles
from latesync.plan.alarms import (
    CALM,
    GAP,
    LOOK_EVERY,
    SELDOM,
    TELLS_AGENT,
    WAKING_UP,
    Decision,
    Known,
    Trouble,
    decide,
)
from latesync.plan.waking import is_awake
from latesync.read_overview import count_waiting_bookings
from latesync.store import alarms as store
from latesync.store.accounts import active_account
from latesync.store.calendar_looks import list_looks
from latesync.store.outbox import ALARM, ALL_CLEAR, put_mail
from latesync.store.pauses import read_resting
from latesync.store.people import list_admins

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from latesync.plan.waking import WakingHours
    from latesync.services import Services
    from latesync.store.accounts import AccountRow
    from latesync.store.alarms import AlarmRow

log = logging.getLogger(__name__)

WAITING_AGE = timedelta(minutes=5)  # for how long a count of waiting bookings is good enough


class Alarms:
    """Remembers when it last looked, and what was wrong then."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._asked_at: datetime | None = None
        self._woke_at: datetime | None = None
        self._looked_at: datetime | None = None
        self._are_awake = False
        self._found = Found()
        self._waiting: dict[int, tuple[datetime, int | None]] = {}

    def plan(self, now: datetime, hours: WakingHours) -> None:
        """Note what began and what is over, and put into the outbox what is to be told of it.

        What lasts at night is told in the morning, and first: the digest does not say it once more.
        """
        if self._asked_at is None or not timedelta(0) <= now - self._asked_at <= GAP:
            self._woke_at = now
        self._asked_at = now
        were_awake, self._are_awake = self._are_awake, is_awake(now, hours)
        is_fresh = self._looked_at is not None and timedelta(0) <= now - self._looked_at < LOOK_EVERY
        if is_fresh and (were_awake or not self._are_awake):
            return
        self._looked_at = now
        db, site_id = self._services.database, self._services.site_id
        if read_resting(db, site_id).everybody_since is not None:
            return
        self._found = find_troubles(self._services, now, self._count_waiting)
        rows = store.list_alarms(db, site_id, now - SELDOM - 2 * CALM)
        self._follow(decide_about(self._found, rows, now, is_settled=self._is_settled(now)), rows, now)

    def trouble_of(self, row: AlarmRow, now: datetime) -> Trouble | None:
        """What an alarm is about, as it is now; None when it is over, or cannot be told."""
        if self._looked_at is None or not timedelta(0) <= now - self._looked_at <= 2 * LOOK_EVERY:
            self._found = find_troubles(self._services, now, self._count_waiting)
            self._looked_at = now
        same = (trouble for trouble in self._found.troubles if trouble.key == (row.kind, row.agent_id))
        return next(same, None)

    def _is_settled(self, now: datetime) -> bool:
        """Whether anybody may be told: people are awake, there is a mail server, and the machine has been
        at work for a while."""
        is_at_work = self._woke_at is None or not timedelta(0) <= now - self._woke_at < WAKING_UP
        return self._are_awake and is_at_work and self._services.has_mail_server()

    def _follow(self, decision: Decision, rows: list[AlarmRow], now: datetime) -> None:
        db, site_id = self._services.database, self._services.site_id
        by_id = {row.id: row for row in rows}
        for kind, agent_id in decision.begin:
            store.record_alarm(db, site_id, kind, agent_id, now)
        for alarm_id in decision.go_on:
            store.record_alarm_back(db, alarm_id)
        for alarm_id in decision.tell:
            with db.write() as connection:
                if store.record_alarm_told(connection, site_id, alarm_id, now):
                    self._put(connection, by_id[alarm_id], f"alarm:{alarm_id}", ALARM, now, now)
                    log.warning("alarm kind=%s agent=%d", by_id[alarm_id].kind, by_id[alarm_id].agent_id)
        for alarm_id in decision.tell_again:
            row = by_id[alarm_id]
            with db.write() as connection:
                if row.told_at and store.record_alarm_told_again(
                    connection, site_id, alarm_id, row.told_at, now
                ):
                    self._put(connection, row, f"alarm:{alarm_id}:{consent_stamp(now)}", ALARM, now, now)
                    log.warning("alarm again kind=%s agent=%d", row.kind, row.agent_id)
        for alarm_id in decision.end:
            with db.write() as connection:
                if store.record_alarm_ended(connection, site_id, alarm_id, now):
                    key = f"clear:{alarm_id}:{consent_stamp(now)}"
                    self._put(connection, by_id[alarm_id], key, ALL_CLEAR, now, now + CALM)
                    log.info("alarm over kind=%s agent=%d", by_id[alarm_id].kind, by_id[alarm_id].agent_id)

    def _put(
        self, connection: Connection, row: AlarmRow, key: str, kind: str, now: datetime, due_at: datetime
    ) -> None:
        site_id = self._services.site_id
        for agent_id, account_id, admin_id in self._recipients(connection, row):
            put_mail(
                connection,
                site_id,
                f"{key}:{agent_id or admin_id}",
                kind,
                agent_id=agent_id,
                account_id=account_id,
                admin_id=admin_id,
                now=now,
                due_at=due_at,
            )

    def _recipients(
        self, connection: Connection, row: AlarmRow
    ) -> Iterator[tuple[int | None, int | None, int | None]]:
        """(agent, account, admin) of each: who can act."""
        if row.kind in TELLS_AGENT:
            account_id = self._account_in_trouble(connection, row.agent_id)
            if account_id is not None:
                yield row.agent_id, account_id, None
            return
        for admin in list_admins(connection):
            yield None, None, admin.id

    def _account_in_trouble(self, connection: Connection, agent_id: int) -> int | None:
        """Of an agent's accounts the one whose calendar is lost; the one that is written once none is."""
        site_id = self._services.site_id
        lost = [look.account_id for look in list_looks(connection, site_id, agent_id) if look.is_lost]
        account = active_account(connection, site_id, agent_id)
        return lost[0] if lost else account.id if account else None

    def _count_waiting(self, account: AccountRow) -> int | None:
        now = self._services.clock()
        known = self._waiting.get(account.id)
        if known is None or not timedelta(0) <= now - known[0] < WAITING_AGE:
            known = now, count_waiting_bookings(self._services, account, now)
            self._waiting[account.id] = known
        return known[1]


def decide_about(found: Found, rows: list[AlarmRow], now: datetime, *, is_settled: bool) -> Decision:
    """Puts what is remembered into plan/alarms.py's words."""
    known = [Known(row.id, row.kind, row.agent_id, row.began_at, row.told_at, row.ended_at) for row in rows]
    unsure = {(row.kind, row.agent_id) for row in rows if found.is_unsure(row.kind, row.agent_id)}
    return decide(found.troubles, known, now, unsure=unsure, is_settled=is_settled)
