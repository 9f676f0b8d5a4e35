"""Why a booking is, or is not, in a calendar: the planner's facts, and what it makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from latesync.errors import SchemaNotUnderstood, SiteError, WrongInput
from latesync.explaining.finding import read_site_zone
from latesync.health_overview import late_since
from latesync.model import AccountState, Booking, Mapping, MappingState, Target, UnreadableBooking
from latesync.plan.explain import Case, Judgement, judge_booking, judge_without_account
from latesync.plan.outbound import plan_outbound
from latesync.plan.wanted_events import WantedEvents
from latesync.services import Services
from latesync.store.accounts import AccountRow, active_accounts, list_accounts, read_account
from latesync.store.explaining import (
    NO_REST,
    Rest,
    held_since,
    mappings_of_booking,
    read_rest,
)
from latesync.store.history import HistoryRow, Wanted, What, read_history
from latesync.store.pauses import read_resting
from latesync.store.resets import ResetRow, open_reset
from latesync.store.sites import read_site
from latesync.sync.outbound import OutboundFacts, plan_facts, read_facts, read_policy
from latesync.sync.parts import SyncParts
from latesync.times import Zone

MOST_ENTRIES = 200  # of one booking; the history's own page shows the rest
_WRITTEN = (What.EVENT_CREATED, What.EVENT_ADOPTED, What.EVENT_UPDATED)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a booking stands in one agent's calendar.

    account: None where the agent has none. events: what the plan was made of, for the words.
    late_since: since when due work waits for a worker that is not there. is_one_of_several: the agent uses
    another calendar account as well.
    """

    agent_id: int
    judgement: Judgement
    account: AccountRow | None = None
    mapping: Mapping | None = None
    events: WantedEvents | None = None
    rest: Rest = NO_REST
    reset: ResetRow | None = None
    held_since: datetime | None = None
    late_since: datetime | None = None
    first_written_at: datetime | None = None
    last_written_at: datetime | None = None
    is_one_of_several: bool = False

    @property
    def has_event(self) -> bool:
        return self.mapping is not None and self.mapping.has_event

    @property
    def provider(self) -> str:
        """Whose calendar it is; "" where the agent has none."""
        return self.account.provider if self.account else ""

    @property
    def may_retry(self) -> bool:
        return self.mapping is not None and self.mapping.state is MappingState.SET_ASIDE


@dataclass(frozen=True, slots=True)
class BookingFacts:
    """found: the booking's row; None: there is none, or with site_problem: it could not be read.

    stopped_at: since when everything stands still, until a person says which site this is.

    standings: the calendar of the booking's agent first, then others in which something of it is left.
    """

    booking_id: int
    zone: Zone
    now: datetime
    found: Booking | UnreadableBooking | None
    standings: tuple[Standing, ...]
    history: tuple[HistoryRow, ...]
    site_problem: str | None = None
    stopped_at: datetime | None = None

    @property
    def is_known(self) -> bool:
        return self.found is not None or bool(self.standings) or bool(self.history)


