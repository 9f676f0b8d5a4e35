"""The demo site on a fixed Monday morning, in a file of its own."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from latesync.sandbox.site.database import insert, open_site, stamp
from latesync.sandbox.site.seed import prepare_site

NOW = datetime(2026, 10, 19, 6, 0, tzinfo=UTC)  # Monday, 8:00 in Berlin; the clocks change on Sunday the 25th
TUESDAY = date(2026, 10, 20)
ANNA, BEN, DANA = 1, 2, 3
CUT, COLOUR, BEARD = 1, 2, 3


@pytest.fixture
def site_file(tmp_path: Path) -> Path:
    return tmp_path / "site.db"


@pytest.fixture
def site(site_file: Path) -> Iterator[sqlite3.Connection]:
    """Seeded, and without its bookings, so that a test sees only what it adds."""
    connection = open_site(site_file)
    prepare_site(connection, NOW)
    connection.execute("DELETE FROM wp_latepoint_bookings")
    yield connection
    connection.close()


def add_busy(site: sqlite3.Connection, agent_id: int, starts_at: datetime, ends_at: datetime) -> None:
    number = site.execute("SELECT count(*) AS n FROM wp_latesync_busy").fetchone()["n"]
    insert(
        site,
        "wp_latesync_busy",
        id=f"{number:032x}",
        agent_id=agent_id,
        starts_at=stamp(starts_at),
        ends_at=stamp(ends_at),
    )
