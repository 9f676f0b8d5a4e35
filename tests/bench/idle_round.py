"""An idle round over many accounts: requests, SQL statements and CPU per account.

python -m tests.bench.idle_round --accounts 1000
"""

from __future__ import annotations

import argparse
import resource
import time
from collections import Counter
from datetime import timedelta
from typing import Any

from sqlalchemy import event, update

from latesync.plan.pace import poll_interval
from latesync.store.accounts import count_polled_calendars, list_accounts
from latesync.store.schema import accounts
from latesync.sync.crew import Crew
from tests.bench.outside import PROVIDERS
from tests.bench.setting import Setting, fill, setting


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=1000)
    parser.add_argument("--latency", type=float, default=0.12, help="seconds per answer")
    parser.add_argument("--provider", choices=PROVIDERS, default="google")
    chosen = parser.parse_args()
    with setting(latency_s=0, provider=chosen.provider) as world:
        for agent_id in fill(world.site, agents=chosen.accounts, bookings=0):
            world.connect(agent_id)
        crew = Crew(world.services.sync_parts(), "bench", calendars_polled=lambda: chosen.accounts)
        _round(world, crew)  # the first listing, and every thread's connection
        world.ask("PUT", "/latency", {"seconds": chosen.latency})
        _measure(world, crew, chosen.accounts)
        crew.stop()


def _measure(world: Setting, crew: Crew, count: int) -> None:
    statements: Counter[bool] = Counter()

    def counted(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements[statement.startswith("BEGIN")] += 1

    world.forget_requests()
    event.listen(world.services.database.engine, "after_cursor_execute", counted)
    event.listen(world.services.site_engine, "after_cursor_execute", counted)
    wall, cpu = time.perf_counter(), _cpu_s()
    _round(world, crew)
    wall, cpu = time.perf_counter() - wall, _cpu_s() - cpu
    requests = world.count_requests()
    # Microsoft's calendars share no quota that the pace follows (plan/pace.py): they are not counted there.
    polled = count_polled_calendars(world.services.database, world.services.site_id) or count
    interval = poll_interval(polled, 0.5, provider=world.outside.provider)
    print(f"{count} idle accounts: wall {wall:.2f} s")
    print(f"requests per calendar {sum(requests.values()) / polled:.3f}  {requests}")
    begins = statements[True] / count
    print(f"SQL statements per account {statements[False] / count:.3f}, and {begins:.3f} BEGIN")
    print(f"cpu per account {1000 * cpu / count:.2f} ms")
    polls = polled * 86400 / interval.total_seconds()
    print(f"polls a day at the mean interval of {interval.total_seconds():.0f} s: {polls:,.0f}")


def _round(world: Setting, crew: Crew) -> None:
    """Every account once, as if its time to poll had come."""
    services = world.services
    with services.database.write() as connection:
        connection.execute(update(accounts).values(inbound_due_at=services.clock() - timedelta(seconds=1)))
    while crew.take_due() or not crew.is_idle:
        crew.wait_for_one(0.05)
    problems = [row.problem for row in list_accounts(services.database, services.site_id) if row.problem]
    if problems:
        raise SystemExit(f"{len(problems)} accounts failed: {set(problems)}")


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
