"""A machine's clock was wrong and is put right: nothing waits until the old time has come again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.conftest import cannot_run
from tests.services.server import NotInstalled
from tests.system.google import PretendGoogle, pretend_google_apart
from tests.system.installation import Installation, at, day
from tests.system.moving_clock import MovingClock
from tests.system.waiting import eventually


@pytest.fixture
def clock(tmp_path: Path) -> MovingClock:
    try:
        return MovingClock(tmp_path)
    except NotInstalled as absent:
        cannot_run(absent)


@pytest.fixture
def google(tmp_path: Path, clock: MovingClock) -> Iterator[PretendGoogle]:
    with pretend_google_apart(tmp_path, clock.environment) as running:
        yield running


def test_a_clock_that_is_set_back_stops_no_worker(installation: Installation, clock: MovingClock) -> None:
    google, site = installation.google, installation.site
    installation.environment |= clock.environment
    clock.move_to(clock.now() + timedelta(hours=5))
    danas, early = installation.connect(), site.insert_booking(start_date=day(30))
    with installation.running("worker") as worker:
        eventually(
            lambda: google.bookings(danas) == [early], "the worker was at work", why=lambda: worker.said
        )
        was_touched = eventually(lambda: last_touch(installation), "the site was told of the account")
        google.put_event(danas, at(20, 9), at(20, 10))
        clock.set_back(timedelta(hours=3))
        eventually(lambda: "clock set back" in worker.said, "the worker saw it", why=lambda: worker.said)
        late = site.insert_booking(start_date=day(31))
        eventually(
            lambda: google.bookings(danas) == [early, late], "a booking was written", why=lambda: worker.said
        )
        eventually(lambda: installation.busy(), "the calendar was read", why=lambda: worker.said)
        eventually(
            lambda: (last_touch(installation) or was_touched) < was_touched,
            "the site was told that LateSync lives",
        )


def last_touch(installation: Installation) -> datetime | None:
    """When the site was last told anything; None: never yet."""
    told = text(f"SELECT MAX(updated_at) FROM {installation.site.prefix}latesync_accounts")
    with installation.site.engine.connect() as connection:
        found: datetime | None = connection.scalar(told)
    return found
