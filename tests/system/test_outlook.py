"""Google and Outlook side by side, as whole processes: twenty agents, half of them at each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

import pytest

from latesync.sandbox.microsoft import outlook
from latesync.store.accounts import list_accounts
from tests.site.builders import Site
from tests.system.browsing import sign_in, write_to
from tests.system.google import PretendGoogle
from tests.system.installation import DANA, Installation, at, day
from tests.system.microsoft import GRAPH, TOKEN, PretendMicrosoft, end_of, start_of
from tests.system.programs import Program
from tests.system.waiting import eventually

AGENTS = 20
MANY = 25  # bookings of one agent: more than one $batch takes (microsoft-graph.md L4)
KILLS = 5
NOTES = "bring the big mirror"
Written = dict[int, tuple[list[int], list[int]]]  # agent → bookings in Google's calendar, in Outlook's


@dataclass
class Salon:
    """google, outlook: the addresses by agent. bookings: of those who serve them."""

    installation: Installation
    google: PretendGoogle
    microsoft: PretendMicrosoft
    site: Site
    at_google: dict[int, str] = field(default_factory=dict)
    at_outlook: dict[int, str] = field(default_factory=dict)
    bookings: dict[int, list[int]] = field(default_factory=dict)

    def connect_google(self, agent_id: int) -> None:
        self.at_google[agent_id] = self.installation.connect(agent_id, f"agent{agent_id}@example.test")

    def connect_outlook(self, agent_id: int) -> str:
        email = f"agent{agent_id}@outlook.example.test"
        self.at_outlook[agent_id] = self.microsoft.connect(self.installation, agent_id, email)
        return email

    def book(self, agent_id: int, first: int, count: int = 1) -> list[int]:
        new = self.site.insert_bookings(count, first_day=day(first), agent_id=agent_id)
        self.bookings.setdefault(agent_id, []).extend(new)
        return new

    def written(self) -> Written:
        """What stands in the calendars; doubles show."""
        google, outlook = self.at_google, self.at_outlook
        return {
            agent_id: (
                self.google.bookings(google[agent_id]) if agent_id in google else [],
                self.microsoft.bookings(outlook[agent_id]) if agent_id in outlook else [],
            )
            for agent_id in self.bookings
        }

    def wanted(self, outlook: set[int]) -> Written:
        """outlook: who has the bookings there."""
        return {
            agent_id: ([], sorted(found)) if agent_id in outlook else (sorted(found), [])
            for agent_id, found in self.bookings.items()
        }

    def states(self) -> dict[tuple[int, str], str]:
        with self.installation.services() as services:
            rows = list_accounts(services.database, services.site_id)
        return {(row.agent_id, row.provider): row.state.value for row in rows}

    def link(self, agent_id: int) -> str:
        return self.installation.fine("agents", "link", str(agent_id)).strip()

    @contextmanager
    def at_work(self) -> Iterator[Callable[..., None]]:
        """Pages and worker; what is yielded waits until something is true of them."""
        with self.installation.web() as web, self.installation.running("worker") as worker:

            def seen(look: Callable[[], object], what: str, within_s: float = 75.0) -> None:
                eventually(look, what, within_s=within_s, why=lambda: web.said + worker.said)

            yield seen
            assert worker.stop() == 0, worker.said
            assert web.stop() == 0, web.said


@pytest.fixture
def salon(
    installation: Installation, google: PretendGoogle, microsoft: PretendMicrosoft, site: Site
) -> Salon:
    return Salon(installation, google, microsoft, site)


def test_twenty_agents_half_at_each_provider_lose_nothing_and_double_nothing(salon: Salon) -> None:
    """users-ask.md U4: signed out, the secret replaced, or events changed by hand: all of it comes right."""
    installation, microsoft = salon.installation, salon.microsoft
    agents = [DANA, *(salon.site.insert_agent(first_name=f"Agent{n}") for n in range(2, AGENTS + 1))]
    half = AGENTS // 2
    for agent_id in (*agents[:half], agents[-1]):
        salon.connect_google(agent_id)
    for agent_id in (*agents[half:], agents[0]):
        salon.connect_outlook(agent_id)
    with_both, busiest, signs_out, edits = agents[0], agents[half], agents[half + 1], agents[half + 2]
    outlook_side = set(agents[half : AGENTS - 1])  # the last one came to Google first
    for agent_id in agents:
        salon.book(agent_id, 2, MANY if agent_id == busiest else 2)
    busy = _fill_outlook(microsoft, salon.at_outlook[busiest])
    salon.google.put_event(salon.at_google[with_both], at(40, 9), at(40, 10))
    microsoft.put_event(salon.at_outlook[with_both], at(41, 9), at(41, 10))

    _first_sync(salon, outlook_side)
    assert installation.busy(busiest) == busy
    assert installation.busy(with_both) == [(at(40, 9), at(40, 10)), (at(41, 9), at(41, 10))]
    assert installation.busy(signs_out) == [], "our own events make nobody busy"

    _sign_in_lost(salon, signs_out, outlook_side)
    _secret_replaced(salon, outlook_side)
    _edited_by_hand(salon, edits)
    _begun_anew(salon, busiest, len(busy))
    assert salon.google.ask("GET", "/mails") == []
    assert microsoft.world.mails() == [], "nobody is ever invited by way of Microsoft"


def _fill_outlook(microsoft: PretendMicrosoft, email: str) -> list[tuple[datetime, datetime]]:
    """The agent's own week, and the times of it that the booking form must know."""
    blocking = ("busy", "tentative", "oof", "workingElsewhere")
    for number, kind in enumerate(blocking):
        microsoft.put_event(email, at(60 + number, 9), at(60 + number, 10), showAs=kind)
    microsoft.put_event(email, at(64, 9), at(64, 10), showAs="free")
    microsoft.put_event(email, at(65, 0), at(66, 0), isAllDay=True, showAs="busy")
    microsoft.put_event(email, at(66, 9), at(66, 10), sensitivity="private")
    off = microsoft.put_event(email, at(67, 9), at(67, 10))
    outlook.cancel_as_organizer(microsoft.mailbox(email), off)
    series = microsoft.put_weekly(email, at(70, 9), at(70, 10), 3)
    microsoft.move_date(email, series, date.fromisoformat(day(77)), at(78, 15), at(78, 16))
    return [
        *((at(60 + number, 9), at(60 + number, 10)) for number in range(len(blocking))),
        (at(65, 0), at(66, 0)),
        (at(66, 9), at(66, 10)),
        (at(70, 9), at(70, 10)),
        (at(78, 15), at(78, 16)),
        (at(84, 9), at(84, 10)),
    ]


