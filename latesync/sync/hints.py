"""Turns what the plugin said had changed into due work, without waiting for the next look at the site."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from latesync.errors import SiteError
from latesync.store import fingerprints, hints, mappings
from latesync.sync.parts import SyncParts
from latesync.sync.probe import SiteProbe

log = logging.getLogger(__name__)


@dataclass
class HintTaker:
    """Several workers may take the same hint: the work is claimed but once."""

    parts: SyncParts
    probe: SiteProbe

    def take(self) -> bool:
        """See to the hints that are there; whether accounts may have become due by it.

        While the site does not answer, hints wait: the probe says when it is asked again.
        """
        if self.probe.failures:
            return False
        noted = hints.read_hints(self.parts.database, self.parts.site_id)
        if not noted:
            return False
        try:
            due = self._pull_named([hint.booking_id for hint in noted])
            noted = self._look_at_everything(noted)
        except SiteError as exc:
            self.probe.failed(exc)
            return False
        # Only now: a worker that dies before leaves them to the next one.
        hints.drop_hints(self.parts.database, self.parts.site_id, noted)
        return due > 0 or any(hint.booking_id == hints.EVERYTHING for hint in noted)

    def _pull_named(self, booking_ids: list[int]) -> int:
        """A booking's agent, and whoever has its event: it may have moved between them, or be gone."""
        database, site_id = self.parts.database, self.parts.site_id
        ids = [booking_id for booking_id in booking_ids if booking_id != hints.EVERYTHING]
        if not ids:
            return 0
        agents = self.parts.site.agents_of(ids) | mappings.agents_with_events(database, site_id, ids)
        if not agents:
            return 0
        now = self.parts.clock()
        due = fingerprints.pull_forward(database, site_id, agents, now, outbound=True, inbound=False)
        log.info("hints taken bookings=%d agents=%d accounts=%d", len(ids), len(agents), due)
        return due

    def _look_at_everything(self, noted: list[hints.Hint]) -> list[hints.Hint]:
        """Look if a hint asks for it. Returns the hints that are seen to: not that one if it was too soon."""
        named = [hint for hint in noted if hint.booking_id != hints.EVERYTHING]
        return noted if len(named) == len(noted) or self.probe.look_now() else named
