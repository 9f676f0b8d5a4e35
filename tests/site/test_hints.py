"""What the plugin says had changed becomes due work; what the site is told of us stays fresh."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text, update

from latesync.latepoint.bridge_tables import create_bridge_tables
from latesync.model import AccountState, MappingState
from latesync.providers.base import CalendarProvider
from latesync.store.clients import record_client
from latesync.store.database import Database
from latesync.store.hints import EVERYTHING, note_hints, read_hints
from latesync.store.leases import Claim
from latesync.store.mappings import NewIntent, record_intents, record_written
from latesync.store.schema import accounts, metadata, sites
from latesync.store.secrets import SecretBox, new_key
from latesync.sync.hints import HintTaker
from latesync.sync.parts import SyncParts
from latesync.sync.probe import SiteProbe
from latesync.sync.site import BookingSite
from latesync.sync.table_watch import TableWatch
from latesync.sync.tell_site import SiteTeller
from latesync.times import TimeRange
from tests.site.builders import Site
from tests.store.builders import Site as State

NOW = datetime(2026, 11, 20, 13, 5, tzinfo=UTC)
SITE = "0123456789ab"
SECOND = timedelta(seconds=1)
DANA, BEN = 1, 2


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Office:
    """LateSync beside a booking site, with the parts of a worker that these tests are about."""

    site: Site
    state: State
    parts: SyncParts
    clock: Clock

    def __post_init__(self) -> None:
        self.probe = SiteProbe(self.parts)
        self.taker = HintTaker(self.parts, self.probe)

    def hint(self, *booking_ids: int) -> None:
        note_hints(self.parts.database, SITE, booking_ids, self.clock())

    def hinted(self) -> list[int]:
        return [hint.booking_id for hint in read_hints(self.parts.database, SITE)]

    def due(self) -> set[int]:
        """The agents whose bookings are to be written now."""
        query = select(accounts.c.agent_id).where(accounts.c.outbound_due_at <= self.clock())
        with self.parts.database.read() as connection:
            return set(connection.scalars(query))

    def nothing_is_due(self) -> None:
        with self.parts.database.write() as connection:
            connection.execute(update(accounts).values(outbound_due_at=None))

    def looked(self) -> None:
        """As after the probe's last look: what is there is known, and the next look comes later."""
        self.probe.look()
        self.nothing_is_due()


@pytest.fixture
def office(site: Site, tmp_path: Path) -> Iterator[Office]:
    site.insert_agent(first_name="Ben", last_name="Cho")
    create_bridge_tables(site.engine, site.prefix)
    database, box, clock = Database(f"sqlite:///{tmp_path}/state.db"), SecretBox([new_key()]), Clock()
    metadata.create_all(database.engine)
    with database.write() as connection:
        connection.execute(insert(sites).values(id=SITE, created_at=NOW))
    client = record_client(database, box, SITE, "google", "id-1", "secret-1", "project", [], NOW)
    parts = SyncParts(
        database=database,
        site_id=SITE,
        site=BookingSite(site.engine, site.prefix, SITE, clock),
        connect=_no_calendar,
        clock=clock,
        spread=lambda: 0.5,
    )
    opened = Office(site, State(database, box, client), parts, clock)
    for agent_id in (DANA, BEN):
        opened.state.connect(agent_id)
    opened.nothing_is_due()
    yield opened
    database.dispose()


def _no_calendar(claim: Claim) -> CalendarProvider:
    raise AssertionError("nothing here calls a provider")


# --- hints ------------------------------------------------------------------------------------


def test_hinted_booking_makes_its_agent_due_and_nobody_else(office: Office) -> None:
    booking = office.site.insert_booking(agent_id=BEN)
    office.hint(booking)
    assert office.taker.take()
    assert office.due() == {BEN}
    assert office.hinted() == []
    office.nothing_is_due()
    assert not office.taker.take()
    assert office.due() == set()


def test_booking_that_moved_makes_both_agents_due(office: Office) -> None:
    booking = office.site.insert_booking(agent_id=BEN)
    _write_event(office, booking, agent_id=DANA)
    office.hint(booking)
    office.taker.take()
    assert office.due() == {DANA, BEN}