def _first_sync(salon: Salon, outlook_side: set[int]) -> None:
    number = sum(len(found) for found in salon.bookings.values())
    synced = salon.installation.json("sync")
    assert (synced["events_created"], synced["accounts"]) == (number, AGENTS + 2)
    assert salon.written() == salon.wanted(outlook_side)
    batches = salon.microsoft.asked()["POST $batch"]
    assert batches == len(outlook_side) + 1, "an agent's first twenty events come in one request"
    assert salon.installation.json("plan")["operations"] == []


def _sign_in_lost(salon: Salon, agent_id: int, outlook_side: set[int]) -> None:
    """Said by name, and of nobody else's concern; whoever signs in again misses nothing."""
    installation, email = salon.installation, salon.at_outlook[agent_id]
    salon.microsoft.world.revoke_sessions(email)
    before = salon.written()[agent_id]
    for number in salon.bookings:
        salon.book(number, 30)

    installation.json("sync", code=1)

    assert salon.written() == {**salon.wanted(outlook_side), agent_id: before}
    status = installation.json("status", code=1)
    lost = [row for row in status["agents"] if row["state"] == "needs_sign_in"]
    assert [(row["agent_id"], row["provider"], row["waiting"]) for row in lost] == [
        (agent_id, "microsoft", 1)
    ]
    (remedy,) = status["remedies"]
    assert "Microsoft" in remedy["text"]
    assert "sign in again" in remedy["text"]
    link = salon.link(agent_id)
    with installation.web() as web:
        page = sign_in(link, email, "microsoft", certificate=salon.microsoft.certificate)
        assert "Your calendar is connected" in page
        assert web.stop() == 0
    installation.fine("sync")
    assert salon.written() == salon.wanted(outlook_side)


