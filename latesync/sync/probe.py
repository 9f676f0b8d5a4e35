"""Looks at the site for changed bookings and turns what it finds into due work."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import perf_counter

from latesync.errors import LateSyncError, SiteError
from latesync.plan.failures import who_acts_next
from latesync.plan.pace import probe_interval
from latesync.store import fingerprints, readable, site_rules, sites
from latesync.sync.parts import SyncParts

log = logging.getLogger(__name__)

# The promise is five seconds from a commit to notice on sites of up to 10,000 bookings to come.
SHORTEST_LOOK = timedelta(seconds=2)
# Customers, services and places change more rarely than bookings, and joining them costs more.
SHORTEST_DETAILS_LOOK = timedelta(seconds=60)
NEW_BOOKINGS_EVERY = timedelta(seconds=1)
# A look that was asked for comes at once, but at most this often, and takes at most this share of the time.
ASKED_LOOK_EVERY = timedelta(seconds=1)
ASKED_SHARE = 0.1


@dataclass
class SiteProbe:
    """Decides nothing but when it looks again: never more than 1 % of a core of the site's database."""

    parts: SyncParts
    due: dict[str, datetime] = field(default_factory=dict)
    failures: int = 0
    newest_id: int | None = None
    rules: tuple[str, frozenset[str]] | None = None  # what the site last said of all bookings at once
    next_asked: datetime | None = None
    looked_at: datetime | None = None

    def look(self) -> None:
        """Do the looks that are due. A site that does not answer is asked again after a growing pause."""
        self._follow_clock()
        try:
            self._look_for_new()
            for kind, shortest in (("bookings", SHORTEST_LOOK), ("details", SHORTEST_DETAILS_LOOK)):
                if self._is_due(kind):
                    self._compare(kind, shortest)
        except SiteError as exc:
            self.failed(exc)

    def look_now(self) -> bool:
        """Compare everything at once, and go on at the usual pace; False: the last such look is too fresh.

        Raises SiteError.
        """
        self._follow_clock()
        now = self.parts.clock()
        if self.next_asked is not None and now < self.next_asked:
            return False
        cost = self._compare("bookings", SHORTEST_LOOK) + self._compare("details", SHORTEST_DETAILS_LOOK)
        self.next_asked = now + max(ASKED_LOOK_EVERY, cost / ASKED_SHARE)
        return True

    def _follow_clock(self) -> None:
        """A clock that was set back must not put the next look off until the old time has come again."""
        now = self.parts.clock()
        if self.looked_at is not None and now < self.looked_at:
            self.due.clear()
            self.next_asked = None
        self.looked_at = now

    def _is_due(self, kind: str) -> bool:
        due = self.due.get(kind)
        return due is None or self.parts.clock() >= due

    def _look_for_new(self) -> None:
        """The cheap hint by primary key: new bookings need not wait for the comparison."""
        if not self._is_due("new"):
            return
        now, known = self.parts.clock(), self.newest_id
        if known is None:
            known = sites.read_site(self.parts.database, self.parts.site_id).newest_booking_id
        newest, agents = self.parts.site.newest_booking(known)
        if agents:
            fingerprints.pull_forward(
                self.parts.database, self.parts.site_id, agents, now, outbound=True, inbound=False
            )
        self.newest_id = newest
        self.due["new"] = now + NEW_BOOKINGS_EVERY

    def _compare(self, kind: str, shortest: timedelta) -> timedelta:
        """Compare every agent's fingerprint with the one its due work was last made from.

        Returns what the site's database had to do for it.
        """
        started = perf_counter()
        seen = self.parts.site.read_fingerprints(kind)
        cost = timedelta(seconds=perf_counter() - started)
        now = self.parts.clock()
        known = fingerprints.read_fingerprints(self.parts.database, self.parts.site_id, kind)
        changed = {agent: value for agent, value in seen.items() if known.get(agent) != value}
        gone = known.keys() - seen.keys()
        if changed or gone:
            fingerprints.record_fingerprints(
                self.parts.database, self.parts.site_id, kind, changed, gone, now
            )
            log.info("bookings changed kind=%s agents=%d", kind, len(changed) + len(gone))
        if kind == "bookings":
            self._succeeded(now)
        self.due[kind] = now + probe_interval(cost, shortest=shortest)
        return cost

    def _succeeded(self, now: datetime) -> None:
        database, site_id = self.parts.database, self.parts.site_id
        sites.record_site_look(database, site_id, self.newest_id or 0, now)
        facts = self.parts.site.facts()
        said = facts.settings
        if self.rules is None:  # this LateSync's first look
            readable.note_first_readable(database, site_id, facts.schema.readable_for_events)
        rules = (str(said.zone), said.blocking_statuses)
        if rules != self.rules:
            if site_rules.record_site_rules(database, site_id, *rules, now):
                log.info("site rules changed zone=%s statuses=%d", said.zone, len(said.blocking_statuses))
            self.rules = rules
        self.failures = 0

    def failed(self, error: LateSyncError) -> None:
        """The site could not be read: ask again after a growing pause."""
        self.failures += 1
        now = self.parts.clock()
        verdict = who_acts_next(error, now=now, failures=self.failures, spread=self.parts.spread())
        self.parts.site.doubt()
        sites.record_site_problem(self.parts.database, self.parts.site_id, verdict.problem.value, now)
        for kind in ("new", "bookings", "details"):
            self.due[kind] = verdict.retry_at or now
        log.warning("site cannot be read problem=%s failures=%d", verdict.problem.value, self.failures)