def test_booking_that_was_deleted_makes_the_agent_due_who_has_its_event(office: Office) -> None:
    _write_event(office, 99, agent_id=DANA)
    office.hint(99)
    office.taker.take()
    assert office.due() == {DANA}


def test_hint_for_what_nobody_knows_is_dropped(office: Office) -> None:
    office.hint(98, 99)
    assert not office.taker.take()
    assert office.hinted() == []
    assert office.due() == set()


def test_look_at_everything_finds_a_raw_change_without_waiting(office: Office) -> None:
    booking = office.site.insert_booking(agent_id=BEN)
    office.looked()
    office.site.update("bookings", booking, start_time=900)
    office.hint(EVERYTHING)
    assert office.taker.take()
    assert office.due() == {BEN}
    assert office.hinted() == []


def test_look_at_everything_sees_a_new_name_too(office: Office) -> None:
    office.site.insert_booking(agent_id=BEN)
    office.looked()
    office.site.update("customers", 1, first_name="Alex")
    office.hint(EVERYTHING)
    office.taker.take()
    assert office.due() == {BEN}


def test_looks_that_are_asked_for_come_once_a_second_and_none_is_lost(office: Office) -> None:
    booking = office.site.insert_booking(agent_id=BEN)
    office.looked()
    office.hint(EVERYTHING)
    office.taker.take()
    office.site.update("bookings", booking, start_time=900)
    office.clock.now += SECOND / 5
    office.hint(EVERYTHING, booking)
    office.taker.take()
    assert office.hinted() == [EVERYTHING]
    assert office.due() == {BEN}  # a booking that is named need not wait
    office.nothing_is_due()
    office.clock.now += timedelta(hours=1)
    office.taker.take()
    assert office.hinted() == []
    assert office.due() == {BEN}


def test_look_that_was_asked_for_puts_the_usual_one_off(office: Office) -> None:
    office.looked()
    office.clock.now += SECOND
    office.hint(EVERYTHING)
    office.taker.take()
    assert all(office.probe.due[kind] > office.clock() + SECOND for kind in ("bookings", "details"))


def test_a_clock_that_was_set_back_puts_no_look_off(office: Office) -> None:
    booking = office.site.insert_booking(agent_id=BEN)
    office.looked()
    office.clock.now -= timedelta(hours=1)
    office.site.update("bookings", booking, start_time=900)
    office.probe.look()
    assert office.due() == {BEN}


def test_a_clock_that_was_set_back_puts_no_look_off_that_is_asked_for(office: Office) -> None:
    booking = office.site.insert_booking(agent_id=BEN)
    office.looked()
    office.hint(EVERYTHING)
    office.taker.take()
    office.clock.now -= timedelta(hours=1)
    office.site.update("bookings", booking, start_time=900)
    office.hint(EVERYTHING)
    office.taker.take()
    assert office.due() == {BEN}


def test_a_clock_that_was_set_back_makes_no_setting_old(office: Office) -> None:
    office.looked()
    office.clock.now -= timedelta(hours=1)
    office.site.set_option("timezone_string", "Europe/Lisbon")
    assert str(office.parts.site.zone()) == "Europe/Lisbon"


def test_hints_wait_while_the_site_does_not_answer(office: Office) -> None:
    booking = office.site.insert_booking(agent_id=BEN)
    office.looked()
    moved = f"{office.site.prefix}latepoint_bookings"
    office.site.execute(f"ALTER TABLE {moved} RENAME TO elsewhere")
    office.parts.site.doubt()
    office.hint(booking, EVERYTHING)
    assert not office.taker.take()
    assert office.probe.failures == 1
    assert office.hinted() == [EVERYTHING, booking]
    office.site.execute(f"ALTER TABLE elsewhere RENAME TO {moved}")
    assert not office.taker.take()  # it is the probe that says when the site is asked again
    office.clock.now += timedelta(hours=1)
    office.probe.look()
    office.nothing_is_due()
    assert office.taker.take()
    assert office.hinted() == []
    assert office.due() == {BEN}


