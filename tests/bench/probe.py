"""What looking for changes costs the site's database at many bookings.

python -m tests.bench.probe --site mysql+pymysql://root@127.0.0.1:PORT/empty_database --bookings 1000000
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

from sqlalchemy import create_engine, text

from latesync.latepoint.probes import newest_booking_id, read_detail_fingerprints, read_fingerprints
from latesync.latepoint.schema import read_schema
from latesync.plan.pace import probe_interval
from latesync.sync.probe import NEW_BOOKINGS_EVERY, SHORTEST_DETAILS_LOOK, SHORTEST_LOOK
from tests.site.builders import create_site

COLUMNS = (
    "booking_code, start_date, end_date, start_time, end_time, duration, status, customer_id, service_id, "
    "agent_id, location_id, buffer_before, buffer_after, total_attendees, created_at, updated_at"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", required=True, help="URL of an empty MariaDB database")
    parser.add_argument("--bookings", type=int, default=1_000_000)
    parser.add_argument("--future", type=int, default=70_000, help="of these, from today on")
    parser.add_argument("--agents", type=int, default=1000)
    chosen = parser.parse_args()
    engine = create_engine(chosen.site, isolation_level="AUTOCOMMIT")
    site = create_site(engine, prefix="wp_")
    site.insert_service(), site.insert_customer(), site.insert_location()
    schema = read_schema(engine, "wp_")
    yesterday = date.today() - timedelta(days=1)
    for past, future in ((0, chosen.future // 7), (0, chosen.future), (chosen.bookings - chosen.future, 0)):
        _insert(engine, date.today() - timedelta(days=1500), 1400, past, chosen.agents)
        _insert(engine, date.today() + timedelta(days=1), 300, future, chosen.agents)
        with engine.connect() as connection:
            connection.execute(text("ANALYZE TABLE wp_latepoint_bookings"))
            total = connection.execute(
                text("SELECT COUNT(*), SUM(start_date >= CURDATE()), MAX(id) FROM wp_latepoint_bookings")
            ).one()
        print(f"\n{total[0]:,} bookings, {total[1]:,} to come")
        newest = _time(partial(newest_booking_id, engine, schema, int(total[2])))
        _report("id > last", newest, NEW_BOOKINGS_EVERY)
        _report("fingerprint", _time(lambda: read_fingerprints(engine, schema, yesterday)), SHORTEST_LOOK)
        _report(
            "details",
            _time(lambda: read_detail_fingerprints(engine, schema, yesterday)),
            SHORTEST_DETAILS_LOOK,
        )


def _insert(engine: Any, first_day: date, days: int, count: int, agents: int) -> None:
    """Rows made by the server itself, so that a million takes seconds."""
    statement = text(
        f"INSERT INTO wp_latepoint_bookings ({COLUMNS}) "
        "SELECT LEFT(MD5(seq), 7), :first + INTERVAL (seq % :days) DAY, :first + INTERVAL (seq % :days) DAY, "
        "480 + seq % 16 * 30, 540 + seq % 16 * 30, 60, 'approved', 1, 1, 1 + seq % :agents, 1, 0, 0, 1, "
        "NOW(), NOW() "
        "FROM seq_1_to_10000000 LIMIT :count"
    )
    with engine.connect() as connection:
        connection.execute(statement, {"first": first_day, "days": days, "agents": agents, "count": count})


def _time(look: Callable[[], Any]) -> float:
    durations = []
    for _ in range(7):
        started = time.perf_counter()
        look()
        durations.append(time.perf_counter() - started)
    return statistics.median(durations)


def _report(name: str, seconds: float, shortest: timedelta) -> None:
    interval = probe_interval(timedelta(seconds=seconds), shortest=shortest)
    share = 100 * seconds / interval.total_seconds()
    print(
        f"{name}: {1000 * seconds:.1f} ms, every {interval.total_seconds():.1f} s = {share:.2f} % of a core"
    )


if __name__ == "__main__":
    main()
