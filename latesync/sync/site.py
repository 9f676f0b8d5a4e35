"""The booking site as a run sees it: what it last said of itself is kept for a while."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Engine

from latesync.errors import SiteError, SiteUnavailable
from latesync.latepoint import bookings, busy, offers, probes, stamps
from latesync.latepoint.schema import SiteSchema, read_schema
from latesync.latepoint.settings import SiteSettings, read_site_settings
from latesync.model import Booking, Snapshot, UnreadableBooking
from latesync.times import TimeRange, Zone, day_in, window_around

# A changed zone or status list is noticed within a minute; LatePoint itself reads them at every request.
SETTINGS_AGE = timedelta(minutes=1)
SCHEMA_AGE = timedelta(hours=1)
# Whoever asks so soon after a failure gets the same answer at once: each page would wait for its own.
FAILURE_AGE = timedelta(seconds=5)


@dataclass(frozen=True)
class SiteFacts:
    """What the site says of itself, and when it said so."""

    schema: SiteSchema
    settings: SiteSettings
    schema_read_at: datetime
    settings_read_at: datetime


@dataclass(frozen=True)
class SiteFailure:
    """Why the site could not be read, and when that was known."""

    error: SiteUnavailable
    at: datetime


class BookingSite:
    """Reads one site's bookings and publishes busy time to it; several threads may share it.

    failure_age: for how long a failure to read the site's facts is remembered. The worker, whose retries have
      pauses of their own, sets it to nothing.
    """

    def __init__(self, engine: Engine, prefix: str, site_id: str, clock: Callable[[], datetime]) -> None:
        self.engine = engine
        self.prefix = prefix
        self.site_id = site_id
        self.failure_age = FAILURE_AGE
        self._clock = clock
        self._facts: SiteFacts | None = None
        self._failure: SiteFailure | None = None
        self._is_doubtful = False
        self._lock = threading.Lock()

    def facts(self, *, anew: bool = False) -> SiteFacts:
        """The site's schema and settings. Raises SiteUnavailable, SchemaNotUnderstood.

        anew: read them also where they are known; not where that failed a moment ago.
        """
        self._raise_known_failure(is_asked_again=self._lock.locked())
        with self._lock:
            self._raise_known_failure()
            now, known = self._clock(), None if self._is_doubtful or anew else self._facts
            # Before they were read: the clock was set back since.
            if known is not None and timedelta(0) <= now - known.settings_read_at < SETTINGS_AGE:
                return known
            try:
                self._facts = self._read_facts(known, now)
            except SiteUnavailable as exc:
                self.note_failure(exc)
                raise
            self._is_doubtful = False
            self._failure = None
            return self._facts

    def _read_facts(self, known: SiteFacts | None, now: datetime) -> SiteFacts:
        if known is None or now - known.schema_read_at >= SCHEMA_AGE:
            schema, schema_read_at = read_schema(self.engine, self.prefix), now
        else:
            schema, schema_read_at = known.schema, known.schema_read_at
        return SiteFacts(schema, read_site_settings(self.engine, schema), schema_read_at, now)

    def _raise_known_failure(self, *, is_asked_again: bool = False) -> None:
        """is_asked_again: somebody else is finding out whether the site is back; one waits for that."""
        failure = self._failure
        if failure is None or not self.failure_age:
            return
        if is_asked_again or timedelta(0) <= self._clock() - failure.at < self.failure_age:
            raise failure.error.with_traceback(None)

    def note_failure(self, error: SiteUnavailable) -> None:
        """The site did not answer, whatever it was asked."""
        if self._failure is None or self._failure.error is not error:
            self._failure = SiteFailure(error, self._clock())
            self._is_doubtful = True

    def doubt(self) -> None:
        """Read everything about the site anew next time: an answer did not fit what we knew."""
        with self._lock:
            self._is_doubtful = True
            self._failure = None

    def zone(self) -> Zone:
        """The site's zone; as last known while the site does not answer, so that calendars are still read.

        Raises SiteUnavailable, SchemaNotUnderstood when it never was.
        """
        try:
            return self.facts().settings.zone
        except SiteError:
            if self._facts is None:
                raise
            return self._facts.settings.zone

    def window(self) -> TimeRange:
        return window_around(self._clock(), self.zone())

    def today(self) -> date:
        return day_in(self._clock(), self.zone())

    def read_snapshot(self, agent_id: int) -> Snapshot:
        """The agent's bookings in the window. Raises SiteUnavailable; never returns a part."""
        facts, window = self.facts(), self.window()
        zone = facts.settings.zone
        known: dict[int, Booking] = {}
        unreadable: list[UnreadableBooking] = []
        from_day = day_in(window.start, zone)
        for row in bookings.read_agent_bookings(self.engine, facts.schema, agent_id, zone, from_day):
            if isinstance(row, Booking):
                known[row.id] = row
            else:
                unreadable.append(row)
        return Snapshot(
            site_id=self.site_id,
            agent_id=agent_id,
            zone=zone,
            window=window,
            wanted_statuses=facts.settings.blocking_statuses,
            bookings=known,
            unreadable=tuple(unreadable),
            agent_exists=bookings.agents_exist(self.engine, facts.schema, [agent_id])[agent_id],
            business=facts.settings.business,
        )

    def look_up(self, ids: Collection[int]) -> dict[int, Booking | UnreadableBooking | None]:
        facts = self.facts()
        if not ids:
            return {}
        return bookings.look_up_bookings(self.engine, facts.schema, ids, facts.settings.zone)

    def services(self) -> dict[int, str]:
        """The services' names by id. Raises SiteError."""
        return offers.read_services(self.engine, self.facts().schema)

    def next_bookings(self, most: int, *, service_id: int | None = None) -> list[Booking]:
        """The next bookings that stand in calendars, soonest first. Raises SiteError."""
        facts = self.facts()
        statuses = facts.settings.blocking_statuses
        ids = offers.next_booking_ids(
            self.engine, facts.schema, self.today(), statuses, service_id=service_id, most=most
        )
        found = self.look_up(ids)
        return [booking for booking in map(found.get, ids) if isinstance(booking, Booking)]

    def agents_of(self, ids: Collection[int]) -> set[int]:
        """The agents of these bookings; one that is not there has none. Raises SiteError."""
        return bookings.agents_of_bookings(self.engine, self.facts().schema, ids) if ids else set()

    def count_existing(self, ids: Collection[int]) -> int:
        return bookings.count_bookings(self.engine, self.facts().schema, ids)

    def read_fingerprints(self, kind: str) -> dict[int, str]:
        """Per agent, of everything from yesterday on. kind: "bookings", or "details" of what is joined.

        Those of bookings change with the site's day too: what enters or leaves the sliding window has not
        changed itself, and still there is something to do.
        """
        facts = self.facts()
        from_day = day_in(self.window().start, facts.settings.zone)
        if kind != "bookings":
            return probes.read_detail_fingerprints(self.engine, facts.schema, from_day)
        found = probes.read_fingerprints(self.engine, facts.schema, from_day)
        return {agent_id: f"{from_day}:{value}" for agent_id, value in found.items()}

    def newest_booking(self, after: int) -> tuple[int, set[int]]:
        return probes.newest_booking_id(self.engine, self.facts().schema, after)

    def read_stamps(self, ids: Collection[int]) -> dict[int, datetime | None] | None:
        """When these bookings' rows were saved, as they say; None where they may not be asked."""
        return stamps.read_stamps(self.engine, self.facts().schema, ids)

    def publish_busy(self, agent_id: int, desired: Mapping[str, TimeRange]) -> tuple[int, int]:
        return busy.publish_busy(self.engine, self.prefix, agent_id, desired)

    def publish_account(
        self, agent_id: int, provider: str, state: str, consent_ends_at: datetime | None, message: str
    ) -> None:
        busy.publish_account(
            self.engine, self.prefix, agent_id, provider, state, consent_ends_at, message, self._clock()
        )

    def remove_account(self, agent_id: int, provider: str) -> None:
        busy.remove_account(self.engine, self.prefix, agent_id, provider)

    def touch_accounts(self, agent_ids: Collection[int]) -> int:
        return busy.touch_accounts(self.engine, self.prefix, agent_ids, self._clock())
