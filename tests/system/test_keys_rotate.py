"""`keys rotate` beside a running web and worker: nobody notices, and a signature of the old key is gone."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

from tests.site.builders import Site
from tests.system.browsing import sign_in
from tests.system.google import PretendGoogle
from tests.system.installation import Installation, day
from tests.system.waiting import eventually


def test_keys_are_rotated_under_a_running_web_and_worker_with_sign_ins_going_on(
    installation: Installation, google: PretendGoogle, site: Site
) -> None:
    calendar = installation.connect()
    agents = {
        site.insert_agent(first_name=f"Agent{number}"): f"agent{number}@example.test" for number in range(4)
    }
    for email in agents.values():
        google.add_user(email)
        google.ask("PATCH", f"/users/{email}", {"auto_consent": True})
    links = {agent: installation.fine("agents", "link", str(agent)).strip() for agent in agents}
    bookings = {agent: site.insert_bookings(2, first_day=day(2), agent_id=agent) for agent in agents}

    with installation.web() as web, installation.running("worker") as worker, ThreadPoolExecutor(4) as pool:
        pages = [pool.submit(sign_in, links[agent], email) for agent, email in agents.items()]
        for _ in range(3):
            installation.fine("keys", "rotate")
        assert all("Your calendar is connected" in page.result() for page in pages)
        eventually(
            lambda: all(google.bookings(agents[agent]) == bookings[agent] for agent in agents),
            "everybody's bookings came",
            why=lambda: worker.said,
        )
        installation.fine("keys", "rotate")
        late = site.insert_booking(start_date=day(9))
        eventually(lambda: google.bookings(calendar) == [late], "it goes on", why=lambda: worker.said)
        assert "Your calendar is connected" in sign_in(
            *next(iter(zip(links.values(), agents.values(), strict=True)))
        )
        assert worker.stop() == 0
    for program in (web, worker):
        assert "secret_unreadable" not in program.said
        assert " ERROR " not in program.said, program.said
    shown = installation.json("keys", "show")
    assert (shown["keys"], shown["unreadable"]) == (5, 0), "none goes that was in use within the hour"
    keys = installation.folder / "home" / "encryption_key"
    hours_ago = keys.stat().st_mtime - 2 * 3600
    os.utime(keys, (hours_ago, hours_ago))
    installation.fine("keys", "rotate")
    moved = installation.json("keys", "show")["secrets_by_key"]
    assert moved[1:] == [0]
    assert installation.json("plan")["operations"] == []


def test_keys_of_the_environment_are_the_operators_to_change(installation: Installation) -> None:
    installation.connect()
    file = installation.folder / "home" / "encryption_key"
    old = file.read_text().strip()
    new = installation.fine("keys", "new").strip()
    installation.ended.pop()  # it was asked for
    installation.secrets |= {old, new}

    alone = installation.latesync("keys", "rotate", LATESYNC_ENCRYPTION_KEYS=old)
    assert alone.code == 1
    assert "latesync keys new" in alone.out
    both = installation.latesync("keys", "rotate", LATESYNC_ENCRYPTION_KEYS=f"{new},{old}")
    assert both.code == 0
    assert "The second key may go" in both.out
    installation.environment["LATESYNC_ENCRYPTION_KEYS"] = new
    assert installation.json("keys", "show")["secrets_by_key"] == [2]
    installation.fine("sync")
    assert file.read_text().strip() == old, "the environment's keys leave the file alone"