def _secret_replaced(salon: Salon, outlook_side: set[int]) -> None:
    """microsoft-graph.md M2, M3: the owner's trouble, and nobody signs in again."""
    installation, microsoft = salon.installation, salon.microsoft
    microsoft.world.add_secret(microsoft.client_id, keep_old=False)
    before = salon.written()
    for agent_id in outlook_side:
        salon.book(agent_id, 31)
    assert installation.json("sync", code=1)["client_problem"]
    assert salon.written() == before
    assert set(salon.states().values()) == {"connected"}

    file = microsoft.client_file(installation.folder)
    assert "Nobody has to sign in again" in installation.fine(
        "client", "import", file, "--provider", "microsoft"
    )
    assert installation.json("sync")["client_problem"] is None
    assert salon.written() == salon.wanted(outlook_side)


def _edited_by_hand(salon: Salon, agent_id: int) -> None:
    """Moved and deleted in Outlook: put back, as the owner wants it unless they say otherwise."""
    microsoft, email = salon.microsoft, salon.at_outlook[agent_id]
    moved, deleted = salon.bookings[agent_id][:2]
    event = microsoft.event_of(email, moved)
    gone = microsoft.event_of(email, deleted)
    assert event is not None
    assert gone is not None
    was = (start_of(event), end_of(event))
    later = {"dateTime": f"{was[1]:%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"}
    after = {"dateTime": f"{was[1] + timedelta(hours=1):%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"}
    microsoft.patch_event(email, event["id"], start=later, end=after)
    microsoft.delete_event(email, gone["id"])

    synced = salon.installation.json("sync")

    assert (synced["events_created"], synced["events_updated"]) == (1, 1)
    restored = microsoft.event_of(email, moved)
    assert restored is not None
    assert (start_of(restored), end_of(restored)) == was
    assert microsoft.bookings(email) == sorted(salon.bookings[agent_id])
    assert salon.installation.busy(agent_id) == []


def _begun_anew(salon: Salon, agent_id: int, own: int) -> None:
    """A reset in Outlook removes what is ours, and only that; then new bookings come."""
    microsoft, email = salon.microsoft, salon.at_outlook[agent_id]
    theirs = [event["id"] for event in microsoft.events(email) if event["subject"] == "Dentist"]
    salon.installation.fine(
        "reset", str(agent_id), "--events", "delete-from-calendar", "--next", "new", "--yes"
    )
    assert microsoft.bookings(email) == []
    assert [event["id"] for event in microsoft.events(email)] == theirs
    salon.bookings[agent_id] = []
    new = salon.book(agent_id, 33)
    salon.installation.fine("sync")
    assert microsoft.bookings(email) == new
    assert len(salon.installation.busy(agent_id)) == own
    assert salon.installation.json("plan")["operations"] == []


def test_killed_again_and_again_outlook_has_every_event_once_and_every_sign_in(salon: Salon) -> None:
    """microsoft-graph.md E8, T1: answers get lost too, of events and of tokens."""
    seed = Random().randrange(10**6)
    moments = Random(seed)
    installation, microsoft = salon.installation, salon.microsoft
    world = microsoft.world
    world.set_switches(access_token_life_s=60)  # so short that every question begins with another token
    ben = salon.site.insert_agent(first_name="Ben")
    for agent_id in (DANA, ben):
        salon.connect_outlook(agent_id)
        salon.book(agent_id, 2, 50)
    everywhere = {DANA, ben}
    world.latency_s = 0.02
    for number in range(KILLS):
        installation.let_leases_run_out()
        wanted = sum(len(found) for _, found in salon.written().values()) + moments.randint(0, 12)
        world.add_fault("lost_answer", method="POST", path=r"\$batch|/events$")
        world.add_fault("lost_answer", method="POST", path=TOKEN, after=moments.randint(0, 4))
        with installation.running(("sync", "worker")[number % 2]) as program:
            _wait_for(salon, wanted, program, seed)
            program.kill()
    world.clear_faults()
    world.latency_s = 0.0
    installation.let_leases_run_out()
    for agent_id in everywhere:
        for booking in salon.bookings[agent_id][:2]:
            salon.site.update("bookings", booking, status="cancelled")
        salon.bookings[agent_id] = salon.bookings[agent_id][2:]

    with installation.running("worker") as worker:  # two processes renew the same sign-ins
        assert installation.json("sync")["needs_person"] is False
        assert worker.stop() == 0, worker.said
    installation.fine("sync")

    assert salon.written() == salon.wanted(everywhere), f"seed {seed}"
    assert installation.json("plan")["operations"] == []
    assert set(installation.mapping_states()) <= {"live", "gone"}
    _killed_right_after_a_rotation(salon)


