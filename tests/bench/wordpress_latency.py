"""From a booking on the form to the event, and from a form opened to that agent's calendar looked at.

python -m tests.bench.wordpress_latency --bookings 60 --agents 20

A real WordPress with the plugin, LateSync's web and worker as processes of their own, and the sandbox Google
with 120 ms an answer. The end is what the sandbox says: the event is there; the listing was answered.
"""

from __future__ import annotations

import argparse
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import requests

from tests.bench.outside import email_of
from tests.bench.setting import Setting, setting_beside
from tests.bench.wordpress_setting import add_agents, report, wordpress_sites
from tests.site.builders import Site
from tests.wordpress.site import WordPress

PATIENCE_S = 60.0
SETTLED_S = 5.5  # a calendar that was read within the last five seconds is not read again for a visitor


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--bookings", type=int, default=60)
    parser.add_argument("--looks", type=int, default=60, help="forms opened")
    parser.add_argument("--agents", type=int, default=20, help="connected agents")
    parser.add_argument("--latency", type=float, default=0.12, help="seconds per answer of the calendar")
    parser.add_argument(
        "--no-plugin-notes", action="store_true", help="the plugin not connected: polling alone"
    )
    chosen = parser.parse_args()
    base_url = f"http://127.0.0.1:{free_port()}"
    with wordpress_sites() as sites:
        site = sites.site()
        agents = add_agents(site, chosen.agents)
        with setting_beside(Site(site.engine), latency_s=0, base_url=base_url) as world:
            for agent_id in agents:
                world.connect(agent_id)
            world.ask("PUT", "/latency", {"seconds": chosen.latency})
            with running_web(world), _running(world, "worker"):
                _wait(lambda: all(_listings(world, agent_id) for agent_id in agents))
                if not chosen.no_plugin_notes:
                    connect_plugin(site, base_url, world.services.bridge_secret)
                _report_bookings(world, site, agents, chosen.bookings, chosen.latency)
                _report_looks(world, site, agents, chosen.looks)


def _report_bookings(
    world: Setting, site: WordPress, agents: list[int], count: int, latency_s: float
) -> None:
    from_submit, from_answer = [], []
    for number in range(count):
        agent_id = agents[number % len(agents)]
        threading.Event().wait(random.uniform(0.3, 2.5))  # at any moment of the worker's rhythm
        day = date.today() + timedelta(days=30 + number // len(agents))
        submitted = time.perf_counter()
        answer = site.bookings.book(str(day), 600, agent=agent_id)
        answered = time.perf_counter()
        assert answer.ok, answer.message
        _wait(partial(_has_event, world, agent_id, answer.booking_id))
        from_submit.append(time.perf_counter() - submitted)
        from_answer.append(max(0.0, time.perf_counter() - answered))
    print(
        f"booking on the form → event in the calendar ({1000 * latency_s:.0f} ms of it the calendar's answer)"
    )
    report("  from the moment the form is submitted", from_submit, "s")
    report("  from the moment the visitor has the answer", from_answer, "s")


def _report_looks(world: Setting, site: WordPress, agents: list[int], count: int) -> None:
    """Each at an agent whose calendar was not read for some seconds, and whom nobody looked at for ten."""
    found = []
    month = f"{date.today() + timedelta(days=40):%Y-%m}"
    looked_at = dict.fromkeys(agents, time.monotonic())  # a booking looks, too
    for number in range(count):
        agent_id = agents[number % len(agents)]
        threading.Event().wait(max(0.0, looked_at[agent_id] + 11 - time.monotonic()))
        _wait(partial(_is_settled, world, agent_id))
        before = len(_listings(world, agent_id))
        looked_at[agent_id] = time.monotonic()
        opened = time.perf_counter()
        site.month(month, agent_id, 1)
        _wait(partial(_is_listed_again, world, agent_id, before))
        found.append(time.perf_counter() - opened)
    print("form opened → that agent's calendar read (its answer included)")
    report("  from the moment the form asks for the month", found, "s")


def _is_settled(world: Setting, agent_id: int) -> bool:
    return time.time() - max(_listings(world, agent_id), default=0) > SETTLED_S


def _is_listed_again(world: Setting, agent_id: int, before: int) -> bool:
    return len(_listings(world, agent_id)) > before


def connect_plugin(site: WordPress, base_url: str, secret: str) -> None:
    """What the settings page does with LateSync's address and secret."""
    site.php(
        "LateSync_Bridge_Settings::set( array("
        f" 'address' => '{base_url}', 'secret' => '{secret}' ) ); return true;"
    )


@contextmanager
def running_web(world: Setting) -> Iterator[None]:
    """The pages, ready to be asked."""
    with _running(world, "web"):
        _wait(lambda: _is_ready(world))
        yield


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _running(world: Setting, command: str) -> Iterator[None]:
    with subprocess.Popen(
        [sys.executable, "-m", "latesync", command],
        env={**os.environ, **world.environment},
        cwd=Path(__file__).parents[2],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield
        finally:
            process.terminate()


def _is_ready(world: Setting) -> bool:
    session = requests.Session()
    session.trust_env = False
    try:
        address = f"{world.environment['LATESYNC_BASE_URL']}/readyz"
        return session.get(address, timeout=2).status_code == 200
    except requests.RequestException:
        return False


def _has_event(world: Setting, agent_id: int, booking: int) -> bool:
    events = world.ask("GET", f"/calendars/{email_of(agent_id)}/events")
    events = events["items"] if isinstance(events, dict) else events
    marks = [event.get("extendedProperties", {}).get("private", {}) for event in events]
    return any(mark.get("latesync_booking") == str(booking) for mark in marks)


def _listings(world: Setting, agent_id: int) -> list[float]:
    """When this agent's events were listed, in Unix seconds."""
    log: list[dict[str, Any]] = world.ask("GET", "/requests?log=true")["log"]
    return [
        entry["time"]
        for entry in log
        if entry["user"] == email_of(agent_id)
        and entry["method"] == "GET"
        and entry["path"].endswith("/events")
    ]


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit("waited in vain")
        threading.Event().wait(0.02)


if __name__ == "__main__":
    main()
