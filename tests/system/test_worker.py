"""The worker on its own: it needs no hint, ends in good order, and two of them do no harm."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable
from contextlib import ExitStack

from latesync.worker import call_once_on_signal
from tests.site.builders import Site
from tests.system.google import PretendGoogle, start_of
from tests.system.installation import Installation, at, day
from tests.system.programs import Program
from tests.system.waiting import eventually

# The calendar is asked every 30 to 45 seconds (plan/pace.py).
NEXT_POLL_S = 75.0


def test_worker_notices_what_happens_at_the_site_and_in_the_calendar(
    installation: Installation, google: PretendGoogle, site: Site
) -> None:
    ben = site.insert_agent(first_name="Ben", last_name="Cho")
    danas, bens = installation.connect(), installation.connect(ben, "ben@example.test")
    kept, moved, cancelled, removed, handed_over, edited = site.insert_bookings(6, first_day=day(2))
    dropped = google.put_event(danas, at(20, 9), at(20, 10))
    with installation.running("worker") as worker:
        seen = _watcher(worker)
        seen(lambda: google.bookings(danas) == [kept, moved, cancelled, removed, handed_over, edited])
        seen(lambda: installation.busy() == [(at(20, 9), at(20, 10))])
        # The calendar first: it is asked more rarely than the site, so its answer comes in last.
        google.ask("DELETE", f"/calendars/{danas}/events/{dropped}")
        google.put_event(danas, at(21, 9), at(21, 10))
        event = google.event_of(danas, edited)
        assert event is not None
        google.ask("DELETE", f"/calendars/{danas}/events/{event['id']}")

        added = site.insert_booking(start_date=day(30))
        seen(lambda: google.event_of(danas, added))
        site.update("bookings", moved, start_time=900, end_time=960)
        seen(lambda: start_of(google.event_of(danas, moved) or {}) == at(3, 15))
        site.update("bookings", cancelled, status="cancelled")
        seen(lambda: google.event_of(danas, cancelled) is None)
        site.delete("bookings", removed)
        seen(lambda: google.event_of(danas, removed) is None)
        site.update("bookings", handed_over, agent_id=ben)
        seen(lambda: google.bookings(bens) == [handed_over])
        seen(lambda: google.event_of(danas, handed_over) is None)

        seen(lambda: installation.busy() == [(at(21, 9), at(21, 10))], within_s=NEXT_POLL_S)
        seen(lambda: google.bookings(danas) == [kept, moved, edited, added])
        assert worker.stop() == 0
    assert installation.leases() == 0
    assert installation.json("plan")["operations"] == []


def test_sigterm_in_the_middle_of_a_run_leaves_nothing_half_done(
    installation: Installation, google: PretendGoogle, site: Site
) -> None:
    calendar = installation.connect()
    bookings = site.insert_bookings(60, first_day=day(2))
    with google.slow(0.05), installation.running("worker") as worker:
        eventually(
            lambda: len(google.events(calendar)) >= 5, "the first events came", why=lambda: worker.said
        )
        assert worker.stop() == 0, worker.said
        assert "worker stopped" in worker.said
    written = google.bookings(calendar)
    assert 5 <= len(written) < len(bookings)
    assert installation.mapping_states().count("live") == len(written)
    assert "intent" not in installation.mapping_states()
    assert installation.leases() == 0

    with installation.running("worker") as worker:
        eventually(lambda: len(google.events(calendar)) >= len(bookings), "all came", why=lambda: worker.said)
        assert worker.stop() == 0, worker.said
    assert google.bookings(calendar) == bookings


def test_two_workers_and_a_sync_at_once_do_no_harm(
    installation: Installation, google: PretendGoogle, site: Site
) -> None:
    agents = [1, *(site.insert_agent(first_name=f"Agent{number}") for number in (2, 3))]
    calendars = {agent: installation.connect(agent, f"agent{agent}@example.test") for agent in agents}
    bookings = {agent: site.insert_bookings(15, first_day=day(2), agent_id=agent) for agent in agents}
    with google.slow(0.02), ExitStack() as stack:
        workers = [stack.enter_context(installation.running("worker")) for _ in range(2)]
        installation.fine("sync")
        for agent in agents:
            site.update("bookings", bookings[agent][0], start_time=900, end_time=960)
            bookings[agent] += site.insert_bookings(5, first_day=day(30), agent_id=agent)
        eventually(
            lambda: all(_is_written(google, calendars[agent], bookings[agent]) for agent in agents),
            "every change was written",
            why=lambda: "".join(worker.said for worker in workers),
        )
        assert [worker.stop() for worker in workers] == [0, 0]
    for worker in workers:
        assert not re.search(r" ERROR |broke", worker.said), worker.said
    for agent in agents:
        assert google.bookings(calendars[agent]) == bookings[agent]
    assert installation.json("plan")["operations"] == []


def test_worker_outlives_a_site_database_that_refuses_it(
    installation: Installation, google: PretendGoogle, site: Site
) -> None:
    calendar = installation.connect()
    first = site.insert_booking(start_date=day(2))
    installation.shut_out()
    with installation.running("worker") as worker:
        seen = _watcher(worker)
        seen(lambda: "site cannot be read" in worker.said)
        assert worker.is_running
        installation.let_in()
        seen(lambda: google.bookings(calendar) == [first])

        installation.shut_out()
        second = site.insert_booking(start_date=day(3))
        seen(lambda: worker.said.count("site cannot be read") >= 2)
        status = installation.json("status", code=1)
        assert status["site_problem"] == "site_unavailable"
        assert google.bookings(calendar) == [first]
        installation.let_in()
        seen(lambda: google.bookings(calendar) == [first, second])
        seen(lambda: '"site_problem": null' in installation.latesync("status", "--json").out)
        assert worker.stop() == 0


def _is_written(google: PretendGoogle, calendar: str, bookings: list[int]) -> bool:
    first = google.event_of(calendar, bookings[0])
    return google.bookings(calendar) == bookings and first is not None and start_of(first) == at(2, 15)


def _watcher(worker: Program) -> Callable[..., None]:
    def seen(look: Callable[[], object], within_s: float = 30.0) -> None:
        eventually(look, "the worker did its part", within_s=within_s, why=lambda: worker.said)

    return seen


def test_second_signal_does_not_come_in_between_the_end() -> None:
    """It would wait for a lock that the first one's call holds, and the worker would never end."""
    calls: list[int] = []

    def stop() -> None:
        calls.append(1)
        os.kill(os.getpid(), signal.SIGTERM)

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        call_once_on_signal(stop)
        os.kill(os.getpid(), signal.SIGTERM)
        assert calls == [1]
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
