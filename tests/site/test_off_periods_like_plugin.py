"""Whichever way the owner chose, the same minutes are closed: LateSync's rows, and the plugin's own rule."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from latesync.latepoint.connection import open_site_database
from latesync.options import BusyWay
from latesync.sync.off_periods import publish_off_periods
from latesync.times import TimeRange, Zone, day_in
from tests.conftest import cannot_run
from tests.services.php import find_php
from tests.services.server import NotInstalled
from tests.site.builders import create_site
from tests.site.off_periods_stage import Stage, make_stage

RULE = Path(__file__).parents[2] / "wp_bridge" / "latesync-bridge" / "includes" / "class-day-minutes.php"
# For each case: what LatePoint is told, in minutes of days.
SCRIPT = """
define( 'ABSPATH', '/' );
require $argv[1];
$answers = array();
foreach ( json_decode( stream_get_contents( STDIN ), true ) as $case ) {
    $minutes = new LateSync_Bridge_Day_Minutes( new DateTimeZone( $case['zone'] ), $case['days'] );
    $closed  = array();
    foreach ( $case['spans'] as $span ) {
        $closed = array_merge( $closed, $minutes->covered( $span[0], $span[1] ) );
    }
    $answers[] = $closed;
}
echo json_encode( $answers );
"""
# The stage's clock says 2 March 2026; these are days after it on which clocks change somewhere.
MOMENTS = [
    datetime.fromisoformat(f"{text}+00:00")
    for text in (
        "2026-03-08 06:30",
        "2026-03-28 22:00",
        "2026-03-29 01:00",
        "2026-04-04 15:00",
        "2026-04-23 22:00",
        "2026-06-15 12:00",
        "2026-10-03 15:30",
        "2026-10-25 00:40",
        "2026-10-25 01:00",
        "2026-10-29 21:00",
        "2026-11-01 05:30",
    )
]
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Asia/Beirut",
    "America/Havana",
    "Africa/Cairo",
    "Australia/Lord_Howe",
    "America/Scoresbysund",
    "Asia/Kolkata",
    "+05:30",
    "-09:30",
)

spans = st.builds(
    lambda moment, offset, seconds: TimeRange(
        moment + timedelta(seconds=offset), moment + timedelta(seconds=offset + seconds)
    ),
    st.sampled_from(MOMENTS),
    st.integers(-30 * 3600, 30 * 3600),
    st.one_of(st.integers(1, 3 * 3600), st.integers(1, 3 * 86_400)),
)


@pytest.fixture(scope="module")
def php() -> str:
    try:
        return find_php()
    except NotInstalled as exc:
        cannot_run(exc)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("rule")
    engine = open_site_database(f"sqlite:///{folder / 'site.db'}")
    made = make_stage(create_site(engine), folder)
    made.choose(BusyWay.OFF_PERIODS)
    yield made
    made.own.database.dispose()
    engine.dispose()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(busy=st.lists(spans, min_size=1, max_size=5), zone=st.sampled_from(ZONES))
def test_rows_close_the_minutes_that_the_plugin_closes(
    stage: Stage, php: str, busy: list[TimeRange], zone: str
) -> None:
    site_zone = _set_zone(stage, zone)
    stage.busy(*busy)
    publish_off_periods(stage.parts, 1)
    days = _days_around(busy, site_zone)
    told = _closed_by_plugin(php, zone, days, busy)
    assert {day: stage.closed(day) for day in days} == told


def _set_zone(stage: Stage, zone: str) -> Zone:
    """As WordPress keeps it: a name, or hours from UTC."""
    is_offset = zone[0] in "+-"
    hours = (int(zone[1:3]) + int(zone[4:]) / 60) * (-1 if zone[0] == "-" else 1) if is_offset else 0
    stage.site.set_option("timezone_string", "" if is_offset else zone)
    stage.site.set_option("gmt_offset", str(hours))
    stage.parts.site.doubt()
    return stage.parts.site.zone()


def _days_around(busy: list[TimeRange], zone: Zone) -> list[date]:
    found: set[date] = set()
    for span in busy:
        day = day_in(span.start, zone) - timedelta(days=1)
        while day <= day_in(span.end, zone) + timedelta(days=1):
            found.add(day)
            day += timedelta(days=1)
    return sorted(found)


def _closed_by_plugin(php: str, zone: str, days: list[date], busy: list[TimeRange]) -> dict[date, set[int]]:
    case = {
        "zone": zone,
        "days": [str(day) for day in days],
        "spans": [[int(span.start.timestamp()), int(span.end.timestamp())] for span in busy],
    }
    command = [php, "-d", "error_reporting=-1", "-d", "display_errors=stderr", "-r", SCRIPT, "--", str(RULE)]
    done = subprocess.run(command, input=json.dumps([case]), capture_output=True, text=True, check=True)
    assert done.stderr == ""
    closed: dict[date, set[int]] = {day: set() for day in days}
    for day, start, end in json.loads(done.stdout)[0]:
        closed[date.fromisoformat(day)].update(range(start, end))
    return closed