def test_two_workers_may_take_the_same_hint(office: Office) -> None:
    booking = office.site.insert_booking(agent_id=BEN)
    other = HintTaker(office.parts, SiteProbe(office.parts))
    office.hint(booking)
    assert office.taker.take()
    office.hint(booking)
    assert other.take()
    assert office.due() == {BEN}
    assert office.hinted() == []


# --- the heartbeat ----------------------------------------------------------------------------


def _updated(office: Office) -> dict[int, str]:
    with office.site.engine.connect() as connection:
        rows = connection.execute(text("SELECT agent_id, updated_at FROM wp_latesync_accounts")).all()
    return {row.agent_id: str(row.updated_at)[:19] for row in rows}


def test_every_notice_is_touched_also_of_agents_who_are_signed_out(office: Office) -> None:
    teller = SiteTeller(office.parts)
    teller.tell(DANA)
    with office.parts.database.write() as connection:
        signed_out = update(accounts).where(accounts.c.agent_id == BEN)
        connection.execute(signed_out.values(state=AccountState.NEEDS_SIGN_IN.value))
    teller.tell(BEN)
    office.clock.now += timedelta(minutes=4)
    teller.touch()
    assert _updated(office) == {DANA: "2026-11-20 13:09:00", BEN: "2026-11-20 13:09:00"}


def test_notices_are_told_again_where_the_table_was_made_anew(office: Office) -> None:
    teller = SiteTeller(office.parts)
    teller.tell(DANA)
    office.site.execute("DELETE FROM wp_latesync_accounts")
    teller.touch()
    assert set(_updated(office)) == {DANA}


def test_touching_waits_for_better_times_without_the_table(office: Office) -> None:
    office.site.execute("DROP TABLE wp_latesync_accounts")
    SiteTeller(office.parts).touch()
    create_bridge_tables(office.site.engine, office.site.prefix)
    SiteTeller(office.parts).touch()
    assert _updated(office) == {}


def _write_event(office: Office, booking_id: int, agent_id: int) -> None:
    span = TimeRange(NOW + timedelta(days=2), NOW + timedelta(days=2, hours=1))
    account_id = agent_id  # the first account is the first agent's
    intent = NewIntent(SITE, booking_id, agent_id, account_id, "primary", f"e{booking_id}", 0, span, "h")
    (mapping_id,) = record_intents(office.parts.database, [intent], NOW)
    record_written(
        office.parts.database,
        mapping_id,
        state=MappingState.LIVE,
        etag='"1"',
        content_hash="h",
        echo_hash="h",
        has_agent_notes=False,
        span=span,
        now=NOW,
    )


# --- LateSync's own tables --------------------------------------------------------------------


@pytest.fixture
def tableless(office: Office) -> Office:
    """An office whose agents' last runs missed the tables, and wait for the next try."""
    office.site.execute("DROP TABLE wp_latesync_busy")
    with office.parts.database.write() as connection:
        later = office.clock() + timedelta(minutes=5)
        connection.execute(update(accounts).values(problem="bridge_table_missing", outbound_due_at=later))
    return office


def test_who_waited_for_the_tables_is_due_once_anybody_has_made_them(tableless: Office) -> None:
    watch = TableWatch(tableless.parts)
    assert not watch.look()
    assert tableless.due() == set()
    create_bridge_tables(tableless.site.engine, tableless.site.prefix)
    assert watch.look()
    assert tableless.due() == {DANA, BEN}


def test_tables_that_are_there_and_do_not_help_are_no_news_twice(tableless: Office) -> None:
    """As with a user who may read them and not write."""
    watch = TableWatch(tableless.parts)
    create_bridge_tables(tableless.site.engine, tableless.site.prefix)
    watch.look()
    tableless.nothing_is_due()
    assert not watch.look()
    assert tableless.due() == set()


def test_tables_that_nobody_misses_are_not_looked_for(office: Office) -> None:
    office.site.execute("DROP TABLE wp_latesync_busy")
    watch = TableWatch(office.parts)
    watch.look()
    create_bridge_tables(office.site.engine, office.site.prefix)
    assert not watch.look()
    assert office.due() == set()
