"""A booking site beside LateSync's own tables: for rows among LatePoint's off periods.

`closed` reads them as Pro Features does (latepoint.md §3.3; latepoint-live.md §1a): in our own words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert, select
from sqlalchemy import event as hooks

from latesync.latepoint.off_periods import SUMMARY
from latesync.model import BusySlot
from latesync.options import BusyWay
from latesync.providers.base import CalendarProvider
from latesync.store import calendars, choices, off_periods
from latesync.store.clients import record_client
from latesync.store.database import Database
from latesync.store.leases import Claim
from latesync.store.schema import metadata, sites
from latesync.store.secrets import SecretBox, new_key
from latesync.sync.parts import SyncParts
from latesync.sync.site import BookingSite
from latesync.times import TimeRange, wall_to_utc, zone_named
from tests.site.builders import Site
from tests.store.builders import NOW, SITE
from tests.store.builders import Site as OwnState

BERLIN = zone_named("Europe/Berlin")
TUESDAY = date(2026, 3, 3)  # the day after NOW
TABLE = "wp_latepoint_blocked_periods"
ADMINS = {
    "summary": "Holiday",
    "start_date": TUESDAY,
    "end_date": TUESDAY,
    "start_time": 540,
    "end_time": 600,
    "service_id": 0,
    "agent_id": 1,
    "location_id": 0,
    "created_at": "2026-01-01 08:00:00",
    "updated_at": "2026-01-01 08:00:00",
}


class Crash(BaseException):
    """The process is gone; nothing of ours catches it."""


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Stage:
    site: Site
    own: OwnState
    parts: SyncParts
    clock: Clock
    accounts: dict[int, int] = field(default_factory=dict)

    def choose(self, way: BusyWay) -> None:
        choices.write_busy_way(self.own.database, SITE, way, self.clock())

    def busy(self, *spans: TimeRange, agent_id: int = 1) -> None:
        """What the agent's calendars say now."""
        account_id = self.accounts.get(agent_id) or self.own.connect(agent_id)
        self.accounts[agent_id] = account_id
        slots = [BusySlot(f"{number:032x}", agent_id, "event", span) for number, span in enumerate(spans)]
        today = self.parts.site.today()
        calendars.replace_all_slots(self.own.database, self.own.calendar(account_id).id, slots, today)

    def wait(self, **time: float) -> None:
        self.clock.now += timedelta(**time)

    # What stands on the site

    def rows(self) -> list[dict[str, Any]]:
        table = self.site.table("blocked_periods")
        with self.site.engine.connect() as connection:
            return [dict(row) for row in connection.execute(select(table).order_by(table.c.id)).mappings()]

    def ours(self, agent_id: int = 1) -> list[tuple[str, int, int]]:
        """Day, start and end of each row with our summary."""
        return sorted(
            (str(row["start_date"]), row["start_time"], row["end_time"])
            for row in self.rows()
            if row["summary"] == SUMMARY and row["agent_id"] == agent_id
        )

    def remembered(self, agent_id: int = 1) -> list[tuple[str, int, int]]:
        kept = off_periods.read_off_periods(self.own.database, SITE, agent_id)
        assert len({period.row_id for period in kept}) == len(kept)
        return sorted((str(row.minutes.day), row.minutes.start, row.minutes.end) for row in kept)

    def insert_admins(self, **values: Any) -> int:
        return self.site._insert("blocked_periods", ADMINS | values)

    def closed(self, day: date, *, agent_id: int = 1, service_id: int = 1, location_id: int = 1) -> set[int]:
        """The day's closed minutes, as Pro Features reads the table for one agent, service and place."""
        found: set[int] = set()
        for row in self.rows():
            asked = {"agent_id": agent_id, "service_id": service_id, "location_id": location_id}
            # `IN (0, x)` is never true of NULL.
            if any(row[name] is None or row[name] not in (0, number) for name, number in asked.items()):
                continue
            assert row["start_time"] is not None, "a TypeError in PHP: the booking form is down"
            assert row["end_time"] is not None, "a TypeError in PHP: the booking form is down"
            if str(row["start_date"]) == str(day):  # the end date is not looked at
                found.update(range(row["start_time"], row["end_time"]))
        return found


def make_stage(site: Site, folder: Path, engine: Engine | None = None) -> Stage:
    """engine: how LateSync itself reaches the site; as the site's own user unless given."""
    database = Database(f"sqlite:///{folder / 'state.db'}")
    metadata.create_all(database.engine)
    with database.write() as connection:
        connection.execute(insert(sites).values(id=SITE, created_at=NOW))
    box = SecretBox([new_key()])
    client_ref = record_client(database, box, SITE, "google", "id-1", "secret-1", "project", [], NOW)
    clock = Clock()
    parts = SyncParts(
        database=database,
        site_id=SITE,
        site=BookingSite(engine or site.engine, site.prefix, SITE, clock),
        connect=_nobody_connects,
        clock=clock,
        spread=lambda: 0.5,
    )
    return Stage(site, OwnState(database, box, client_ref), parts, clock)


def _nobody_connects(claim: Claim) -> CalendarProvider:
    raise AssertionError("no calendar is read here")


def at(hour: float, *, minutes: int = 60, day: date = TUESDAY) -> TimeRange:
    """A span by the clock in Berlin."""
    start = wall_to_utc(day, round(hour * 60), BERLIN)
    return TimeRange(start, start + timedelta(minutes=minutes))


@contextmanager
def crashing(engines: list[Engine], after: int) -> Iterator[Callable[[], bool]]:
    """Let the process die before its next statement or commit after so many; gives whether it has.

    A commit that was done and not heard of is a death before the statement that follows it.
    """
    left, has_crashed = after, False

    def step(*_: Any) -> None:
        nonlocal left, has_crashed
        if left <= 0:
            has_crashed = True
            raise Crash
        left -= 1

    names = ("before_cursor_execute", "commit")
    for engine in engines:
        for name in names:
            hooks.listen(engine, name, step)
    try:
        yield lambda: has_crashed
    finally:
        for engine in engines:
            for name in names:
                hooks.remove(engine, name, step)
