"""Keeps the site's own view of LateSync true: account states for WP admin, no busy time left behind."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from latesync.errors import SiteError
from latesync.latepoint.bridge_tables import MESSAGE_LENGTH
from latesync.model import AccountState, Booking
from latesync.sentences import drift_sentences
from latesync.sentences.drift_sentences import RefusalText
from latesync.sentences.problem_sentences import own_problem
from latesync.store import accounts, calendars, refusals
from latesync.store.accounts import AccountRow
from latesync.store.refusals import RefusalRow
from latesync.sync.busy_time import publish_agent
from latesync.sync.parts import SyncParts
from latesync.sync.site import BookingSite
from latesync.times import Zone

log = logging.getLogger(__name__)

REFUSAL_IS_NEWS = timedelta(hours=24)
MOST_COUNTED = 100


class SiteTeller:
    """Writes only what changed since it last told; several threads may share it."""

    def __init__(self, parts: SyncParts) -> None:
        self._parts = parts
        self._told: dict[tuple[int, str], tuple[object, ...]] = {}  # by agent and provider
        self._lock = threading.Lock()

    def tell(self, agent_id: int) -> None:
        """Publish the state of each of an agent's accounts, if the site can be told now."""
        active = accounts.active_accounts(self._parts.database, self._parts.site_id, agent_id)
        if active:
            self._take_old_notices_back(agent_id, {account.provider for account in active})
        for account in active:
            self._tell(account)

    def has_told(self, agent_id: int) -> bool:
        return bool(self._told_of(agent_id))

    def touch(self) -> None:
        """Say that LateSync lives, in the notices of all agents with accounts of ours.

        Where some are missing, the table was made anew: what was told is told again.
        """
        database, site_id = self._parts.database, self._parts.site_id
        agents = {account.agent_id for account in accounts.list_accounts(database, site_id)}
        with self._lock:
            told = set(self._told)
        try:
            there = self._parts.site.touch_accounts(agents)
        except SiteError:
            log.debug("site could not be touched")
            return
        if there < len(told):
            with self._lock:
                self._told.clear()
            for agent_id in {agent_id for agent_id, _ in told}:
                self.tell(agent_id)

    def tell_all_again(self) -> None:
        """What was told may be old by now: a refusal is news for a day. Writes only what differs."""
        with self._lock:
            told = {agent_id for agent_id, _ in self._told}
        for agent_id in told:
            self.tell(agent_id)

    def take_back(self) -> None:
        """Clear the busy time of accounts that were disconnected."""
        database = self._parts.database
        for account in accounts.disconnected_unpublished(database, self._parts.site_id):
            others = accounts.active_accounts(database, self._parts.site_id, account.agent_id)
            try:
                publish_agent(self._parts, account.agent_id)  # that of another account stays
                self._take_notice_back(account, others)
            except SiteError:
                # As below; the account stays among those that are asked for here.
                log.debug("site could not be cleared agent=%d", account.agent_id)
                return
            calendars.record_published(database, account.id)
            if not others:
                self._tell(account)

    def _told_of(self, agent_id: int) -> set[str]:
        """The providers of whose accounts something was told."""
        with self._lock:
            return {provider for told, provider in self._told if told == agent_id}

    def _take_old_notices_back(self, agent_id: int, in_use: Collection[str]) -> None:
        """What was said of an account before the agent changed the provider; by another process too, which is
        looked for once in this one's life."""
        old = self._told_of(agent_id)
        if not old:
            rows = accounts.list_accounts(self._parts.database, self._parts.site_id)
            old = {row.provider for row in rows if row.agent_id == agent_id}
        try:
            for provider in old - set(in_use):
                self._remove_notice(agent_id, provider)
        except SiteError:
            log.debug("site could not be told agent=%d", agent_id)

    def _take_notice_back(self, account: AccountRow, others: Sequence[AccountRow]) -> None:
        """An agent who works on with another provider is not disconnected. Raises SiteError."""
        if not others or account.provider in {other.provider for other in others}:
            return
        self._remove_notice(account.agent_id, account.provider)

    def _remove_notice(self, agent_id: int, provider: str) -> None:
        """Raises SiteError."""
        self._parts.site.remove_account(agent_id, provider)
        with self._lock:
            self._told.pop((agent_id, provider), None)

    def _tell(self, account: AccountRow) -> None:
        try:
            message = self._message(account)
        except SiteError:
            return
        ends_at = _end_to_tell(account, self._parts.clock())
        news = (account.state.value, ends_at, message)
        with self._lock:
            if self._told.get((account.agent_id, account.provider)) == news:
                return
        try:
            self._parts.site.publish_account(
                account.agent_id,
                account.provider,
                account.state.value,
                ends_at,
                message,
            )
        except SiteError:
            # What is wrong with the site is the runs' to report; the next one tries to tell again.
            log.debug("site could not be told agent=%d", account.agent_id)
            return
        with self._lock:
            self._told[account.agent_id, account.provider] = news

    def _message(self, account: AccountRow) -> str:
        """What is wrong; else what the agent wished last and did not get. Raises SiteError."""
        if account.problem:
            return own_problem(account.problem, account.provider)
        if not account.is_written:
            return ""  # wishes are made in the calendar that bookings go to
        since = self._parts.clock() - REFUSAL_IS_NEWS
        newest = refusals.list_refusals(
            self._parts.database, self._parts.site_id, account.agent_id, since, limit=MOST_COUNTED
        )
        if not newest:
            return ""
        (text,) = refusal_texts(self._parts.site, newest[:1], self._parts.site.zone())
        return text.within(MESSAGE_LENGTH, more=len(newest) - 1)


def _end_to_tell(account: AccountRow, now: datetime) -> datetime | None:
    """An end that has passed while the account works is none: nobody should read that it is signed out."""
    ends_at = account.consent_ends_at
    if account.state is AccountState.CONNECTED and ends_at is not None and ends_at <= now:
        return None
    return ends_at


def refusal_texts(
    site: BookingSite, rows: Sequence[RefusalRow], zone: Zone, *, names_services: bool = False
) -> list[RefusalText]:
    """What people read of them. The site is asked for the codes nobody has read yet, and for services; where
    it does not answer, the bookings are named by their ids."""
    unknown = [row.booking_id for row in rows if names_services or not row.booking_code]
    try:
        found = site.look_up(unknown)
    except SiteError:
        found = {}
    texts = []
    for row in rows:
        booking = found.get(row.booking_id)
        code, service = (booking.code, booking.service_name) if isinstance(booking, Booking) else ("", "")
        which = drift_sentences.booking_words(
            row.booking_id, row.booking_code or code, row.starts_at, zone, service if names_services else ""
        )
        texts.append(drift_sentences.refused(which, row.wish, row.wanted_starts_at, row.reason, zone))
    return texts
