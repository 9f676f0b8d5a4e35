"""From a commit on the site to the event, and from a calendar change to the busy row; a worker, polling only.

python -m tests.bench.latency --bookings 40 --agents 20
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import text

from tests.bench.outside import email_of
from tests.bench.setting import Setting, fill, setting

PATIENCE_S = 120.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bookings", type=int, default=40, help="new bookings, one after the other")
    parser.add_argument("--changes", type=int, default=20, help="calendar changes, spread over a minute")
    parser.add_argument("--existing", type=int, default=10_000, help="bookings to come on the site")
    parser.add_argument("--agents", type=int, default=20, help="connected agents")
    parser.add_argument("--latency", type=float, default=0.12, help="seconds per answer")
    parser.add_argument("--site", help="URL of an empty MariaDB database; SQLite otherwise")
    chosen = parser.parse_args()
    with setting(latency_s=0, site_url=chosen.site) as world:
        others = fill(world.site, agents=50, bookings=chosen.existing)  # nobody of these is connected
        agents = fill(world.site, agents=chosen.agents, bookings=0)
        for agent_id in agents:
            world.connect(agent_id)
        world.ask("PUT", "/latency", {"seconds": chosen.latency})
        with _worker(world):
            _wait(lambda: _all_listed(world, len(agents)))
            print(f"{len(others)} other agents, {chosen.existing} bookings to come")
            _report("commit of a booking → event", _bookings(world, agents, chosen.bookings))
            _report("calendar change → busy row", _changes(world, agents, chosen.changes))


def _bookings(world: Setting, agents: list[int], count: int) -> Iterator[float]:
    for number in range(count):
        agent_id = agents[number % len(agents)]
        threading.Event().wait(random.uniform(0, 2.5))  # at any moment of the worker's rhythm
        started = time.perf_counter()
        booking = world.site.insert_booking(
            agent_id=agent_id, start_date=str(date.today() + timedelta(days=30 + number)), start_time=600
        )
        _wait(partial(_has_event, world, agent_id, booking))
        yield time.perf_counter() - started


def _changes(world: Setting, agents: list[int], count: int) -> list[float]:
    """Changes in many calendars at random moments; each waited for by a thread of its own."""
    found: list[float] = []
    threads = []
    for number in range(count):
        agent_id = agents[number % len(agents)]
        pause = random.uniform(0, 40)
        thread = threading.Thread(
            target=lambda a=agent_id, p=pause, n=number: found.append(_change(world, a, p, n))
        )
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join()
    return found


def _change(world: Setting, agent_id: int, pause_s: float, number: int) -> float:
    threading.Event().wait(pause_s)
    day = date.today() + timedelta(days=100 + number)
    event = {
        "summary": "private",
        "start": {"dateTime": f"{day}T10:00:00Z"},
        "end": {"dateTime": f"{day}T11:00:00Z"},
    }
    before = _busy_rows(world, agent_id)
    started = time.perf_counter()
    world.ask("POST", f"/calendars/{email_of(agent_id)}/events", event)
    _wait(lambda: _busy_rows(world, agent_id) > before)
    return time.perf_counter() - started


def _busy_rows(world: Setting, agent_id: int) -> int:
    with world.site.engine.connect() as connection:
        query = text("SELECT COUNT(*) FROM wp_latesync_busy WHERE agent_id = :agent")
        return int(connection.execute(query, {"agent": agent_id}).scalar() or 0)


def _has_event(world: Setting, agent_id: int, booking: int) -> bool:
    events = world.ask("GET", f"/calendars/{email_of(agent_id)}/events")
    events = events["items"] if isinstance(events, dict) else events
    marks = [event.get("extendedProperties", {}).get("private", {}) for event in events]
    return any(mark.get("latesync_booking") == str(booking) for mark in marks)


def _all_listed(world: Setting, count: int) -> bool:
    return world.count_requests().get("events.list 200", 0) >= count


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit("waited in vain")
        threading.Event().wait(0.02)


def _report(name: str, durations: Iterator[float] | list[float]) -> None:
    values = sorted(durations)
    worst = values[max(0, round(0.95 * len(values)) - 1)]
    median = statistics.median(values)
    print(f"{name}: median {median:.2f} s, p95 {worst:.2f} s, worst {values[-1]:.2f} s ({len(values)})")


@contextmanager
def _worker(world: Setting) -> Iterator[None]:
    environment = {**os.environ, **world.environment}
    command = [sys.executable, "-m", "latesync", "worker"]
    with subprocess.Popen(
        command, env=environment, cwd=Path(__file__).parents[2], stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield
        finally:
            process.terminate()


if __name__ == "__main__":
    main()
