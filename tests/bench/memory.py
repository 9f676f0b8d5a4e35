"""Memory and CPU of the worker and of a web process at many accounts and mapped bookings; start-up times.

python -m tests.bench.memory --accounts 1000 --mapped 100000
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import requests
from sqlalchemy import insert

from latesync.store.accounts import list_accounts
from latesync.store.schema import mappings
from tests.bench.setting import BASE_URL, Setting, fill, setting

ROOT = Path(__file__).parents[2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=1000)
    parser.add_argument("--mapped", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=90, help="how long the worker is watched")
    chosen = parser.parse_args()
    with setting(latency_s=0) as world:
        for agent_id in fill(world.site, agents=chosen.accounts, bookings=0):
            world.connect(agent_id)
        _map(world, chosen.mapped)
        world.ask("PUT", "/latency", {"seconds": 0.12})
        _watch_worker(world, chosen.seconds)
        _watch_web(world)
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "latesync", "--help"], check=True, cwd=ROOT, stdout=subprocess.DEVNULL
    )
    print(f"latesync --help: {time.perf_counter() - started:.2f} s")


def _map(world: Setting, count: int) -> None:
    """Bookings that are in the calendars already: rows on the site, and their mappings."""
    services = world.services
    accounts = list_accounts(services.database, services.site_id)
    now = services.clock()
    rows = [
        {
            "site_id": services.site_id,
            "booking_id": 10_000_000 + number,
            "agent_id": accounts[number % len(accounts)].agent_id,
            "account_id": accounts[number % len(accounts)].id,
            "calendar_id": accounts[number % len(accounts)].write_calendar_id,
            "event_id": f"{number:032x}",
            "generation": 0,
            "state": "live",
            "content_hash": "0" * 64,
            "echo_hash": "0" * 64,
            "etag": '"1"',
            "has_agent_notes": False,
            "problem": "",
            "starts_at": now + timedelta(days=1, minutes=number),
            "ends_at": now + timedelta(days=1, minutes=number + 60),
            "changed_at": now,
        }
        for number in range(count)
    ]
    with services.database.write() as connection:
        connection.execute(insert(mappings), rows)


def _watch_worker(world: Setting, seconds: int) -> None:
    with _process(world, "worker") as process:
        peak = 0.0
        for _ in range(seconds):
            threading.Event().wait(1)
            peak = max(peak, _rss_mb(process.pid))
        print(f"worker: {peak:.0f} MB at most in {seconds} s")
        process.terminate()


def _watch_web(world: Setting) -> None:
    started = time.perf_counter()
    with _process(world, "web") as process:
        session = requests.Session()
        session.trust_env = False
        while time.perf_counter() - started < 30:
            with suppress(requests.RequestException):
                if session.get(f"{BASE_URL}/readyz", timeout=1).status_code == 200:
                    break
            threading.Event().wait(0.02)
        print(f"web: ready after {time.perf_counter() - started:.2f} s")
        for _ in range(20):
            session.get(f"{BASE_URL}/sign-in", timeout=30)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        print("web: " + ", ".join(f"{_rss_mb(int(child)):.0f} MB" for child in children) + " a process")
        process.terminate()


def _process(world: Setting, command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "latesync", command],
        env={**os.environ, **world.environment},
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


def _rss_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    main()
