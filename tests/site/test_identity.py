"""LateSync makes sure whose site it sees, and that no other LateSync with its state works there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copy as copy_file

import pytest
from sqlalchemy import insert, text, update

from latesync.errors import SiteUnavailable, WrongInput
from latesync.latepoint.bridge_tables import create_bridge_tables
from latesync.latepoint.busy import publish_account, publish_busy, read_busy, touch_accounts
from latesync.latepoint.turns import read_turn
from latesync.model import Stop
from latesync.plan.identity import TURN_EVERY, WATCH_FOR
from latesync.providers.base import CalendarProvider
from latesync.store import identity
from latesync.store.accounts import list_accounts
from latesync.store.clients import record_client
from latesync.store.database import Database
from latesync.store.leases import Claim
from latesync.store.schema import metadata, sites
from latesync.store.secrets import SecretBox, new_key
from latesync.store.sites import read_site
from latesync.sync.identity import WATCH_EVERY, IdentityWatch, Standing, become_copy, look_at_home
from latesync.sync.parts import SyncParts
from latesync.sync.site import BookingSite
from latesync.times import TimeRange
from tests.site.builders import Site
from tests.store.builders import Site as State

NOW = datetime(2026, 11, 20, 13, 5, tzinfo=UTC)
SITE = "0123456789ab"
HOME, STAGING = "https://spa.example.test", "https://staging.spa.example.test"
DANA = 1
SECOND = timedelta(seconds=1)


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, by: timedelta) -> None:
        self.now += by


@dataclass
class House:
    """One LateSync with its state, beside a booking site that others may share."""

    site: Site
    parts: SyncParts
    clock: Clock
    folder: Path

    def __post_init__(self) -> None:
        self.watch = self.new_watch()

    def new_watch(self) -> IdentityWatch:
        """As after a restart."""
        return IdentityWatch(self.parts)

    def live(self, seconds: int) -> Standing:
        """Looks five times a second would be many: once a second is as good."""
        for _ in range(seconds):
            self.clock.pass_time(SECOND)
            self.watch.look()
        return self.watch.standing

    def turn(self) -> str | None:
        return read_turn(self.site.engine, self.site.prefix)

    def move_site(self, home_url: str) -> None:
        self.site.set_option("home", home_url)
        self.parts.site.doubt()

    @property
    def known(self) -> identity.IdentityRow:
        found = identity.read_identity(self.parts.database, self.parts.site_id)
        assert found is not None
        return found

    @contextmanager
    def copied_state(self) -> Iterator[House]:
        """Another LateSync with a copy of what this one knows now, at the same site."""
        self.parts.database.dispose()
        copy_file(self.folder / "state.db", self.folder / "copy.db")
        database = Database(f"sqlite:///{self.folder}/copy.db")
        own = BookingSite(self.site.engine, self.site.prefix, SITE, self.clock)
        yield House(self.site, replace(self.parts, database=database, site=own), self.clock, self.folder)
        database.dispose()


@pytest.fixture
def house(site: Site, tmp_path: Path) -> Iterator[House]:
    create_bridge_tables(site.engine, site.prefix)
    database, clock = Database(f"sqlite:///{tmp_path}/state.db"), Clock()
    metadata.create_all(database.engine)
    with database.write() as connection:
        connection.execute(insert(sites).values(id=SITE, created_at=NOW))
    parts = SyncParts(
        database=database,
        site_id=SITE,
        site=BookingSite(site.engine, site.prefix, SITE, clock),
        connect=_no_calendar,
        clock=clock,
        spread=lambda: 0.5,
    )
    yield House(site, parts, clock, tmp_path)
    database.dispose()


def _no_calendar(claim: Claim) -> CalendarProvider:
    raise AssertionError("nothing here calls a provider")


# Home


def test_an_existing_installation_remembers_its_address_at_the_first_look(house: House) -> None:
    assert not house.watch.may_work
    assert house.watch.look() is Standing.OURS
    assert house.known.home_url == HOME


def test_a_copied_site_stops_before_anything_is_touched(house: House) -> None:
    """odoo-calendar-sync.md PR 127729; users-ask.md U37."""
    identity.remember_home(house.parts.database, SITE, HOME)
    house.move_site(STAGING)
    assert house.watch.look() is Standing.STOPPED
    assert house.known.question == ("other_home", HOME, STAGING)
    assert house.turn() is None


def test_a_site_that_changes_while_we_work_is_noticed_within_a_minute_and_a_turn(house: House) -> None:
    house.watch.look()
    house.site.set_option("home", STAGING)
    assert house.live(81) is Standing.STOPPED


@pytest.mark.parametrize(
    "same", ["http://spa.example.test", "https://www.spa.example.test/", "https://SPA.example.test"]
)
def test_another_spelling_of_the_address_is_no_other_site(house: House, same: str) -> None:
    house.watch.look()
    house.move_site(same)
    assert house.live(30) is Standing.OURS


def test_the_old_address_coming_back_ends_the_question(house: House) -> None:
    house.watch.look()
    house.move_site(STAGING)
    assert house.live(21) is Standing.STOPPED
    house.move_site(HOME)
    assert house.live(4) is Standing.OURS
    assert house.known.stopped_for is None


def test_a_confirmed_move_goes_on_within_seconds(house: House) -> None:
    house.watch.look()
    house.move_site(STAGING)
    house.live(21)
    assert identity.confirm_move(house.parts.database, SITE, STAGING, house.clock())
    assert house.live(4) is Standing.OURS
    assert house.known.home_url == STAGING


def test_while_the_site_does_not_answer_nothing_is_known_and_nothing_done(house: House) -> None:
    house.site.execute(f"DROP TABLE {house.site.prefix}options")
    house.parts.site.doubt()
    with pytest.raises(Exception, match="options"):
        house.watch.look()
    assert not house.watch.may_work


def test_a_failure_later_takes_nothing_back(house: House) -> None:
    house.watch.look()
    house.clock.pass_time(TURN_EVERY)
    house.parts.site.failure_age = timedelta(seconds=5)
    house.parts.site.note_failure(SiteUnavailable("gone"))
    with pytest.raises(SiteUnavailable):
        house.watch.look()
    assert house.watch.may_work


# Turns


def test_a_turn_is_taken_every_twenty_seconds_and_noted_before(house: House) -> None:
    house.watch.look()
    first = house.turn()
    assert first == house.known.next_turn
    assert house.live(19) is Standing.OURS
    assert house.turn() == first
    house.live(1)
    assert house.turn() not in (None, first)
    assert (house.known.turn, house.known.next_turn) == (first, house.turn())


def test_a_second_worker_of_the_same_state_is_at_home_too(house: House) -> None:
    house.watch.look()
    second = house.new_watch()
    for _ in range(100):
        house.clock.pass_time(SECOND)
        assert house.watch.look() is Standing.OURS
        assert second.look() is Standing.OURS


def test_a_write_that_never_reached_the_site_is_made_up_for(house: House) -> None:
    house.watch.look()
    shown = house.turn()
    assert identity.note_turn(house.parts.database, SITE, house.known, last=shown, coming="c" * 32)
    assert house.new_watch().look() is Standing.OURS
    assert house.turn() == "c" * 32


def test_a_copied_state_whose_original_lives_stops_and_disturbs_nobody(house: House) -> None:
    """odoo-calendar-sync.md PR 127729: the copy of a LateSync beside the real one."""
    house.watch.look()
    with house.copied_state() as copy:
        house.live(45)
        for _ in range(60):
            assert copy.live(1) in (Standing.WATCHING, Standing.STOPPED)
            house.watch.look()
        assert copy.watch.standing is Standing.STOPPED
        assert copy.known.stopped_for == Stop.OTHER_STATE
        assert house.watch.standing is Standing.OURS


def test_of_two_that_begin_as_one_only_one_goes_on(house: House) -> None:
    house.watch.look()
    with house.copied_state() as copy:
        house.watch, standings = house.new_watch(), set()
        for _ in range(200):
            house.live(1)
            copy.watch.look()
            standings = {house.watch.standing, copy.watch.standing}
        assert standings == {Standing.OURS, Standing.STOPPED}


def test_a_restored_state_goes_on_by_itself_where_the_other_has_ended(house: House) -> None:
    house.watch.look()
    with house.copied_state() as restored:
        house.live(90)
        assert restored.watch.look() is Standing.WATCHING
        assert restored.live(int(WATCH_FOR.total_seconds()) - 1) is Standing.WATCHING
        assert restored.live(int(WATCH_EVERY.total_seconds())) is Standing.OURS
        assert restored.known.next_turn == restored.turn()
        assert restored.new_watch().look() is Standing.OURS


def test_a_move_that_leaves_the_other_running_stops_again(house: House) -> None:
    house.watch.look()
    with house.copied_state() as copy:
        house.live(45)
        for _ in range(60):
            copy.live(1)
            house.watch.look()
        assert identity.confirm_move(copy.parts.database, SITE, None, copy.clock())
        for _ in range(60):
            assert copy.live(1) is not Standing.OURS
            house.watch.look()
        assert copy.known.stopped_for == Stop.OTHER_STATE


def test_a_site_without_our_tables_has_no_turns(house: House) -> None:
    house.site.execute(f"DROP TABLE {house.site.prefix}latesync_accounts")
    assert house.watch.look() is Standing.OURS
    assert house.live(60) is Standing.OURS


def test_a_turn_is_nobodys_account(house: House) -> None:
    publish_account(house.site.engine, house.site.prefix, DANA, "google", "connected", None, "", NOW)
    house.watch.look()
    assert touch_accounts(house.site.engine, house.site.prefix, [DANA, 2], NOW) == 1
    query = text(f"SELECT agent_id, provider, state FROM {house.site.prefix}latesync_accounts ORDER BY 1")
    with house.site.engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(query)]
    assert rows == [(0, "latesync", "turn"), (DANA, "google", "connected")]


def test_a_clock_that_was_set_back_holds_up_no_turn(house: House) -> None:
    house.watch.look()
    shown = house.turn()
    house.clock.pass_time(-timedelta(hours=1))
    house.watch.look()
    assert house.turn() != shown


# A copy begins anew


def test_a_copy_forgets_who_was_connected_and_clears_what_was_copied_along(house: House) -> None:
    box = SecretBox([new_key()])
    client = record_client(house.parts.database, box, SITE, "google", "id", "secret", "p", [], NOW)
    State(house.parts.database, box, client).connect(DANA)
    busy = {"a" * 32: TimeRange(NOW, NOW + timedelta(hours=1))}
    publish_busy(house.site.engine, house.site.prefix, DANA, busy)
    publish_account(house.site.engine, house.site.prefix, DANA, "google", "connected", None, "", NOW)
    house.watch.look()
    house.move_site(STAGING)
    house.live(21)
    copied = become_copy(house.parts, STAGING)
    assert copied.busy_removed == 1
    assert read_busy(house.site.engine, house.site.prefix, DANA) == {}
    assert list_accounts(house.parts.database, copied.site_id) == []
    assert read_site(house.parts.database, copied.site_id).home_url == STAGING
    assert house.live(4) is Standing.GIVEN_UP
    house.parts = replace(house.parts, site_id=copied.site_id)
    assert house.new_watch().look() is Standing.OURS


def test_at_the_originals_own_site_a_copy_clears_nothing(house: House) -> None:
    """A copied LateSync that still reads the real site's database."""
    busy = {"a" * 32: TimeRange(NOW, NOW + timedelta(hours=1))}
    publish_busy(house.site.engine, house.site.prefix, DANA, busy)
    house.watch.look()
    identity.stop_site(house.parts.database, SITE, Stop.OTHER_STATE, None, NOW)
    assert become_copy(house.parts, None).busy_removed == 0
    assert read_busy(house.site.engine, house.site.prefix, DANA) == busy
    assert house.turn() is not None


def test_an_answer_about_another_address_gives_nothing_up(house: House) -> None:
    house.watch.look()
    house.move_site(STAGING)
    house.live(21)
    with pytest.raises(WrongInput, match="another one by now"):
        become_copy(house.parts, "https://third.example")
    assert identity.site_in_use(house.parts.database) == (SITE, "other_home")


def test_a_look_that_changes_nothing_says_why_it_is_stopped(house: House) -> None:
    house.watch.look()
    assert look_at_home(house.parts) is None
    with house.parts.database.write() as connection:
        connection.execute(update(sites).values(stopped_for=Stop.OTHER_STATE.value))
    assert look_at_home(house.parts) == Stop.OTHER_STATE