def explain_booking(services: Services, booking_id: int, now: datetime) -> BookingFacts:
    """Everything that answers why. A site that cannot be read is a finding. Raises StateUnavailable."""
    db, site_id = services.database, services.site_id
    rows = read_history(db, site_id, Wanted(booking_id=booking_id), limit=MOST_ENTRIES)
    known = mappings_of_booking(db, site_id, booking_id)
    found, problem, parts = None, None, None
    try:
        parts = services.sync_parts()
        found = parts.site.look_up([booking_id])[booking_id]
    except WrongInput:
        problem = "address_unusable" if services.has_site_address() else "not_configured"
    except SchemaNotUnderstood:
        problem = "schema_not_understood"
    except SiteError:
        problem = "site_unavailable"
    asked = _Asked(services, booking_id, now, found, parts if problem is None else None, rows)
    standings = tuple(
        asked.standing(agent_id, account, mapping) for agent_id, account, mapping in asked.places(known)
    )
    stopped_at = read_site(db, site_id).stopped_at
    zone = read_site_zone(services)
    return BookingFacts(booking_id, zone, now, found, standings, tuple(rows), problem, stopped_at)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question. parts: None while the site cannot be read."""

    services: Services
    booking_id: int
    now: datetime
    found: Booking | UnreadableBooking | None
    parts: SyncParts | None
    history: Sequence[HistoryRow]

    def places(self, known: Sequence[Mapping]) -> list[tuple[int, AccountRow | None, Mapping | None]]:
        """(agent, account, mapping) of every calendar the booking belongs into, or has left something in."""
        places: list[tuple[int, AccountRow | None, Mapping | None]] = []
        of_account = {mapping.account_id: mapping for mapping in known}
        if self.found is not None:
            account = next(iter(self._active(self.found.agent_id)), None)
            mapping = of_account.pop(account.id, None) if account else None
            places.append((self.found.agent_id, account, mapping))
        for account_id, mapping in of_account.items():
            # Without its booking, a mapping that was given up is all there is to say.
            if mapping.state is not MappingState.GONE or self.found is None:
                places.append((mapping.agent_id, read_account(self.services.database, account_id), mapping))
        return places

    def standing(self, agent_id: int, account: AccountRow | None, mapping: Mapping | None) -> Standing:
        if account is None or account.state is AccountState.DISCONNECTED:
            judgement, events = self._judge_without_account(agent_id)
            several = account is not None and bool(self._active(agent_id))
            return Standing(agent_id, judgement, account, mapping, events, is_one_of_several=several)
        judgement, events = self._judge(account, mapping)
        db, site_id = self.services.database, self.services.site_id
        written = self._written_at(account.id)
        return Standing(
            agent_id,
            judgement,
            account,
            mapping,
            events,
            rest=read_rest(db, site_id, agent_id),
            reset=open_reset(db, account.id),
            held_since=held_since(db, account.id, self.booking_id),
            late_since=late_since(list_accounts(db, site_id), self.now, read_resting(db, site_id)),
            first_written_at=min(written, default=None),
            last_written_at=max(written, default=None),
            is_one_of_several=len(self._active(agent_id)) > 1,
        )

    def _active(self, agent_id: int) -> list[AccountRow]:
        """The agent's accounts, the one that bookings go to first."""
        return active_accounts(self.services.database, self.services.site_id, agent_id)

    def _judge(self, account: AccountRow, mapping: Mapping | None) -> tuple[Judgement, WantedEvents | None]:
        if self.parts is None:
            return Judgement(Case.UNKNOWN), None
        try:
            facts = read_facts(self.parts, account)
            plan, _, held = plan_facts(self.parts, account, facts)
        except SiteError:
            return Judgement(Case.UNKNOWN), None
        events = _events_of(facts)
        own = next((row for row in facts.known if row.booking_id == self.booking_id), mapping)
        return judge_booking(
            self.booking_id, self.found, own, events, plan, held, is_written=facts.elsewhere is None
        ), events

    def _judge_without_account(self, agent_id: int) -> tuple[Judgement, WantedEvents | None]:
        if self.parts is None:
            return Judgement(Case.UNKNOWN), None
        try:
            snapshot = self.parts.site.read_snapshot(agent_id)
        except SiteError:
            return Judgement(Case.UNKNOWN), None
        facts = OutboundFacts(snapshot, [], read_policy(self.parts))
        plan = plan_outbound(snapshot, [], Target(0, "", "", ""), facts.policy)
        events = _events_of(facts)
        return judge_without_account(self.booking_id, self.found, events, plan), events

    def _written_at(self, account_id: int) -> list[datetime]:
        """When its event in this account was written, since it was last taken out."""
        moments: list[datetime] = []
        for row in self.history:
            if row.account_id != account_id or "part" in row.detail:
                continue
            if row.what in (What.EVENT_DELETED, What.EVENT_LET_GO):
                break
            if row.what in _WRITTEN:
                moments.append(row.at)
        return moments


def _events_of(facts: OutboundFacts) -> WantedEvents:
    by_booking = {mapping.booking_id: mapping for mapping in facts.known}
    if facts.elsewhere is not None:
        by_booking = dict(facts.elsewhere.mappings)
    return WantedEvents.of(facts.snapshot, by_booking, facts.policy.events, facts.policy.also_wanted)
