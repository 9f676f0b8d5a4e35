"""What owners and agents decide on LateSync's own pages, and what befalls its machine, as values to draw."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from latesync.errors import WrongInput
from latesync.model import AccountState
from latesync.options import AllDay, BlockingPolicy, Decision, NextSync, ResetEvents, SafetyLimits
from latesync.plan.event_settings import EventSettings, Grouping, Privacy, to_json
from latesync.store import held, mappings, pauses, resets
from latesync.store.blocking import choose_blocking
from latesync.store.choices import write_safety_limits
from latesync.store.comparisons import ask_for_comparison
from latesync.store.event_settings import write_event_settings
from latesync.store.history import Who
from latesync.store.leases import EVERYBODY
from latesync.store.resets import ResetWish
from tests.property.machine.happenings import Life, happening
from tests.property.machine.outlook import OutlookEvent
from tests.property.machine.restoring import keep_state, put_back
from tests.property.machine.town import EMAILS

LIMITS = [SafetyLimits(), SafetyLimits(0.2, 1), SafetyLimits(0.0, 0)]
WORDINGS = [
    EventSettings(),
    EventSettings(group=Grouping.TOGETHER),
    EventSettings(group=Grouping.TOGETHER, privacy=Privacy.INITIALS),
    EventSettings(summary="Booked {{start_time}}", colour="grape", reminders=(30,)),
    EventSettings(invite=True),
    EventSettings(invite=True, mail_on_change=False, meeting=True),
]
BLOCKINGS = [
    BlockingPolicy(),
    BlockingPolicy(free_blocks=True),
    BlockingPolicy(all_day=AllDay.NEVER, tentative_blocks=False),
    BlockingPolicy(all_day=AllDay.ALWAYS, unanswered_blocks=False),
]
BACK = [timedelta(minutes=2), timedelta(hours=1), timedelta(hours=13), timedelta(days=2)]


@dataclass
class OwnedLife(Life):
    """saved: a copy of the state. answer: what the owner says of what waits, when all comes to rest."""

    saved: Path | None = None
    answer: Decision = Decision.RELEASED

    # Resets

    def ask_reset(self, agent: int, events: ResetEvents, next_sync: NextSync, leaves: bool) -> None:
        account = self.town.account(agent)
        leaves = leaves and events is ResetEvents.DELETE_FROM_CALENDAR
        if account.state is AccountState.DISCONNECTED:
            return
        newest = max(self.town.bookings(), default=0)
        wish = ResetWish(events, next_sync, then_disconnect=leaves, newest_booking_id=newest)
        try:
            resets.ask_reset(self.town.database, account.id, wish, Who.OWNER, self.town.clock())
        except WrongInput:
            return  # one at a time
        if next_sync is NextSync.NEW:
            self.town.notes.only_new.add(agent)

    def cancel_reset(self, agent: int) -> None:
        account_id = self.town.account(agent).id
        resets.cancel_reset(self.town.database, account_id, Who.OWNER, self.town.clock())

    # Pauses

    def pause(self, agent: int) -> None:
        pauses.record_paused(self.town.database, self.town.site_id, agent, self.town.clock())

    def resume(self, agent: int) -> None:
        pauses.record_resumed(self.town.database, self.town.site_id, agent, self.town.clock())

    # What waits

    def choose_limits(self, limits: SafetyLimits) -> None:
        write_safety_limits(self.town.database, self.town.site_id, limits, self.town.clock())

    def decide(self, decision: Decision, number: int | None) -> None:
        """About all that waits, or one of it."""
        town = self.town
        waiting = held.list_held(town.database, town.site_id)
        if not waiting:
            return
        chosen = waiting if number is None else [waiting[number % len(waiting)]]
        ids = {row.booking_id for row in chosen}
        if decision is Decision.REJECTED:
            for account in town.active():
                known = mappings.read_mappings(town.database, account.id)
                town.notes.kept |= {mapping.event_id for mapping in known if mapping.booking_id in ids}
        choice = held.Choice() if number is None else held.Choice(booking_id=ids.pop())
        held.decide(town.database, town.site_id, decision, choice, town.clock())

    # What events say, and what makes busy

    def choose_events(self, wishes: EventSettings) -> None:
        town = self.town
        town.notes.was_together |= wishes.group is Grouping.TOGETHER
        town.notes.has_invited |= wishes.invite
        write_event_settings(town.database, town.site_id, 0, to_json(wishes), town.clock())

    def choose_blocking(self, agent: int, policy: BlockingPolicy) -> None:
        choose_blocking(self.town.database, self.town.account(agent).id, policy, self.town.clock())

    def join(self, number: int) -> None:
        """Another customer books the hour of a booking there is."""
        rows = self.town.bookings()
        if rows:
            row = rows[sorted(rows)[number % len(rows)]]
            same = ("agent_id", "start_date", "end_date", "start_time", "end_time")
            self.town.site.insert_booking(**{name: row[name] for name in same})
            self.town.note_site()

    # The machine

    def compare(self) -> None:
        ask_for_comparison(self.town.database, [account.id for account in self.town.active()])

    def rewrite_rows(self) -> None:
        """An upgrade of LatePoint's touches every row and changes nothing (latepoint.md §2.3)."""
        now = f"{self.town.clock():%Y-%m-%d %H:%M:%S}"
        for table in ("bookings", "customers", "agents", "services"):
            name = self.town.site.name(table)
            self.town.site.execute(f"UPDATE {name} SET updated_at = '{now}'")
        self.town.note_site()

    def set_clock_back(self, by: timedelta) -> None:
        self.town.set_clock_back(by)

    def put_clock_right(self) -> None:
        self.town.put_clock_right()

    def save_state(self) -> None:
        self.saved = keep_state(self.town)

    def restore_state(self) -> None:
        if self.saved is not None:
            put_back(self.town, self.saved)

    # Rest

    def settle(self) -> None:
        for agent in (EVERYBODY, *EMAILS):
            self.resume(agent)
        self.town.settle(self._look_after)

    def _look_after(self) -> None:
        """What waits is answered, and who left with a reset comes back."""
        self.decide(self.answer, None)
        for agent in EMAILS:
            if self.town.account(agent).state is AccountState.DISCONNECTED:
                self.sign_in(agent)


