"""The town: a booking site, a Google and a Microsoft with people in them, a store, and one LateSync process
after another."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine, create_engine, select
from sqlalchemy import event as hooks

from latesync.bridge.client import BridgeAddress, WriteBackClient
from latesync.consent.google_tokens import CredentialCache, build_credentials
from latesync.consent.microsoft_provider import MicrosoftSignIn
from latesync.consent.oauth_client import OAuthClient
from latesync.errors import AuthorizationLost
from latesync.latepoint.connection import open_site_database
from latesync.model import AccountState
from latesync.options import DriftPolicy, SafetyLimits
from latesync.plan.content import event_key
from latesync.providers.base import CalendarProvider
from latesync.providers.google.budget import RequestBudget
from latesync.sandbox.google import GoogleWorld
from latesync.sandbox.google.state import Event
from latesync.sandbox.microsoft.world import MicrosoftWorld
from latesync.store import accounts, calendars, leases, mappings, pauses, resets
from latesync.store.accounts import AccountRow
from latesync.store.calendars import CalendarRow
from latesync.store.choices import read_drift_policy, write_drift_policy
from latesync.store.clients import ClientRow, read_client, record_client
from latesync.store.database import Database
from latesync.store.leases import Claim
from latesync.store.sites import ensure_site
from latesync.store.tokens import record_rotated_token
from latesync.sync.bell import Bell
from latesync.sync.crew import LEASE
from latesync.sync.parts import Brake, SyncParts
from latesync.sync.probe import SiteProbe
from latesync.sync.run import RunResult, run_account
from latesync.sync.tell_site import SiteTeller
from latesync.times import TimeRange, Zone, window_around
from tests.builders.plugin import SECRET, FakePlugin
from tests.property.machine.fuse import Crash, Fuse, FusedCalendar, FusedDatabase, FusedSite
from tests.property.machine.notes import Notes
from tests.property.machine.outlook import CALLBACK as MICROSOFT_CALLBACK
from tests.property.machine.outlook import OutlookEvent, OutlookTown, scopes
from tests.property.machine.stand import PREFIX, Stand
from tests.site.builders import Site

SCOPES = [
    "https://www.googleapis.com/auth/calendar",
    "openid",
    "https://www.googleapis.com/auth/userinfo.email",
]
CALLBACK = "http://localhost:8080/oauth/google/callback"
BERLIN = Zone("Europe/Berlin")
ANNA, BEN, CLEO, NOBODY = 1, 2, 3, 4
# Cleo and Ben share one Google account and its calendar; the last agent has none.
EMAILS = {ANNA: "anna@example.test", BEN: "ben@example.test", CLEO: "ben@example.test"}
# With Outlook they are these; Cleo and Ben share here, too.
OUTLOOK_EMAILS = {ANNA: "anna@outlook.test", BEN: "ben@outlook.test", CLEO: "ben@outlook.test"}
# Who else they are, at a second provider that Google's stand-in plays.
SECOND_EMAILS = {ANNA: "anna@second.test", BEN: "ben@second.test", CLEO: "cleo@second.test"}
NO_LIMITS = SafetyLimits(share=1.0, count=1_000_000)
SECOND = timedelta(seconds=1)
ROUNDS = 60  # to become quiet; a dozen is much


@dataclass
class Clock:
    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Outage:
    """The site's database does not answer. after: so many statements still work; times: so many fail."""

    after: int = 0
    times: int = 0

    def begin(self, after: int = 0, times: int = 1_000_000) -> None:
        self.after, self.times = after, times

    def end(self) -> None:
        self.times = 0

    def strike(self) -> None:
        if self.times <= 0:
            return
        if self.after <= 0:
            self.times -= 1
            raise sqlite3.OperationalError("disk I/O error")
        self.after -= 1


