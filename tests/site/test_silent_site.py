"""A site's database that does not answer: nobody waits for it twice, and it is used again once it is back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from latesync.errors import SiteUnavailable
from latesync.latepoint.connection import open_site_database
from latesync.sync.site import FAILURE_AGE, BookingSite
from tests.site.builders import Site
from tests.site.cutting import OddServer, odd_server

SECOND = timedelta(seconds=1)


@dataclass
class Clock:
    now: datetime = datetime(2026, 11, 20, 13, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server() -> Iterator[OddServer]:
    with odd_server() as opened:
        yield opened


@pytest.fixture
def silent(server: OddServer, clock: Clock) -> BookingSite:
    return BookingSite(open_site_database(server.url), "wp_", "0123456789ab", clock)


def ask(site: BookingSite) -> SiteUnavailable:
    with pytest.raises(SiteUnavailable) as caught:
        site.facts()
    return caught.value


def test_who_asks_soon_after_a_failure_is_told_it_at_once(
    silent: BookingSite, server: OddServer, clock: Clock
) -> None:
    first, asked = ask(silent), server.asked
    clock.now += FAILURE_AGE - SECOND
    assert ask(silent) is first
    assert server.asked == asked
    clock.now += SECOND
    ask(silent)
    assert server.asked > asked


def test_failure_that_is_told_again_does_not_last_longer_for_that(
    silent: BookingSite, server: OddServer, clock: Clock
) -> None:
    ask(silent)
    asked = server.asked
    for _ in range(2):
        clock.now += FAILURE_AGE / 2
        silent.note_failure(ask(silent))  # as a page does with whatever it was told
    assert server.asked > asked


def test_failure_before_the_clock_was_set_back_is_forgotten(
    silent: BookingSite, server: OddServer, clock: Clock
) -> None:
    ask(silent)
    asked = server.asked
    clock.now -= timedelta(hours=1)
    ask(silent)
    assert server.asked > asked


def test_who_has_a_pause_of_their_own_asks_each_time(silent: BookingSite, server: OddServer) -> None:
    silent.failure_age = timedelta(0)
    ask(silent)
    asked = server.asked
    ask(silent)
    assert server.asked > asked


def test_doubt_forgets_the_failure(silent: BookingSite, server: OddServer) -> None:
    ask(silent)
    asked = server.asked
    silent.doubt()
    ask(silent)
    assert server.asked > asked


def test_while_one_finds_out_whether_the_site_is_back_nobody_waits_with_them(clock: Clock) -> None:
    with odd_server() as hanging_up:
        site = BookingSite(open_site_database(hanging_up.url), "wp_", "0123456789ab", clock)
        known = ask(site)
    clock.now += FAILURE_AGE
    with odd_server(None) as silent:
        site.engine = open_site_database(silent.url)
        finding_out = threading.Thread(target=ask, args=(site,))
        finding_out.start()
        assert silent.is_asked.wait(timeout=10)
        assert ask(site) is known
    finding_out.join()


def test_site_that_stopped_answering_in_between_is_read_anew_and_used(site: Site, clock: Clock) -> None:
    asked = BookingSite(site.engine, "wp_", "0123456789ab", clock)
    zone = asked.facts().settings.zone
    asked.note_failure(SiteUnavailable("the connection was lost"))
    ask(asked)
    assert asked.zone() == zone  # as last known
    site.set_option("timezone_string", "Asia/Tokyo")
    clock.now += FAILURE_AGE
    assert str(asked.facts().settings.zone) == "Asia/Tokyo"
