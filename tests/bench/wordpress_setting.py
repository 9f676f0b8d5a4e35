"""Real WordPress sites for measuring, all on one MariaDB, which count what each of their requests costs."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import text

from tests.services.mariadb import MariaDBServer
from tests.services.shared import OwnedRun, shared_server
from tests.wordpress.site import WordPress, running_wordpress

# Loaded by each request before WordPress. It writes at the very end, after the plugin has sent what it has to
# send: a function registered while the others run is run after them. In the benchmark only; no site has it.
_COUNTER = """<?php
define( 'SAVEQUERIES', ! empty( $_SERVER['HTTP_X_BENCH_QUERIES'] ) );
$GLOBALS['bench_began'] = getrusage();
register_shutdown_function( function () {
	register_shutdown_function( function () {
		$cpu = function ( $usage ) {
			return 1e3 * ( $usage['ru_utime.tv_sec'] + $usage['ru_stime.tv_sec'] )
				+ 1e-3 * ( $usage['ru_utime.tv_usec'] + $usage['ru_stime.tv_usec'] );
		};
		global $wpdb;
		$ours = array();
		foreach ( (array) ( SAVEQUERIES ? $wpdb->queries : array() ) as $query ) {
			if ( false !== stripos( $query[0] . $query[2], 'latesync' ) ) {
				$ours[] = preg_replace( '/\\\\s+/', ' ', $query[0] );
			}
		}
		file_put_contents( WP_CONTENT_DIR . '/measured.jsonl', json_encode( array(
			'cpu_ms'    => $cpu( getrusage() ) - $cpu( $GLOBALS['bench_began'] ),
			'memory_kb' => memory_get_peak_usage() / 1024,
			'queries'   => $wpdb->num_queries,
			'ours'      => $ours,
		) ) . "\\n", FILE_APPEND | LOCK_EX );
	} );
} );
"""


@dataclass
class Variant:
    """One site among those compared, and what was measured on it."""

    name: str
    site: WordPress
    wall_ms: list[float]

    def measured(self) -> list[dict[str, Any]]:
        """What PHP itself counted, one entry a request."""
        file = self.site.content / "measured.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def forget(self) -> None:
        self.wall_ms.clear()
        (self.site.content / "measured.jsonl").unlink(missing_ok=True)

    def median(self, key: str) -> float:
        return float(statistics.median(entry[key] for entry in self.measured()))


class Sites:
    """Makes sites until the block ends."""

    def __init__(self, run: OwnedRun, stack: ExitStack) -> None:
        self._run = run
        self._stack = stack

    def site(self, *, has_plugin: bool = True) -> WordPress:
        mariadb = shared_server(MariaDBServer, self._run.folder)
        site = self._stack.enter_context(running_wordpress(mariadb, self._run.folder))
        (site.content / "test-constants.php").write_text(_COUNTER)
        if has_plugin:
            site.activate()
        return site

    def variant(self, name: str, *, has_plugin: bool = True) -> Variant:
        return Variant(name, self.site(has_plugin=has_plugin), [])


@contextmanager
def wordpress_sites() -> Iterator[Sites]:
    run = OwnedRun.open()
    try:
        with ExitStack() as stack:
            yield Sites(run, stack)
    finally:
        run.close()


def fill_busy(site: WordPress, rows: int, agents: int) -> None:
    """Half hours spread evenly over agents 1, 2, … and the year around today, made by the server itself."""
    if not rows:
        return
    first = datetime.now(UTC).date() - timedelta(days=182)
    site.run(
        f"INSERT INTO {site.table('latesync_busy')} (id, agent_id, starts_at, ends_at)"
        " SELECT MD5(seq), 1 + seq % :agents, t, t + INTERVAL 30 MINUTE FROM (SELECT seq,"
        " :first + INTERVAL FLOOR((seq - 1) DIV :agents * 365 / CEIL(:rows / :agents)) DAY"
        " + INTERVAL (12 * 60 + 15 * (seq * 7 % 44)) MINUTE AS t FROM seq_1_to_1000000 LIMIT :rows) AS made",
        agents=agents,
        rows=rows,
        first=str(first),
    )
    site.run(f"ANALYZE TABLE {site.table('latesync_busy')}")


def count_shown(site: WordPress, month: str, agents: Sequence[int]) -> int:
    """Rows that a month of these agents touches."""
    first = date.fromisoformat(f"{month}-01")
    query = text(
        f"SELECT COUNT(*) FROM {site.table('latesync_busy')} WHERE agent_id IN :agents"
        " AND starts_at < :until AND ends_at > :from"
    )
    with site.engine.connect() as connection:
        return int(
            connection.scalar(
                query.bindparams(agents=tuple(agents)),
                {"from": first, "until": first + timedelta(days=31)},
            )
            or 0
        )


def add_agents(site: WordPress, count: int) -> list[int]:
    """More agents who give massages, beside the seed's three."""
    agents, offers = site.table("latepoint_agents"), site.table("latepoint_agents_services")
    found = []
    for number in range(count):
        with site.engine.connect() as connection:
            made = connection.execute(
                text(
                    f"INSERT INTO {agents} (first_name, last_name, email, status, created_at, updated_at)"
                    " VALUES (:name, 'Bench', :email, 'active', NOW(), NOW())"
                ),
                {"name": f"Agent{number}", "email": f"bench{number}@example.test"},
            )
            found.append(int(made.lastrowid))
        site.run(f"INSERT INTO {offers} (agent_id, service_id, location_id) VALUES (:id, 1, 1)", id=found[-1])
    return found


def report(name: str, values: Sequence[float], unit: str, digits: int = 2) -> None:
    ordered = sorted(values)
    worst = ordered[max(0, round(0.95 * len(ordered)) - 1)]
    median = statistics.median(ordered)
    print(
        f"{name}: median {median:.{digits}f} {unit}, p95 {worst:.{digits}f} {unit},"
        f" worst {ordered[-1]:.{digits}f} {unit} ({len(ordered)})"
    )