class Process:
    """One life of a LateSync process: what it keeps in memory dies with it."""

    def __init__(self, town: Town, owner: str) -> None:
        self.town = town
        self.owner = owner
        self.fuse = Fuse()
        self.database = FusedDatabase(town.database, self.fuse)
        self.brake = Brake(Bell())
        self._credentials = CredentialCache()
        self._microsoft = MicrosoftSignIn(
            town.stand.microsoft, callback=MICROSOFT_CALLBACK, clock=town.clock, keep=self._keep_token
        )
        self._microsoft.calendars.pause = lambda seconds: None
        self._run_began = 0
        site = FusedSite(town.site_engine, PREFIX, town.site_id, town.clock)
        site.fuse = self.fuse
        self.parts = SyncParts(
            database=self.database,
            site_id=town.site_id,
            site=site,
            connect=self._connect,
            clock=town.clock,
            spread=lambda: 0.5,
            limits=town.limits,
            write_back=town.write_back,
            open_account=self._open_account,
        )
        self.probe = SiteProbe(self.parts)
        self.teller = SiteTeller(self.parts)

    def look(self) -> None:
        """All looks at the site, whenever the last were."""
        self.probe.due.clear()
        self.probe.look()

    def work(self) -> list[RunResult]:
        """Run what is due, one account after the other; nothing of those who are paused.

        Before that the site forgets what accounts brought that are disconnected (worker.py).
        """
        self.teller.take_back()
        resting = pauses.read_resting(self.town.database, self.town.site_id)
        claims = leases.claim_due(
            self.database, self.owner, self.town.clock(), lease=LEASE, limit=32, site_id=self.town.site_id
        )
        assert not any(resting.includes(claim.account.agent_id) for claim in claims), "no rest for the paused"
        return [self.run(claim) for claim in claims]

    def run(self, claim: Claim) -> RunResult:
        self._run_began = len(self.town.wanted_history)
        return run_account(self.parts, claim, self.brake, self.owner, calendars_polled=4)

    def _connect(self, claim: Claim) -> CalendarProvider:
        if claim.refresh_token is None:
            raise AuthorizationLost("google", account_id=claim.account.id, reason="no_refresh_token")
        box = self.town.stand.box
        return self._calendars_of(claim.account, claim.client.open(box), box.open(claim.refresh_token))

    def _open_account(self, account: AccountRow) -> CalendarProvider | None:
        """Another account of an agent whose events move."""
        box = self.town.stand.box
        token = accounts.read_refresh_token(self.database, box, account.id)
        client = read_client(self.database, box, account.client_ref)
        return None if token is None else self._calendars_of(account, client, token)

    def _calendars_of(self, account: AccountRow, client: ClientRow, token: str) -> CalendarProvider:
        if account.provider == "microsoft" and self.town.outlook is not None:
            return self._fused(self._microsoft.open(account, client, token))
        credentials = self._credentials.credentials(
            account.id,
            token,
            lambda: build_credentials(
                self.town.stand.endpoints, OAuthClient(client.client_id, client.client_secret), token, SCOPES
            ),
        )
        return self._fused(self.town.stand.google.calendar(account.id, credentials, person=account.subject))

    def _keep_token(self, account_id: int, old: str, new: str) -> None:
        now = self.town.clock()
        record_rotated_token(self.database, self.town.stand.box, account_id, old, new, now)

    def _fused(self, real: CalendarProvider) -> CalendarProvider:
        began = self._run_began
        return FusedCalendar(
            real, self.fuse, lambda calendar, key: self.town.note_deletion(calendar, key, began)
        )