def everything_of_ours(life: Life) -> dict[tuple[str, str], dict[str, Any]]:
    """Each living event of ours as it stands, with its stamps."""
    people, town = life.people, life.town
    at_microsoft = [] if town.outlook is None else town.outlook.calendars()
    return {
        (calendar_id, event.id): vars(event.item) if isinstance(event, OutlookEvent) else dict(event.resource)
        for calendar_id in [*town.world.calendars, *at_microsoft]
        for event in people.events(calendar_id, ours=True)
    }


_agent = st.sampled_from(sorted(EMAILS))
_paused = st.sampled_from([EVERYBODY, *sorted(EMAILS)])
_decision = st.sampled_from(Decision)
_reset = happening(
    "ask_reset",
    agent=_agent,
    events=st.sampled_from(ResetEvents),
    next_sync=st.sampled_from(NextSync),
    leaves=st.sampled_from([False, False, True]),
)
_cancel_reset = happening("cancel_reset", agent=_agent)
_events = happening("choose_events", wishes=st.sampled_from(WORDINGS))
_decide = happening("decide", decision=_decision, number=st.one_of(st.none(), st.integers(0, 7)))
_join = happening("join", number=st.integers(0, 7))
_blocking = happening("choose_blocking", agent=_agent, policy=st.sampled_from(BLOCKINGS))
by_owner = st.one_of(
    _reset,
    _reset,
    _cancel_reset,
    happening("pause", agent=_paused),
    happening("resume", agent=_paused),
    happening("choose_limits", limits=st.sampled_from(LIMITS)),
    _decide,
    _events,
    _events,
    _blocking,
    _join,
    _join,
    happening("compare"),
    happening("rewrite_rows"),
    happening("set_clock_back", by=st.sampled_from(BACK)),
    happening("put_clock_right"),
)
# A step of a run, with what makes it likely that the next run comes to it.
owner_moments = st.one_of(
    st.tuples(st.just("delete event"), _reset),
    st.tuples(st.just("delete event"), _events),
    st.tuples(st.just("create event"), _join),
    st.tuples(st.just("update event"), _events),
    st.tuples(st.just("list page"), st.one_of(_reset, happening("compare"))),
    st.tuples(st.just("store write"), by_owner),
    st.tuples(st.just("publish busy"), _blocking),
)
