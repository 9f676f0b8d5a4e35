"""Closes agents on the booking form whose calendar could not be read for too long, and opens them again."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime, timedelta

from latesync.errors import SiteError
from latesync.model import AccountState
from latesync.store import calendars, choices
from latesync.store.calendar_looks import CalendarLook
from latesync.sync.busy_time import publish_busy_time
from latesync.sync.form_busy import busy_on_form, closing_slot_of, looks_by_agent, unreadable_agents
from latesync.sync.parts import SyncParts
from latesync.times import TimeRange

log = logging.getLogger(__name__)

# The slot of a closed agent that went missing on the site stands again after at most this long.
LOOK_EVERY = timedelta(minutes=10)


class FormCloser:
    """Does what no run does: nobody claims an account that is signed out, and days pass.

    Whoever is closed is marked as unpublished, so that the run which reads the calendar again opens the
    form at once (sync/inbound.py).
    """

    def __init__(self, parts: SyncParts) -> None:
        self._parts = parts
        self._shown: dict[int, TimeRange | None] = {}  # by agent; None: open, and we opened it
        self._shown_at: datetime | None = None

    def look(self) -> None:
        """Publish what the passing of time changes; two reads when that is nothing."""
        parts, now = self._parts, self._parts.clock()
        if self._shown_at is None or not timedelta(0) <= now - self._shown_at < LOOK_EVERY:
            self._shown = {agent_id: span for agent_id, span in self._shown.items() if span is None}
            self._shown_at = now
        looks = looks_by_agent(parts.database, parts.site_id)
        policy = choices.read_unreadable_policy(parts.database, parts.site_id)
        unreadable = unreadable_agents(looks, policy, now)
        for agent_id, of_agent in looks.items():
            if any(look.is_stopped for look in of_agent):
                continue
            is_closed = agent_id in unreadable and unreadable[agent_id].is_closed
            span = closing_slot_of(parts, agent_id)[1] if is_closed else None
            if self._is_news(agent_id, span, of_agent):
                self._publish(agent_id, span, {look.account_id for look in of_agent})

    def _is_news(self, agent_id: int, span: TimeRange | None, looks: Collection[CalendarLook]) -> bool:
        if agent_id in self._shown:
            return self._shown[agent_id] != span
        if span is not None:
            return True
        # It may have been closed before this process came; where a run will come, that one sees to it.
        waits_for_person = any(look.account_state is AccountState.NEEDS_SIGN_IN for look in looks)
        return waits_for_person and any(look.is_unpublished for look in looks)

    def _publish(self, agent_id: int, span: TimeRange | None, account_ids: Collection[int]) -> None:
        try:
            publish_busy_time(self._parts, agent_id, busy_on_form(self._parts, agent_id))
        except SiteError:
            # What is wrong with the site is the runs' and the doctor's to say; the next look tries again.
            log.debug("form could not be closed or opened agent=%d", agent_id)
            return
        for account_id in account_ids if span is not None else ():
            calendars.record_unpublished(self._parts.database, account_id)
        if (self._shown.get(agent_id) is None) != (span is None):
            log.warning("form %s agent=%d", "opened" if span is None else "closed", agent_id)
        self._shown[agent_id] = span