class Town:
    """Everything of one example. Its clock stands still until told otherwise.

    agents: who has signed in. homes: at which provider first; given, there is a Microsoft of its own, else
      Google's stand-in plays it.
    """

    def __init__(
        self,
        stand: Stand,
        folder: Path,
        now: datetime,
        *,
        agents: Collection[int] = tuple(EMAILS),
        limits: SafetyLimits = NO_LIMITS,
        homes: Mapping[int, str] | None = None,
    ) -> None:
        self.stand = stand
        self.homes = dict.fromkeys(agents, "google") | dict(homes or {})
        self.outlook: OutlookTown | None = None
        self.emails = {agent_id: EMAILS[agent_id] for agent_id in agents}
        self.limits = limits
        self.write_back: WriteBackClient | None = None
        self.plugin: FakePlugin | None = None
        self.notes = Notes()
        self.was_left = False  # whether the owner ever chose to leave what agents change
        self.clock = Clock(now)
        self.behind = timedelta()  # so much LateSync's clock is set back
        self.world = GoogleWorld()
        self.world.freeze(now)
        stand.show(self.world)
        stand.google.now = self.clock
        stand.google.budget = RequestBudget(self.clock)
        state, site = stand.copy_files(folder)
        self.database = Database(state)
        self.site_id = ensure_site(self.database, now)
        if homes is not None:
            self.outlook = self._new_outlook(now)
        self.outage = Outage()
        self.site_engine = open_site_database(site)
        _listen(self.site_engine, self.outage)
        self.site = Site(create_engine(site), prefix=PREFIX)
        self._owners = itertools.count(1)
        self.wanted_history: list[frozenset[tuple[int, int, str]]] = []
        self.wrong_deletions: list[str] = []
        self.results: list[RunResult] = []
        self._settle_people()
        self.process = self.new_process()
        self.note_site()

    # People and consents

    def _new_outlook(self, now: datetime) -> OutlookTown:
        world = MicrosoftWorld()
        world.freeze(now)
        self.stand.show_microsoft(world)
        found = OutlookTown(world, self.site_id, sorted(OUTLOOK_EMAILS.items()))
        found.settle_people(OUTLOOK_EMAILS[ANNA])
        return found

    def _settle_people(self) -> None:
        for email in dict.fromkeys((*EMAILS.values(), *SECOND_EMAILS.values())):
            self.world.add_user(email, time_zone="Europe/Berlin")
        self.team = self.world.add_calendar(EMAILS[ANNA], "Team", time_zone="America/New_York").id
        client = self.world.add_client([CALLBACK])["web"]
        self.client_id = str(client["client_id"])
        self.upload_client()
        for agent_id in self.emails:
            self.sign_in(agent_id, self.homes[agent_id])

    def upload_client(self) -> None:
        client = self.world.client_json(self.client_id)["web"]
        self.client_ref = record_client(
            self.database,
            self.stand.box,
            self.site_id,
            "google",
            client["client_id"],
            client["client_secret"],
            "town",
            (CALLBACK,),
            self.clock(),
        )
        if self.outlook is not None:
            self.outlook_ref = self.outlook.upload_client(self.database, self.stand.box, self.clock())

    def email_of(self, agent_id: int, provider: str) -> str:
        if provider == "google":
            return self.emails.get(agent_id) or EMAILS[agent_id]  # also who is no agent of ours here
        return (SECOND_EMAILS if self.outlook is None else OUTLOOK_EMAILS)[agent_id]

    def primary_of(self, agent_id: int, provider: str) -> str:
        """The calendar that somebody has first at a provider."""
        email = self.email_of(agent_id, provider)
        return self.outlook.primary(email) if self.outlook and provider == "microsoft" else email

    def is_outlook(self, calendar_id: str) -> bool:
        return self.outlook is not None and self.outlook.has(calendar_id)

    def people(self) -> list[tuple[int, str]]:
        """(agent, e-mail) of every account there may be."""
        return [
            (agent_id, email)
            for agent_id in self.emails
            for email in (self.emails[agent_id], SECOND_EMAILS[agent_id])
        ]

    def sign_in(self, agent_id: int, provider: str = "google", *, writes: bool = False) -> int:
        email = self.email_of(agent_id, provider)
        if provider == "microsoft" and self.outlook is not None:
            return self._sign_in_with_outlook(self.outlook, agent_id, email, writes=writes)
        tokens = self.world.grant(email, self.client_id, SCOPES)
        return accounts.record_consent(
            self.database,
            self.stand.box,
            self.site_id,
            agent_id,
            provider,
            self.world.user(email).sub,
            email,
            self.client_ref,
            tokens["refresh_token"],
            " ".join(SCOPES),
            self.clock(),
            None,
            email,
            self.clock(),
            writes=writes,
        )

    def _sign_in_with_outlook(self, outlook: OutlookTown, agent_id: int, email: str, *, writes: bool) -> int:
        return accounts.record_consent(
            self.database,
            self.stand.box,
            self.site_id,
            agent_id,
            "microsoft",
            outlook.subject(email),
            email,
            self.outlook_ref,
            outlook.grant(email),
            scopes(),
            self.clock(),
            None,
            outlook.primary(email),
            self.clock(),
            writes=writes,
        )

    def choose(self, agent_id: int, write: str, read: Collection[str], provider: str | None = None) -> None:
        """What an agent decides on their page."""
        account_id = self.account(agent_id, provider).id
        accounts.choose_calendars(
            self.database, account_id, write, read, tentative_blocks=True, now=self.clock()
        )
        self.note_site()

    def accounts(self) -> list[AccountRow]:
        return accounts.list_accounts(self.database, self.site_id)

    def account(self, agent_id: int, provider: str | None = None) -> AccountRow:
        """The one that bookings go to, or that of a provider; a disconnected one where there is no other."""
        active = accounts.active_account(self.database, self.site_id, agent_id, provider)
        wanted = (
            row for row in self.accounts() if row.agent_id == agent_id and provider in (None, row.provider)
        )
        return active or next(wanted)

    def targets(self) -> dict[int, str]:
        """By agent, the calendar the bookings go to."""
        agents = {row.agent_id for row in self.accounts()}
        return {agent_id: self.account(agent_id).write_calendar_id for agent_id in agents}

    def calendars_for(self, account: AccountRow) -> CalendarProvider:
        """An account's calendars, as a page looks at them."""
        box = self.stand.box
        token = accounts.read_refresh_token(self.database, box, account.id)
        client = read_client(self.database, box, account.client_ref)
        assert token is not None
        oauth = OAuthClient(client.client_id, client.client_secret)
        credentials = build_credentials(self.stand.endpoints, oauth, token, SCOPES)
        return self.stand.google.calendar(account.id, credentials, person=account.subject)

    def calendars_of(self, agent_id: int) -> list[CalendarRow]:
        """Those that are listed for an agent, for busy time or for drift."""
        found = accounts.active_accounts(self.database, self.site_id, agent_id) or [self.account(agent_id)]
        return [row for account in found for row in calendars.read_calendars(self.database, account.id)]

    def active(self) -> list[AccountRow]:
        return [row for row in self.accounts() if row.state is not AccountState.DISCONNECTED]

    # Time

    @property
    def window(self) -> TimeRange:
        return window_around(self.clock(), BERLIN)

    def pass_time(self, by: timedelta) -> None:
        self.clock.now += by
        self.world.freeze(self.clock.now + self.behind)
        if self.outlook is not None:
            self.outlook.world.freeze(self.clock.now + self.behind)

    def set_clock_back(self, by: timedelta) -> None:
        """LateSync's own; Google's goes on."""
        self.clock.now -= by
        self.behind += by

    def put_clock_right(self) -> None:
        self.clock.now += self.behind
        self.behind = timedelta()

    # The site

    def bookings(self) -> dict[int, dict[str, Any]]:
        with self.site.engine.connect() as connection:
            rows = connection.execute(select(self.site.table("bookings"))).mappings().all()
        return {row["id"]: dict(row) for row in rows}

    def note_site(self) -> None:
        """Remember which events are wanted where, after a change of the site or of a choice."""
        targets, rows = self.targets(), self.bookings()
        self.notes.note_changes(rows, self.clock() + self.behind)
        self.wanted_history.append(
            frozenset(
                (row["id"], row["agent_id"], targets[row["agent_id"]])
                for row in rows.values()
                if row["status"] == "approved" and row["agent_id"] in targets
            )
        )

    def note_deletion(self, calendar_id: str, event_id: str, run_began: int) -> None:
        """Law L4: an event is deleted only if its booking was unwanted there at some moment of the run.

        Or if another event, of a later generation or its group, took its place; or if a person asked for it.
        """
        stored = self.find(calendar_id, event_id)
        if stored is None or stored.cancelled:
            return
        if isinstance(stored, OutlookEvent) and self.outlook is not None:
            self.outlook.throw_away(stored)
        booking_id, agent_id = self.made_for(stored) or (0, 0)
        key = (booking_id, agent_id, calendar_id)
        known = mappings.mappings_of_events(self.database, self.site_id, {stored.id})
        # One that its agent dragged here stands in a calendar that its mapping knows nothing of.
        mapping = known.get(stored.id)
        is_the_one = (
            mapping is not None
            and mapping.calendar_id == calendar_id
            and not self._may_give_up(booking_id, mapping.account_id)
        )
        if is_the_one and all(key in wanted for wanted in self.wanted_history[max(run_began - 1, 0) :]):
            self.wrong_deletions.append(f"the event of booking {booking_id} for agent {agent_id}")

    def find(self, calendar_id: str, name: str) -> Event | OutlookEvent | None:
        if self.outlook is not None and self.outlook.has(calendar_id):
            return self.outlook.find(calendar_id, name)
        return self.world.calendars[calendar_id].events.get(name)

    def _may_give_up(self, booking_id: int, account_id: int) -> bool:
        """Whether somebody asked for it, or another of the same hour may be the one whose event stays."""
        job = resets.open_reset(self.database, account_id)
        return (job is not None and job.wish.events.deletes) or self._has_fellow(booking_id)

    def _has_fellow(self, booking_id: int) -> bool:
        if not self.notes.was_together:
            return False
        rows = self.bookings()
        own = rows.get(booking_id)
        names = ("agent_id", "start_date", "start_time", "status")
        return own is not None and any(
            row["id"] != booking_id and all(row[name] == own[name] for name in names) for row in rows.values()
        )

    def bookings_by_event(self) -> dict[str, int]:
        """Of every id an event of ours may ever have had."""
        return {
            event_key(self.site_id, booking_id, agent_id, self.world.users[email].sub, generation): booking_id
            for booking_id in self.notes.changes
            for agent_id, email in self.people()
            for generation in range(25)
        }

    def made_for(self, event: Event | OutlookEvent) -> tuple[int, int] | None:
        """(booking, agent) of an event that is ours: our marker on an id that we derive (design.md §5)."""
        if isinstance(event, OutlookEvent):
            return None if self.outlook is None else self.outlook.made_for(event)
        marker = event.resource.get("extendedProperties", {}).get("private", {})
        if marker.get("latesync_site") != self.site_id:
            return None
        booking_id, generation = int(marker["latesync_booking"]), int(marker["latesync_generation"])
        for agent_id, email in self.people():
            subject = self.world.users[email].sub
            if event_key(self.site_id, booking_id, agent_id, subject, generation) == event.id:
                return booking_id, agent_id
        return None

    # WordPress

    def bring_plugin(self) -> FakePlugin:
        """The plugin is installed from now on."""
        self.plugin = FakePlugin(self.site, self.clock, BERLIN, changed=self.note_site)
        home = self.stand.show_wordpress(self.plugin)
        self.write_back = WriteBackClient(
            self.site_id, SECRET, lambda: BridgeAddress(None, home), self.clock, timeouts_s=(5.0, 5.0)
        )
        self.process = self.new_process()
        return self.plugin

    def choose_policy(self, policy: DriftPolicy) -> None:
        self.was_left |= policy is DriftPolicy.LEAVE
        write_drift_policy(self.database, self.site_id, policy, self.clock())

    @property
    def policy(self) -> DriftPolicy:
        return read_drift_policy(self.database, self.site_id)

    # LateSync

    def new_process(self) -> Process:
        return Process(self, f"process-{next(self._owners)}")

    def work(self) -> list[RunResult]:
        """One look and one round of the process; a crash leaves its leases behind and starts another."""
        process = self.process
        try:
            process.look()
            results = process.work()
        except Crash:
            results = []
            self.process = self.new_process()
        finally:
            process.fuse.put_out()
        self.results += results
        return results

    def settle(self, between: Callable[[], None] = lambda: None) -> None:
        """Everything that was wrong is over; LateSync works until nothing is left to do.

        between: what a person does before each look.
        """
        self.put_clock_right()
        self.world.faults.clear()
        self.world.set_switches(api_enabled=True, quota_per_user_minute=600, writes_per_calendar_minute=None)
        if self.outlook is not None:
            self.outlook.world.clear_faults()
            self.outlook.world.set_switches(conflicts=0)
        self.outage.end()
        self.upload_client()
        for agent_id in self.emails:
            found = accounts.active_accounts(self.database, self.site_id, agent_id)
            for account in found or [self.account(agent_id)]:
                if account.state is not AccountState.CONNECTED or not self._token_lives(account):
                    self.sign_in(agent_id, account.provider)
        for _ in range(ROUNDS):
            between()
            self.pass_time(self._until_due())
            if self._is_quiet(self.work()):
                return
        raise AssertionError(f"LateSync does not become quiet: {self.results[-6:]}")

    def _token_lives(self, account: AccountRow) -> bool:
        token = accounts.read_refresh_token(self.database, self.stand.box, account.id)
        if account.provider == "microsoft" and self.outlook is not None:
            return self.outlook.token_lives(token)
        kept = self.world.refresh_tokens.get(token or "")
        return kept is not None and (kept.ends_ts is None or kept.ends_ts > self.world.now())

    def _until_due(self) -> timedelta:
        """Long enough for dead processes' leases and for every pause there is."""
        dues = [due for row in self.active() for due in (row.outbound_due_at, row.inbound_due_at) if due]
        return max([LEASE + SECOND, *(due - self.clock() + SECOND for due in dues)])

    def _is_quiet(self, results: list[RunResult]) -> bool:
        everybody_ran = {result.account_id for result in results} == {row.id for row in self.active()}
        nothing_done = not any(result.verdicts or result.counts.changed_anything for result in results)
        # What is to go from an account and cannot yet is looked for every quarter of an hour.
        waiting = {result.account_id for result in results if result.counts.events_staying}
        nothing_due = all(
            (row.outbound_due_at is None or row.id in waiting) and row.lease_owner is None
            for row in self.active()
        )
        return everybody_ran and nothing_done and nothing_due

    def close(self) -> None:
        self.database.dispose()
        self.site_engine.dispose()
        self.site.engine.dispose()


def _listen(engine: Engine, outage: Outage) -> None:
    """SQLAlchemy asks these before the driver, and takes their errors for the driver's."""

    def strike(cursor: Any, statement: str, parameters: Any, context: Any) -> None:
        outage.strike()

    hooks.listen(engine, "do_execute", strike)
    hooks.listen(engine, "do_executemany", strike)


@contextmanager
def opened_town(
    stand: Stand, now: datetime = datetime(2026, 11, 20, 13, 5, tzinfo=UTC), **options: Any
) -> Iterator[Town]:
    with TemporaryDirectory(prefix="latesync-town-") as folder:
        town = Town(stand, Path(folder), now, **options)
        try:
            yield town
        finally:
            town.close()