def _wait_for(salon: Salon, wanted: int, program: Program, seed: int) -> None:
    """Until that many events stand there, the process's own run having begun."""
    world = salon.microsoft.world
    world.forget_requests()
    eventually(
        lambda: world.request_counts and sum(len(found) for _, found in salon.written().values()) >= wanted,
        f"{wanted} events came (seed {seed})",
        why=lambda: program.said,
    )


def _killed_right_after_a_rotation(salon: Salon) -> None:
    """The new token is stored before it is used: on the day the old one ends, nobody is signed out (T2)."""
    installation, world = salon.installation, salon.microsoft.world
    before = set(world.refresh_tokens)
    world.advance(timedelta(days=89))
    hangs = world.add_fault("delay", path=GRAPH, times=None, seconds=60.0)
    installation.let_leases_run_out()
    with installation.running("sync", "--agent", str(DANA)) as program:
        eventually(lambda: hangs.hits, "Graph was asked with a new token", why=lambda: program.said)
        program.kill()
    world.clear_faults()
    assert set(world.refresh_tokens) - before, "the token was renewed"
    world.advance(timedelta(days=2))
    installation.let_leases_run_out()

    synced = installation.json("sync", "--agent", str(DANA))

    assert synced["needs_person"] is False
    assert synced["agents"][0]["state"] == "connected"


def test_agent_moves_to_outlook_and_back_while_bookings_change(salon: Salon) -> None:
    """Every booking has one event at every end, with the lines the agent wrote."""
    google, microsoft, site = salon.google, salon.microsoft, salon.site
    salon.connect_google(DANA)
    salon.book(DANA, 2, MANY)
    google.put_event(salon.at_google[DANA], at(40, 9), at(40, 10))
    salon.installation.fine("sync")
    gmail, email = salon.at_google[DANA], "agent1@outlook.example.test"
    noted, moved = salon.bookings[DANA][:2]
    event = google.event_of(gmail, noted)
    assert event is not None
    described = {"description": f"{event['description']}\n{NOTES}"}
    google.ask("PATCH", f"/calendars/{gmail}/events/{event['id']}", described)
    microsoft.world.add_person(email, time_zone="Europe/Berlin")
    salon.at_outlook[DANA] = email
    microsoft.put_event(email, at(41, 9), at(41, 10))
    link = salon.link(DANA)

    with salon.at_work() as seen:
        sign_in(link, email, "microsoft", certificate=microsoft.certificate)
        seen(lambda: len(salon.installation.busy()) == 2, "both calendars made Dana busy")
        assert salon.written() == salon.wanted(set()), "a second calendar is for busy time, unless asked"

        with _both_slow(salon):
            write_to(link, "microsoft")
            _bookings_change(salon, moved, 900, first=50)
            seen(lambda: salon.written() == salon.wanted({DANA}), "all was in Outlook")
        _stands_at(microsoft, email, moved, 900)
        there = microsoft.event_of(email, noted)
        assert there is not None
        assert NOTES in there["body"]["content"]

        with _both_slow(salon):
            write_to(link, "google")
            _bookings_change(salon, moved, 840, first=55)
            seen(lambda: salon.written() == salon.wanted(set()), "all was in Google Calendar again")
        assert len(salon.installation.busy()) == 2, "what is ours makes nobody busy, wherever it was"
    back = google.event_of(gmail, noted)
    assert back is not None
    assert NOTES in back["description"]
    assert site.row("bookings", moved)["start_time"] == 840
    assert salon.installation.json("plan")["operations"] == []
    assert google.ask("GET", "/mails") == microsoft.world.mails() == []


@contextmanager
def _both_slow(salon: Salon) -> Iterator[None]:
    """So that a move is still under way when the bookings change."""
    salon.microsoft.world.latency_s = 0.1
    with salon.google.slow(0.05):
        yield
    salon.microsoft.world.latency_s = 0.0


def _bookings_change(salon: Salon, moved: int, start: int, *, first: int) -> None:
    """While the events are on their way: one is new, one is moved, one is cancelled."""
    salon.book(DANA, first)
    salon.site.update("bookings", moved, start_time=start, end_time=start + 60)
    cancelled = salon.bookings[DANA].pop(5)
    salon.site.update("bookings", cancelled, status="cancelled")


def _stands_at(microsoft: PretendMicrosoft, email: str, booking: int, minutes: int) -> None:
    event = microsoft.event_of(email, booking)
    assert event is not None
    assert start_of(event) == at(3, minutes // 60)
